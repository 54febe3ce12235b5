from . import test_archive
from . import test_backup, test_disposal
