from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement

from .money_common import MoneyCommon


@tagged("post_install", "-at_install")
class TestDeviceReturn(MoneyCommon):
    """返修: to the factory and back (C2.R5)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.factory = cls.env["res.partner"].create({"name": "Factory"})

    def _send(self, unit, days=7):
        unit.write({"factory_id": self.factory.id, "date_expected": self.today + timedelta(days)})
        unit.action_send()
        return unit

    def _history(self):
        lines = self.device.history_ids
        return {line.field: (line.value_before, line.value_after) for line in lines}

    @requirement("C2.R5")
    def test_there_and_back(self):
        self.customer.email = "customer@example.com"
        unit = self._make_return()
        self.assertEqual((unit.plate, unit.terminal_number), ("甘A12345", "T1"))
        self.assertEqual(unit.partner_id, self.customer)
        with self.assertRefused(UserError, "Name the factory"):
            unit.action_send()
        self._send(unit)
        self.assertEqual((unit.state, self.device.state), ("sent", "factory"))
        with self.assertRefused(UserError, "what the factory did"):
            unit.action_back()
        unit.result = "replaced"
        with self.assertRefused(UserError, "new terminal"):
            unit.action_back()
        unit.write({"new_terminal_number": "T2", "result_note": "New main board"})
        unit.action_back()
        self.assertEqual((unit.state, self.device.terminal_number), ("back", "T2"))
        self.assertEqual(self._history()["terminal_number"], ("T1", "T2"))
        mail = unit.sudo().message_ids.filtered(lambda m: "New main board" in (m.body or ""))
        self.assertIn("T2", mail.body)
        self.assertIn(self.customer, mail.partner_ids)
        self.assertEqual(set(self.device.history_ids.mapped("source")), {unit.name})
        with self.assertRefused(UserError, "who took"):
            unit.action_deliver()
        unit.delivered_to = "Mr Wang"
        unit.action_deliver()
        self.assertEqual((unit.state, self.device.state), ("delivered", "use"))
        with self.assertRefused(UserError, "cannot be done"):
            unit.delivered_to = "Somebody else"

    @requirement("C2.R5")
    def test_customer_without_address_is_rung_up(self):
        self.customer.email = False
        unit = self._send(self._make_return())
        unit.result = "repaired"
        unit.action_back()
        self.assertEqual(unit.sudo().activity_ids.user_id, self.specialist)
        self.assertEqual(self.device.terminal_number, "T1")

    @requirement("C2.R5")
    def test_beyond_repair(self):
        unit = self._send(self._make_return())
        unit.result = "beyond"
        unit.action_back()
        unit.delivered_to = "Mr Wang"
        unit.action_deliver()
        self.assertEqual(self.device.state, "scrapped")

    @requirement("C2.R5")
    def test_one_return_a_device(self):
        unit = self._make_return()
        with mute_logger("odoo.sql_db"), self.assertRefused(Exception, "already|duplicate"):
            self._make_return()
        unit._cancel("Repaired on site")
        self.env.flush_all()
        self._make_return()

    @requirement("C2.R5")
    def test_cancelled_at_the_factory(self):
        unit = self._send(self._make_return())
        with self.assertRefused(UserError, "Write it in words"):
            unit._cancel("")
        unit._cancel("Came back untouched")
        self.assertEqual((unit.state, self.device.state), ("cancelled", "use"))

    @requirement("C2.R5")
    def test_overdue_is_told_once(self):
        self.patch(self.env.registry["ir.cron"], "_commit_progress", lambda *args, **kw: 60.0)
        unit = self._send(self._make_return(), days=-1)
        self._send(self._make_return(device_id=self.device.copy({"name": "GPS-2"}).id), days=1)
        units = self.env["crm.device.return"]
        self.assertEqual(units.search([("is_overdue", "=", True)]), unit)
        waiting = self._make_return(device_id=self.device.copy({"name": "GPS-3"}).id)
        self.assertIn(waiting, units.search([("is_overdue", "=", False)]), "without a date")
        self.assertTrue(unit.is_overdue)
        self.assertFalse(waiting.is_overdue)
        units._cron_report_overdue()
        units._cron_report_overdue()
        message = self.env["mail.message"].search([("subject", "ilike", "Overdue at the factory")])
        self.assertEqual(len(message), 1)
        self.assertEqual(
            message.partner_ids, self.specialist.partner_id | self.supervisor.partner_id
        )
        unit.date_expected = self.today - timedelta(days=2)
        units._cron_report_overdue()
        self.assertEqual(
            self.env["mail.message"].search_count([("subject", "ilike", "Overdue at the")]), 2
        )
        unit.result = "repaired"
        unit.action_back()
        self.assertFalse(unit.is_overdue, "it is back")
        self.assertNotIn(unit, units.search([("is_overdue", "=", True)]))

    @requirement("C2.R5")
    def test_nobody_jumps(self):
        unit = self._make_return()
        other = unit.with_user(self.outsider)
        for attack in (
            lambda: unit.write({"state": "back"}),
            lambda: unit.write({"date_back": "2026-01-01 00:00:00"}),
            lambda: unit.action_back(),
            lambda: unit.action_deliver(),
            lambda: other.write({"symptom": "x"}),
            lambda: other.action_send(),
            lambda: other._cancel("x"),
            lambda: unit.with_user(self.manager).unlink(),
            lambda: unit.with_user(self.plain_user).action_print_label(),
        ):
            with self.assertRefused((AccessError, UserError), ""):
                attack()
        self._send(unit)
        with self.assertRefused(UserError, "cannot be done"):
            unit.symptom = "Other than on the label"

    @requirement("C2.R5")
    def test_company(self):
        unit = self._make_return()
        company = self.env["res.company"].create({"name": "Other"})
        self.env.cr.execute(
            "UPDATE crm_device_return SET company_id = %s WHERE id = %s", [company.id, unit.id]
        )
        self.env.invalidate_all()
        self.assertNotIn(unit, unit.search([]))

    def test_from_device_and_case(self):
        case = self._make_case()
        unit = self._make_return(case_id=case.id)
        self.assertEqual((self.device.return_count, case.return_count), (1, 1))
        action = self.device.with_user(self.specialist).action_open_returns()
        self.assertEqual(unit.search(action["domain"]), unit)
        self.assertEqual(unit.search(case.action_open_returns()["domain"]), unit)
