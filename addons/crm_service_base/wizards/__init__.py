from . import (
    crm_approval_decide,
    crm_approval_review,
    crm_signature_sign,
    crm_statistics_hand_out,
    crm_statistics_report_generate,
)
