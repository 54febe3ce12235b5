from . import opinion, portal, survey
