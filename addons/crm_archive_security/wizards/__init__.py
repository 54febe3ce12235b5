from . import crm_archive_acknowledge, crm_security_status
