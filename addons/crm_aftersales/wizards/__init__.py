from . import crm_service_case_reopen
