"""What records look like, for the access matrix; see crm_service_base/tests/access_records.py."""

CHANGES = {
    "crm.service.case": {"description": "x"},
    "crm.customer.preference": {"description": "x"},
}


def prepare(case, model, user, name):
    match model:
        case "crm.service.case":
            return {
                "subject": name,
                "partner_id": case.customer.id,
                "user_id": user.id,
                "team_id": False,
            }
        case "crm.customer.preference":
            return {"description": name, "partner_id": case.customer.id}
        case "crm.service.case.stage" | "crm.case.category" | "crm.case.cause" | "crm.service.team":
            return {"name": name}
    return None


def make(case, model, user):
    return None
