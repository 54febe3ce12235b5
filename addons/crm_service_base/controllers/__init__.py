from . import crm_import_template
