from . import test_archive, test_doors, test_reading, test_register
from . import test_consent, test_incident, test_nda, test_release, test_security_status, test_upkeep
