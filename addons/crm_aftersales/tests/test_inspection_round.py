from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .common import CaseCommon


@tagged("post_install", "-at_install")
@requirement("C3.R14")
class TestInspectionRound(CaseCommon):
    """Planned by rule, approved, made into orders, findings remedied."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env["product.product"].create(
            {"name": "GPS terminal", "crm_warranty_months": 24}
        )
        cls.old, cls.ending, cls.new = cls.env["crm.device"].create(
            [
                {
                    "name": name,
                    "product_id": cls.product.id,
                    "partner_id": cls.customer.id,
                    "company_id": cls.company.id,
                    "date_sold": day,
                    "date_installed": day,
                }
                for name, day in (
                    ("OLD-1", date(2027, 1, 5)),
                    ("END-1", date(2029, 1, 20)),
                    ("NEW-1", date(2030, 12, 1)),
                )
            ]
        )

    @classmethod
    def _make_round(cls, **values):
        return (
            cls.env["crm.inspection.round"]
            .with_user(cls.specialist)
            .create(
                {
                    "title": "First quarter",
                    "date_from": "2031-01-01",
                    "is_key": False,
                    "note": "Antenna, wiring, signal",
                    **values,
                }
            )
        )

    @classmethod
    def _approved(cls, **values):
        inspection = cls._make_round(warranty_days=60, device_age_months=36, **values)
        inspection.action_propose()
        cls._approve(inspection)
        cls.env.invalidate_all()
        return inspection

    def test_periods(self):
        inspection = self._make_round()
        self.assertEqual(inspection.date_to, date(2031, 3, 31))
        inspection.period = "half_year"
        self.assertEqual(inspection.date_to, date(2031, 6, 30))

    def test_proposed_by_rule(self):
        inspection = self._make_round(
            warranty_days=60,
            device_age_months=36,
            member_ids=[Command.set((self.specialist | self.supervisor).ids)],
        )
        inspection.action_propose()
        lines = inspection.line_ids.sorted("id")
        self.assertEqual(lines.device_id, self.ending | self.old)
        self.assertNotIn(self.new, lines.device_id)
        self.assertIn("60 days", lines[0].reason)
        self.assertIn("36 months", lines[1].reason)
        self.assertEqual(set(lines.user_id), {self.specialist, self.supervisor})
        self.assertTrue(all(line.date_due.weekday() < 5 for line in lines), "on working days")
        inspection.action_propose()
        self.assertEqual(len(inspection.line_ids), 2, "nothing twice")
        self.old.state = "scrapped"
        other = self._make_round(device_age_months=36)
        other.action_propose()
        self.assertFalse(other.line_ids)
        with self.assertRefused(UserError, "at least one rule"):
            self._make_round().action_propose()
        with self.assertRefused(UserError, "people who inspect"):
            self._make_round(is_key=True, member_ids=False).action_propose()

    def test_days_off_are_left_out(self):
        """29 and 30 March 2031 are a weekend: the last line is due on the Friday."""
        inspection = self._make_round(
            warranty_days=60, date_from=date(2031, 1, 1), period="quarter"
        )
        inspection.date_to = date(2031, 3, 30)
        inspection.action_propose()
        self.assertEqual(inspection.line_ids.mapped("date_due"), [date(2031, 3, 28)])

    def test_no_device_of_another_company(self):
        self.old.company_id = self.env["res.company"].create({"name": "Other"})
        line = {
            "partner_id": self.customer.id,
            "device_id": self.old.id,
            "date_due": date(2031, 2, 3),
        }
        with self.assertRefused(ValidationError, "another company"):
            self._make_round().sudo().write({"line_ids": [Command.create(line)]})

    def test_the_inspectors_hear_of_an_approved_round(self):
        inspection = self._approved()
        told = self.env["mail.message"].search(
            [
                ("model", "=", inspection._name),
                ("res_id", "=", inspection.id),
                ("subject", "ilike", "To inspect"),
            ]
        )
        self.assertEqual(told.partner_ids, inspection.line_ids.user_id.partner_id)

    def test_nothing_is_done_before_the_approval(self):
        inspection = self._make_round(warranty_days=60, device_age_months=36)
        inspection.action_propose()
        line = inspection.line_ids[0]
        line.result = "good"
        for step in (inspection.action_make_orders, inspection.action_done, line.action_done):
            with self.assertRefused(UserError, "not in progress"):
                step()
        self._approve(inspection)
        line.action_done()
        with self.assertRefused(UserError, "inspected already"):
            line.action_done()
        inspection.action_make_orders()
        self.assertFalse(line.order_id, "it was inspected without one")

    def test_key_customers(self):
        self.customer.with_company(self.company).crm_customer_class = "key"
        inspection = self._make_round(is_key=True)
        inspection.action_propose()
        self.assertIn(self.customer, inspection.line_ids.partner_id)
        self.assertNotIn(self.other_customer, inspection.line_ids.partner_id)

    def test_devices_of_another_company_stay_there(self):
        company = self.env["res.company"].create({"name": "Other"})
        self.old.company_id = company
        inspection = self._make_round(device_age_months=36)
        inspection.sudo().action_propose()
        self.assertNotIn(self.old, inspection.line_ids.device_id)

    def test_orders_finish_the_lines(self):
        inspection = self._approved()
        inspection.action_make_orders()
        line, other = inspection.line_ids.sorted("id")
        order = line.order_id
        self.assertEqual((order.kind, order.technician_id), ("inspection", self.specialist))
        self.assertEqual((order.device_id, order.note), (self.ending, "Antenna, wiring, signal"))
        with self.assertRefused(UserError, "Every line has its order"):
            inspection.action_make_orders()
        other.order_id.sudo().state = "cancelled"
        inspection.action_make_orders()
        self.assertEqual(other.order_id.state, "draft", "a new one for the one that was cancelled")
        order.sudo().write({"handling": "Antenna tightened", "state": "arrived"})
        order.with_user(self.specialist).action_finish()
        self.assertEqual((line.result, line.report), ("good", "Antenna tightened"))
        self.assertEqual(line.done_by_id, self.specialist)
        self.assertEqual((inspection.done_count, inspection.progress), (1, 50))
        with self.assertRefused(UserError, "write into the conclusion"):
            inspection.action_done()
        with self.assertRefused(UserError, "whether"):
            other.action_done()
        inspection.conclusion = "The customer sold the lorry"
        inspection.action_done()
        self.assertEqual(inspection.state, "done")

    def test_findings_with_remedy_and_term(self):
        inspection = self._approved()
        line = inspection.line_ids[0]
        line.result = "problem"
        with self.assertRefused(UserError, "what was found"):
            line.action_done()
        finding = (
            self.env["crm.inspection.finding"]
            .with_user(self.specialist)
            .create(
                {
                    "line_id": line.id,
                    "finding": "Cable worn",
                    "name": "New cable",
                    "user_id": self.supervisor.id,
                    "date_due": self.today + timedelta(days=5),
                }
            )
        )
        todo = inspection.sudo().activity_ids.filtered(lambda a: a.summary == "New cable")
        self.assertEqual((todo.user_id, todo.date_deadline), (self.supervisor, finding.date_due))
        line.action_done()
        self.assertEqual(inspection.finding_open_count, 1)
        other = self._make_round(
            line_ids=[
                Command.create({"partner_id": self.customer.id, "date_due": date(2031, 2, 3)})
            ]
        )
        findings = self.env["crm.inspection.finding"]
        for record, expected in (
            (inspection, finding),
            (line, finding),
            (other, findings),
            (inspection.line_ids[1], findings),
        ):
            domain = record.action_open_findings()["domain"]
            self.assertEqual(findings.search(domain), expected)
        with self.assertRefused(UserError, "stays as it was"):
            line.write({"result": "good"})
        finding.with_user(self.supervisor).action_done()
        finding.effect_note = "Measured again"
        finding.action_effective()
        self.assertEqual(finding.effect, "effective")

    def test_locked_once_submitted(self):
        inspection = self._approved()
        for change in ({"note": "x"}, {"line_ids": [Command.clear()]}):
            with self.assertRefused(UserError, "locked"):
                inspection.write(change)
        with self.assertRefused(AccessError, ""):
            inspection.line_ids[0].write({"date_done": "2031-01-02 00:00:00"})
        with self.assertRefused(UserError, "nothing to inspect"):
            self._make_round().action_approval_submit()
        with self.assertRefused(ValidationError, "outside the period"):
            self._make_round().write(
                {
                    "line_ids": [
                        Command.create(
                            {"partner_id": self.customer.id, "date_due": date(2032, 1, 1)}
                        )
                    ]
                }
            )

    def test_cancelled(self):
        draft = self._make_round()
        draft.action_cancel()
        self.assertEqual(draft.state, "cancelled")
        with self.assertRefused(UserError, "with the approver, or ended"):
            draft.action_cancel()
        inspection = self._approved()
        with self.assertRefused(AccessError, "Only a supervisor"):
            inspection.action_cancel()
        with self.assertRefused(UserError, "cancel this round instead"):
            inspection.sudo().unlink()
        inspection.with_user(self.supervisor).action_cancel()
        self.assertEqual(inspection.state, "cancelled")
        waiting = self._make_round(warranty_days=60, device_age_months=36)
        waiting.action_propose()
        waiting.action_approval_submit()
        with self.assertRefused(UserError, "with the approver, or ended"):
            waiting.with_user(self.supervisor).action_cancel()

    def test_what_is_late_is_found(self):
        inspection, draft = self._approved(), self._make_round(device_age_months=36)
        draft.action_propose()
        first, second = inspection.line_ids.sorted("date_due")
        lines = self.env["crm.inspection.line"]
        own = [("round_id", "in", (inspection | draft).ids)]
        with freeze_time(first.date_due + timedelta(days=1)):
            self.env.invalidate_all()
            self.assertEqual(lines.search([*own, ("is_overdue", "=", True)]), first)
            self.assertIn(second, lines.search([*own, ("is_overdue", "=", False)]))
            self.assertTrue(first.is_overdue)
            self.assertFalse(second.is_overdue or any(draft.line_ids.mapped("is_overdue")))
            first.result = "good"
            first.action_done()
            self.assertFalse(first.is_overdue)
            self.assertFalse(lines.search([*own, ("is_overdue", "=", True)]))

    def test_devices_of_other_products_stay_out(self):
        other = self.env["product.product"].create({"name": "Camera"})
        inspection = self._make_round(device_age_months=36, product_ids=[Command.set(other.ids)])
        inspection.action_propose()
        self.assertFalse(inspection.line_ids)
        inspection.product_ids = self.product
        inspection.action_propose()
        self.assertEqual(inspection.line_ids.device_id, self.old)

    def test_an_inspector_without_role(self):
        """A plain technician reads and fills in the own lines, and nothing else."""
        inspection = self._make_round(
            line_ids=[
                Command.create(
                    {
                        "partner_id": self.customer.id,
                        "date_due": date(2031, 2, 3),
                        "user_id": user.id,
                    }
                )
                for user in (self.plain_user, self.specialist)
            ]
        )
        mine, other = inspection.line_ids
        self._approve(inspection)
        plain = mine.with_user(self.plain_user)
        plain.write({"result": "good", "report": "All well"})
        plain.action_done()
        self.assertTrue(mine.date_done)
        with self.assertRefused(AccessError, ""):
            other.with_user(self.plain_user).write({"result": "good"})
        with self.assertRefused(AccessError, ""):
            inspection.with_user(self.plain_user).write({"conclusion": "x"})
