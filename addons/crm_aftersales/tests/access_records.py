"""What records look like, for the access matrix; see crm_service_base/tests/access_records.py."""

CHANGES = {
    "crm.service.case": {"description": "x"},
    "crm.case.severity": {"reason": "x"},
    "crm.case.talk": {"text": "x"},
    "crm.case.measure": {"name": "x"},
    "crm.case.referral": {"content": "x"},
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
        case "crm.case.severity":
            return {**_case(case, user), "severity": "major", "rule": "hand"}
        case "crm.case.talk":
            return {**_case(case, user), "kind": "progress", "text": name}
        case "crm.case.measure":
            return {**_case(case, user), "name": name, "user_id": user.id}
        case "crm.case.referral":
            department = case.env["crm.service.department"].create({"name": name})
            return {**_case(case, user), "department_id": department.id}
    return None


def _case(case, user):
    """:return: dict that names a case of the user"""
    return {"case_id": case._own("crm.service.case", user).id}


def make(case, model, user):
    return None
