from . import (
    crm_case_category,
    crm_case_cause,
    crm_service_case,
    crm_service_case_stage,
    crm_service_team,
    res_partner,
)
