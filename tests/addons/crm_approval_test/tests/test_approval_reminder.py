import contextlib
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestApprovalReminder(ApprovalCommon):
    """Monday 2 March 2026, ten in the morning in Shanghai; eight hours of work a day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.approval.step"].search([("state", "=", "open")]).write(
            {"date_remind": False, "date_escalate": False}
        )
        cls.company.partner_id.tz = "Asia/Shanghai"
        cls.company.write(
            {"crm_quiet_start": 20, "crm_quiet_end": 8, "crm_is_quiet_on_days_off": True}
        )
        if "resource_calendar_id" in cls.company._fields:
            cls.company.resource_calendar_id = cls.env["resource.calendar"].create(
                {
                    "name": "Office",
                    "tz": "Asia/Shanghai",
                    "company_id": cls.company.id,
                    "attendance_ids": [
                        Command.create(
                            {
                                "name": f"{day} {start}",
                                "dayofweek": str(day),
                                "hour_from": start,
                                "hour_to": start + 4,
                                "day_period": "morning" if start < 12 else "afternoon",
                            }
                        )
                        for day in range(5)
                        for start in (8, 13)
                    ],
                }
            )
        cls.boss = cls._new_user("test_boss", "supervisor")
        above = cls.department.copy({"head_id": cls.boss.id, "member_ids": False})
        cls.department.parent_id = above
        cls.route.step_ids.write({"hours_limit": 8, "hours_remind": 4, "hours_repeat": 8})
        cls.route.step_ids.write({"hours_escalate": 16})

    def setUp(self):
        super().setUp()
        self.commits = self._no_commit()
        with freeze_time("2026-03-02 02:00:00"):
            self._submit()
            self.env.flush_all()
        self.step = self.document.approval_step_id

    def _run(self, moment, **kwargs):
        with freeze_time(moment):
            self.env.invalidate_all()
            last = self.env["mail.message"].search([], order="id desc", limit=1).id
            self.env["crm.approval.step"]._cron_follow_up(**kwargs)
            self.env.flush_all()
            return self.env["mail.message"].search(
                [("id", ">", last), ("subject", "ilike", "wait for approval")]
            )

    def _has_calendar(self):
        return "resource_calendar_id" in self.company._fields

    def test_reminded_in_working_time(self):
        if not self._has_calendar():
            self.skipTest("Working hours come with the resource app.")
        # 10:00 and four hours of work without the hour at noon
        self.assertEqual(str(self.step.date_remind), "2026-03-02 07:00:00")
        self.assertEqual(str(self.step.date_deadline), "2026-03-03 02:00:00")
        self.assertEqual(str(self.step.date_escalate), "2026-03-04 02:00:00")
        self.assertFalse(self._run("2026-03-02 06:59:00"))
        [message] = self._run("2026-03-02 07:00:00")
        self.assertEqual(message.partner_ids, self.supervisor.partner_id)
        self.assertIn(self.document.name, message.body)
        self.assertFalse(self._run("2026-03-02 07:30:00"))
        self.assertTrue(self._run("2026-03-03 07:00:00"))
        self.assertEqual(self.step.remind_count, 2)

    def test_leave_of_the_company_is_no_working_time(self):
        if not self._has_calendar():
            self.skipTest("Working hours come with the resource app.")
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.company.resource_calendar_id.id,
                "company_id": self.company.id,
                "date_from": "2026-03-02 16:00:00",
                "date_to": "2026-03-03 16:00:00",
            }
        )
        with freeze_time("2026-03-02 02:00:00"):
            document = self._submit(self._new_document())
        self.assertEqual(str(document.approval_step_id.date_deadline), "2026-03-04 02:00:00")
        document.approval_step_id.date_remind = "2026-03-02 09:00:00"
        self.step.date_remind = False
        self.assertFalse(self._run("2026-03-03 02:00:00"), "no reminder on a holiday")
        self.assertTrue(self._run("2026-03-04 01:00:00"))

    def test_quiet_hours(self):
        self.step.date_remind = "2026-03-02 11:00:00"
        self.step.date_escalate = False
        self.assertFalse(self._run("2026-03-02 12:00:00"), "20:00")
        self.assertFalse(self._run("2026-03-02 23:59:00"), "7:59")
        self.assertTrue(self._run("2026-03-03 00:00:00"), "8:00")

    def test_quiet_minutes(self):
        self.company.crm_quiet_start = 20.5
        self.step.date_remind = "2026-03-02 11:00:00"
        self.step.date_escalate = False
        self.assertFalse(self._run("2026-03-02 12:45:00"), "20:45")
        self.assertTrue(self._run("2026-03-02 12:15:00"), "20:15")

    def test_quiet_for_what_has_no_company(self):
        """The company of the scheduled action's user counts for it."""
        self.step.date_remind = "2026-03-02 11:00:00"
        self.step.date_escalate = False
        self._sql(
            "UPDATE crm_approval_request SET company_id = NULL WHERE id = %s",
            self.step.request_id.id,
        )
        self.assertFalse(self._run("2026-03-02 12:00:00"))
        self.assertTrue(self._run("2026-03-03 00:00:00"))

    def test_leave_of_another_company(self):
        if not self._has_calendar():
            self.skipTest("Working hours come with the resource app.")
        other = self.env["res.company"].create({"name": "Other"})
        leave = self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.company.resource_calendar_id.id,
                "date_from": "2026-03-02 16:00:00",
                "date_to": "2026-03-03 16:00:00",
            }
        )
        self._sql(
            "UPDATE resource_calendar_leaves SET company_id = %s WHERE id = %s", other.id, leave.id
        )
        with freeze_time("2026-03-02 02:00:00"):
            document = self._submit(self._new_document())
        self.assertEqual(str(document.approval_step_id.date_deadline), "2026-03-03 02:00:00")

    def test_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.supervisor.lang = "zh_CN"
        self.step.write({"date_remind": "2026-03-02 03:00:00", "date_escalate": False})
        with freeze_time("2026-03-02 03:00:00"):
            self.env["crm.approval.step"]._cron_follow_up()
        message = self.env["mail.message"].search(
            [("partner_ids", "in", self.supervisor.partner_id.ids)], order="id desc", limit=1
        )
        self.assertRegex(message.subject, "[\u4e00-\u9fff]")

    def test_days_off(self):
        self.step.date_remind = "2026-03-06 11:00:00"
        self.step.date_escalate = False
        self.assertFalse(self._run("2026-03-07 04:00:00"), "Saturday")
        self.assertTrue(self._run("2026-03-09 04:00:00"))
        self.step.date_remind = "2026-03-13 11:00:00"
        self.company.crm_is_quiet_on_days_off = False
        self.assertTrue(self._run("2026-03-14 04:00:00"))

    def test_real_mail_in_the_queue(self):
        self.step.date_remind = "2026-03-02 03:00:00"
        message = self._run("2026-03-03 03:00:00").filtered(
            lambda m: m.partner_ids == self.supervisor.partner_id
        )
        mail = self.env["mail.mail"].search([("mail_message_id", "=", message.id)])
        self.assertEqual(mail.state, "outgoing")
        self.assertEqual(mail.recipient_ids, self.supervisor.partner_id)

    def test_one_message_for_many_documents(self):
        with freeze_time("2026-03-02 02:00:00"):
            other = self._submit(self._new_document())
        steps = self.step + other.approval_step_id
        steps.write({"date_remind": "2026-03-02 03:00:00", "date_escalate": False})
        [message] = self._run("2026-03-02 03:00:00")
        self.assertIn(self.document.name, message.body)
        self.assertIn(other.name, message.body)

    def test_deputy_is_reminded(self):
        self.step.write({"date_remind": "2026-03-02 03:00:00", "date_escalate": False})
        with freeze_time("2026-03-02 02:10:00"):
            self.env["crm.approval.absence"].create(
                {
                    "user_id": self.supervisor.id,
                    "deputy_id": self.manager.id,
                    "date_from": "2026-03-01 00:00:00",
                    "date_to": "2026-03-05 00:00:00",
                    "reason": "Trip",
                }
            )
        message = self._run("2026-03-02 03:00:00")
        self.assertEqual(message.partner_ids, self.manager.partner_id)

    def test_decided_is_not_reminded(self):
        with freeze_time("2026-03-02 02:30:00"):
            self._approve_all()
        self.assertFalse(self._run("2026-03-20 03:00:00"))

    def test_without_limits(self):
        self.route.step_ids.write({"hours_remind": 0, "hours_escalate": 0, "hours_limit": 0})
        with freeze_time("2026-03-02 02:00:00"):
            document = self._submit(self._new_document())
        self.step.write({"date_remind": False, "date_escalate": False})
        self.assertFalse(self._run("2026-06-01 03:00:00"))
        self.assertFalse(document.approval_step_id.is_late)

    def test_killed_in_the_middle(self):
        """Each batch is whole: what was told and what is kept about it go together."""
        with freeze_time("2026-03-02 02:00:00"):
            others = self._submit(self._new_document()) + self._submit(self._new_document())
        steps = self.step + others.approval_step_id
        steps.write({"date_remind": "2026-03-02 03:00:00", "date_escalate": False})
        self._no_commit(stop_after=2)
        # not assertRaises, which would roll back what a kill leaves
        with contextlib.suppress(KeyboardInterrupt):
            self._run("2026-03-02 03:00:00", batch=1)
        self.assertEqual(steps.mapped("remind_count"), [1, 1, 0])
        self._no_commit()
        [message] = self._run("2026-03-02 03:10:00", batch=1)
        self.assertIn(others[1].name, message.body)
        self.assertEqual(steps.mapped("remind_count"), [1, 1, 1])
        self.assertFalse(self._run("2026-03-02 03:20:00"))

    def test_late(self):
        with freeze_time("2026-03-04 03:00:00"):
            self.env.invalidate_all()
            self.assertTrue(self.step.is_late)
        with freeze_time("2026-03-02 02:30:00"):
            self.env.invalidate_all()
            self.assertFalse(self.step.is_late)

    # escalation

    def test_escalated_to_the_head_above(self):
        self.step.date_remind = False
        message = self._run("2026-03-04 02:00:00")
        self.assertEqual(message.partner_ids, self.boss.partner_id)
        self.assertEqual(self.step.pending_user_ids, self.supervisor + self.boss)
        entry = self.document.approval_decision_ids.sorted("sequence")[-1]
        self.assertEqual(entry.kind, "escalate")
        self.assertIn(self.boss.name, entry.comment)
        self.assertIn(self.boss, self.document.activity_ids.user_id)
        self.assertFalse(self._run("2026-03-04 03:00:00"))
        with freeze_time("2026-03-04 04:00:00"):
            self.document.with_user(self.boss).action_approval_approve()
            self.assertEqual(self.document.approval_user_ids, self.director)
            self.assertFalse(self.document._approval_elevate()._approval_faults()[self.document.id])

    def test_escalated_further_up(self):
        """Nobody heads the department above: the one above that is asked."""
        top = self.department.parent_id.copy({"head_id": self.boss.id, "parent_id": False})
        self.department.parent_id.write({"parent_id": top.id, "head_id": False})
        self.step.date_remind = False
        message = self._run("2026-03-04 02:00:00")
        self.assertEqual(message.partner_ids, self.boss.partner_id)

    def test_nothing_is_escalated_from_a_planted_approver(self):
        self.step.date_remind = False
        self._sql(
            "INSERT INTO crm_approval_step_user_rel (step_id, user_id) VALUES (%s, %s)",
            self.step.id,
            self.stranger.id,
        )
        self.assertFalse(self._run("2026-03-04 02:00:00"))
        self.assertNotIn("escalate", self.document.approval_decision_ids.mapped("kind"))
        self.assertNotIn(self.boss, self.step.user_ids)

    def test_escalation_replaces_nobody_who_was_added(self):
        """The named one decided, who was added is waited for: the superior is only told."""
        expert = self._new_user("test_expert", "supervisor")
        with freeze_time("2026-03-02 02:30:00"):
            document = self.document.with_user(self.supervisor)
            document.action_approval_add(expert.ids, "beside", "Needed")
            document.action_approval_approve()
            self.env.flush_all()
        self.step.date_remind = False
        message = self._run("2026-03-04 02:00:00")
        self.assertEqual(message.partner_ids, self.boss.partner_id)
        self.assertEqual(self.step.pending_user_ids, expert)
        self.assertFalse(self.document._approval_elevate()._approval_faults()[self.document.id])

    def test_escalated_to_the_fallback_group(self):
        self.department.parent_id = False
        self.step.date_remind = False
        message = self._run("2026-03-04 02:00:00")
        self.assertEqual(message.partner_ids, self.manager.partner_id)
        self.assertIn(self.manager, self.step.pending_user_ids)

    def test_escalation_replaces_nobody_where_all_are_needed(self):
        second = self._new_user("test_second", "supervisor")
        self.route.step_ids[0].write(
            {
                "approver_kind": "users",
                "user_ids": [Command.set((self.supervisor + second).ids)],
                "mode": "all",
            }
        )
        with freeze_time("2026-03-02 02:00:00"):
            document = self._submit(self._new_document())
        self.step.write({"date_remind": False, "date_escalate": False})
        step = document.approval_step_id
        step.date_remind = False
        message = self._run("2026-03-04 02:00:00")
        self.assertEqual(message.partner_ids, self.boss.partner_id)
        self.assertEqual(step.user_ids, self.supervisor + second)
        self.assertEqual(document.approval_decision_ids.sorted("sequence")[-1].kind, "escalate")
        self.assertFalse(document._approval_elevate()._approval_faults()[document.id])

    def test_author_is_no_superior(self):
        self.department.parent_id.head_id = self.specialist
        self.step.date_remind = False
        message = self._run("2026-03-04 02:00:00")
        self.assertEqual(message.partner_ids, self.manager.partner_id)
        self.assertNotIn(self.specialist, self.step.user_ids)

    def test_reopened_step_counts_anew(self):
        self.step.date_remind = False
        self._run("2026-03-04 02:00:00")
        with freeze_time("2026-03-04 03:00:00"):
            self.document.with_user(self.supervisor).action_approval_approve()
            self.document.with_user(self.director).action_approval_send_back(self.step.id, "x")
            self.env.flush_all()
        self.assertFalse(self.step.is_escalated)
        self.assertGreater(self.step.date_escalate, fields.Datetime.to_datetime("2026-03-04"))
        self.assertLess(self.step.date_escalate - self.step.date_opened, timedelta(days=4))
