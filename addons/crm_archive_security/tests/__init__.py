from . import test_archive, test_doors, test_reading, test_register
