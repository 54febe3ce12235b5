from . import (
    test_case,
    test_complaint,
    test_complaint_callback,
    test_complaint_forms,
    test_complaint_referral,
    test_complaint_severity,
    test_complaint_tour,
)
