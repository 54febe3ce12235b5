from . import crm_archive_acknowledge
