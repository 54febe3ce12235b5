from . import (
    common,
    sample,
    test_grading_score,
    test_grading_sources,
    test_grading_standard,
)
