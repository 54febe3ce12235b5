from . import event_portal, portal
