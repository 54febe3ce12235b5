from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestApprovalVacancy(ApprovalCommon):
    """Approvers who left while a step is open never block it, and leave a trace."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls._new_user("test_second", "supervisor")

    def _ask(self, users, mode="one"):
        self.route.step_ids[0].write(
            {"approver_kind": "users", "user_ids": [Command.set(users.ids)], "mode": mode}
        )

    def _assert_whole(self):
        faults = self.document._approval_elevate()._approval_faults()
        self.assertFalse(faults[self.document.id])

    def _replacements(self):
        return self.document.approval_decision_ids.filtered(lambda d: d.kind == "replace")

    def test_archived(self):
        self._submit()
        self.supervisor.active = False
        self.assertEqual(self.document.approval_user_ids, self.manager)
        self.assertEqual(self.document.activity_ids.user_id, self.manager)
        [entry] = self._replacements()
        self.assertIn(self.supervisor.name, entry.comment)
        self.assertIn(self.manager.name, entry.comment)
        self.assertEqual(entry.user_id, self.env.ref("base.user_root"))
        self._assert_whole()
        self.document.with_user(self.manager).action_approval_approve()
        self.document.with_user(self.director).action_approval_approve()
        self.assertEqual(self.document.state, "approved")
        self._assert_whole()

    def test_who_archives_is_told(self):
        self._submit()
        sent = []

        def bus_send(_self, kind, message, **_kwargs):
            if kind == "simple_notification":
                sent.append(message)

        self.patch(type(self.env.user), "_bus_send", bus_send)
        self.director.active = False
        self.assertFalse(sent)
        self.supervisor.active = False
        self.assertIn(self.document.display_name, sent[0]["message"])

    def test_lost_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        self._submit()
        self.supervisor.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        self.assertEqual(self.document.approval_user_ids, self.manager)
        self._assert_whole()

    def test_lost_rights(self):
        self._submit()
        self.supervisor.group_ids = self.env.ref("base.group_user")
        self.assertEqual(self.document.approval_user_ids, self.manager)
        self._assert_whole()

    def test_made_a_portal_user(self):
        self._submit()
        self.supervisor.group_ids = self.env.ref("base.group_portal")
        self.assertEqual(self.document.approval_user_ids, self.manager)

    def test_group_changed_from_its_own_side(self):
        """No write of a user shows it: the scheduled action finds it."""
        self._no_commit()
        self._submit()
        group = self.env.ref("crm_service_base.group_supervisor")
        group.write({"user_ids": [Command.unlink(self.supervisor.id)]})
        self.assertEqual(self.document.approval_user_ids, self.supervisor)
        requests = self.env["crm.approval.request"]
        requests._cron_replace()
        self.assertEqual(self.document.approval_user_ids, self.manager)
        requests._cron_replace()
        self.assertEqual(len(self._replacements()), 1)
        self._assert_whole()

    def test_one_of_several(self):
        self._ask(self.supervisor + self.second)
        self._submit()
        self.second.active = False
        self.assertEqual(self.document.approval_user_ids, self.supervisor)
        self.assertFalse(self.document.approval_step_id.is_fallback)
        self._assert_whole()

    def test_all_needed_only_the_seat_goes(self):
        self._ask(self.supervisor + self.second + self.manager, "all")
        self._submit()
        self.second.active = False
        step = self.document.approval_step_id
        self.assertEqual(step.pending_user_ids, self.supervisor + self.manager)
        self.assertEqual(step.mode, "all")
        self.document.with_user(self.supervisor).action_approval_approve()
        self.assertEqual(step.state, "open")
        self.document.with_user(self.manager).action_approval_approve()
        self.assertEqual(step.state, "approved")
        self._assert_whole()

    def test_archiving_the_last_approves_nothing(self):
        """All needed, one approved, the other leaves: somebody has to decide in their place."""
        self._ask(self.supervisor + self.second, "all")
        self._submit()
        self.document.with_user(self.supervisor).action_approval_approve()
        self.second.active = False
        step = self.document.approval_step_id
        self.assertEqual(step.state, "open")
        self.assertEqual(step.pending_user_ids, self.manager)
        self._assert_whole()
        self.document.with_user(self.manager).action_approval_approve()
        self.assertEqual(step.state, "approved")
        self._assert_whole()

    def test_nobody_left(self):
        """Nobody may decide: the seat stays, and is filled when somebody is there again."""
        self._no_commit()
        self._submit()
        self.manager.active = False
        self.supervisor.active = False
        self.assertEqual(self.document.approval_step_id.pending_user_ids, self.supervisor)
        heir = self._new_user("test_heir", "manager")
        self.env["crm.approval.request"]._cron_replace()
        self.assertEqual(self.document.approval_user_ids, heir)
        self._assert_whole()

    def _fall_back_on(self, *users):
        group = self.env["res.groups"].create({"name": "Stand-ins"})
        group.user_ids = self.env["res.users"].concat(*users)
        self.route.step_ids[0].fallback_group_id = group

    def test_fallback_group_comes_first(self):
        self._fall_back_on(self.second)
        self._submit()
        self.supervisor.active = False
        self.assertEqual(self.document.approval_user_ids, self.second)
        self._assert_whole()

    def test_who_cannot_read_is_no_heir(self):
        self._fall_back_on(self.plain_user)
        self._submit()
        self.supervisor.active = False
        self.assertEqual(self.document.approval_user_ids, self.manager)
        self._assert_whole()

    def test_who_decided_for_somebody_is_no_heir(self):
        """All needed: the only heir has decided as a deputy already, so the seat stays."""
        self._ask(self.supervisor + self.second, "all")
        self._submit()
        self.env["crm.approval.absence"].with_user(self.supervisor).create(
            {"deputy_id": self.manager.id, "date_to": "2999-01-01 00:00:00", "reason": "Trip"}
        )
        self.document.with_user(self.manager).action_approval_approve()
        self.second.active = False
        step = self.document.approval_step_id
        self.assertEqual((step.state, step.pending_user_ids), ("open", self.second))

    def test_who_was_added_does_not_replace_who_left(self):
        """One is enough, and that one left: the colleague who was added does not suffice."""
        self._submit()
        document = self.document.with_user(self.supervisor)
        document.action_approval_add(self.second.ids, "beside", "Needed")
        self.supervisor.active = False
        step = self.document.approval_step_id
        self.assertEqual(step.pending_user_ids, self.second + self.manager)
        self.document.with_user(self.second).action_approval_approve()
        self.assertEqual((step.state, step.pending_user_ids), ("open", self.manager))
        self._assert_whole()
        self.document.with_user(self.manager).action_approval_approve()
        self.assertEqual(step.state, "approved")
        self._assert_whole()

    def test_author_is_no_heir(self):
        self.env.ref("crm_service_base.group_manager").user_ids += self.specialist
        self._submit()
        self.supervisor.active = False
        self.assertEqual(self.document.approval_user_ids, self.manager)

    def test_nothing_is_built_on_a_planted_approver(self):
        self._submit()
        for table in ("crm_approval_step_user_rel", "crm_approval_step_pending_rel"):
            self._sql(
                f"INSERT INTO {table} VALUES (%s, %s)",  # noqa: S608
                self.document.approval_step_id.id,
                self.stranger.id,
            )
        self.supervisor.active = False
        self.assertFalse(self._replacements())
        with self._refused("approvers of step"):
            self.document.with_user(self.stranger).action_approval_approve()

    def test_scheduled_action_in_batches(self):
        self._no_commit()
        documents = self.document + self._new_document() + self._new_document()
        for document in documents:
            self._submit(document)
        group = self.env.ref("crm_service_base.group_supervisor")
        group.write({"user_ids": [Command.unlink(self.supervisor.id)]})
        self.env["crm.approval.request"]._cron_replace(batch=1)
        self.assertEqual(documents.approval_step_id.pending_user_ids, self.manager)

    def test_caller_with_more_companies_than_the_approver(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.specialist.company_ids += other
        self.document.with_user(self.specialist).with_context(
            allowed_company_ids=[self.company.id, other.id]
        ).action_approval_submit()
        self.assertEqual(self.document.approval_user_ids, self.supervisor)

    def test_user_without_right_to_archive(self):
        self._submit()
        with self.assertRaises(AccessError):
            self.supervisor.with_user(self.manager).write({"active": False})
        self.assertEqual(self.document.approval_user_ids, self.supervisor)
