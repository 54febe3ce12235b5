from . import crm_approval_decide
