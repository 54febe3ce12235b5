{
    "name": "Customer Grading and Visits",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "summary": "The visit interval of a customer grade is a cadence rule",
    "author": "CRM Service Contributors",
    "website": "https://github.com/crm-service/crm-service",
    "license": "LGPL-3",
    "depends": ["crm_grading", "crm_visits"],
    "data": [
        "views/crm_customer_grade_views.xml",
        "views/crm_visit_cadence_views.xml",
    ],
    "demo": ["demo/crm_customer_grade_demo.xml"],
    "auto_install": True,
}
