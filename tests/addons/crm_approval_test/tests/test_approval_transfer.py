from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestApprovalTransfer(ApprovalCommon):
    """Adding approvers, handing on, sending back a step: nothing gets weaker by it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.expert = cls._new_user("test_expert", "supervisor")
        cls.second = cls._new_user("test_second", "supervisor")

    def _ask(self, users, mode="one"):
        self.route.step_ids[0].write(
            {"approver_kind": "users", "user_ids": [Command.set(users.ids)], "mode": mode}
        )

    def _as(self, user):
        self.env.invalidate_all()
        return self.document.with_user(user)

    def _approve(self, *users):
        for user in users:
            self._as(user).action_approval_approve()

    def _assert_whole(self):
        self.assertFalse(self.document._approval_elevate()._approval_faults()[self.document.id])

    def _last(self):
        return self.document.approval_decision_ids.sorted("sequence")[-1]

    # add

    def test_add_before(self):
        self._submit()
        self._as(self.supervisor).action_approval_add(self.expert.ids, "before", "Check figures")
        self.assertEqual(self.document.approval_user_ids, self.expert)
        self.assertEqual(self.document.activity_ids.user_id, self.expert)
        with self.assertRaises(AccessError):
            self._as(self.supervisor).action_approval_approve()
        self._assert_whole()
        self._approve(self.expert)
        self.assertEqual(self.document.approval_user_ids, self.supervisor)
        self._approve(self.supervisor, self.director)
        self.assertEqual(self.document.state, "approved")
        self._assert_whole()
        roles = [box["role"] for box in self.document._approval_signatures()[1:]]
        self.assertEqual(roles, [f"Added by {self.supervisor.name}", "Head", "Director"])

    def test_add_after(self):
        self._submit()
        self._as(self.supervisor).action_approval_add(
            (self.expert + self.second).ids, "after", "Two more"
        )
        self.assertEqual(self.document.approval_user_ids, self.supervisor)
        self._approve(self.supervisor)
        self.assertEqual(self.document.approval_user_ids, self.expert + self.second)
        self._approve(self.expert)
        self.assertEqual(self.document.approval_user_ids, self.second)
        self._approve(self.second, self.director)
        self.assertEqual(self.document.state, "approved")
        self._assert_whole()

    def test_add_beside(self):
        self._ask(self.supervisor + self.second)
        self._submit()
        self._as(self.supervisor).action_approval_add(self.expert.ids, "beside", "Needed")
        step = self.document.approval_step_id
        self.assertEqual(step.mode, "one")
        self.assertIn(self.expert.name, self._last().comment)
        # the one who was added does not suffice
        self._approve(self.expert)
        self.assertEqual(step.state, "open")
        self.assertEqual(step.pending_user_ids, self.supervisor + self.second)
        self._assert_whole()
        self._approve(self.second)
        self.assertEqual(step.state, "approved")
        self._assert_whole()

    def test_add_beside_is_needed(self):
        self._submit()
        self._as(self.supervisor).action_approval_add(self.expert.ids, "beside", "Needed")
        self._approve(self.supervisor)
        self.assertEqual(self.document.approval_user_ids, self.expert)
        self._approve(self.expert, self.director)
        self.assertEqual(self.document.state, "approved")
        self._assert_whole()

    def test_add_beside_where_all_are_needed(self):
        self._ask(self.supervisor + self.second, "all")
        self._submit()
        self._as(self.supervisor).action_approval_add(self.expert.ids, "beside", "Needed")
        step = self.document.approval_step_id
        self.assertEqual(step.mode, "all")
        self._approve(self.expert, self.supervisor)
        self.assertEqual(step.state, "open")
        self._approve(self.second)
        self.assertEqual(step.state, "approved")
        self._assert_whole()

    def test_add_before_keeps_approvals_given(self):
        self._ask(self.supervisor + self.second, "all")
        self._submit()
        self._approve(self.supervisor)
        self._as(self.second).action_approval_add(self.expert.ids, "before", "Ask first")
        self._approve(self.expert)
        self.assertEqual(self.document.approval_user_ids, self.second)
        self._approve(self.second)
        self.assertEqual(self.document.approval_user_ids, self.director)
        self._assert_whole()

    def test_who_can_be_added(self):
        self._ask(self.supervisor + self.second)
        self._submit()
        outsider = self._new_user("test_outsider", "supervisor")
        other = self.env["res.company"].create({"name": "Other"})
        outsider.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        gone = self._new_user("test_gone", "supervisor")
        gone.active = False
        document = self._as(self.supervisor)
        for user in (
            self.specialist,
            outsider,
            gone,
            self.portal_user,
            self.second,
            self.supervisor,
        ):
            for position in ("before", "beside", "after"):
                if user in (self.second, self.supervisor) and position != "beside":
                    continue
                with self.subTest(user=user.login), self.assertRaises(UserError):
                    document.action_approval_add(user.ids, position, "x")
        for user in (self.general_manager, self.plain_user):
            with self._refused("cannot read"), self.env.cr.savepoint():
                document.action_approval_add(user.ids, "beside", "x")
        with self.assertRaises(UserError):
            document.action_approval_add(self.expert.ids, "instead", "x")
        with self.assertRaises(UserError):
            document.action_approval_add(self.expert.ids, "beside", " ")
        with self.assertRaises(UserError):
            document.action_approval_add(["x"], "beside", "x")

    def test_who_decided_for_somebody_is_not_added(self):
        """One person, one seat of a step, also after deciding as a deputy."""
        self._ask(self.supervisor + self.second, "all")
        self._submit()
        self.env["crm.approval.absence"].with_user(self.supervisor).create(
            {"deputy_id": self.expert.id, "date_to": "2999-01-01 00:00:00", "reason": "Trip"}
        )
        self._approve(self.expert)
        document = self._as(self.second)
        for move in (
            lambda: document.action_approval_add(self.expert.ids, "beside", "x"),
            lambda: document.action_approval_forward(self.expert.id, "x"),
            lambda: self._as(self.manager).action_approval_reassign(self.expert.ids, "x"),
        ):
            with self._refused("approved step .* already"), self.env.cr.savepoint():
                move()
        self.assertEqual(self.document.approval_user_ids, self.second)

    def test_step_that_was_added_has_the_limits_of_the_step(self):
        self.route.step_ids.write({"hours_limit": 8, "hours_remind": 4, "hours_escalate": 16})
        self._submit()
        self._as(self.supervisor).action_approval_add(self.expert.ids, "before", "Check figures")
        step = self.document.approval_step_id
        self.assertEqual((step.hours_limit, step.hours_remind, step.hours_escalate), (8, 4, 16))
        self.assertTrue(step.date_deadline and step.date_remind and step.date_escalate)
        numbers = self.document.approval_request_id.step_ids.mapped("sequence")
        self.assertEqual(numbers, [1, 2, 3])

    def test_approvers_changed_in_the_database(self):
        """Whoever was added, and how many are needed, is what the log says."""
        self._ask(self.supervisor + self.second, "all")
        self._submit()
        self._as(self.supervisor).action_approval_add(self.expert.ids, "beside", "Needed")
        step = self.document.approval_step_id
        for query in (
            "DELETE FROM crm_approval_step_added_rel WHERE step_id = %s",
            "UPDATE crm_approval_step SET mode = 'one' WHERE id = %s",
        ):
            with self.subTest(query), self.env.cr.savepoint() as savepoint:
                self._sql(query, step.id)
                with self._refused("approvers of step"):
                    self._as(self.supervisor).action_approval_approve()
                savepoint.rollback()
            self.env.invalidate_all()
        self._assert_whole()

    def test_only_who_decides_adds(self):
        self._submit()
        for user in (self.specialist, self.stranger, self.director, self.manager):
            with self.assertRaises(AccessError):
                self._as(user).action_approval_add(self.expert.ids, "beside", "x")

    # forward

    def test_forward(self):
        self._submit()
        self._as(self.supervisor).action_approval_forward(self.expert.id, "Knows better")
        self.assertEqual(self.document.approval_user_ids, self.expert)
        self.assertEqual(self._last().kind, "delegate")
        self.assertIn(self.expert.name, self._last().comment)
        with self.assertRaises(AccessError):
            self._as(self.supervisor).action_approval_approve()
        self._assert_whole()
        # there and back again leaves two entries
        self._as(self.expert).action_approval_forward(self.supervisor.id, "No")
        self._approve(self.supervisor, self.director)
        kinds = self.document.approval_decision_ids.sorted("sequence").mapped("kind")
        self.assertEqual(kinds, ["submit", "delegate", "delegate", "approve", "approve"])
        self._assert_whole()

    def test_forward_keeps_the_number_of_seats(self):
        self._ask(self.supervisor + self.second, "all")
        self._submit()
        for colleague in (self.second, self.specialist):
            with self.assertRaises(UserError):
                self._as(self.supervisor).action_approval_forward(colleague.id, "x")
        self._approve(self.second)
        with self.assertRaises(UserError):
            self._as(self.supervisor).action_approval_forward(self.second.id, "x")
        self._as(self.supervisor).action_approval_forward(self.expert.id, "x")
        self.assertEqual(self.document.approval_user_ids, self.expert)
        self._approve(self.expert)
        self.assertEqual(self.document.approval_user_ids, self.director)
        self._assert_whole()

    def test_forward_to_who_can_read(self):
        self._submit()
        for user in (self.general_manager, self.plain_user):
            with self._refused("cannot read"), self.env.cr.savepoint():
                self._as(self.supervisor).action_approval_forward(user.id, "x")

    def test_added_approver_hands_on(self):
        self._submit()
        self._as(self.supervisor).action_approval_add(self.expert.ids, "beside", "x")
        self._as(self.expert).action_approval_forward(self.second.id, "x")
        self._approve(self.supervisor)
        self.assertEqual(self.document.approval_user_ids, self.second)
        self._assert_whole()

    def test_only_the_seat_itself_is_handed_on(self):
        self._submit()
        self.env["crm.approval.absence"].with_user(self.supervisor).create(
            {
                "deputy_id": self.second.id,
                "date_to": "2999-01-01 00:00:00",
                "reason": "Trip",
            }
        )
        self.assertTrue(self._as(self.second).is_approver)
        for user in (self.specialist, self.stranger, self.director, self.manager, self.second):
            with self.assertRaises(AccessError):
                self._as(user).action_approval_forward(self.expert.id, "x")

    # send back to a step

    def test_send_back_to_a_step(self):
        self._submit()
        self._approve(self.supervisor)
        first = self.document.approval_request_id.step_ids[0]
        self._as(self.director).action_approval_send_back(first.id, "Look again")
        self.assertEqual(self.document.state, "submitted")
        self.assertEqual(self.document.approval_user_ids, self.supervisor)
        self.assertEqual(self.document.activity_ids.user_id, self.supervisor)
        self.assertEqual(self._last().kind, "reopen")
        self._assert_whole()
        with self.assertRaises(AccessError):
            self._as(self.director).action_approval_approve()
        self._approve(self.supervisor)
        self._assert_whole()
        self._approve(self.director)
        self.assertEqual(self.document.state, "approved")
        self._assert_whole()
        self.assertEqual(len(self.document._approval_signatures()), 3)

    def test_steps_between_are_decided_anew(self):
        self.route.step_ids[1].sequence = 30
        self.route.step_ids.create(
            {
                "route_id": self.route.id,
                "name": "Expert",
                "sequence": 20,
                "approver_kind": "users",
                "user_ids": [Command.set(self.expert.ids)],
            }
        )
        self._submit()
        self._approve(self.supervisor, self.expert)
        first = self.document.approval_request_id.step_ids[0]
        self._as(self.director).action_approval_send_back(first.id, "Again")
        states = self.document.approval_request_id.step_ids.mapped("state")
        self.assertEqual(states, ["open", "waiting", "waiting"])
        self._approve(self.supervisor)
        self.assertEqual(self.document.approval_user_ids, self.expert)
        self._approve(self.expert, self.director)
        self.assertEqual(self.document.state, "approved")
        self._assert_whole()

    def test_undone_approvals_do_not_count(self):
        """Not in the state, and not for the check when somebody sets the state in the database."""
        self._ask(self.supervisor + self.second, "all")
        self._submit()
        self._approve(self.supervisor, self.second)
        first, second = self.document.approval_request_id.step_ids
        self._as(self.director).action_approval_send_back(first.id, "Again")
        self.assertEqual(self.document.approval_user_ids, self.supervisor + self.second)
        self._approve(self.supervisor)
        self.assertEqual(self.document.approval_user_ids, self.second)
        self._sql("UPDATE crm_approval_step SET state = 'approved' WHERE id = %s", first.id)
        self._sql("UPDATE crm_approval_step SET state = 'open' WHERE id = %s", second.id)
        self.assertIn(
            "the log does not say",
            self._as(self.director)._approval_elevate()._approval_faults()[self.document.id],
        )
        self._sql("UPDATE crm_approval_step SET round_start = 0 WHERE id = %s", first.id)
        self.assertIn(
            "approvers of step",
            self._as(self.director)._approval_elevate()._approval_faults()[self.document.id],
        )

    def test_where_it_can_go_back_to(self):
        self._submit()
        first, second = self.document.approval_request_id.step_ids
        for target in (first, second):
            with self.assertRaises(UserError):
                self._as(self.supervisor).action_approval_send_back(target.id, "x")
        other = self._submit(self._new_document())
        other.with_user(self.supervisor).action_approval_approve()
        self._approve(self.supervisor)
        foreign = other.approval_request_id.step_ids[0]
        for target in (second.id, foreign.id, 0.5, "x", [first.id]):
            with self.assertRaises(UserError):
                self._as(self.director).action_approval_send_back(target, "x")
        with self.assertRaises(UserError):
            self._as(self.director).action_approval_send_back(first.id, " ")
        for user in (self.specialist, self.supervisor, self.manager, self.stranger):
            with self.assertRaises(AccessError):
                self._as(user).action_approval_send_back(first.id, "x")

    def test_who_left_meanwhile_is_replaced(self):
        self._submit()
        self._approve(self.supervisor)
        self.supervisor.active = False
        first = self.document.approval_request_id.step_ids[0]
        self._as(self.director).action_approval_send_back(first.id, "x")
        self.assertEqual(self.document.approval_user_ids, self.manager)
        self._assert_whole()

    # general

    def test_planted_approver_moves_nothing(self):
        self._submit()
        for table in ("crm_approval_step_user_rel", "crm_approval_step_pending_rel"):
            self._sql(
                f"INSERT INTO {table} VALUES (%s, %s)",  # noqa: S608
                self.document.approval_step_id.id,
                self.stranger.id,
            )
        with self._refused("approvers of step"):
            self._as(self.stranger).action_approval_forward(self.expert.id, "x")
        with self._refused("approvers of step"):
            self._as(self.stranger).action_approval_add(self.expert.ids, "beside", "x")
        with self._refused("approvers of step"):
            self._as(self.manager).action_approval_reassign(self.expert.ids, "x")

    def test_reassigning_keeps_what_was_added(self):
        self._submit()
        self._as(self.supervisor).action_approval_add(self.expert.ids, "beside", "x")
        self._approve(self.supervisor)
        self._as(self.manager).action_approval_reassign(self.second.ids, "Expert is ill")
        self.assertEqual(self.document.approval_user_ids, self.second)
        self._approve(self.second)
        self.assertEqual(self.document.approval_user_ids, self.director)
        self._assert_whole()

    def test_reassigning_keeps_approvals_given(self):
        self._ask(self.supervisor + self.second, "all")
        self._submit()
        self._approve(self.supervisor)
        self._as(self.manager).action_approval_reassign(self.expert.ids, "Ill")
        self.assertEqual(self.document.approval_user_ids, self.expert)
        self._approve(self.expert)
        self.assertEqual(self.document.approval_user_ids, self.director)
        self._assert_whole()

    def test_dialog(self):
        self._submit()
        document = self._as(self.supervisor)

        for action in (document.action_approval_add(), document.action_approval_forward()):
            wizard = (
                self.env["crm.approval.decide"]
                .with_user(self.supervisor)
                .with_context(**action["context"])
                .create({"comment": "x"})
            )
            with self._refused("colleague"):
                wizard.action_confirm()
        wizard.user_ids = self.expert
        wizard.action_confirm()
        self.assertEqual(self.document.approval_user_ids, self.expert)
        self._approve(self.expert)
        action = self._as(self.director).action_approval_send_back()
        wizard = (
            self.env["crm.approval.decide"]
            .with_user(self.director)
            .with_context(**action["context"])
            .create({"comment": "Again"})
        )
        self.assertEqual(wizard.earlier_step_ids, self.document.approval_request_id.step_ids[0])
        with self._refused("Choose the step"):
            wizard.action_confirm()
        wizard.step_id = wizard.earlier_step_ids
        wizard.action_confirm()
        self.assertEqual(self.document.approval_user_ids, self.expert)
