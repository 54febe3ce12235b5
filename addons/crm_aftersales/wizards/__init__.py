from . import (
    crm_adjudication_note,
    crm_liaison_letter_note,
    crm_service_case_reopen,
)
