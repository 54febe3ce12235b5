from . import (
    crm_case_category,
    crm_case_cause,
    crm_device,
    crm_device_history,
    crm_service_case,
    crm_service_case_stage,
    crm_service_team,
    product_template,
    res_partner,
    sale_order,
    sale_order_line,
)
