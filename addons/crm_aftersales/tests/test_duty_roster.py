import doctest
from datetime import date

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from odoo.addons.crm_service_base.tests.common import requirement

from ..tools import duty_cover
from .clock_common import ClockCommon

PIXEL = (
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5E"
    b"rkJggg=="
)


@tagged("post_install", "-at_install")
@requirement("C3.R12")
class TestDutyRoster(ClockCommon):
    """Planned out of the calendar, approved, announced, swapped, checked, handed over."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls._new_user("test_worker", "specialist")
        cls.third = cls._new_user("test_zhang", "specialist")
        cls.team.member_ids = cls.specialist | cls.colleague
        cls.holidays = cls.env["crm.service.calendar.day"].create(
            [
                {"date": date(2031, 5, day), "name": "Labour Day", "company_id": cls.company.id}
                for day in (1, 2)  # a Thursday and a Friday: the weekend follows
            ]
        )

    def setUp(self):
        super().setUp()
        frozen = freeze_time(self._utc("2031-04-20 10:00"))
        frozen.start()
        self.addCleanup(frozen.stop)

    def _make_roster(self, users=None, **values):
        users = users or self.specialist | self.colleague
        dialog = Form(self.env["crm.duty.roster.make"].with_user(self.specialist))
        dialog.day_id = self.holidays[0]
        dialog.place = "Office"
        dialog.tasks = "Look at the sites each hour"
        for user in users:
            dialog.user_ids.add(user)
        action = dialog.save().action_make()
        roster = self.env["crm.duty.roster"].with_user(self.specialist).browse(action["res_id"])
        roster.write(values)
        return roster

    def _announce(self, roster=None):
        roster = roster or self._make_roster()
        self._approve(roster)
        self.env.invalidate_all()
        return roster

    def _shift(self, roster, day):
        return roster.shift_ids.sorted("date_start")[day]

    def test_cover_in_plain_python(self):
        outcome = doctest.testmod(duty_cover)
        self.assertTrue(outcome.attempted)
        self.assertFalse(outcome.failed)

    def test_out_of_the_calendar(self):
        roster = self._make_roster()
        self.assertEqual((roster.title, roster.date_from), ("Labour Day", date(2031, 5, 1)))
        self.assertEqual(roster.date_to, date(2031, 5, 4), "with the weekend that follows")
        shifts = roster.shift_ids.sorted("date_start")
        self.assertEqual(
            [shift.user_id for shift in shifts],
            [self.specialist, self.colleague, self.specialist, self.colleague],
        )
        self.assertEqual(shifts[0].deputy_id, self.colleague)
        self.assertEqual(shifts[0].date_start, self._utc("2031-05-01 09:00"))
        self.assertEqual((shifts[0].place, shifts[0].tasks[:4]), ("Office", "Look"))
        self.assertFalse(roster.problems)

    def test_nobody_absent_is_planned(self):
        absence = self.env["crm.approval.absence"].create(
            {
                "user_id": self.colleague.id,
                "deputy_id": self.supervisor.id,
                "date_from": self._utc("2031-05-02 08:00"),
                "date_to": self._utc("2031-05-02 20:00"),
                "reason": "Journey",
            }
        )
        roster = self._make_roster()
        second = self._shift(roster, 1)
        self.assertEqual((second.user_id, second.deputy_id.ids), (self.specialist, []))
        with self.assertRefused(ValidationError, "is absent from"):
            second.user_id = self.colleague
        with self.assertRefused(ValidationError, "is absent from"):
            second.deputy_id = self.colleague
        absence.write({"date_from": self._utc("2031-05-01 08:00")})
        self.env.invalidate_all()
        self.assertIn("is absent on", roster.problems)
        with self.assertRefused(UserError, "is absent on"):
            roster.action_approval_submit()
        # who is on duty, as well as the deputy
        roster.shift_ids.deputy_id = False
        absence.write(
            {"date_from": self._utc("2031-05-03 08:00"), "date_to": self._utc("2031-05-04 20:00")}
        )
        self.env.invalidate_all()
        self.assertIn(self.colleague, roster.shift_ids.duty_user_id)
        self.assertIn("is absent on", roster.problems)

    def test_gaps_and_doubles_are_shown(self):
        roster = self._make_roster()
        self._shift(roster, 0).date_end = self._utc("2031-05-01 15:00")
        self.assertIn("Nobody from", roster.problems)
        with self.assertRefused(UserError, "why nobody is on duty"):
            roster.action_approval_submit()
        roster.note = "The hotline of the manufacturer answers"
        self._shift(roster, 0).copy({"roster_id": roster.id})
        self.assertIn("is planned twice", roster.problems)
        with self.assertRefused(UserError, "planned twice"):
            roster.action_approval_submit()
        roster.shift_ids.sorted("id")[-1].unlink()
        self._announce(roster)
        other = self._make_roster(users=self.specialist | self.third)
        self.assertIn("is planned twice", other.problems, "in another roster")

    def test_announced_when_approved(self):
        roster = self._announce()
        self.assertEqual(roster.date_announced, fields.Datetime.now())
        notices = self.env["mail.message"].search(
            [("model", "=", roster._name), ("message_type", "=", "user_notification")]
        )
        told = notices.notification_ids.res_partner_id
        everybody = self.specialist | self.colleague | self.supervisor
        self.assertLessEqual(everybody.partner_id, told)
        with self.assertRefused(UserError, "locked"):
            self._shift(roster, 0).user_id = self.third
        with self.assertRefused(AccessError, ""):
            roster.action_cancel()
        self.assertTrue(self._shift(roster, 0).with_user(self.plain_user).has_access("read"))

    def test_swap_by_consent_of_both(self):
        roster = self._announce()
        mine, other = self._shift(roster, 0), self._shift(roster, 1)
        swaps = self.env["crm.duty.swap"]
        values = {
            "shift_id": mine.id,
            "to_user_id": self.colleague.id,
            "other_shift_id": other.id,
            "reason": "Wedding",
        }
        with self.assertRefused(AccessError, "own shifts only"):
            swaps.with_user(self.third).create(values)
        with self.assertRefused(UserError, "is the deputy"):
            swaps.with_user(self.specialist).create({**values, "other_shift_id": False})
        mine.sudo().deputy_id = other.sudo().deputy_id = self.supervisor
        swap = swaps.with_user(self.specialist).create({**values, "state": "agreed"})
        self.assertEqual((swap.state, mine.duty_user_id), ("asked", self.specialist))
        for user in (self.specialist, self.third, self.manager):
            with self.assertRefused(AccessError, ""):
                swap.with_user(user).action_agree()
        with self.assertRefused(AccessError, ""):
            swap.with_user(self.colleague).write({"state": "agreed"})
        swap.with_user(self.colleague).action_agree()
        self.assertEqual(mine.duty_user_id, self.colleague)
        self.assertEqual(other.duty_user_id, self.specialist)
        self.assertEqual(mine.user_id, self.specialist, "what was approved stays")
        with self.assertRefused(UserError, "answered already"):
            swap.with_user(self.colleague).action_refuse()
        with self.assertRefused(AccessError, ""):
            mine.write({"swap_user_id": self.third.id})

    def test_a_swap_that_is_refused_or_withdrawn(self):
        roster = self._announce()
        mine = self._shift(roster, 0)
        values = {"shift_id": mine.id, "to_user_id": self.third.id, "reason": "Wedding"}
        swaps = self.env["crm.duty.swap"].with_user(self.specialist)
        refused = swaps.create(values)
        self.assertTrue(refused.is_mine)
        self.assertFalse(refused.is_asked)
        self.assertTrue(refused.with_user(self.third).is_asked)
        with self.assertRefused(AccessError, "Only the two who swap"):
            refused.with_user(self.third).action_withdraw()
        refused.with_user(self.third).action_refuse()
        self.assertEqual((refused.state, refused.date_answered), ("refused", fields.Datetime.now()))
        told = self.env["mail.message"].search([("subject", "=", "Swap of duty refused")])
        self.assertEqual(told.notified_partner_ids, self.specialist.partner_id)
        self.env.invalidate_all()
        self.assertFalse(refused.is_mine or refused.with_user(self.third).is_asked)
        withdrawn = swaps.create(values)
        with self.assertRefused(AccessError, "Only the two who swap"):
            withdrawn.action_refuse()
        withdrawn.action_withdraw()
        self.assertEqual(withdrawn.state, "withdrawn")
        for swap in refused | withdrawn:
            with self.assertRefused(UserError, "answered already"):
                swap.with_user(self.third).action_agree()
        self.assertEqual(mine.duty_user_id, self.specialist)

    def test_who_is_on_duty_now_is_found(self):
        roster, draft = self._announce(), self._make_roster(users=self.third)
        first = self._shift(roster, 0)
        shifts = self.env["crm.duty.shift"]
        own = [("roster_id", "in", (roster | draft).ids)]
        self.assertFalse(shifts.search([*own, ("is_now", "=", True)]))
        with freeze_time(self._utc("2031-05-01 10:00")):
            self.env.invalidate_all()
            self.assertEqual(shifts.search([*own, ("is_now", "=", True)]), first)
            self.assertNotIn(first, shifts.search([*own, ("is_now", "=", False)]))
            self.assertEqual((roster | draft).shift_ids.filtered("is_now"), first)
            self.assertTrue(first.with_user(self.specialist).is_mine)
            self.assertTrue(first.with_user(self.supervisor).is_checker)
            self.assertFalse(first.with_user(self.colleague).is_mine)
            self.assertFalse(first.with_user(self.colleague).is_checker)
        with freeze_time(self._utc("2031-05-05 10:00")):
            self.env.invalidate_all()
            self.assertFalse(shifts.search([*own, ("is_now", "=", True)]))
            rosters = self.env["crm.duty.roster"]
            self.assertIn(roster, rosters.search([("is_over", "=", True)]))
            self.assertNotIn(roster, rosters.search([("is_over", "=", False)]))
            self.assertTrue(roster.is_over)

    def test_no_swap_with_somebody_who_cannot_come(self):
        roster = self._announce()
        self.env["crm.approval.absence"].create(
            {
                "user_id": self.third.id,
                "deputy_id": self.supervisor.id,
                "date_from": self._utc("2031-05-01 08:00"),
                "date_to": self._utc("2031-05-01 20:00"),
                "reason": "Journey",
            }
        )
        values = {"to_user_id": self.third.id, "reason": "Wedding"}
        swaps = self.env["crm.duty.swap"].with_user(self.specialist)
        with self.assertRefused(ValidationError, "is absent from"):
            swaps.create({**values, "shift_id": self._shift(roster, 0).id})
        swap = swaps.create({**values, "shift_id": self._shift(roster, 2).id})
        with (
            freeze_time(self._utc("2031-05-03 10:00")),
            self.assertRefused(UserError, "has begun"),
        ):
            swap.with_user(self.third).action_agree()

    def test_checks_by_a_leader_during_duty(self):
        roster = self._announce()
        shift = self._shift(roster, 0)
        values = {"shift_id": shift.id, "result": "away", "finding": "Locked", "photo": PIXEL}
        checks = self.env["crm.duty.check"]
        with self.assertRefused(UserError, "while the shift is running"):
            checks.with_user(self.supervisor).create(values)
        with freeze_time(self._utc("2031-05-01 10:00")):
            for user in (self.specialist, self.colleague):
                with self.assertRefused(AccessError, "leader"):
                    checks.with_user(user).create(values)
            check = checks.with_user(self.supervisor).create(
                {**values, "user_id": self.manager.id, "date": "2031-01-01 00:00:00"}
            )
        self.assertEqual(check.date, self._utc("2031-05-01 10:00"))
        self.assertEqual(check.user_id, self.supervisor)
        self.assertTrue(check.photo)
        self.assertIn("Locked", roster.message_ids.mapped("body")[0])
        for user in (self.supervisor, self.manager):
            with self.assertRefused(AccessError, ""):
                check.with_user(user).write({"finding": "All well"})
            with self.assertRefused(AccessError, ""):
                check.with_user(user).unlink()

    def test_handed_over_and_taken_over(self):
        roster = self._announce()
        shift = self._shift(roster, 0)
        handovers = self.env["crm.duty.handover"].with_context(default_shift_id=shift.id)
        values = {"shift_id": shift.id, "happened": "Two calls", "left_open": "A server"}
        with freeze_time(self._utc("2031-05-01 18:00")):
            mine = handovers.with_user(self.specialist)
            default = mine.default_get(["shift_id", "to_user_id"])
            self.assertEqual(default["to_user_id"], self.colleague.id)
            with self.assertRefused(AccessError, "on duty hands over"):
                handovers.with_user(self.third).create({**values, "to_user_id": self.manager.id})
            log = mine.create({**values, "to_user_id": self.colleague.id})
            with self.assertRefused(AccessError, "somebody else"):
                log.with_user(self.third).action_receive()
            log.with_user(self.colleague).action_receive()
        self.assertEqual(log.date_received, self._utc("2031-05-01 18:00"))
        with self.assertRefused(AccessError, ""):
            log.with_user(self.specialist).write({"left_open": ""})

    def test_cases_outside_working_hours_go_to_who_is_on_duty(self):
        self._announce()
        arriving = {"subject": "Help", "partner_id": self.customer.id, "team_id": self.team.id}
        cases = self.env["crm.service.case"].with_user(self.env.ref("base.user_root"))
        with freeze_time(self._utc("2031-05-01 10:00")):
            self.assertFalse(cases.create(arriving).user_id, "the team does not want it")
            self.team.is_duty_assigned = True
            self.assertEqual(cases.create(arriving).user_id, self.specialist)
            registered = self._make_case(user=self.colleague)
            self.assertEqual(registered.user_id, self.colleague, "who took the call keeps it")
            self.assertEqual(self.team.duty_shift_id.duty_user_id, self.specialist)
            self.assertIn(self.specialist.name, self.team.duty_text)
            values = registered.sudo()._prepare_portal_values()
            self.assertIn(self.specialist.name, values["contact"]["duty"])
        with freeze_time(self._utc("2031-05-01 20:00")):
            self.assertFalse(cases.create(arriving).user_id, "nobody is on duty")
        with freeze_time(self._utc("2031-05-02 10:00")):
            self.env["crm.service.calendar.day"].search([("date", "=", "2031-05-02")]).unlink()
            self.assertFalse(cases.create(arriving).user_id, "people work that day")

    def test_a_new_case_asks_nobody_who_is_on_duty(self):
        """Warm, whether the team wants it or not: no query more than without (hot path)."""
        self._announce()
        arriving = {"subject": "Help", "partner_id": self.customer.id, "team_id": self.team.id}
        cases = self.env["crm.service.case"].with_user(self.env.ref("base.user_root"))
        with freeze_time(self._utc("2031-05-05 10:00")):  # nobody is on duty
            counts = []
            for wanted in (False, True):
                self.team.is_duty_assigned = wanted
                cases.create(arriving)
                self.env.flush_all()
                before = self.env.cr.sql_log_count
                cases.create(arriving)
                self.env.flush_all()
                counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(counts[0], counts[1])

    def test_cancelled_by_a_supervisor(self):
        roster = self._announce()
        self.team.is_duty_assigned = True
        roster.with_user(self.supervisor).action_cancel()
        with freeze_time(self._utc("2031-05-01 10:00")):
            self.assertFalse(self.team.duty_text)
        with self.assertRefused(UserError, "Only drafts"):
            roster.with_user(self.supervisor).unlink()
