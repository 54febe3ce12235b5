from . import (
    common,
    sample,
    test_grade_declaration,
    test_grading_cron,
    test_grading_forms,
    test_grading_register,
    test_grading_score,
    test_grading_sources,
    test_grading_standard,
    test_grading_tour,
)
