from . import crm_relationship_information_ask
