from . import crm_approval_decide, crm_signature_sign
