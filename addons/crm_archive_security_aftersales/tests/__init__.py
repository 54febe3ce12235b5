from . import test_appraisal_archive
