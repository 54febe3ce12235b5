import base64
from contextlib import contextmanager
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user
from odoo.tools import SQL, mute_logger

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
STEP_TABLES = (
    "crm_approval_step_user_rel",
    "crm_approval_step_pending_rel",
    "crm_approval_step_added_rel",
)


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
        for table in STEP_TABLES:
            query = SQL(
                "SELECT step_id, user_id FROM %s JOIN crm_approval_step s ON s.id = step_id "
                "WHERE s.res_model = 'crm.approval.test' AND s.res_id = %s ORDER BY 1, 2",
                SQL.identifier(table),
                document.id,
            )
            rows[table] = self.env.execute_query(query)
        query = SQL("SELECT * FROM crm_approval_absence ORDER BY id")
        rows["crm_approval_absence"] = self.env.execute_query_dict(query)
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


class ApprovalHttpCommon(HttpCase, ApprovalCommon):
    """Attacks over the public API, each with the person's own key."""

    def setUp(self):
        super().setUp()
        self.keys = {}

    def _call(self, user, model, method, ids=(), context=None, **params):
        """One call of the public API with the user's own key.

        :return: ``(status, answer)``
        """
        if user not in self.keys:
            self.keys[user] = self._api_key(user)
        body = {**params, **({"ids": list(ids)} if ids else {})}
        body["context"] = context or {}  # an empty body would be sent as GET
        with mute_logger("odoo.http", "odoo.sql_db", "odoo.addons.base.models.ir_rule"):
            response = self.url_open(
                f"/json/2/{model}/{method}",
                json=body,
                headers={"Authorization": f"bearer {self.keys[user]}"},
            )
        self.env.invalidate_all()
        return response.status_code, response.json()

    def _assert_repelled(self, user, attacks, document=None):
        """Run the attacks of one person; every one is refused and leaves no trace."""
        document = document or self.document
        before = self._rows(document)
        for name, model, method, ids, params in attacks:
            with self.subTest(attack=name, user=user.login):
                status, answer = self._call(user, model, method, ids, **params)
                self.assertNotEqual(status, 404, answer)
                self.assertNotEqual(status, 500, answer)
                self.assertEqual(self._rows(document), before)
                self.assertGreaterEqual(status, 400, answer)
