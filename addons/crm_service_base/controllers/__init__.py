from . import crm_document_portal, crm_import_template, crm_statistics
