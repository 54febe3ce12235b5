from . import base_partner_merge, crm_relationship_information_ask
