"""What records look like, for the access matrix; see crm_service_base/tests/access_records.py."""

from datetime import date

from odoo.fields import Command

CHANGES = {
    "crm.grade.declaration": {"note": "x"},
    "crm.grade.history": {"reason": "x"},
    "crm.grading.band": {"points": 2},
    "crm.grading.judgement": {"reason": "x"},
    "crm.grading.level": {"score_from": 2},
    "crm.grading.register": {"ref": "x"},
    "crm.grading.run": {"note": "x"},
    "crm.grading.score": {"note": "x"},
    "crm.grading.score.line": {"points": 2},
    "crm.relationship.evaluation": {"gaps": "x"},
    "crm.relationship.figure": {"value_after": 1},
    "crm.relationship.information": {"summary": "x"},
    "crm.relationship.judgement": {"gap": "x"},
    "crm.relationship.plan": {"goal": "x"},
    "crm.relationship.report": {"summary": "x"},
    "crm.relationship.report.line": {"state": "done"},
}


def prepare(case, model, user, name):
    if model.startswith("crm.relationship."):
        return prepare_relationship(case, model, user, name)
    return prepare_grading(case, model, user, name)


def prepare_grading(case, model, user, name):
    match model:
        case "crm.grading.standard":
            return {"name": name, "user_id": user.id}
        case "crm.grading.criterion":
            return {
                "standard_id": case._own("crm.grading.standard", user).id,
                "weight": 1,
                "name": name,
            }
        case "crm.grading.band":
            item = case._own("crm.grading.criterion", user)
            return {"criterion_id": item.id, "value_from": 1, "points": 1}
        case "crm.grading.level":
            standard = case._own("crm.grading.standard", user)
            return {
                "standard_id": standard.id,
                "score_from": 1,
                "grade_id": case.env.ref("crm_service_base.customer_grade_a").id,
            }
        case "crm.grading.cap":
            standard = case._own("crm.grading.standard", user)
            return {
                "standard_id": standard.id,
                "name": name,
                "threshold": 1,
                "grade_id": case.env.ref("crm_service_base.customer_grade_a").id,
            }
        case "crm.grading.judgement":
            topic = case.env.ref("crm_grading.topic_prospects")
            return {
                "partner_id": case.customer.id,
                "topic_id": topic.id,
                "value": 1,
                "reason": name,
                "user_id": user.id,
            }
        case "crm.grading.run":
            return {
                "standard_id": case._own("crm.grading.standard", user).id,
                "user_id": user.id,
            }
        case "crm.grading.score":
            run = case._own("crm.grading.run", user)
            return {
                "run_id": run.id,
                "company_id": case.company.id,
                "partner_id": case.customer.id,
                "date_to": str(run.date_to),
            }
        case "crm.grading.score.line":
            item = case._own("crm.grading.criterion", user)
            return {
                "score_id": case._own("crm.grading.score", user).id,
                "criterion_id": item.id,
            }
        case "crm.grade.declaration":
            return {"partner_id": case.customer.id, "user_id": user.id}
        case "crm.grade.history":
            partner = case.env["res.partner"].create({"name": name})
            return {
                "partner_id": partner.id,
                "grade_to_id": case.env.ref("crm_service_base.customer_grade_a").id,
            }
    return None


def prepare_relationship(case, model, user, name):
    day = date.today().isoformat()
    match model.removeprefix("crm.relationship."):
        case "evaluation":
            return {"partner_id": case.customer.id, "user_id": user.id}
        case "information":
            evaluation = case._own("crm.relationship.evaluation", user)
            return {"evaluation_id": evaluation.id, "kind": "other", "summary": name}
        case "judgement":
            evaluation = case._own("crm.relationship.evaluation", user)
            requirement = case._own("crm.relationship.requirement", user)
            return {"evaluation_id": evaluation.id, "requirement_id": requirement.id}
        case "plan":
            measure = prepare_measure(case, name)
            return {
                "title": name,
                "user_id": user.id,
                "measure_ids": [Command.create(measure)],
            }
        case "budget":
            return {"plan_id": case._own("crm.relationship.plan", user).id, "name": name}
        case "measure":
            return {
                "plan_id": case._own("crm.relationship.plan", user).id,
                **prepare_measure(case, name),
            }
        case "report":
            return {"user_id": user.id, "date_from": day, "date_to": day}
        case "report.line":
            return {
                "report_id": case._own("crm.relationship.report", user).id,
                "measure_id": case._own("crm.relationship.measure", user).id,
            }
        case "figure":
            report = case._own("crm.relationship.report", user)
            return {"report_id": report.id, "partner_id": case.customer.id}
    return None


def prepare_measure(case, name):
    return {
        "partner_id": case.customer.id,
        "user_id": case.author.id,
        "name": name,
        "date_deadline": date.today().isoformat(),
    }


def make(case, model, user):
    if model == "crm.grading.register":
        return case.env[model].search([("partner_id", "=", case.customer.id)])
    if model == "crm.relationship.report":
        # its department is that of its customers, and only the server draws its lines
        measure = case._own("crm.relationship.measure", user)
        lines = [Command.create({"measure_id": measure.id})]
        values = prepare_relationship(case, model, user, "")
        return case.env[model].create({**values, "line_ids": lines})
    return None
