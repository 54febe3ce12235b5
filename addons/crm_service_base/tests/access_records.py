"""What records look like, for the access matrix: values of one's own, and a harmless change."""

from datetime import date, datetime, timedelta

from odoo.addons.crm_service_base.tools.statistics_table import column, table

CHANGES = {
    "crm.approval.absence": {"reason": "x"},
    "crm.approval.decision": {"comment": "x"},
    "crm.approval.request": {"state": "approved"},
    "crm.approval.step": {"state": "approved"},
    "crm.rule.acknowledgement": {"date": "2026-01-01 00:00:00"},
    "crm.service.contact": {"summary": "x"},
    "crm.signature": {"name": "x"},
    "crm.statistics.correction": {"reason": "x"},
    "crm.statistics.correction.line": {"value_after": "2"},
    "crm.statistics.distribution": {"purpose": "x"},
    "crm.statistics.figure": {"label": "x"},
    "crm.statistics.report": {"analysis": "x"},
    "crm.statistics.request": {"purpose": "x"},
}


def prepare(case, model, user, name):
    """Values of a record that belongs to a user.

    :param case: the test, with its users, ``customer`` and ``counter``
    :return: dict, or None where name and code will do
    """
    day = date(2020, 1, 1) + timedelta(days=next(case.counter))
    report_type = case.env.ref("crm_service_base.statistics_type_evaluation")
    match model:
        case "crm.statistics.report.type":
            return {"name": name, "code": name}
        case "crm.statistics.report":
            return {
                "type_id": report_type.id,
                "date_from": day.isoformat(),
                "date_to": day.isoformat(),
                "user_id": user.id,
            }
        case "crm.statistics.request":
            department = case.env["crm.service.department"].create({"name": name})
            return {
                "type_id": report_type.id,
                "department_id": department.id,
                "purpose": name,
                "user_id": user.id,
            }
        case "crm.statistics.distribution":
            return {
                "report_id": issue(case, user).id,
                "partner_id": case.customer.id,
                "how": "paper",
            }
        case "crm.statistics.correction":
            return {"report_id": issue(case, user).id, "reason": name, "user_id": user.id}
        case "crm.statistics.correction.line":
            correction = case._own("crm.statistics.correction", user)
            return {"correction_id": correction.id, "row_number": 1, "column_number": 1}
        case "crm.rule.announcement":
            return {"name": name, "change": name, "date_effective": day.isoformat()}
        case "crm.rule.acknowledgement":
            announcement = case._own("crm.rule.announcement", user)
            return {"announcement_id": announcement.id, "user_id": user.id}
        case "crm.approval.absence":
            start = datetime.now() + timedelta(days=next(case.counter), hours=1)
            return {
                "user_id": (case.author if user.share else user).id,
                "deputy_id": case.deputy.id,
                "date_from": start.isoformat(" ", "seconds"),
                "date_to": (start + timedelta(hours=2)).isoformat(" ", "seconds"),
                "reason": name,
            }
        case "crm.service.region" | "crm.service.department":
            return {"name": name}
    return None


def make(case, model, user):
    """A record of a model that nobody creates by its values.

    :return: the record, or None
    """
    if model == "crm.statistics.figure":
        return case.env[model].search([("report_id", "=", issue(case, user).id)])
    return None


def issue(case, user):
    """An issued report that belongs to a user."""
    report = case._own("crm.statistics.report", user)
    figures = table("t", "T", [column("n", "N", "integer")], [[1]], is_summary=True)
    report.write({"state": "issued", "data": {"tables": [figures]}})
    return report
