from . import anonymise, policy_rule, working_time
