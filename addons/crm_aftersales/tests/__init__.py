from . import (
    test_call,
    test_case,
    test_commitment,
    test_convert,
    test_desk_tools,
    test_desk_tour,
    test_handover,
    test_repeat,
    test_reply,
    test_suggestion,
)
