"""Records of retention, drills and supervision, for the access matrix."""

CHANGES = {
    "crm.archive.disposal": {"reason": "x"},
    "crm.archive.disposal.line": {"reason": "x"},
    "crm.archive.finding": {"measure": "x"},
    "crm.archive.hold": {"release_reason": "x"},
    "crm.archive.inspection": {"conclusion": "x"},
    "crm.archive.inspection.line": {"note": "x"},
    "crm.archive.misconduct": {"examination": "x"},
    "crm.archive.misconduct.reporter": {"user_id": 1},
    "crm.archive.retention": {"years": 7},
    "crm.backup.drill": {"lessons": "x"},
}


def prepare(case, model, user, name):
    """Values of a record that belongs to a user; nobody creates what the server makes."""
    match model:
        case "crm.archive.disposal":
            return {"title": name, "user_id": user.id}
        case "crm.archive.disposal.line":
            return {
                "disposal_id": case._own("crm.archive.disposal", user).id,
                "item_id": case._own("crm.archive.item", user).id,
            }
        case "crm.archive.hold":
            return {"archive_id": case._own("crm.archive", user).id, "name": name}
        case "crm.archive.inspection":
            return {"title": name, "user_id": user.id}
        case "crm.archive.finding":
            inspection = case._own("crm.archive.inspection", user)
            inspection.sudo().state = "running"
            return {"inspection_id": inspection.id, "name": name, "user_id": user.id}
        case "crm.archive.retention":
            return {"name": name, "years": 5}
        case "crm.backup.drill":
            return {"user_id": user.id}
    return None


def make(case, model, user):
    """Records that only the server makes."""
    match model:
        case "crm.archive.inspection.line":
            inspection = case._own("crm.archive.inspection", user)
            inspection.sudo().state = "running"
            archive = case._own("crm.archive", user)
            values = {"inspection_id": inspection.id, "archive_id": archive.id, "user_id": user.id}
            return case.env[model].create([values])
        case "crm.archive.misconduct":
            values = {"subject": "x", "description": "x", "user_id": user.id}
            return case.env[model].create([values])
        case "crm.archive.misconduct.reporter":
            report = make(case, "crm.archive.misconduct", user)
            return case.env[model].create([{"misconduct_id": report.id, "user_id": user.id}])
    return None
