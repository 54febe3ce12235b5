from . import approval_hash, periods, quiet_hours, statistics_table, statistics_xlsx
