"""Printing 50 forms in one run against printing one (A1.F1, A1.F2)."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command


def run(bench):
    env = bench.env
    report = env["ir.actions.report"].with_context(lang="zh_CN")
    customers = env["res.partner"].create([{"name": f"Customer {n}"} for n in range(50)])
    today, now = fields.Date.today(), fields.Datetime.now()
    plans = env["crm.visit.plan"].create(
        [
            {
                "method_id": env.ref("crm_visits.visit_method_face").id,
                "date_from": today,
                "date_to": today + timedelta(days=30),
                "purpose": "Quarterly visit\n" * 5,
                "line_ids": [
                    Command.create(
                        {"partner_id": customer.id, "date_planned": now + timedelta(days=1)}
                    )
                ],
            }
            for customer in customers
        ]
    )
    calls = env["crm.visit"].create(
        [
            {
                "partner_id": customer.id,
                "method_id": env.ref("crm_visits.visit_method_callback").id,
                "opinion": "Delivery is quick, the manual is not clear. " * 5,
            }
            for customer in customers
        ]
    )
    for title, form, documents in (
        ("A1.F1, 50 pages", "crm_visits.crm_visit_plan_report", plans),
        ("A1.F2, 100 pages", "crm_visits.crm_visit_report_record", calls),
    ):
        bench.compare(
            f"50 forms, one form: {title}",
            ours=lambda form=form, ids=documents.ids: report._render_qweb_pdf(form, ids),
            floor=lambda form=form, ids=documents[:1].ids: report._render_qweb_pdf(form, ids),
            limit=1.5,
            rounds=5,
        )
