from . import (
    test_relationship_evaluation,
    test_relationship_forms,
    test_relationship_plan,
    test_relationship_report,
    test_relationship_tour,
)
