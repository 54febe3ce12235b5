"""What records look like, for the access matrix; see crm_service_base/tests/access_records.py."""

CHANGES = {
    "crm.case.answer": {"keywords": "x"},
    "crm.case.apology.word": {"active": True},
    "crm.case.answer.use": {"date": "2026-01-01 00:00:00"},
    "crm.case.handover": {"reason": "x"},
    "crm.market.note": {"note": "x"},
    "crm.service.case": {"description": "x"},
    "crm.service.commitment": {"title": "x"},
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
        case "crm.case.answer":
            return {"name": name, "answer": name}
        case "crm.case.reply.template":
            return {"name": name, "body": name}
        case "crm.case.reply.check":
            return {"name": name, "template_id": case._own("crm.case.reply.template", user).id}
        case "crm.market.note":
            return {"partner_id": case.customer.id, "note": name, "user_id": user.id}
        case "crm.service.commitment":
            return {"title": name, "user_id": user.id}
        case "crm.service.case.stage" | "crm.case.category" | "crm.case.cause" | "crm.service.team":
            return {"name": name}
    return None


def make(case, model, user):
    """Records that only the server makes."""
    if model == "crm.case.handover":
        record = case._own("crm.service.case", user)
        values = record._prepare_handover_values(to_user_id=case.deputy.id)
        return case.env[model].create([values])
    if model == "crm.case.answer.use":
        record = case._own("crm.service.case", user)
        answer = case._own("crm.case.answer", user)
        return case.env[model].create(
            [{"answer_id": answer.id, "case_id": record.id, "user_id": user.id}]
        )
    return None
