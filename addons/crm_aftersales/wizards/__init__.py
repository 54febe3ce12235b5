from . import (
    crm_case_handover_decline,
    crm_case_handover_offer,
    crm_case_reply,
    crm_case_reply_tick,
    crm_case_suggestion_decide,
    crm_service_case_batch,
    crm_service_case_merge,
    crm_service_case_reopen,
    crm_service_case_split,
)
