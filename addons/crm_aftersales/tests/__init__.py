from . import (
    test_adjudication,
    test_case,
    test_case_discussion,
    test_case_facts,
    test_case_library,
    test_case_statistics,
    test_complaint,
    test_complaint_callback,
    test_complaint_forms,
    test_complaint_referral,
    test_complaint_severity,
    test_liaison_letter,
)
