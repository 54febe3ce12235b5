"""What records look like, for the access matrix; see crm_service_base/tests/access_records.py."""

CHANGES = {
    "crm.archive": {"note": "x"},
    "crm.archive.content": {"body": "x"},
    "crm.archive.item": {"page_count": 2},
}


def prepare(case, model, user, name):
    match model:
        case "crm.archive":
            partner = case.env["res.partner"].create({"name": name})
            return {"partner_id": partner.id, "user_id": user.id}
        case "crm.archive.item":
            return {"archive_id": case._own("crm.archive", user).id, "name": name}
        case "crm.archive.content":
            return {"item_id": case._own("crm.archive.item", user).id, "body": name}
    return None


def make(case, model, user):
    return None
