from . import test_customer_facts, test_rule_announcement, test_statistics
