from . import test_case, test_working_time
from . import (
    test_adjudication,
    test_case,
    test_case_discussion,
    test_case_facts,
    test_case_library,
    test_case_statistics,
    test_clock,
    test_clock_escalation,
    test_complaint,
    test_complaint_callback,
    test_complaint_forms,
    test_complaint_referral,
    test_complaint_severity,
    test_liaison_letter,
    test_working_time,
)
from . import test_case, test_case_portal, test_mail, test_preference, test_rating
from . import test_case, test_clock, test_clock_escalation, test_working_time
from . import (
    test_call,
    test_case,
    test_commitment,
    test_convert,
    test_desk_tools,
    test_handover,
    test_repeat,
    test_reply,
    test_suggestion,
)
