{
    "name": "Customer Archives and After-Sales",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "summary": "How complete, right and safe archives are counts in appraisals",
    "author": "CRM Service Contributors",
    "website": "https://github.com/crm-service/crm-service",
    "license": "LGPL-3",
    "depends": ["crm_archive_security", "crm_aftersales"],
    "data": ["data/crm_appraisal_indicator_data.xml"],
    "auto_install": True,
}
