{
    "name": "After-Sales Service and Live Chat",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "summary": "A live chat becomes a service case with one command",
    "author": "CRM Service Contributors",
    "website": "https://github.com/crm-service/crm-service",
    "license": "LGPL-3",
    "depends": ["crm_aftersales", "im_livechat"],
    "data": ["views/crm_service_case_views.xml"],
    "assets": {
        "web.assets_backend": ["crm_aftersales_livechat/static/src/**/*"],
    },
    "auto_install": True,
}
