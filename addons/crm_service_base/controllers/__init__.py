from . import crm_import_template, crm_statistics
