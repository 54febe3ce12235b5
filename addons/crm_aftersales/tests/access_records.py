"""What records look like, for the access matrix; see crm_service_base/tests/access_records.py."""

CHANGES = {
    "crm.device": {"note": "x"},
    "crm.device.history": {"value_after": "x"},
    "crm.service.case": {"description": "x"},
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
        case "crm.device":
            return {
                "name": name,
                "partner_id": case.customer.id,
                "product_id": case.env["product.product"].create({"name": name}).id,
            }
        case "crm.device.history":
            device = case._own("crm.device", user)
            return {"device_id": device.id, "field": "plate", "value_after": name}
        case "crm.service.case.stage" | "crm.case.category" | "crm.case.cause" | "crm.service.team":
            return {"name": name}
    return None


def make(case, model, user):
    return None
