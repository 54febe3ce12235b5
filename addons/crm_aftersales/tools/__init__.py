from . import anonymise, working_time
