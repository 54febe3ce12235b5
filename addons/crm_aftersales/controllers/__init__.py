from . import commitment, portal
