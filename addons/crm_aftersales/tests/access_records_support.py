"""What records of support levels, faults, duty, inspection and research look like."""

from datetime import datetime, timedelta

CHANGES = {
    "crm.case.authorization": {"scope": "x"},
    "crm.case.level": {"found": "x"},
    "crm.duty.check": {"finding": "x"},
    "crm.duty.handover": {"happened": "x"},
    "crm.duty.roster": {"note": "x"},
    "crm.duty.shift": {"tasks": "x"},
    "crm.duty.swap": {"reason": "x"},
    "crm.fault.measure": {"name": "x"},
    "crm.fault.notice": {"text": "x"},
    "crm.fault.report": {"impact": "x"},
    "crm.fault.sending": {"digest": "x"},
    "crm.inspection.finding": {"name": "x"},
    "crm.inspection.line": {"reason": "x"},
    "crm.inspection.round": {"note": "x"},
    "crm.research.measure": {"name": "x"},
    "crm.service.research": {"findings": "x"},
}


def prepare(case, model, user, name):
    """Levels of support, faults, duty, inspection and research."""
    match model:
        case "crm.case.authorization":
            until = str(datetime.now() + timedelta(days=1))[:19]
            record = case._own("crm.service.case", user)
            values = {"contact": name, "scope": name, "date_until": until}
            return {"case_id": record.id, **values}
        case "crm.fault.report":
            return {"subject": name, "user_id": user.id}
        case "crm.fault.measure":
            fault = case._own("crm.fault.report", user)
            return {"fault_id": fault.id, "name": name, "user_id": user.id}
        case "crm.inspection.round" | "crm.service.research":
            field = "title" if model == "crm.inspection.round" else "subject"
            return {field: name, "user_id": user.id}
        case "crm.inspection.line":
            inspection = case._own("crm.inspection.round", user)
            return {
                "round_id": inspection.id,
                "partner_id": case.customer.id,
                "date_due": str(inspection.date_to),
                "user_id": case.author.id,
            }
        case "crm.inspection.finding":
            line = case._own("crm.inspection.line", user)
            line.round_id.state = "approved"
            return {"line_id": line.id, "finding": name, "name": name, "user_id": user.id}
        case "crm.research.measure":
            research = case._own("crm.service.research", user)
            return {"research_id": research.id, "name": name, "user_id": user.id}
        case "crm.duty.roster":
            return {"title": name, "user_id": user.id}
        case "crm.duty.shift":
            roster = case._own("crm.duty.roster", user)
            day = str(roster.date_from)
            times = {"date_start": f"{day} 02:00:00", "date_end": f"{day} 08:00:00"}
            return {"roster_id": roster.id, "user_id": user.id, **times}
    return None


def make(case, model, user):
    """What buttons of the support documents leave behind."""
    env = case.env
    match model:
        case "crm.case.level":
            record = case._own("crm.service.case", user)
            record._log_level("moved", datetime.now().replace(microsecond=0))
            return record.level_ids
        case "crm.fault.notice":
            fault = case._own("crm.fault.report", user)
            fault._tell(case.supervisor, "manager", "x")
            return fault.notice_ids
        case "crm.fault.sending":
            fault = case._own("crm.fault.report", user)
            values = {"fault_id": fault.id, "partner_id": case.customer.id, "email": "x@x"}
            return env[model].create([{**values, "date": datetime.now(), "user_id": user.id}])
        case "crm.duty.swap" | "crm.duty.check" | "crm.duty.handover":
            values = {"shift_id": case._own("crm.duty.shift", user).id}
            values |= {
                "crm.duty.swap": {
                    "from_user_id": user.id,
                    "to_user_id": case.deputy.id,
                    "reason": "x",
                },
                "crm.duty.check": {"user_id": user.id, "finding": "x"},
                "crm.duty.handover": {
                    "user_id": user.id,
                    "to_user_id": case.deputy.id,
                    "happened": "x",
                },
            }[model]
            return env[model].create([values])
    return None
