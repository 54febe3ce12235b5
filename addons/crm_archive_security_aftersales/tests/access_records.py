"""No models of its own; see crm_service_base/tests/access_records.py."""

CHANGES = {}


def prepare(case, model, user, name):
    return None


def make(case, model, user):
    return None
