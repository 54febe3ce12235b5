from . import (
    test_adjudication,
    test_case,
    test_case_discussion,
    test_case_facts,
    test_case_library,
    test_liaison_letter,
)
