from . import approval_hash, periods, plain_text, quiet_hours, statistics_table, statistics_xlsx
