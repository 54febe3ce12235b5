"""What records look like, for the access matrix; see crm_service_base/tests/access_records.py."""

from datetime import date, datetime, timedelta

from . import access_records_support

CHANGES = {
    **access_records_support.CHANGES,
    "crm.appraisal": {"opinion": "x"},
    "crm.appraisal.line": {"value": 1},
    "crm.merit.entry": {"grounds": "x"},
    "crm.adjudication": {"description": "x"},
    "crm.adjudication.opinion": {"opinion": "x"},
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
    "crm.custody.count": {"note": "x"},
    "crm.custody.count.line": {"explanation": "x"},
    "crm.custody.item": {"note": "x"},
    "crm.commitment.breach": {"description": "x"},
    "crm.commitment.fulfilment": {"value": 1},
    "crm.commitment.ground": {"text": "x"},
    "crm.commitment.item": {"note": "x"},
    "crm.commitment.proposal": {"text": "x"},
    "crm.commitment.report": {"text": "x"},
    "crm.commitment.review": {"assessment": "x"},
    "crm.compensation": {"reason": "x"},
    "crm.compensation.rule": {"amount": 7},
    "crm.customer.preference": {"description": "x"},
    "crm.deadline.clock": {"date_deadline": "2030-01-01 00:00:00"},
    "crm.deadline.escalation": {"told_to": "x"},
    "crm.deadline.policy.step": {"minutes": 7},
    "crm.deadline.segment": {"kind": "stop"},
    "crm.device": {"note": "x"},
    "crm.device.history": {"value_after": "x"},
    "crm.device.return": {"accessories": "x"},
    "crm.field.receipt": {"description": "x"},
    "crm.installation.driver": {"phone": "x"},
    "crm.installation.line": {"place": "x"},
    "crm.installation.request": {"note": "x"},
    "crm.installation.vehicle": {"color": "x"},
    "crm.liaison.letter": {"description": "x"},
    "crm.market.note": {"note": "x"},
    "crm.service.case": {"description": "x"},
    "crm.service.commitment": {"title": "x"},
    "crm.service.order": {"note": "x"},
    "crm.service.order.check": {"is_done": True},
    "crm.service.order.part": {"quantity": 2},
    "crm.service.order.vehicle": {"terminal_number": "x"},
    "crm.service.order.verbal": {"comment": "x"},
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
    for prepare_part in (
        access_records_support.prepare,
        prepare_clock,
        prepare_commitment,
        prepare_complaint,
        prepare_desk,
        prepare_letter,
        prepare_merit,
        prepare_money,
        prepare_order,
        prepare_quality,
    ):
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


def prepare_commitment(case, model, user, name):
    match model:
        case "crm.commitment.item":
            metric = case.env.ref("crm_aftersales.metric_solve_hours")
            draft = case._own("crm.service.commitment", user)
            return {"commitment_id": draft.id, "metric_id": metric.id, "target": 8}
        case "crm.commitment.ground":
            draft = case._own("crm.service.commitment", user)
            return {"commitment_id": draft.id, "kind": "law", "text": name}
        case "crm.compensation.rule":
            values = {"title": name, "user_id": user.id, "audience": "implicit"}
            draft = case.env["crm.service.commitment"].create([values])
            return {"commitment_id": draft.id, "amount": 5}
        case "crm.commitment.report":
            commitment = _in_force(case, user)
            return {"commitment_id": commitment.id, "text": name, "user_id": user.id}
        case "crm.commitment.proposal":
            return {"title": name, "user_id": user.id}
        case "crm.commitment.training":
            return {"name": name}
        case "crm.commitment.breach":
            return {**_case(case, user), "commitment_id": _in_force(case, user).id}
        case "crm.compensation":
            breach = case._own("crm.commitment.breach", user)
            breach.write({"cause": "own"})
            return {
                "breach_id": breach.id,
                "partner_id": case.customer.id,
                "user_id": user.id,
                "amount": 5,
            }
    return None


def _in_force(case, user):
    """:return: a commitment in force, as if it had been approved"""
    commitment = case._own("crm.service.commitment", user)
    commitment.state = "in_force"
    return commitment


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


def prepare_money(case, model, user, name):
    match model:
        case "crm.custody.item":
            return {"title": name, "holder_id": user.id, "user_id": user.id}
        case "crm.custody.count":
            return {"user_id": user.id}
        case "crm.custody.count.line":
            return {
                "count_id": case._own("crm.custody.count", user).id,
                "item_id": case._own("crm.custody.item", user).id,
            }
        case "crm.device.return":
            device = case._own("crm.device", user)
            return {"device_id": device.id, "symptom": name, "user_id": user.id}
        case "crm.field.receipt":
            return {"partner_id": case.customer.id, "amount": 5, "user_id": user.id}
    return None


def prepare_order(case, model, user, name):
    match model:
        case "crm.service.order":
            return {"partner_id": case.customer.id, "problem": name, "user_id": user.id}
        case "crm.service.order.part":
            order = case._own("crm.service.order", user)
            product = case.env["product.product"].create({"name": name})
            return {"order_id": order.id, "product_id": product.id}
        case "crm.service.order.check":
            return {"order_id": case._own("crm.service.order", user).id, "name": name}
        case "crm.service.order.vehicle":
            return {"order_id": case._own("crm.service.order", user).id, "plate": name}
        case "crm.service.check.item":
            return {"name": name, "kind": "repair"}
        case "crm.installation.request":
            return {"partner_id": case.customer.id, "user_id": user.id}
        case "crm.installation.line":
            request = case._own("crm.installation.request", user)
            product = case.env["product.product"].create({"name": name})
            return {"request_id": request.id, "product_id": product.id}
        case "crm.installation.vehicle":
            return {"request_id": case._own("crm.installation.request", user).id, "plate": name}
        case "crm.installation.driver":
            return {"request_id": case._own("crm.installation.request", user).id, "name": name}
    return None


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


def make(case, model, user):
    """Records that only the server makes."""
    if record := access_records_support.make(case, model, user):
        return record
    if model == "crm.service.survey.line":
        survey = case._own("crm.service.survey", user)
        return case.env[model].create(
            [{"survey_id": survey.id, "item": "x", "grade": "5", "score": 5}]
        )
    if model == "crm.appraisal.line":
        return case._own("crm.appraisal", user).line_ids[:1]
    if model in ("crm.deadline.clock", "crm.deadline.segment", "crm.deadline.escalation"):
        return make_clock(case, model, user)
    if model == "crm.service.order.verbal":
        return make_verbal(case, user)
    if model == "crm.case.handover":
        record = case._own("crm.service.case", user)
        values = record._prepare_handover_values(to_user_id=case.deputy.id)
        return case.env[model].create([values])
    if model in ("crm.commitment.fulfilment", "crm.commitment.review"):
        return make_commitment(case, model, user)
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
        clock._turn("pause", clock.date_start)
        return clock.segment_ids[:1]
    place = ("owner", case.company.id, user.id, None, None)
    case.env.flush_all()
    clock._escalate([(clock.id, clock.round, clock.next_step_id.id, *place)])
    clock.invalidate_recordset(["escalation_ids"])
    return clock.escalation_ids


def make_verbal(case, user):
    """What somebody said yes to on an order of the user."""
    day = datetime(2026, 1, 1)
    return case.env["crm.service.order.verbal"].create(
        [
            {
                "order_id": case._own("crm.service.order", user).id,
                "kind": "other",
                "subject": "x",
                "approver_id": case.deputy.id,
                "date_given": day,
                "user_id": case.author.id,
                "date_recorded": day,
                "date_due": day,
            }
        ]
    )


def make_commitment(case, model, user):
    """What the system counted, and an evaluation."""
    item = case.env["crm.commitment.item"].create([case._values("crm.commitment.item", user)])
    item.commitment_id.state = "in_force"
    records = case.env[model]
    if model == "crm.commitment.review":
        return records.create(records._prepare_values(item.commitment_id, "keep", "x"))
    return records.create(records._prepare_values(item, date(2026, 1, 1), 5, 3))
