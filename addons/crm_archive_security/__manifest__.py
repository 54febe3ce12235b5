{
    "name": "Customer Archives and Security",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "summary": "Archives that nobody reads without leave, a register that cannot lie, retention, "
    "disposal and supervision",
    "author": "CRM Service Contributors",
    "website": "https://github.com/crm-service/crm-service",
    "license": "LGPL-3",
    "depends": ["crm_service_base", "auth_password_policy"],
    "data": [
        "security/crm_archive_groups.xml",
        "security/crm_archive_security.xml",
        "security/ir.model.access.csv",
        "data/ir_sequence_data.xml",
        "views/crm_archive_menus.xml",
        "views/crm_archive_item_views.xml",
        "views/crm_archive_views.xml",
    ],
    "application": True,
}
