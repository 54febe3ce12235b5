from . import common, test_grading_standard
