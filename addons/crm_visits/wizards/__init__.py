from . import (
    crm_customer_promise_close,
    crm_visit_cancel,
    crm_visit_notify,
    crm_visit_plan_generate,
    crm_visit_presence_explain,
    crm_visit_reschedule,
)
