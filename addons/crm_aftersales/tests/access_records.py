"""What records look like, for the access matrix; see crm_service_base/tests/access_records.py."""

from datetime import date, timedelta

CHANGES = {
    "crm.adjudication": {"description": "x"},
    "crm.adjudication.opinion": {"opinion": "x"},
    "crm.appraisal": {"opinion": "x"},
    "crm.appraisal.line": {"value": 1},
    "crm.case.answer": {"keywords": "x"},
    "crm.case.answer.use": {"date": "2026-01-01 00:00:00"},
    "crm.case.apology.word": {"active": True},
    "crm.case.discussion": {"minutes": "x"},
    "crm.case.handover": {"reason": "x"},
    "crm.case.library": {"lesson": "x"},
    "crm.case.measure": {"name": "x"},
    "crm.case.referral": {"content": "x"},
    "crm.case.severity": {"reason": "x"},
    "crm.case.talk": {"text": "x"},
    "crm.customer.preference": {"description": "x"},
    "crm.deadline.clock": {"date_deadline": "2030-01-01 00:00:00"},
    "crm.deadline.escalation": {"told_to": "x"},
    "crm.deadline.policy.step": {"minutes": 7},
    "crm.deadline.segment": {"kind": "stop"},
    "crm.device": {"note": "x"},
    "crm.device.history": {"value_after": "x"},
    "crm.liaison.letter": {"description": "x"},
    "crm.market.note": {"note": "x"},
    "crm.merit.entry": {"grounds": "x"},
    "crm.service.case": {"description": "x"},
    "crm.service.commitment": {"title": "x"},
    "crm.service.feedback": {"phone": "x"},
    "crm.service.review": {"plan": "x"},
    "crm.service.survey": {"phone": "x"},
    "crm.service.survey.campaign": {"title": "x"},
    "crm.service.survey.line": {"score": 1},
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
        case "crm.customer.preference":
            return {"description": name, "partner_id": case.customer.id}
        case "crm.device":
            product = case.env["product.product"].create({"name": name})
            return {"name": name, "partner_id": case.customer.id, "product_id": product.id}
        case "crm.device.history":
            device = case._own("crm.device", user)
            return {"device_id": device.id, "field": "plate", "value_after": name}
    parts = (
        prepare_clock,
        prepare_complaint,
        prepare_desk,
        prepare_letter,
        prepare_merit,
        prepare_quality,
    )
    for prepare_part in parts:
        if values := prepare_part(case, model, user, name):
            return values
    return None


def prepare_clock(case, model, user, name):
    match model:
        case "crm.deadline.policy":
            return {"name": name, "target": "arrive", "amount": 1, "unit": "hour"}
        case "crm.deadline.policy.step":
            policy = case._own("crm.deadline.policy", user)
            return {"policy_id": policy.id, "minutes": 5}
        case "crm.service.calendar.day":
            days = case.env[model].search_count([("company_id", "=", case.company.id)])
            day = date(2040, 1, 1) + timedelta(days=days + next(case.counter))
            return {"name": name, "date": str(day), "company_id": case.company.id}
    return None


def prepare_complaint(case, model, user, name):
    match model:
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


def prepare_desk(case, model, user, name):
    match model:
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
    return None


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


def prepare_merit(case, model, user, name):
    match model:
        case "crm.merit.severity":
            return {"name": name, "amount_min": 1, "amount": 1}
        case "crm.merit.entry":
            return {**_subject(case, user), "kind": "criticism", "grounds": name}
        case "crm.appraisal.indicator":
            return {"name": name, "fact": "once", "value_worst": 0, "value_best": 100}
        case "crm.appraisal.band":
            return {"name": name, "score_from": 1}
        case "crm.appraisal":
            day = str(date(2020, 1, 1) + timedelta(days=next(case.counter)))
            return {**_subject(case, user), "date_from": day, "date_to": day}
        case "crm.appraisal.measure":
            return {
                "appraisal_id": case._own("crm.appraisal", user).id,
                "name": name,
                "user_id": case.deputy.id,
                "date_due": "2099-01-01",
            }
    return None


def _subject(case, user):
    """:return: dict: a member of the supervisor's department, and who writes about him"""
    users = case.env["res.users"]
    subject = users.search([("login", "=", "test_subject")]) or case._new_user(
        "test_subject", "specialist"
    )
    case.department.member_ids |= subject
    return {"person_id": subject.id, "user_id": (case.author if user.share else user).id}


def prepare_quality(case, model, user, name):
    match model:
        case "crm.service.feedback":
            return {"partner_id": case.customer.id, "contact_name": name, "user_id": user.id}
        case "crm.service.survey":
            topic = case.env.ref("crm_aftersales.survey_topic_training")
            return {
                "partner_id": case.customer.id,
                "topic_id": topic.id,
                "contact_name": name,
                "user_id": user.id,
            }
        case "crm.service.survey.campaign":
            topic = case.env.ref("crm_aftersales.survey_topic_training")
            return {"title": name, "topic_id": topic.id, "user_id": user.id}
        case "crm.service.survey.topic":
            return {
                "name": name,
                "survey_id": case.env.ref("crm_aftersales.survey_training").id,
            }
        case "crm.service.review":
            day = date(2030, 1, 1) + timedelta(days=next(case.counter))
            return {
                # somebody of the department that the supervisor heads
                "subject_id": case.specialist.id,
                "user_id": user.id,
                "date_from": str(day),
                "date_to": str(day),
            }
    return None


def make(case, model, user):
    """Records that only the server makes."""
    if model == "crm.service.survey.line":
        survey = case._own("crm.service.survey", user)
        return case.env[model].create(
            [{"survey_id": survey.id, "item": "x", "grade": "5", "score": 5}]
        )
    if model == "crm.appraisal.line":
        return case._own("crm.appraisal", user).line_ids[:1]
    if model in ("crm.deadline.clock", "crm.deadline.segment", "crm.deadline.escalation"):
        return make_clock(case, model, user)
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


def make_clock(case, model, user):
    """The deadlines that come with a complaint."""
    values = {**prepare(case, "crm.service.case", user, "x"), "kind": "complaint"}
    clock = case.env["crm.service.case"].create(values).clock_ids[:1]
    if model == "crm.deadline.clock":
        return clock
    if model == "crm.deadline.segment":
        return clock.segment_ids[:1]
    place = ("owner", case.company.id, user.id, None, None)
    case.env.flush_all()
    clock._escalate([(clock.id, clock.round, clock.next_step_id.id, *place)])
    clock.invalidate_recordset(["escalation_ids"])
    return clock.escalation_ids
