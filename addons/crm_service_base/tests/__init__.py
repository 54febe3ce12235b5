from . import test_customer_facts
