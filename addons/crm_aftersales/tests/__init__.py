from . import test_case, test_case_history, test_clock, test_clock_escalation, test_working_time
