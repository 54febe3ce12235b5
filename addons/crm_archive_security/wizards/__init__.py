from . import (
    crm_archive_misconduct_look,
    crm_archive_misconduct_report,
)
