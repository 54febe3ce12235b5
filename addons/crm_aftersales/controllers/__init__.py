from . import opinion, portal, survey
from . import commitment, portal
