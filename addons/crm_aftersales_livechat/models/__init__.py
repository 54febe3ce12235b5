from . import (
    crm_service_case,
    discuss_channel,
)
