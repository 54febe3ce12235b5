from . import test_archive, test_backup, test_disposal, test_inspection, test_reading, test_register
