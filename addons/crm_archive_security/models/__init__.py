from . import (
    crm_archive,
    crm_archive_content,
    crm_archive_item,
)

from . import (
    crm_archive_carrier,
    crm_archive_incident,
    crm_archive_incident_person,
    crm_archive_release,
    crm_archive_transfer,
    crm_consent,
    crm_consent_purpose,
    crm_nda,
    crm_person_request,
    res_company_documents,
    res_config_settings_documents,
    res_partner_consent,
)
