from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.crm_service_base.tests.common import requirement

from .clock_common import ClockCommon


class Killed(BaseException):
    """The process ends here."""


@tagged("post_install", "-at_install")
@requirement("E2.R6")
class TestClockEscalation(ClockCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        policies = cls.env["crm.deadline.policy"].search([])
        policies.active = False
        cls.policy = cls.env["crm.deadline.policy"].create(
            {
                "name": "Four hours",
                "target": "solve",
                "amount": 4,
                "unit": "hour",
                "step_ids": [
                    (0, 0, {"when": "before", "minutes": 60, "role": "owner", "is_quiet": True}),
                    (0, 0, {"minutes": 0, "role": "leader", "is_quiet": False}),
                    (0, 0, {"minutes": 120, "role": "general_manager", "is_quiet": False}),
                ],
            }
        )
        cls.before, cls.due, cls.after = cls.policy.step_ids._in_order()

    def setUp(self):
        super().setUp()
        self.commits, self.kill_at, self.saved = 0, None, None

    def _commit(self, *_args, **_kwargs):
        """What was done so far is kept, as after a commit."""
        self.env.flush_all()
        self.saved = self.env.cr.savepoint(flush=False)
        self.commits += 1
        if self.commits == self.kill_at:
            raise Killed
        return 60

    def _run(self, text, batch=1000):
        with freeze_time(self._utc(text)):
            self.env["crm.deadline.clock"]._cron_escalate(batch)
        self.env.invalidate_all()

    def _open(self, count=1, text="2026-03-02 10:00", **values):
        with freeze_time(self._utc(text)):
            cases = self.env["crm.service.case"]
            for _number in range(count):
                cases |= self._make_case(date_opened=self._utc(text), **values)
        self.env.flush_all()
        return cases

    def _told(self, cases):
        """How often each step was told of each case."""
        logs = self.env["crm.deadline.escalation"].search([("clock_id.case_id", "in", cases.ids)])
        return sorted((log.clock_id.case_id.id, log.step_id.id) for log in logs)

    def _messages(self, user):
        return self.env["mail.message"].search(
            [("partner_ids", "in", user.partner_id.ids), ("subject", "like", "deadlines need")]
        )

    def test_step_by_step(self):
        case = self._open()
        self._run("2026-03-02 12:30")
        self.assertFalse(self._told(case))
        self._run("2026-03-02 13:05")
        self.assertEqual(self._told(case), [(case.id, self.before.id)])
        self.assertEqual(len(self._messages(self.specialist)), 1)
        self._run("2026-03-02 13:10")
        self.assertEqual(len(self._messages(self.specialist)), 1, "once")
        self._run("2026-03-02 14:00")
        self.assertEqual(len(self._messages(self.supervisor)), 1, "the leader")
        self._run("2026-03-02 16:01")
        self.assertEqual(len(self._messages(self.general_manager)), 1)
        self._run("2026-03-03 16:01")
        self.assertEqual(len(self._told(case)), 3)
        self.assertFalse(case.sudo().clock_ids.date_next_step)

    def test_one_message_for_many_cases(self):
        cases = self._open(50)
        self._run("2026-03-02 13:05")
        message = self._messages(self.specialist)
        self.assertEqual(len(message), 1)
        self.assertIn("50 deadlines", message.subject)
        self.assertIn(cases[0].name, message.body)
        self.assertIn("10", message.body.split("and ")[-1])

    def test_quiet_hours(self):
        case = self._open(text="2026-03-02 18:00")
        self._run("2026-03-02 21:30")
        self.assertFalse(self._told(case), "it waits for the morning")
        self._run("2026-03-03 08:05")
        self.assertEqual(len(self._told(case)), 3, "late as it is, all is told")
        urgent = self._open(text="2026-03-03 18:00")
        urgent.sudo().clock_ids.next_step_id.is_quiet = False
        self.env["crm.deadline.clock"]._cron_refresh()
        self._run("2026-03-03 21:30")
        self.assertEqual(self._told(urgent), [(urgent.id, self.before.id)])

    def test_nobody_in_the_role(self):
        case = self._open(user_id=False)
        self._run("2026-03-02 13:05")
        self.assertEqual(len(self._messages(self.supervisor)), 1, "the leader of the team")
        self.assertEqual(case.sudo().clock_ids.escalation_ids.told_to, self.supervisor.name)

    def test_what_is_done_is_not_told(self):
        case = self._open()
        with freeze_time(self._utc("2026-03-02 12:00")):
            self._solve(case)
        self._run("2026-03-02 18:00")
        self.assertFalse(self._told(case))

    def test_what_is_archived_is_told_to_nobody(self):
        case, other = self._open(2)
        case.sudo().active = False
        self._run("2026-03-02 14:00")
        self.assertFalse(self._told(case))
        self.assertTrue(self._told(other))
        self.env["crm.deadline.clock"]._mark_stale(SQL("TRUE"))
        self.env["crm.deadline.clock"]._cron_refresh()
        self._run("2026-03-02 14:30")
        self.assertFalse(self._told(case))
        case.sudo().active = True
        self._run("2026-03-02 15:00")
        self.assertTrue(self._told(case), "back on the board, it is told")

    def test_reopened_starts_the_ladder_again(self):
        case = self._open()
        self._run("2026-03-02 14:05")
        self.assertEqual(len(self._told(case)), 2)
        with freeze_time(self._utc("2026-03-02 14:10")):
            self._solve(case)
            case._reopen("Hot again")
        self._run("2026-03-02 14:15")
        self.assertEqual(len(self._told(case)), 4)

    def test_changed_ladder(self):
        case = self._open()
        self._run("2026-03-02 13:05")
        self.policy.step_ids = [(0, 0, {"minutes": 30, "role": "head"})]
        self.due.unlink()
        self.env["crm.deadline.clock"]._cron_refresh()
        clock = case.sudo().clock_ids
        self.assertEqual(clock.date_next_step, self._utc("2026-03-02 14:30"))
        self.before.unlink()
        self.assertFalse(self.before.active, "what was told stays in the log")

    def test_killed_anywhere_and_run_again(self):
        """Whatever was being done: nothing is told twice, nothing is left out."""
        cases = self._open(7)
        clocks = type(self.env["crm.deadline.clock"])
        wanted = sorted((case.id, step.id) for case in cases for step in (self.before, self.due))
        for point in ("_take_due", "_log_steps", "_send_escalation", 2, 3, 4):
            with self.subTest(point=point), self.env.cr.savepoint() as outer:
                self._run_killed(clocks, point)
                self._run("2026-03-02 14:05", batch=3)
                self.assertEqual(self._told(cases), wanted)
                for user in (self.specialist, self.supervisor):
                    told = [int(m.subject.split()[0]) for m in self._messages(user)]
                    self.assertEqual(sum(told), 7, (point, user.login))
                outer.rollback()
            self.env.invalidate_all()

    def _run_killed(self, clocks, point):
        """A run that ends at a step of its second batch, or right after a commit."""
        self.commits, self.kill_at = 0, point if isinstance(point, int) else None
        self.saved = self.env.cr.savepoint(flush=False)
        calls = []

        def stop(*args, **kwargs):
            calls.append(point)
            if len(calls) == 2:
                raise Killed
            return original(*args, **kwargs)

        name = "_log_steps" if isinstance(point, int) else point
        original = getattr(self.env["crm.deadline.clock"], name)
        patcher = patch.object(clocks, name, side_effect=None if isinstance(point, int) else stop)
        try:
            if isinstance(point, int):
                self._run("2026-03-02 14:05", batch=3)
            else:
                with patcher:
                    self._run("2026-03-02 14:05", batch=3)
        except Killed:
            self.saved.rollback()
            self.env.invalidate_all()
        else:
            self.fail("it was not killed")
        finally:
            self.kill_at = None
