from . import (
    crm_approval_test,
    crm_approval_test_child,
    crm_approval_test_folder,
    crm_approval_test_line,
    crm_approval_test_plain,
    crm_approval_test_tag,
)
