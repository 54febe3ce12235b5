"""What records look like, for the access matrix; see crm_service_base/tests/access_records.py."""

from datetime import timedelta

from odoo import fields

from . import access_records_supervision, documents_records

CHANGES = {
    **access_records_supervision.CHANGES,
    **documents_records.CHANGES,
    "crm.archive": {"note": "x"},
    "crm.archive.access": {"user_name": "x"},
    "crm.archive.content": {"body": "x"},
    "crm.archive.fact": {"source_note": "x"},
    "crm.archive.grant": {"may_export": True},
    "crm.archive.item": {"page_count": 2},
    "crm.archive.request": {"reason": "x"},
    "crm.archive.right": {"scope": "all"},
    "crm.archive.seal": {"hash": "x"},
}


def prepare(case, model, user, name):
    if values := access_records_supervision.prepare(case, model, user, name):
        return values
    match model:
        case "crm.archive":
            partner = case.env["res.partner"].create({"name": name})
            return {"partner_id": partner.id, "user_id": user.id}
        case "crm.archive.item":
            return {"archive_id": case._own("crm.archive", user).id, "name": name}
        case "crm.archive.fact":
            archive = case._own("crm.archive", user)
            return {"archive_id": archive.id, "value": name, "channel": "talk"}
        case "crm.archive.content":
            return {"item_id": case._own("crm.archive.item", user).id, "body": name}
        case "crm.archive.request":
            return {"partner_id": case.customer.id, "user_id": user.id, "reason": name}
        case "crm.archive.grant":
            item = case._own("crm.archive.item", user)
            now = fields.Datetime.now()
            return {
                "request_id": case._own("crm.archive.request", user).id,
                "item_id": item.id,
                "archive_id": item.archive_id.id,
                "company_id": item.company_id.id,
                "user_id": user.id,
                "reader": name,
                "date_start": str(now.replace(microsecond=0)),
                "date_end": str(now.replace(microsecond=0) + timedelta(days=1)),
            }
        case "crm.archive.right":
            group = case.env["res.groups"].create({"name": name})
            return {"group_id": group.id, "archive_class": "basic"}
        case "crm.archive.seal":
            return {"sequence": 1, "hash": name}
    values = access_records_supervision.prepare(case, model, user, name)
    return values or documents_records.prepare(case, model, user, name)


def make(case, model, user):
    if record := access_records_supervision.make(case, model, user):
        return record
    if model == "crm.archive.access":
        item = case._own("crm.archive.item", user)
        case.env[model].with_user(user)._log(item, "read")
        return case.env[model].search([("item_id", "=", item.id)], limit=1)
    return None
