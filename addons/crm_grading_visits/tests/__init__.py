from . import test_grade_cadence
