from . import test_case, test_case_portal, test_mail, test_preference, test_rating
