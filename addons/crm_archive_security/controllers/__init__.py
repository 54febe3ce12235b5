from . import crm_archive_door
