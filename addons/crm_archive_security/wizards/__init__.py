from . import crm_security_status
