from . import crm_statistics
