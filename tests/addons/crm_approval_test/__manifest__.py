{
    "name": "Approval Test Documents",
    "version": "19.0.1.0.0",
    "category": "Hidden/Tests",
    "summary": "Documents with lines for the tests of the approval engine",
    "author": "CRM Service Contributors",
    "website": "https://github.com/crm-service/crm-service",
    "license": "LGPL-3",
    "depends": ["crm_service_base"],
    "data": [
        "security/crm_approval_test_security.xml",
        "security/ir.model.access.csv",
        "views/crm_approval_test_views.xml",
    ],
}
