from . import policy_rule, working_time
