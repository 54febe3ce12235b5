from . import (
    test_archive,
    test_archive_tour,
    test_consent,
    test_doors,
    test_incident,
    test_nda,
    test_reading,
    test_register,
    test_release,
    test_security_status,
    test_upkeep,
)
