from . import (
    crm_archive,
    crm_archive_access,
    crm_archive_content,
    crm_archive_fact,
    crm_archive_grant,
    crm_archive_item,
    crm_archive_item_door,
    crm_archive_request,
    crm_archive_right,
    crm_archive_seal,
    res_partner,
)
