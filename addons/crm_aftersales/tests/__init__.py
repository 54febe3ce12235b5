from . import test_case, test_working_time
