from . import test_archive, test_reading, test_register
