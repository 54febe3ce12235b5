from . import (
    test_archive,
    test_backup,
    test_disposal,
    test_doors,
    test_inspection,
    test_kpi,
    test_reading,
    test_register,
)
