from . import (
    test_contacts,
    test_filing,
    test_visit_forms,
    test_visit_plan,
    test_visit_portal,
    test_visit_preparation,
    test_visit_record,
    test_visit_report,
    test_visit_screens,
    test_visit_signature,
    test_visit_statistics,
    test_visit_tour,
)
