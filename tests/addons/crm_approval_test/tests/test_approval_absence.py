from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestApprovalAbsence(ApprovalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deputy = cls._new_user("test_deputy", "supervisor")
        cls.third = cls._new_user("test_third", "supervisor")

    def _absent(self, user, deputy, by=None, start=0, days=3, **values):
        now = fields.Datetime.now()
        return (
            self.env["crm.approval.absence"]
            .with_user(by or user)
            .create(
                {
                    "user_id": user.id,
                    "deputy_id": deputy.id,
                    "date_from": now + timedelta(days=start),
                    "date_to": now + timedelta(days=start + days),
                    "reason": "Business trip",
                    **values,
                }
            )
            .with_user(self.env.user)
        )

    def _assert_whole(self, document=None):
        document = document or self.document
        self.assertFalse(document._approval_elevate()._approval_faults()[document.id])

    def test_deputy_decides_in_the_name_of(self):
        self._submit()
        self.assertFalse(self.document.with_user(self.deputy).is_approver)
        self._absent(self.supervisor, self.deputy)
        document = self.document.with_user(self.deputy)
        self.assertTrue(document.is_approver)
        self.assertEqual(document.search([("is_approver", "=", True)]), document)
        document.action_approval_approve("Fine")
        self.assertEqual(self.document.approval_user_ids, self.director)
        entry = self.document.approval_decision_ids.sorted("sequence")[-1]
        self.assertEqual((entry.user_id, entry.on_behalf_id), (self.deputy, self.supervisor))
        self.document.with_user(self.director).action_approval_approve()
        box = self.document._approval_signatures()[1]
        self.assertEqual(box["name"], f"{self.deputy.name} for {self.supervisor.name}")
        self._assert_whole()

    def test_absent_person_still_may(self):
        self._submit()
        self._absent(self.supervisor, self.deputy)
        self.document.with_user(self.supervisor).action_approval_approve()
        entry = self.document.approval_decision_ids.sorted("sequence")[-1]
        self.assertFalse(entry.on_behalf_id)
        self.assertEqual(self.document.approval_user_ids, self.director)

    def test_period(self):
        self._submit()
        with freeze_time("2026-03-02 01:00:00"):
            self._absent(self.supervisor, self.deputy, start=1, days=2)
        for moment, may in (
            ("2026-03-02 12:00:00", False),
            ("2026-03-03 01:00:00", True),
            ("2026-03-05 00:59:59", True),
            ("2026-03-05 01:00:00", False),
        ):
            with freeze_time(moment), self.subTest(moment=moment):
                self.env.invalidate_all()
                document = self.document.with_user(self.deputy)
                self.assertEqual(document.is_approver, may)
                self.assertEqual(bool(document.search([("is_approver", "=", True)])), may)
                if not may:
                    with self.assertRaises(AccessError):
                        document.action_approval_approve()

    def test_ended_early(self):
        self._submit()
        absence = self._absent(self.supervisor, self.deputy)
        absence.with_user(self.supervisor).action_end()
        self.assertEqual(absence.state, "over")
        with self.assertRaises(AccessError):
            self.document.with_user(self.deputy).action_approval_approve()

    def test_ending_does_not_spoil_the_evidence(self):
        self._submit()
        absence = self._absent(self.supervisor, self.deputy)
        self.document.with_user(self.deputy).action_approval_approve()
        absence.with_user(self.supervisor).action_end()
        self._assert_whole()

    def test_chain(self):
        self._submit()
        self._absent(self.supervisor, self.deputy)
        self._absent(self.deputy, self.third)
        self.document.with_user(self.third).action_approval_approve()
        entry = self.document.approval_decision_ids.sorted("sequence")[-1]
        self.assertEqual((entry.user_id, entry.on_behalf_id), (self.third, self.supervisor))
        self._assert_whole()

    def test_circle_ends(self):
        self._absent(self.supervisor, self.deputy)
        self._absent(self.deputy, self.third)
        self._absent(self.third, self.supervisor)
        chain = self.env["crm.approval.absence"]._get_stand_ins(self.supervisor, self.company)
        self.assertEqual(chain, self.deputy + self.third)
        self._absent(self.director, self.manager)
        self._absent(self.manager, self.director)
        chain = self.env["crm.approval.absence"]._get_stand_ins(self.director, self.company)
        self.assertEqual(chain, self.manager)

    def test_never_the_own_document(self):
        """Neither who wrote it nor who submitted it decides about it as a deputy."""
        self._submit()
        self._absent(self.supervisor, self.specialist)
        self.assertFalse(self.document.with_user(self.specialist).is_approver)
        with self.assertRaises(AccessError):
            self.document.with_user(self.specialist).action_approval_approve()
        document = self._submit(self._new_document(), self.deputy)
        absence = self._absent(self.director, self.deputy)
        document.with_user(self.supervisor).action_approval_approve()
        with self.assertRaises(AccessError):
            document.with_user(self.deputy).action_approval_approve()
        self.assertNotIn(self.deputy, document.approval_step_id.deputy_ids)
        self.assertTrue(absence)

    def test_one_person_one_seat(self):
        """All are needed, two are absent with the same deputy: one of them is still waited for."""
        self.route.step_ids[0].write(
            {
                "approver_kind": "users",
                "user_ids": [Command.set((self.supervisor + self.third).ids)],
                "mode": "all",
            }
        )
        self._submit()
        self._absent(self.supervisor, self.deputy)
        self._absent(self.third, self.deputy)
        document = self.document.with_user(self.deputy)
        document.action_approval_approve()
        self.assertEqual(len(self.document.approval_user_ids), 1)
        self.assertFalse(document.is_approver)
        with self.assertRaises(AccessError):
            document.action_approval_approve()
        self.document.with_user(self.document.approval_user_ids).action_approval_approve()
        self.assertEqual(self.document.approval_user_ids, self.director)
        self._assert_whole()

    def test_whom_the_author_or_requester_names_does_not_decide(self):
        """A chain of deputies ends at who wrote or submitted the document."""
        self._submit()
        self._absent(self.supervisor, self.specialist)
        self._absent(self.specialist, self.third)
        with self.assertRaises(AccessError):
            self.document.with_user(self.third).action_approval_approve()
        document = self._submit(self._new_document(), self.deputy)
        document.with_user(self.supervisor).action_approval_approve()
        self._absent(self.director, self.deputy)
        self._absent(self.deputy, self.third)
        self.assertFalse(document.with_user(self.third).is_approver)
        with self.assertRaises(AccessError):
            document.with_user(self.third).action_approval_approve()

    def test_deputy_who_left_the_company_has_no_seat(self):
        other = self.env["res.company"].create({"name": "Other"})
        self._submit()
        self._absent(self.supervisor, self.deputy)
        step = self.document.approval_step_id
        self.assertEqual(step._get_seat(self.deputy), self.supervisor)
        self.deputy.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        self.assertFalse(step._get_seat(self.deputy))

    def test_own_seat_first(self):
        self.route.step_ids[0].write(
            {
                "approver_kind": "users",
                "user_ids": [Command.set((self.supervisor + self.deputy).ids)],
                "mode": "all",
            }
        )
        self._submit()
        self._absent(self.supervisor, self.deputy)
        document = self.document.with_user(self.deputy)
        document.action_approval_approve()
        self.assertEqual(self.document.approval_user_ids, self.supervisor)
        self.assertFalse(document.is_approver)

    def test_reading_as_deputy(self):
        """Who may read only what they are asked about reads what they decide for somebody."""
        office = self._new_user("test_office", "director")
        self.env.ref("crm_service_base.group_director").user_ids = self.director + office
        self.route.step_ids[1].write(
            {"approver_kind": "users", "user_ids": [Command.set(self.director.ids)]}
        )
        self._submit()
        self.document.with_user(self.supervisor).action_approval_approve()
        self.assertFalse(self.document.with_user(office).has_access("read"))
        bystander = self._new_user("test_bystander", "director")
        absence = self._absent(self.director, office)
        document = self.document.with_user(office)
        self.assertTrue(document.has_access("read"))
        self.assertIn(document, document.search([]))
        self.assertFalse(self.document.with_user(bystander).has_access("read"))
        self.assertNotIn(self.document, self.document.with_user(bystander).search([]))
        document.action_approval_approve()
        self.assertEqual(self.document.state, "approved")
        absence.with_user(self.director).action_end()
        self.env.invalidate_all()
        self.assertTrue(document.has_access("read"), "what they decided they may look up")
        other = self._submit(self._new_document())
        other.with_user(self.supervisor).action_approval_approve()
        self.assertFalse(other.with_user(office).has_access("read"))

    def test_reminders_move(self):
        self._no_commit()
        self._submit()
        self.assertEqual(self.document.activity_ids.user_id, self.supervisor)
        absence = self._absent(self.supervisor, self.deputy)
        self.assertEqual(self.document.activity_ids.user_id, self.deputy)
        absence.with_user(self.supervisor).action_end()
        self.env["crm.approval.absence"]._cron_apply()
        self.assertEqual(self.document.activity_ids.user_id, self.supervisor)

    def test_reminders_follow_the_chain(self):
        """Where the deputy is absent too, who stands in for them is reminded, nobody else."""
        self._submit()
        self._absent(self.supervisor, self.deputy)
        self._absent(self.deputy, self.third)
        self.assertEqual(self.document.activity_ids.user_id, self.third)

    def test_who_is_absent_is_reminded_where_the_deputy_cannot_read(self):
        self._submit()
        self._absent(self.supervisor, self.plain_user)
        self.assertEqual(self.document.activity_ids.user_id, self.supervisor)

    def test_scheduled_action_in_batches(self):
        self._no_commit()
        self._submit()
        other = self._submit(self._new_document())
        other.with_user(self.supervisor).action_approval_approve()
        absences = self._absent(self.supervisor, self.deputy, start=1)
        absences += self._absent(self.director, self.third, start=1)
        cron = self.env["crm.approval.absence"]
        with freeze_time(absences[0].date_from + timedelta(hours=1)):
            cron._cron_apply(batch=1)
            self.assertEqual(absences.mapped("is_begun"), [True, True])
            self.assertEqual(self.document.activity_ids.user_id, self.deputy)
            self.assertEqual(other.activity_ids.user_id, self.third)
            self.assertFalse(absences.filtered("is_over"))

    def test_reminders_move_when_the_time_comes(self):
        self._no_commit()
        self._submit()
        absence = self._absent(self.supervisor, self.deputy, start=1)
        self.assertEqual(self.document.activity_ids.user_id, self.supervisor)
        cron = self.env["crm.approval.absence"]
        with freeze_time(absence.date_from + timedelta(hours=1)):
            cron._cron_apply(batch=1)
            self.assertEqual(self.document.activity_ids.user_id, self.deputy)
            cron._cron_apply()
            self.assertEqual(len(self.document.activity_ids), 1)
        with freeze_time(absence.date_to + timedelta(hours=1)):
            cron._cron_apply()
            self.assertEqual(self.document.activity_ids.user_id, self.supervisor)
        self.assertTrue(absence.is_over)

    def test_deputy_and_absent_are_told(self):
        absence = self._absent(self.supervisor, self.deputy, by=self.manager)
        message = self.env["mail.message"].search(
            [("model", "=", absence._name), ("message_type", "=", "user_notification")]
        )
        told = message.filtered(lambda m: m.res_id == absence.id).partner_ids
        self.assertEqual(told, (self.supervisor + self.deputy).partner_id)

    def test_inbox_as_deputy(self):
        self._submit()
        self._absent(self.supervisor, self.deputy)
        steps = self.env["crm.approval.step"].with_user(self.deputy)
        mine = steps.search([("is_mine", "=", True), ("res_model", "=", "crm.approval.test")])
        self.assertEqual(mine.res_id, self.document.id)
        self.assertTrue(mine.is_mine and mine.is_deputy)
        self.assertEqual(steps.search([("is_deputy", "=", True)]), mine)
        self.assertFalse(steps.with_user(self.supervisor).search([("is_deputy", "=", True)]))

    def test_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        users = self.supervisor + self.deputy
        users.write({"company_ids": [Command.link(other.id)]})
        self._submit()
        self._absent(self.supervisor, self.deputy, company_id=other.id)
        self.assertFalse(self.document.with_user(self.deputy).is_approver)
        self._absent(self.supervisor, self.deputy, company_id=self.company.id)
        self.env.invalidate_all()
        self.assertTrue(self.document.with_user(self.deputy).is_approver)
        with self.assertRaises(ValidationError):
            self._absent(self.supervisor, self.third, company_id=other.id, start=20)

    def test_altered_deputy_is_named(self):
        """For whom somebody decided is part of the fingerprint."""
        self._submit()
        self._absent(self.supervisor, self.deputy)
        self.document.with_user(self.deputy).action_approval_approve()
        entry = self.document.approval_decision_ids.sorted("sequence")[-1]
        for column, value in (("on_behalf_id", self.third.id), ("on_behalf_name", "Somebody")):
            with self.subTest(column=column), self.env.cr.savepoint() as savepoint:
                self._sql(
                    f"UPDATE crm_approval_decision SET {column} = %s WHERE id = %s",  # noqa: S608
                    value,
                    entry.id,
                )
                faults = self.document._approval_elevate()._approval_faults()
                self.assertIn(f"ID {entry.id}", faults[self.document.id] or "")
                savepoint.rollback()
            self.env.invalidate_all()

    def test_forged_entry_is_found(self):
        """The chain aside: a decision for somebody who was not absent does not fit."""
        self._submit()
        self.document.approval_request_id._log(
            "approve",
            step=self.document.approval_step_id,
            user=self.deputy,
            seat=self.supervisor,
        )
        fault = self.document._approval_elevate()._approval_faults()[self.document.id]
        self.assertIn("was not asked", fault)

    # ------------------------------------------------------------------
    # Who records what
    # ------------------------------------------------------------------

    def test_overlap(self):
        absence = self._absent(self.supervisor, self.deputy)
        with self.assertRaises(ValidationError):
            self._absent(self.supervisor, self.third, start=1)
        with self.assertRaises(ValidationError):
            self._absent(self.supervisor, self.third, start=1, company_id=self.company.id)
        self._absent(self.supervisor, self.third, start=3)
        self._absent(self.third, self.deputy)
        with self.assertRaises(ValidationError):
            absence.with_user(self.supervisor).date_to += timedelta(days=1)

    def test_people(self):
        other = self.env["res.company"].create({"name": "Other"})
        left, abroad = (self._new_user(f"test_{name}", "supervisor") for name in ("left", "abroad"))
        left.active = False
        abroad.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        self.supervisor.company_ids += other
        with self.assertRaisesRegex(ValidationError, "both work in"), self.env.cr.savepoint():
            self._absent(self.supervisor, self.deputy, company_id=other.id)
        self.supervisor.company_ids -= other
        for deputy in (self.supervisor, self.portal_user, left, abroad):
            with self.assertRaises(Exception) as caught, self.env.cr.savepoint():
                self._absent(self.supervisor, deputy)
            self.assertRegex(str(caught.exception), "deputy")

    def test_others_by_managers_only(self):
        for user in (self.deputy, self.director, self.auditor, self.user_admin):
            with self.assertRaises(AccessError):
                self._absent(self.supervisor, self.third, by=user)
        absence = self._absent(self.supervisor, self.deputy, by=self.manager)
        with self.assertRaises(AccessError):
            absence.with_user(self.deputy).action_end()
        absence.with_user(self.manager).action_end()
        with self._refused("yourself", AccessError):
            self._absent(self.general_manager, self.manager, by=self.manager)

    def test_history_stays(self):
        absence = self._absent(self.supervisor, self.deputy).with_user(self.supervisor)
        for values in (
            {"deputy_id": self.third.id},
            {"date_from": fields.Datetime.now() + timedelta(days=1)},
            {"user_id": self.third.id},
            {"reason": "Other"},
            {"company_id": self.company.id},
            {"date_to": fields.Datetime.now() - timedelta(days=1)},
        ):
            with self.assertRaises(UserError):
                absence.write(values)
        with self.assertRaises(UserError):
            absence.unlink()
        absence.date_to += timedelta(days=1)
        absence.action_end()
        with self.assertRaises(UserError):
            absence.date_to = fields.Datetime.now() + timedelta(days=1)
        later = self._absent(self.supervisor, self.deputy, start=9).with_user(self.supervisor)
        later.deputy_id = self.third
        later.unlink()

    def test_right_never_begins_before_it_is_given(self):
        absence = self._absent(self.supervisor, self.deputy, start=-5, days=10)
        self.assertGreaterEqual(absence.date_from, absence.create_date.replace(microsecond=0))
        with self.assertRaises(ValidationError):
            self._absent(self.third, self.deputy, start=-5)

    def test_manager_gives_nothing_in_foreign_companies(self):
        other = self.env["res.company"].create({"name": "Other"})
        (self.supervisor + self.deputy).write({"company_ids": [Command.link(other.id)]})
        for company in (other.id, False):
            with self.assertRaises(AccessError):
                self._absent(self.supervisor, self.deputy, by=self.manager, company_id=company)
        self._absent(self.supervisor, self.deputy, by=self.manager, company_id=self.company.id)
