from . import test_approval_hash, test_customer_facts
