from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestApprovalFlow(ApprovalCommon):
    def test_whole_way(self):
        self._submit()
        self.assertEqual(self.document.state, "submitted")
        self.assertEqual(self.document.approval_user_ids, self.supervisor)
        self.assertTrue(self.document.with_user(self.supervisor).is_approver)
        self.assertFalse(self.document.with_user(self.director).is_approver)
        self.document.with_user(self.supervisor).action_approval_approve("Good")
        self.assertEqual(self.document.state, "submitted")
        self.assertEqual(self.document.approval_user_ids, self.director)
        self.document.with_user(self.director).action_approval_approve()
        self.assertEqual(self.document.state, "approved")
        self.assertEqual(self.document.approval_state, "approved")
        self.assertEqual(self.document.approved_by_id, self.director)
        self.assertFalse(self.document.approval_user_ids)
        boxes = self.document.with_user(self.specialist)._approval_signatures()
        self.assertEqual(
            [(box["role"], box["user"], box["comment"]) for box in boxes[1:]],
            [("Head", self.supervisor, "Good"), ("Director", self.director, False)],
        )

    def test_return_and_resubmit_shows_the_change(self):
        self._submit()
        self.document.with_user(self.supervisor).action_approval_return("Too much")
        self.assertEqual(self.document.state, "draft")
        self.assertEqual(self.document.approval_state, "returned")
        self.document.with_user(self.specialist).write({"amount": 80.0})
        self._submit()
        [change] = self.document.approval_request_id._get_changes()
        self.assertEqual(change, ("Amount", "100", "80"))
        self.assertIn("80", self.document.approval_request_id.change_html)
        self._approve_all()
        self.assertFalse(self.document._approval_signatures()[1]["comment"])

    def test_reject_needs_a_comment(self):
        self._submit()
        document = self.document.with_user(self.supervisor)
        action = document.action_approval_reject()
        self.assertEqual(action["res_model"], "crm.approval.decide")
        self.assertEqual(self.document.state, "submitted")
        with self.assertRaises(UserError):
            document.action_approval_reject("  ")
        wizard = (
            self.env["crm.approval.decide"]
            .with_user(self.supervisor)
            .with_context(**action["context"])
            .create({"kind": "reject", "comment": "No"})
        )
        wizard.action_confirm()
        self.assertEqual(self.document.approval_state, "rejected")

    def test_withdraw_by_requester_or_manager(self):
        self._submit()
        with self.assertRaises(AccessError):
            self.document.with_user(self.stranger).action_approval_withdraw()
        with self.assertRaises(AccessError):
            self.document.with_user(self.supervisor).action_approval_withdraw()
        self.document.with_user(self.specialist).action_approval_withdraw()
        self.assertEqual(self.document.state, "draft")
        with self.assertRaises(AccessError):
            self._submit(user=self.stranger)
        self._submit(user=self.manager)
        self.document.with_user(self.manager).action_approval_withdraw()
        self.assertEqual(self.document.approval_state, "withdrawn")

    def test_all_needed(self):
        self.route.step_ids[0].write(
            {
                "approver_kind": "users",
                "user_ids": [Command.set((self.supervisor + self.manager).ids)],
                "mode": "all",
            }
        )
        self._submit()
        self.document.with_user(self.supervisor).action_approval_approve()
        self.assertEqual(self.document.approval_user_ids, self.manager)
        with self.assertRaises(AccessError):
            self.document.with_user(self.supervisor).action_approval_approve()
        self.document.with_user(self.manager).action_approval_approve()
        self.assertEqual(self.document.approval_user_ids, self.director)

    def test_head_does_not_approve_own(self):
        above = self.department.copy({"head_id": self.general_manager.id, "member_ids": False})
        self.department.parent_id = above
        document = self._new_document(self.supervisor, department_id=self.department.id)
        with self._refused("cannot read"):
            self._submit(document, self.supervisor)
        above.head_id = self.manager
        self._submit(document, self.supervisor)
        self.assertEqual(document.approval_user_ids, self.manager)

    def test_fallback_group_then_refusal(self):
        self.department.head_id = False
        self._submit()
        self.assertEqual(self.document.approval_user_ids, self.manager)
        document = self._new_document(self.manager, department_id=self.department.id)
        with self._refused("Head"):
            self._submit(document, self.manager)
        self.assertEqual(document.state, "draft")

    def test_owner_does_not_approve(self):
        """The author is out of the pool also when somebody else submits."""
        self.department.member_ids += self.manager
        document = self._new_document(user_id=self.supervisor.id)
        self._submit(document, self.specialist)
        self.assertNotIn(self.supervisor, document.approval_user_ids)

    def test_requester_does_not_approve(self):
        """The head submits the document of a colleague."""
        self._submit(user=self.supervisor)
        self.assertEqual(self.document.approval_user_ids, self.manager)

    def test_no_route(self):
        self.route.domain = "[('amount', '>', 500)]"
        with self._refused("Approval Routes"):
            self._submit()

    def test_incomplete(self):
        self.document.title = False
        with self._refused("title"):
            self._submit()

    def test_manager_reassigns(self):
        self._submit()
        document = self.document.with_user(self.supervisor)
        with self.assertRaises(AccessError):
            document.action_approval_reassign(self.manager.ids, "Absent")
        document = self.document.with_user(self.manager)
        with self.assertRaises(UserError):
            document.action_approval_reassign(self.specialist.ids, "The author")
        action = document.action_approval_reassign()
        self.env[action["res_model"]].with_user(self.manager).with_context(
            **action["context"]
        ).create({"user_ids": self.manager.ids, "comment": "Absent"}).action_confirm()
        with self.assertRaises(AccessError):
            self.document.with_user(self.supervisor).action_approval_approve()
        document.action_approval_approve()
        self.assertEqual(self.document.approval_user_ids, self.director)
        self.assertFalse(self.document._approval_faults()[self.document.id])

    def test_approver_archived_while_running(self):
        self._submit()
        self.director.active = False
        self.document.with_user(self.supervisor).action_approval_approve()
        self.assertEqual(self.document.approval_user_ids, self.manager)
        self.document.with_user(self.manager).action_approval_approve()
        self.assertEqual(self.document.state, "approved")
        self.assertFalse(self.document._approval_faults()[self.document.id])

    def test_activities_are_reminders(self):
        def waiting():
            return self.document.activity_ids.user_id

        self._submit()
        self.assertEqual(waiting(), self.supervisor)
        self.document.activity_ids.with_user(self.supervisor).unlink()
        self.assertTrue(self.document.with_user(self.supervisor).is_approver)
        self.document.with_user(self.supervisor).action_approval_approve()
        self.assertEqual(waiting(), self.director)
        self.document.with_user(self.director).action_approval_approve()
        self.assertFalse(waiting())

    @freeze_time("2026-03-02 01:00:00")
    def test_time_limit(self):
        self.route.step_ids[0].hours_limit = 24
        self._submit()
        step = self.document.approval_step_id
        if "resource_calendar_id" in self.company._fields and self.company.resource_calendar_id:
            # three working days of eight hours
            self.assertGreater((step.date_deadline - step.date_opened).total_seconds(), 48 * 3600)
        else:
            self.assertEqual((step.date_deadline - step.date_opened).total_seconds(), 24 * 3600)

    def test_inbox(self):
        self._submit()
        steps = self.env["crm.approval.step"].with_user(self.supervisor)
        mine = steps.search([("is_mine", "=", True), ("res_model", "=", "crm.approval.test")])
        self.assertEqual(mine.res_id, self.document.id)
        documents = self.document.with_user(self.supervisor)
        self.assertEqual(documents.search([("is_approver", "=", True)]), self.document)
        self.assertFalse(documents.with_user(self.director).search([("is_approver", "=", True)]))
        mine.action_approve()
        self.assertEqual(self.document.approval_user_ids, self.director)

    def test_bulk_submit_costs_no_query_a_record(self):
        def cost(count):
            documents = self.env["crm.approval.test"]
            for _index in range(count):
                documents += self._new_document()
            self.env.flush_all()
            self.env.invalidate_all()
            documents = documents.with_user(self.specialist).with_context(tracking_disable=True)
            start = self.env.cr.sql_log_count
            documents.action_approval_submit()
            self.env.flush_all()
            return self.env.cr.sql_log_count - start

        cost(1)
        few, many = cost(2), cost(22)
        self.assertLess(many - few, 5, f"{few} queries for 2 documents, {many} for 22")
