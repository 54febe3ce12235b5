from . import approval_hash
