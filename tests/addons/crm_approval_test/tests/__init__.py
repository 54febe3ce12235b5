from . import (
    test_approval_attacks,
    test_approval_concurrency,
    test_approval_evidence,
    test_approval_flow,
    test_approval_routes,
)
