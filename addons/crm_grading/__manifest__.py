{
    "name": "Customer Grading",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "summary": "Grades that explain themselves, computed from real sales; declarations, "
    "key accounts, relationship evaluation and plans",
    "author": "CRM Service Contributors",
    "website": "https://github.com/crm-service/crm-service",
    "license": "LGPL-3",
    "depends": ["crm_service_base", "sale"],
    "data": [
        "security/crm_grading_security.xml",
        "security/ir.model.access.csv",
        "views/crm_grading_menus.xml",
    ],
    "demo": [],
    "application": True,
}
