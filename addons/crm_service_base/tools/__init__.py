from . import approval_hash, periods, statistics_table, statistics_xlsx
