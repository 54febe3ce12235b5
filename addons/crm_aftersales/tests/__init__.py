from . import test_case, test_device
