"""What records look like, for the access matrix; see crm_service_base/tests/access_records.py."""

from datetime import date, timedelta

CHANGES = {
    "crm.adjudication": {"description": "x"},
    "crm.adjudication.opinion": {"opinion": "x"},
    "crm.case.discussion": {"minutes": "x"},
    "crm.case.library": {"lesson": "x"},
    "crm.liaison.letter": {"description": "x"},
    "crm.deadline.clock": {"date_deadline": "2030-01-01 00:00:00"},
    "crm.deadline.escalation": {"told_to": "x"},
    "crm.deadline.policy.step": {"minutes": 7},
    "crm.deadline.segment": {"kind": "stop"},
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
        case "crm.deadline.policy":
            return {"name": name, "target": "arrive", "amount": 1, "unit": "hour"}
        case "crm.deadline.policy.step":
            policy = case._own("crm.deadline.policy", user)
            return {"policy_id": policy.id, "minutes": 5}
        case "crm.service.calendar.day":
            days = case.env[model].search_count([("company_id", "=", case.company.id)])
            day = date(2040, 1, 1) + timedelta(days=days + next(case.counter))
            return {"name": name, "date": str(day), "company_id": case.company.id}
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
    """The deadlines that come with a complaint; nobody makes one."""
    if model not in ("crm.deadline.clock", "crm.deadline.segment", "crm.deadline.escalation"):
        return None
    values = {**prepare(case, "crm.service.case", user, "x"), "kind": "complaint"}
    clock = case.env["crm.service.case"].create(values).clock_ids[:1]
    if model == "crm.deadline.clock":
        return clock
    if model == "crm.deadline.segment":
        return clock.segment_ids[:1]
    clock._escalate([(clock.id, clock.next_step_id.id, clock.case_id.id)])
    return clock.escalation_ids
