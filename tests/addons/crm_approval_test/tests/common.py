import base64
from contextlib import contextmanager
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user
from odoo.tools import SQL

from odoo.addons.crm_service_base.tests.common import ServiceCommon

TABLES = {
    "crm_approval_test": "id",
    "crm_approval_test_line": "document_id",
    "crm_approval_test_tag_rel": "document_id",
    "crm_approval_request": "res_id",
    "crm_approval_step": "res_id",
    "crm_approval_decision": "res_id",
    "ir_attachment": "res_id",
}


class ApprovalCommon(ServiceCommon):
    """A route of two steps (head of department, then the director) and a complete document."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = cls._new_user("test_stranger", "specialist")
        cls.user_admin = new_test_user(
            cls.env,
            login="test_user_admin",
            groups="base.group_user,base.group_erp_manager,base.group_system",
        )
        # the only members of their groups, whatever the database holds
        cls.env.ref("crm_service_base.group_director").user_ids = cls.director
        cls.env.ref("crm_service_base.group_manager").user_ids = cls.manager
        cls.env["crm.approval.route"].search([]).active = False
        cls.route = cls.env["crm.approval.route"].create(
            {
                "name": "Test route",
                "res_model": "crm.approval.test",
                "company_id": cls.company.id,
                "step_ids": [
                    Command.create({"name": "Head", "approver_kind": "department_head"}),
                    Command.create(
                        {
                            "name": "Director",
                            "approver_kind": "group",
                            "group_id": cls.env.ref("crm_service_base.group_director").id,
                        }
                    ),
                ],
            }
        )
        cls.tags = cls.env["crm.approval.test.tag"].create([{"name": "One"}, {"name": "Two"}])
        cls.folder = cls.env["crm.approval.test.folder"].create({"name": "Folder"})
        cls.document = cls._new_document()
        cls.file = cls._new_file(cls.document)

    @classmethod
    def _new_document(cls, user=None, **values):
        values = {
            "title": "Plan",
            "amount": 100.0,
            "folder_id": cls.folder.id,
            "image": base64.b64encode(b"image"),
            "tag_ids": [Command.link(cls.tags[0].id)],
            "line_ids": [Command.create({"name": "Line", "quantity": 1.0})],
            **values,
        }
        model = cls.env["crm.approval.test"].with_user(user or cls.specialist)
        return model.create(values).sudo(False).with_user(cls.env.user)

    @classmethod
    def _new_file(cls, document, user=None):
        return (
            cls.env["ir.attachment"]
            .with_user(user or cls.specialist)
            .create(
                {
                    "name": "Offer.txt",
                    "res_model": document._name,
                    "res_id": document.id,
                    "raw": b"offer",
                }
            )
            .with_user(cls.env.user)
        )

    def _submit(self, document=None, user=None):
        document = document or self.document
        document.with_user(user or self.specialist).action_approval_submit()
        return document

    def _approve_all(self, document=None):
        document = document or self.document
        document.with_user(self.supervisor).action_approval_approve()
        document.with_user(self.director).action_approval_approve()
        return document

    @contextmanager
    def _refused(self, pattern, error=UserError):
        """Like ``assertRaisesRegex``, with the database as it was before."""
        with self.assertRaises(error) as caught:
            yield
        self.assertRegex(str(caught.exception), pattern)

    def _rows(self, document=None):
        """Everything the database holds about a document, as it is there."""
        document = document or self.document
        self.env.flush_all()
        rows = {}
        for table, column in TABLES.items():
            where = f"{column} = %s"
            if table == "ir_attachment":
                where += " AND res_model = 'crm.approval.test'"
            query = SQL(
                "SELECT * FROM %s t WHERE %s ORDER BY t::text",
                SQL.identifier(table),
                SQL(where, document.id),
            )
            self.env.cr.execute(query)
            columns = [part.name for part in self.env.cr.description]
            rows[table] = [dict(zip(columns, row, strict=True)) for row in self.env.cr.fetchall()]
        return rows

    def _no_commit(self, stop_after=None):
        """Scheduled actions commit; here they only count, and are killed after so many times.

        :return: list that grows with each commit
        """
        commits = []

        def commit(_self, processed=0, *, remaining=None, deactivate=False):
            commits.append(processed)
            if stop_after is not None and len(commits) > stop_after:
                raise KeyboardInterrupt
            return float("inf")

        self.patch(type(self.env["ir.cron"]), "_commit_progress", commit)
        return commits

    def _sql(self, query, *params):
        """Change the database behind everybody's back."""
        self.env.flush_all()
        self.env.cr.execute(query, params)
        self.env.invalidate_all()

    @classmethod
    def _api_key(cls, user):
        expires = fields.Datetime.now() + timedelta(days=0.5)
        keys = cls.env["res.users.apikeys"].with_user(user).sudo()
        return keys._generate(None, "test", expires)
