from . import crm_appraisal_indicator
