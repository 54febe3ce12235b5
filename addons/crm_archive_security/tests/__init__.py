from . import test_archive, test_archive_tour, test_doors, test_reading, test_register
