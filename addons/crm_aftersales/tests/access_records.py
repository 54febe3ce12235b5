"""What records look like, for the access matrix; see crm_service_base/tests/access_records.py."""

CHANGES = {
    "crm.adjudication": {"description": "x"},
    "crm.adjudication.opinion": {"opinion": "x"},
    "crm.case.discussion": {"minutes": "x"},
    "crm.case.library": {"lesson": "x"},
    "crm.liaison.letter": {"description": "x"},
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
        case "crm.service.case.stage" | "crm.case.category" | "crm.case.cause" | "crm.service.team":
            return {"name": name}
    return prepare_letter(case, model, user, name)


def prepare_letter(case, model, user, name):
    match model:
        case "crm.liaison.letter" | "crm.adjudication" | "crm.case.discussion":
            return {"subject": name, "user_id": user.id}
        case "crm.case.discussion.measure":
            discussion = case._own("crm.case.discussion", user)
            return {
                "discussion_id": discussion.id,
                "name": name,
                "user_id": case.supervisor.id,
                "date_due": "2099-01-01",
            }
        case "crm.adjudication.opinion":
            adjudication = case._own("crm.adjudication", user)
            return {"adjudication_id": adjudication.id, "department_id": case.department.id}
        case "crm.case.library":
            return {"title": name, "happening": name, "user_id": user.id}
    return None


def make(case, model, user):
    return None
