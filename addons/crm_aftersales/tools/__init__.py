from . import anonymise, duty_cover, policy_rule, working_time
