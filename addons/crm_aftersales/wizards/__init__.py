from . import (
    crm_adjudication_note,
    crm_case_referral_note,
    crm_case_register_print,
    crm_liaison_letter_note,
    crm_service_case_decide,
    crm_service_case_reopen,
)
