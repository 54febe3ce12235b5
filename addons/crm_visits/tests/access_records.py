"""What records look like, for the access matrix; see crm_service_base/tests/access_records.py."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command

EVIDENCE = {
    "crm.approval.request": "approval_request_id",
    "crm.approval.step": "approval_step_ids",
    "crm.approval.decision": "approval_decision_ids",
}
CHANGES = {
    "crm.care.task": {"result": "x"},
    "crm.customer.event": {"agenda": "x"},
    "crm.customer.event.guest": {"note": "x"},
    "crm.customer.news": {"subject": "x"},
    "crm.customer.news.telling": {"note": "x"},
    "crm.customer.promise": {"description": "x"},
    "crm.gift.campaign": {"note": "x"},
    "crm.visit": {"note": "x"},
    "crm.visit.answer": {"answer": "x"},
    "crm.visit.attempt": {"note": "x"},
    "crm.visit.change": {"reason": "x"},
    "crm.visit.check": {"is_done": True},
    "crm.visit.coverage": {"days_overdue": 1},
    "crm.visit.plan": {"note": "x"},
    "crm.visit.plan.line": {"purpose": "x"},
    "crm.visit.presence": {"reason": "x"},
    "crm.visit.report": {"note": "x"},
}


def prepare(case, model, user, name):
    match model:
        case "crm.visit":
            return {
                "partner_id": case.customer.id,
                "method_id": case.method_callback.id,
                "user_id": user.id,
                "visitor_ids": [Command.set(user.ids)],
            }
        case "crm.visit.presence":
            return {
                "visit_id": case._own("crm.visit", user).id,
                "user_id": user.id,
                "company_id": case.company.id,
                "kind": "start",
                "date": "2026-01-01 00:00:00",
            }
        case "crm.customer.promise":
            return {
                "partner_id": case.customer.id,
                "user_id": user.id,
                "description": name,
                "date_deadline": "2099-01-01",
            }
        case "crm.visit.plan" | "crm.visit.report":
            return {"user_id": user.id, "visitor_ids": [Command.set(user.ids)]}
        case "crm.visit.plan.line":
            plan = case._own("crm.visit.plan", user)
            return {"plan_id": plan.id, "partner_id": case.customer.id}
        case "crm.visit.check":
            return {"visit_id": case._own("crm.visit", user).id, "name": name}
        case "crm.visit.answer":
            return {"visit_id": case._own("crm.visit", user).id, "question": name}
        case "crm.visit.attempt":
            return {"visit_id": case._own("crm.visit", user).id}
        case "crm.visit.change":
            return {
                "visit_id": case._own("crm.visit", user).id,
                "kind": "cancel",
                "reason": name,
                "user_id": user.id,
            }
        case "crm.visit.method.checklist" | "crm.visit.method.question":
            return {"method_id": case.method_phone.id, "name": name}
        case "crm.visit.cadence":
            return {"name": name}
    return prepare_care(case, model, user, name)


def prepare_care(case, model, user, name):
    moment = fields.Datetime.to_string(case.now + timedelta(days=30))
    match model:
        case "crm.care.occasion":
            return {"name": name}
        case "crm.care.task":
            return {"name": name, "partner_id": case.customer.id, "user_id": user.id}
        case "crm.gift.campaign":
            return {"subject": name, "year": 3000 + next(case.counter), "user_id": user.id}
        case "crm.customer.news":
            return {"subject": name, "user_id": user.id}
        case "crm.customer.news.telling":
            news = case._own("crm.customer.news", user)
            news.state = "approved"
            return {
                "news_id": news.id,
                "partner_id": case.customer.id,
                "user_id": user.id,
            }
        case "crm.customer.event":
            return {
                "subject": name,
                "date_start": moment,
                "date_end": moment,
                "user_id": user.id,
                "host_id": user.id,
            }
        case "crm.customer.event.guest":
            event = case._own("crm.customer.event", user)
            return {"event_id": event.id, "partner_id": case.customer.id}
    return None


def make(case, model, user):
    if model in ("crm.visit.coverage", "crm.service.contact"):
        case._make_call(date_start=case.now)
        return case.env[model].search([], limit=1)
    if model in EVIDENCE:
        plan = case._make_plan()
        plan.action_approval_submit()
        return plan.sudo()[EVIDENCE[model]]
    if model == "crm.signature":
        return case._sign_on_phone(case._carry_out(case._make_call()))
    return None
