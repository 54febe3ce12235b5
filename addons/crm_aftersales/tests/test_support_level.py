from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .clock_common import ClockCommon


@tagged("post_install", "-at_install")
@requirement("C3.R15")
class TestSupportLevel(ClockCommon):
    """Hotline, remote, on site: each with its own clock, remote only when authorized."""

    def _request(self, at="2026-03-02 09:00", **values):
        with freeze_time(self._utc(at)):
            return self._make_case(kind="request", **values)

    def _authorize(self, case, user=None, **values):
        return (
            self.env["crm.case.authorization"]
            .with_user(user or self.specialist)
            .create(
                {
                    "case_id": case.id,
                    "contact": "Mr Wang, head of IT",
                    "scope": "The server of the dispatch system",
                    "date_until": fields.Datetime.now() + timedelta(hours=8),
                    **values,
                }
            )
        )

    def _move(self, case, level):
        case._move_level(level, "Restarted the terminal", "It does not answer")

    def test_each_level_has_its_clock(self):
        case = self._request()
        self.assertEqual(self._due(case, "level"), self._utc("2026-03-02 11:00"))
        with freeze_time(self._utc("2026-03-02 10:30")):
            self._authorize(case)
            self._move(case, "remote")
        first, second = case.sudo().clock_ids.filtered(lambda c: c.target == "level").sorted("id")
        self.assertEqual((first.state, first.date_met), ("met", self._utc("2026-03-02 10:30")))
        self.assertFalse(first.is_late)
        # four working hours, with the lunch break in between
        self.assertEqual(second.date_deadline, self._utc("2026-03-02 15:30"))
        self.assertFalse(self._clock(case, "arrive"))
        with freeze_time(self._utc("2026-03-02 16:00")):
            self._move(case, "site")
        self.assertTrue(second.is_late, "moved on half an hour after its time")
        self.assertEqual(self._due(case, "arrive"), self._utc("2026-03-03 16:00"))
        order = case.service_order_ids
        found = (order.kind, order.partner_id, order.state)
        self.assertEqual(found, ("repair", self.customer, "draft"))
        self.assertIn("Restarted the terminal", order.note)
        with freeze_time(self._utc("2026-03-03 11:00")):
            order.sudo().write({"state": "departed", "technician_id": self.specialist.id})
            order.with_user(self.specialist).action_arrive()
        self.assertEqual(self._clock(case, "arrive").state, "met")
        with freeze_time(self._utc("2026-03-03 15:00")):
            self._solve(case)
        self.assertEqual(self._clock(case, "level").state, "met")
        levels = case.level_ids.sorted("id")
        self.assertEqual(
            [(entry.level, entry.outcome, entry.hours) for entry in levels],
            [("hotline", "moved", 1.5), ("remote", "moved", 4.5), ("site", "solved", 7.0)],
        )
        self.assertEqual(levels[0].tried, "Restarted the terminal")

    def test_solved_by_the_hotline(self):
        case = self._request()
        with freeze_time(self._utc("2026-03-02 09:30")):
            self._solve(case)
        self.assertEqual(self._clock(case, "level").state, "met")
        entry = case.level_ids
        found = (entry.level, entry.outcome, entry.solved_share)
        self.assertEqual(found, ("hotline", "solved", 100))
        with freeze_time(self._utc("2026-03-02 17:00")):
            case._reopen("It stopped again")
        self.assertEqual(self._due(case, "level"), self._utc("2026-03-03 10:00"))

    def test_share_solved_and_hours_of_each_level(self):
        for level in ("hotline", "remote"):
            case = self._request()
            with freeze_time(self._utc("2026-03-02 10:00")):
                self._authorize(case)
                if level == "remote":
                    self._move(case, "remote")
                self._solve(case)
        groups = self.env["crm.case.level"].formatted_read_group(
            [("company_id", "=", self.company.id)],
            ["level"],
            ["solved_share:avg", "hours:avg", "__count"],
        )
        shares = {group["level"]: group["solved_share:avg"] for group in groups}
        self.assertEqual(shares, {"hotline": 50, "remote": 100})

    def test_remote_needs_the_customers_authorization(self):
        case = self._request()
        with self.assertRefused(UserError, "authorization"):
            self._move(case, "remote")
        entry = self._authorize(case)
        self.assertEqual(case.remote_state, "valid")
        entry.action_revoke()
        self.assertEqual(case.remote_state, "over")
        with self.assertRefused(UserError, "authorization"):
            self._move(case, "remote")
        self.assertIn("revoked the remote access", case.message_ids.mapped("body")[0])
        self._authorize(case, date_until=fields.Datetime.now() + timedelta(hours=1))
        with freeze_time(fields.Datetime.now() + timedelta(hours=2)):
            self.env.invalidate_all()
            with self.assertRefused(UserError, "authorization"):
                self._move(case, "remote")
        self._move(case, "remote")
        self.assertEqual(case.support_level, "remote")

    def test_who_may_connect_is_found_and_told_when_it_ends(self):
        case = self._request()
        entry, other = self._authorize(case), self._authorize(case)
        entries = self.env["crm.case.authorization"]
        valid = [("case_id", "=", case.id), ("is_valid", "=", True)]
        self.assertEqual(entries.search(valid), entry | other)
        entry.with_user(self.manager).action_revoke()
        self.assertEqual(entries.search(valid), other)
        self.assertEqual(entries.search([*valid[:1], ("is_valid", "=", False)]), entry)
        self.assertEqual(entry.revoked_by_id, self.manager)
        told = self.env["mail.message"].search(
            [("message_type", "=", "user_notification"), ("body", "ilike", "disconnect now")]
        )
        self.assertEqual(told.notified_partner_ids, self.specialist.partner_id)
        with freeze_time(fields.Datetime.now() + timedelta(hours=9)):
            self.assertFalse(entries.search(valid))

    def test_an_authorization_stays_as_it_was_given(self):
        entry = self._authorize(self._request(), date_revoked="2026-01-01", user_id=self.manager.id)
        self.assertFalse(entry.date_revoked)
        self.assertEqual(entry.user_id, self.specialist)
        for user in (self.specialist, self.manager):
            mine = entry.with_user(user)
            with self.assertRefused(AccessError, ""):
                mine.write({"scope": "Everything", "date_until": "2099-01-01 00:00:00"})
            with self.assertRefused(AccessError, ""):
                mine.unlink()
        stranger = self._new_user("test_stranger", "specialist")
        with self.assertRefused(AccessError, ""):
            entry.with_user(stranger).action_revoke()
        with self.assertRefused(AccessError, ""):
            self._authorize(entry.case_id, stranger)

    def test_moving_on_says_what_was_tried(self):
        case = self._request()
        for tried, found in (("", "x"), ("x", " ")):
            with self.assertRefused(UserError, "tried"):
                case._move_level("site", tried, found)
        with self.assertRefused(AccessError, ""):
            case.write({"support_level": "site"})
        with self.assertRefused(UserError, "at this level already"):
            self._move(case, "hotline")
        case = self._make_case(kind="praise", support_level="site")
        self.assertEqual(case.support_level, "hotline")
        with self.assertRefused(UserError, "Suggestions and praise"):
            self._move(case, "site")

    def test_one_order_is_enough(self):
        case = self._request()
        self._move(case, "site")
        order = case.service_order_ids
        self._authorize(case)
        self._move(case, "remote")
        self._move(case, "site")
        self.assertEqual(case.service_order_ids, order)
        with self.assertRefused(UserError, "[Cc]ustomer"):
            self._move(self._request(partner_id=False), "site")

    def test_the_dialog(self):
        case = self._request()
        action = case.action_move_level()
        self.assertEqual(action["context"]["default_level"], "remote")
        stranger = self._new_user("test_stranger", "specialist")
        values = {"case_id": case.id, "level": "site", "tried": "x", "found": "y"}
        dialog = self.env["crm.service.case.move"].with_user(stranger).create(values)
        with self.assertRefused(AccessError, ""):
            dialog.action_apply()
        self.env["crm.service.case.move"].with_user(self.specialist).create(values).action_apply()
        self.assertEqual(case.support_level, "site")
        for entry in case.level_ids:
            with self.assertRefused(AccessError, ""):
                entry.with_user(self.manager).write({"found": "nothing"})
