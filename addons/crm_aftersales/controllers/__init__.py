from . import commitment, opinion, order, portal, survey
