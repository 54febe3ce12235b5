from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestApprovalRoutes(ApprovalCommon):
    def test_running_submission_keeps_its_steps(self):
        group = self.env["res.groups"].create(
            {"name": "Signs", "user_ids": [Command.link(self.director.id)]}
        )
        self.route.step_ids[1].group_id = group
        self._submit()
        version = self.route.version
        self.route.step_ids[1].unlink()
        self.route.step_ids[0].write(
            {"approver_kind": "users", "user_ids": [Command.set(self.manager.ids)]}
        )
        group.user_ids = False
        self.assertGreater(self.route.version, version)
        self._approve_all()
        self.assertEqual(self.document.state, "approved")
        self.assertEqual(self.document.approval_request_id.route_version, version)

    def test_route_deleted_while_running(self):
        self._submit()
        self.route.unlink()
        self._approve_all()
        self.assertEqual(self.document.approval_request_id.route_name, "Test route")

    def test_new_member_of_the_group_is_not_asked(self):
        self._submit()
        self.env.ref("crm_service_base.group_director").user_ids += self.user_admin
        self.document.with_user(self.supervisor).action_approval_approve()
        self.assertEqual(self.document.approval_user_ids, self.director)

    def test_only_managers_configure(self):
        for user in self.supervisor + self.director + self.user_admin:
            with self.assertRaises(AccessError):
                self.route.with_user(user).write({"domain": "[]"})
            with self.assertRaises(AccessError):
                self.route.step_ids.with_user(user).write({"mode": "all"})
        self.route.with_user(self.manager).write({"domain": "[('amount', '>', 1)]"})

    def test_wrong_configuration(self):
        with self.assertRaises(ValidationError):
            self.route.domain = "[('nothing', '=', 1)]"
        with self.assertRaises(ValidationError):
            self.route.domain = "__import__('os')"
        with self.assertRaises(ValidationError):
            self.route.step_ids[0].write({"approver_kind": "users"})
        with self.assertRaises(ValidationError):
            self.route.step_ids[0].write({"approver_kind": "field", "user_field": "title"})

    def test_user_field(self):
        self.route.step_ids[0].write({"approver_kind": "field", "user_field": "leader_id"})
        self.document.leader_id = self.manager
        self._submit()
        self.assertEqual(self.document.approval_user_ids, self.manager)

    def test_first_fitting_route_of_the_company(self):
        self.route.domain = "[('amount', '>', 500)]"
        other = self.route.copy({"name": "Other company", "domain": "[]"})
        other.company_id = self.env["res.company"].create({"name": "Other"})
        small = self.route.copy({"name": "Small", "domain": "[]"})
        self._submit()
        self.assertEqual(self.document.approval_request_id.route_id, small)
