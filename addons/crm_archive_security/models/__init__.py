from . import (
    crm_archive,
    crm_archive_content,
    crm_archive_item,
)
