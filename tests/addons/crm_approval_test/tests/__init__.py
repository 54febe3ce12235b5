from . import (
    test_approval_absence,
    test_approval_attacks,
    test_approval_attacks_seats,
    test_approval_concurrency,
    test_approval_evidence,
    test_approval_flow,
    test_approval_reminder,
    test_approval_review,
    test_approval_routes,
    test_approval_transfer,
    test_approval_vacancy,
)
