from . import (
    crm_customer_grade,
    crm_visit_cadence,
)
