from . import (
    test_approval_hash,
    test_customer_facts,
    test_import_template,
    test_numbering,
    test_rule_announcement,
    test_state_order,
    test_statistics,
)
