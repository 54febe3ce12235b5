from . import (
    base_partner_merge,
    crm_archive_acknowledge,
    crm_archive_misconduct_look,
    crm_archive_misconduct_report,
    crm_security_status,
)
