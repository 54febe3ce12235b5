from datetime import date, datetime

from odoo.fields import Command

from odoo.addons.crm_service_base.tests.common import ServiceCommon

QUARTER_END = date(2026, 3, 31)


class GradingCommon(ServiceCommon):
    """A standard in force, products with and without cost, orders of the first quarter of 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "UTC"
        for letter in "abc":
            grade = cls.env.ref(f"crm_service_base.customer_grade_{letter}")
            setattr(cls, f"grade_{letter}", grade)
        cls.topic = cls.env.ref("crm_grading.topic_prospects")
        cls.product, cls.uncosted, cls.service = cls.env["product.product"].create(
            [
                {"name": "Battery", "type": "consu", "standard_price": 60, "taxes_id": False},
                {"name": "Cable", "type": "consu", "taxes_id": False},
                {"name": "Installation", "type": "service", "taxes_id": False},
            ]
        )
        cls.env["crm.grading.standard"].search([("state", "=", "approved")]).state = "draft"

    @classmethod
    def _standard(cls, items=None, user=None, **values):
        """A draft: by default order amount 40 (bands), years 60 (linear)."""
        items = items or [
            {
                "name": "Orders",
                "weight": 40,
                "source": "order_amount",
                "band_ids": cls._bands((1, 10), (1000, 20), (5000, 40)),
            },
            {
                "name": "Years",
                "weight": 60,
                "source": "years",
                "scale": "linear",
                "value_full": 10,
            },
        ]
        levels = values.pop("levels", ((cls.grade_a, 75), (cls.grade_b, 50), (cls.grade_c, 0)))
        return (
            cls.env["crm.grading.standard"]
            .with_user(user or cls.supervisor)
            .create(
                {
                    "name": "Test standard",
                    "date_from": "2026-01-01",
                    "criterion_ids": [
                        Command.create({"sequence": number, **item})
                        for number, item in enumerate(items)
                    ],
                    "level_ids": [
                        Command.create({"grade_id": grade.id, "score_from": points})
                        for grade, points in levels
                    ],
                    **values,
                }
            )
        )

    @classmethod
    def _bands(cls, *pairs):
        return [Command.create({"value_from": value, "points": points}) for value, points in pairs]

    @classmethod
    def _approved(cls, items=None, **values):
        """A standard in force, through the doors of supervisor and manager."""
        standard = cls._standard(items, **values)
        standard.action_approval_submit()
        standard.with_user(cls.manager).action_approval_approve()
        return standard.sudo(False).with_env(cls.env)

    @classmethod
    def _run(cls, standard, date_to=QUARTER_END, user=None, **values):
        """A grading that was computed."""
        run = (
            cls.env["crm.grading.run"]
            .with_user(user or cls.supervisor)
            .create({"standard_id": standard.id, "date_to": date_to, **values})
        )
        run.action_compute()
        return run.with_env(cls.env)

    @classmethod
    def _score(cls, run, partner=None):
        return run.score_ids.filtered(lambda s: s.partner_id == (partner or cls.customer))

    @classmethod
    def _line(cls, score, source):
        return score.line_ids.filtered(lambda line: line.criterion_id.source == source)

    @classmethod
    def _order(cls, partner=None, day="2026-02-10", lines=((None, 1, 100),), **values):
        """A confirmed order: lines of (product, quantity, price)."""
        order = cls.env["sale.order"].create(
            {
                "partner_id": (partner or cls.customer).id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": (product or cls.product).id,
                            "product_uom_qty": quantity,
                            "price_unit": price,
                            "tax_ids": False,
                        }
                    )
                    for product, quantity, price in lines
                ],
                **values,
            }
        )
        order.action_confirm()
        order.date_order = datetime.fromisoformat(f"{day} 12:00:00") if len(day) == 10 else day
        return order
