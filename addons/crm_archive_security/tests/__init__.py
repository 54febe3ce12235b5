from . import test_archive
from . import test_consent, test_incident, test_nda, test_release, test_security_status, test_upkeep
