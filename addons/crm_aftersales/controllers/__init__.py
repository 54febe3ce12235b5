from . import commitment, opinion, portal, survey
