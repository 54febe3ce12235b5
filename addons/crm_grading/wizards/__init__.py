from . import base_partner_merge
from . import crm_relationship_information_ask
