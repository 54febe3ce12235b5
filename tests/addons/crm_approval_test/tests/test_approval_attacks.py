import base64
from xmlrpc.client import Fault

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ApprovalHttpCommon

MODEL = "crm.approval.test"
LINE = "crm.approval.test.line"
HOSTILE = {
    "default_state": "approved",
    "default_approval_state": "approved",
    "default_user_ids": [],
    "default_date_start": "2026-01-01 00:00:00",
    "install_mode": True,
    "module": "crm_approval_test",
    "active_test": False,
    "tracking_disable": True,
    "bin_size": True,
    "force_company": 1,
    "su": True,
    "uid": 1,
}


@tagged("post_install", "-at_install")
class TestApprovalAttacks(ApprovalHttpCommon):
    """Each attack comes over the public API; afterwards the database must be what it was."""

    # ------------------------------------------------------------------
    # Content of a locked document
    # ------------------------------------------------------------------

    def _content_attacks(self):
        doc, line, file = self.document, self.document.line_ids, self.file
        image = self.env["ir.attachment"].search(
            [("res_model", "=", MODEL), ("res_id", "=", doc.id), ("res_field", "=", "image")]
        )
        other = self._new_document()

        def write(name, vals, **params):
            return name, MODEL, "write", doc.ids, {"vals": vals, **params}

        def line_write(name, vals):
            return name, LINE, "write", line.ids, {"vals": vals}

        def file_write(name, files, vals):
            return name, "ir.attachment", "write", files.ids, {"vals": vals}

        return [
            write("state", {"state": "approved"}),
            write("state back", {"state": "draft"}),
            write("state, hostile context", {"state": "approved"}, context=HOSTILE),
            write("engine field", {"approval_state": "approved"}),
            write("engine link", {"approval_request_id": False}),
            write("approvers", {"approval_user_ids": [Command.link(self.stranger.id)]}),
            write("decisions", {"approval_decision_ids": [Command.clear()]}),
            write("steps", {"approval_step_ids": [Command.clear()]}),
            write("approval date", {"date_approved": "2026-01-01 00:00:00"}),
            write("own guarded field", {"date_start": "2026-01-01 00:00:00"}),
            write("content", {"title": "Other"}),
            write("content, hostile context", {"amount": 5}, context=HOSTILE),
            write("content beside free field", {"note": "x", "amount": 5}),
            write("binary", {"image": base64.b64encode(b"other").decode()}),
            write("owner", {"user_id": self.stranger.id}),
            write("company", {"company_id": False}),
            write("many2many", {"tag_ids": [Command.clear()]}),
            write("many2many edit", {"tag_ids": [Command.update(self.tags[0].id, {"name": "X"})]}),
            write("line through parent", {"line_ids": [Command.update(line.id, {"quantity": 9})]}),
            write("line created through parent", {"line_ids": [Command.create({"name": "X"})]}),
            write("line deleted through parent", {"line_ids": [Command.delete(line.id)]}),
            write("archive", {"active": False}),
            ("archive button", MODEL, "action_archive", doc.ids, {}),
            ("toggle", MODEL, "write", doc.ids, {"vals": {"active": False}}),
            ("delete", MODEL, "unlink", doc.ids, {}),
            (
                "web_save",
                MODEL,
                "web_save",
                doc.ids,
                {"vals": {"state": "approved"}, "specification": {}},
            ),
            (
                "web_save content",
                MODEL,
                "web_save",
                doc.ids,
                {"vals": {"title": "Other"}, "specification": {}},
            ),
            (
                "web_save_multi",
                MODEL,
                "web_save_multi",
                doc.ids,
                {"vals_list": [{"amount": 5}], "specification": {}},
            ),
            (
                "web_resequence",
                LINE,
                "web_resequence",
                line.ids,
                {"specification": {}, "offset": 77},
            ),
            (
                "translation",
                MODEL,
                "update_field_translations",
                doc.ids,
                {"field_name": "title", "translations": {"en_US": "Other"}},
            ),
            (
                "translation of another language",
                MODEL,
                "update_field_translations",
                doc.ids,
                {"field_name": "title", "translations": {"zh_CN": "别的"}},
            ),
            (
                "web translation",
                MODEL,
                "web_override_translations",
                doc.ids,
                {"values": {"title": "Other"}},
            ),
            (
                "line translation",
                LINE,
                "update_field_translations",
                line.ids,
                {"field_name": "name", "translations": {"en_US": "Other"}},
            ),
            (
                "translation of the parent through a line",
                LINE,
                "update_field_translations",
                line.ids,
                {"field_name": "document_title", "translations": {"en_US": "Other"}},
            ),
            line_write("line", {"quantity": 9}),
            line_write("line beside free field", {"result": "x", "quantity": 9}),
            line_write("line tags", {"tag_ids": [Command.link(self.tags[0].id)]}),
            line_write("line moved away", {"document_id": other.id}),
            line_write("related content", {"document_title": "Other"}),
            line_write("related state", {"document_state": "approved"}),
            ("line deleted", LINE, "unlink", line.ids, {}),
            (
                "line created",
                LINE,
                "create",
                (),
                {"vals_list": [{"name": "X", "document_id": doc.id}]},
            ),
            (
                "line created by default",
                LINE,
                "create",
                (),
                {"vals_list": [{"name": "X"}], "context": {"default_document_id": doc.id}},
            ),
            (
                "line moved in",
                LINE,
                "write",
                other.line_ids.ids,
                {"vals": {"document_id": doc.id}},
            ),
            (
                "line stolen by a draft",
                MODEL,
                "write",
                other.ids,
                {"vals": {"line_ids": [Command.link(line.id)]}},
            ),
            (
                "line stolen at creation",
                MODEL,
                "create",
                (),
                {"vals_list": [{"title": "X", "line_ids": [Command.link(line.id)]}]},
            ),
            (
                "through a one2many",
                "crm.approval.test.folder",
                "write",
                self.folder.ids,
                {"vals": {"document_ids": [Command.update(doc.id, {"state": "approved"})]}},
            ),
            (
                "deleted through a one2many",
                "crm.approval.test.folder",
                "write",
                self.folder.ids,
                {"vals": {"document_ids": [Command.delete(doc.id)]}},
            ),
            (
                "unlinked through a one2many",
                "crm.approval.test.folder",
                "write",
                self.folder.ids,
                {"vals": {"document_ids": [Command.unlink(doc.id)]}},
            ),
            (
                "through delegation",
                "crm.approval.test.child",
                "create",
                (),
                {"vals_list": [{"document_id": doc.id, "title": "Other"}]},
            ),
            (
                "target of many2one deleted",
                "crm.approval.test.folder",
                "unlink",
                self.folder.ids,
                {},
            ),
            (
                "target of many2many deleted",
                "crm.approval.test.tag",
                "unlink",
                self.tags[0].ids,
                {},
            ),
            file_write("file renamed", file, {"name": "Other.txt"}),
            file_write("file content", file, {"raw": "other"}),
            file_write("file moved", file, {"res_id": other.id}),
            file_write("file made a field value", file, {"res_field": "image"}),
            file_write("field value content", image, {"datas": "b3RoZXI="}),
            file_write("field value moved", image, {"res_field": False}),
            ("file deleted", "ir.attachment", "unlink", file.ids, {}),
            ("field value deleted", "ir.attachment", "unlink", image.ids, {}),
            (
                "field value replaced",
                "ir.attachment",
                "create",
                (),
                {
                    "vals_list": [
                        {
                            "name": "image",
                            "res_model": MODEL,
                            "res_id": doc.id,
                            "res_field": "image",
                            "datas": "b3RoZXI=",
                        }
                    ]
                },
            ),
        ]

    def test_content_while_pending(self):
        self._submit()
        attacks = self._content_attacks()
        for user in (self.specialist, self.stranger, self.supervisor, self.manager):
            self._assert_repelled(user, attacks)

    def test_engine_fields_of_a_draft(self):
        """Before submission too nobody writes a state; also the manager."""
        fresh = self._new_document()
        attacks = [
            (str(vals), MODEL, "write", fresh.ids, {"vals": vals})
            for vals in (
                {"state": "approved"},
                {"state": "ready"},
                {"approval_state": "approved", "title": "Other"},
                {"date_start": "2026-01-01 00:00:00"},
                {"date_approved": "2026-01-01 00:00:00"},
                {"approval_request_ids": [Command.create({"res_model": MODEL})]},
            )
        ]
        attacks.append(
            (
                "one2many",
                "crm.approval.test.folder",
                "write",
                self.folder.ids,
                {"vals": {"document_ids": [Command.update(fresh.id, {"state": "approved"})]}},
            )
        )
        for user in (self.specialist, self.manager):
            self._assert_repelled(user, attacks, fresh)

    def test_content_after_approval(self):
        self._submit()
        self._approve_all()
        attacks = self._content_attacks()
        for user in (self.specialist, self.manager):
            self._assert_repelled(user, attacks)

    def test_outsiders(self):
        self._submit()
        attacks = self._content_attacks()[:12] + self._decision_attacks()
        for user in (self.portal_user, self.plain_user, self.user_admin, self.auditor):
            self._assert_repelled(user, attacks)

    def test_other_doors(self):
        """XML-RPC, and delegation from a record that was there before."""
        child = self.env["crm.approval.test.child"].create({"document_id": self.document.id})
        self._submit()
        before = self._rows()
        key = self._api_key(self.specialist)
        for model, ids, vals in (
            (MODEL, self.document.ids, {"state": "approved"}),
            (MODEL, self.document.ids, {"title": "Other"}),
            ("crm.approval.test.child", child.ids, {"state": "approved"}),
            ("crm.approval.test.child", child.ids, {"title": "Other"}),
            (LINE, self.document.line_ids.ids, {"quantity": 9}),
        ):
            with self.subTest(model=model, vals=vals), mute_logger("odoo.http"):
                with self.assertRaises(Fault):
                    self.xmlrpc_object.execute_kw(
                        self.cr.dbname, self.specialist.id, key, model, "write", [ids, vals]
                    )
                self.env.invalidate_all()
                self.assertEqual(self._rows(), before)

    def test_private_methods_are_private(self):
        self._submit()
        for method in ("_approval_submit", "_approval_decide", "_approval_enter", "_write"):
            status, _answer = self._call(self.specialist, MODEL, method, self.document.ids)
            self.assertEqual(status, 403)

    def test_import(self):
        """``load`` answers 200 with messages."""
        self._submit()
        self.env["ir.model.data"].create(
            {"module": "t", "name": "doc", "model": MODEL, "res_id": self.document.id}
        )
        before = self._rows()
        for user in (self.specialist, self.stranger):
            for fields, data in (
                (["id", "title"], [["t.doc", "Other"]]),
                (["id", "state"], [["t.doc", "Approved"]]),
                ([".id", "title"], [[str(self.document.id), "Other"]]),
            ):
                status, answer = self._call(user, MODEL, "load", fields=fields, data=data)
                self.assertTrue(status >= 400 or answer["messages"], answer)
                self.assertEqual(self._rows(), before)

    def test_what_stays_possible(self):
        """The guard is no wall: chatter, activities, favourites, fields for afterwards."""
        self._submit()
        for method, params in (
            ("message_post", {"body": "Hello"}),
            ("write", {"vals": {"note": "Later"}}),
            ("activity_schedule", {"act_type_xmlid": "mail.mail_activity_data_todo"}),
        ):
            status, answer = self._call(self.specialist, MODEL, method, self.document.ids, **params)
            self.assertEqual(status, 200, answer)
        self.document.with_user(self.specialist).action_start()
        self.assertTrue(self.document.date_start)

    # ------------------------------------------------------------------
    # Decisions out of turn, and the evidence itself
    # ------------------------------------------------------------------

    def _decision_attacks(self):
        document = self.document
        attacks = [
            (method, MODEL, method, document.ids, params)
            for method, params in (
                ("action_approval_approve", {}),
                ("action_approval_approve", {"comment": "x", "context": HOSTILE}),
                ("action_approval_reject", {"comment": "x"}),
                ("action_approval_return", {"comment": "x"}),
                ("action_approval_withdraw", {}),
                ("action_approval_reassign", {"user_ids": self.stranger.ids, "comment": "x"}),
                ("action_approval_submit", {}),
            )
        ]
        step = document.approval_request_id.step_ids[:1]
        attacks.append(("inbox", "crm.approval.step", "action_approve", step.ids, {}))
        return attacks + self._evidence_attacks()

    def _evidence_attacks(self):
        request = self.document.approval_request_id
        step, decision = request.step_ids[-1:], request.decision_ids[:1]
        rows = {
            request: {"state": "approved"},
            step: {"pending_user_ids": [Command.link(self.stranger.id)]},
            decision: {"comment": "x"},
        }
        attacks = []
        for row, vals in rows.items():
            attacks += [
                ("write evidence", row._name, "write", row.ids, {"vals": vals}),
                ("delete evidence", row._name, "unlink", row.ids, {}),
                (
                    "evidence through web_save",
                    row._name,
                    "web_save",
                    row.ids,
                    {"vals": vals, "specification": {}},
                ),
                (
                    "create evidence",
                    row._name,
                    "create",
                    (),
                    {
                        "vals_list": [
                            {
                                **vals,
                                "res_model": MODEL,
                                "res_id": self.document.id,
                                "request_id": request.id,
                            }
                            if row is not request
                            else {**vals, "res_model": MODEL, "res_id": self.document.id}
                        ]
                    },
                ),
            ]
        return attacks

    def test_decisions_out_of_turn(self):
        self._submit()
        attacks = self._decision_attacks()
        # of the requester only the withdrawal succeeds, of the approver the decisions
        mine = [attack for attack in attacks if attack[0] != "action_approval_withdraw"]
        self._assert_repelled(self.specialist, mine)
        self._assert_repelled(self.stranger, attacks)
        self._assert_repelled(self.director, attacks)
        self._assert_repelled(self.general_manager, attacks)
        self._assert_repelled(self.supervisor, self._evidence_attacks())
        self._assert_repelled(self.manager, self._evidence_attacks())

    def test_decisions_after_the_end(self):
        self._submit()
        self._approve_all()
        attacks = self._decision_attacks()
        for user in (self.specialist, self.supervisor, self.director, self.manager):
            self._assert_repelled(user, attacks)

    def test_write_rights_granted_by_an_administrator(self):
        """The engine's tables stay closed even when the access table opens them."""
        self._submit()
        for model in ("crm.approval.request", "crm.approval.step", "crm.approval.decision"):
            self.env["ir.model.access"].create(
                {
                    "name": model,
                    "model_id": self.env["ir.model"]._get_id(model),
                    "group_id": self.env.ref("base.group_user").id,
                    "perm_read": True,
                    "perm_write": True,
                    "perm_create": True,
                    "perm_unlink": True,
                }
            )
        attacks = self._evidence_attacks()
        for user in (self.manager, self.user_admin):
            self._assert_repelled(user, attacks)

    def test_administrator_joins_the_group(self):
        self._submit()
        group = self.env.ref("crm_service_base.group_director")
        status, _answer = self._call(
            self.user_admin,
            "res.groups",
            "write",
            group.ids,
            vals={"user_ids": [Command.link(self.user_admin.id)]},
        )
        self.assertEqual(status, 200)
        self._assert_repelled(self.user_admin, self._decision_attacks()[:5])

    def test_foreign_company(self):
        """Also for a document without a company rule, which would look at the companies first."""
        other = self.env["res.company"].create({"name": "Other"})
        self.env["ir.rule"].search([("model_id.model", "=", MODEL)]).active = False
        before = self._rows()
        status, _answer = self._call(
            self.specialist,
            MODEL,
            "action_approval_submit",
            self.document.ids,
            context={"allowed_company_ids": [other.id, self.company.id]},
        )
        self.assertGreaterEqual(status, 400)
        self.assertEqual(self._rows(), before)

    # ------------------------------------------------------------------
    # New documents always begin at the beginning
    # ------------------------------------------------------------------

    def _assert_fresh(self, documents):
        for document in documents:
            self.assertEqual(document.state, "draft")
            self.assertEqual(document.approval_state, "none")
            self.assertFalse(document.approval_request_ids)
            self.assertFalse(document.date_start)
            self.assertFalse(document.date_approved)
            self.assertFalse(document.approved_by_id)

    def test_created_with_a_state(self):
        vals = {
            "title": "New",
            "state": "approved",
            "approval_state": "approved",
            "date_start": "2026-01-01 00:00:00",
            "date_approved": "2026-01-01 00:00:00",
            "approved_by_id": self.director.id,
            "approval_request_ids": [
                Command.create({"res_model": MODEL, "state": "approved", "snapshot": "{}"})
            ],
        }
        calls = [
            ("create", {"vals_list": [vals]}),
            ("create", {"vals_list": [{"title": "New"}], "context": HOSTILE}),
            ("name_create", {"name": "New", "context": HOSTILE}),
            ("web_save", {"vals": vals, "specification": {}}),
        ]
        for method, params in calls:
            with self.subTest(method=method):
                last = self.env[MODEL].search([], order="id desc", limit=1)
                status, answer = self._call(self.specialist, MODEL, method, **params)
                self.assertEqual(status, 200, answer)
                new = self.env[MODEL].search([("id", ">", last.id)])
                self.assertEqual(len(new), 1)
                self._assert_fresh(new)

    def test_created_from_elsewhere(self):
        last = self.env[MODEL].search([], order="id desc", limit=1)
        calls = [
            (
                "crm.approval.test.folder",
                "write",
                self.folder.ids,
                {"vals": {"document_ids": [Command.create({"state": "approved"})]}},
            ),
            (
                "crm.approval.test.child",
                "create",
                (),
                {"vals_list": [{"state": "approved", "date_start": "2026-01-01 00:00:00"}]},
            ),
            (MODEL, "load", (), {"fields": ["title", "state"], "data": [["New", "Approved"]]}),
            (MODEL, "copy", self.document.ids, {"default": {"state": "approved"}}),
        ]
        for model, method, ids, params in calls:
            status, answer = self._call(self.specialist, model, method, ids, **params)
            self.assertEqual(status, 200, answer)
        new = self.env[MODEL].search([("id", ">", last.id)])
        self.assertEqual(len(new), 4)
        self._assert_fresh(new)

    def test_copy_of_an_approved_document(self):
        self._submit()
        self._approve_all()
        self._assert_fresh(self.document.with_user(self.specialist).copy())
        self._assert_fresh(self.document.sudo().copy())

    def test_own_defaults(self):
        """A user's ``ir.default`` follows the uid, also into ``sudo``."""
        for model, field, value in (
            (MODEL, "state", "approved"),
            (MODEL, "approval_state", "approved"),
            (MODEL, "date_start", "2026-01-01 00:00:00"),
            ("crm.approval.step", "date_done", "2026-01-01 00:00:00"),
            ("crm.approval.request", "date_closed", "2026-01-01 00:00:00"),
            ("crm.approval.decision", "on_behalf_id", self.director.id),
        ):
            status, answer = self._call(
                self.specialist,
                "ir.default",
                "set",
                model_name=model,
                field_name=field,
                value=value,
                user_id=True,
            )
            self.assertEqual(status, 200, answer)
        status, answer = self._call(self.specialist, MODEL, "create", vals_list=[{"title": "New"}])
        document = self.env[MODEL].browse(answer)
        self._assert_fresh(document)
        self._assert_fresh(
            self.env[MODEL].with_user(self.specialist).sudo().create({"title": "New"})
        )
        document.department_id = self.department
        self._submit(document)
        self.assertFalse(document.approval_request_id.date_closed)
        self.assertFalse(any(document.approval_request_id.step_ids.mapped("date_done")))
        self.assertFalse(document.approval_decision_ids.on_behalf_id)

    def test_submit_with_hostile_context(self):
        context = {
            "default_state": "approved",
            "default_user_ids": [Command.link(self.specialist.id)],
            "default_pending_user_ids": [Command.link(self.specialist.id)],
            "default_on_behalf_id": self.director.id,
            "default_mode": "all",
        }
        status, answer = self._call(
            self.specialist,
            MODEL,
            "action_approval_submit",
            self.document.ids,
            context=context,
        )
        self.assertEqual(status, 200, answer)
        request = self.document.approval_request_id
        self.assertEqual(request.step_ids.mapped("state"), ["open", "waiting"])
        self.assertEqual(request.step_ids.user_ids, self.supervisor + self.director)
        self.assertEqual(set(request.step_ids.mapped("mode")), {"one"})
        self.assertFalse(request.decision_ids.on_behalf_id)

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    def test_reading_follows_the_document(self):
        self._submit()
        self.document.with_user(self.supervisor).action_approval_approve("Confidential")
        request = self.document.approval_request_id
        rows = [request, request.step_ids, request.decision_ids]
        for user in (self.portal_user, self.plain_user, self.general_manager):
            for row in rows:
                with self.subTest(user=user.login, model=row._name):
                    status, answer = self._call(user, row._name, "search_read")
                    self.assertTrue(status >= 400 or answer == [], answer)
                    status, answer = self._call(
                        user,
                        row._name,
                        "formatted_read_group",
                        domain=[],
                        groupby=["res_id"],
                        aggregates=["__count"],
                    )
                    self.assertTrue(status >= 400 or answer == [], answer)
                    status, answer = self._call(user, row._name, "read", row.ids, fields=["res_id"])
                    self.assertGreaterEqual(status, 400, answer)
        for row in rows:
            for user in (self.stranger, self.director):
                readable = row.with_user(user).search([("res_model", "=", MODEL)])
                self.assertEqual(readable & row, row)

    def test_access_without_a_search(self):
        """The records themselves are closed, not only what a search returns."""
        self._submit()
        self.env["ir.model.access"].search([("model_id.model", "=like", "crm.approval.%")]).write(
            {"perm_write": True, "perm_unlink": True}
        )
        request = self.document.approval_request_id
        for row in (request, request.step_ids, request.decision_ids):
            self.assertFalse(row.with_user(self.plain_user).has_access("read"))
            self.assertTrue(row.with_user(self.stranger).has_access("read"))
            for user in (self.manager, self.user_admin):
                self.assertFalse(row.with_user(user).has_access("write"))
                self.assertFalse(row.with_user(user).has_access("unlink"))

    def test_submission_needs_write_access(self):
        self._assert_repelled(
            self.auditor,
            [("submit", MODEL, "action_approval_submit", self.document.ids, {})],
        )

    def test_history_is_not_deleted(self):
        self._submit()
        self.document.with_user(self.specialist).action_approval_withdraw()
        self.assertEqual(self.document.state, "draft")
        attack = [("delete", MODEL, "unlink", self.document.ids, {})]
        self._assert_repelled(self.specialist, attack)
        with self.assertRaises(UserError):
            self.document.sudo().unlink()
        with self.assertRaises(UserError):
            self.document.approval_request_id.sudo().unlink()
        self._new_document().with_user(self.specialist).unlink()

    def test_snapshot_needs_a_role(self):
        self._submit()
        request = self.document.approval_request_id
        with self.assertRaises(AccessError):
            request.with_user(self.specialist).read(["snapshot"])
        self.assertTrue(request.with_user(self.manager).snapshot)

    def test_dialog_is_no_door(self):
        """The dialog's fields can be anything."""
        self._submit()
        wizards = self.env["crm.approval.decide"].with_user(self.stranger)
        for model in (MODEL, "res.users", "ir.attachment", "no.model"):
            with self.assertRaises(UserError):
                wizards.create(
                    {
                        "res_model": model,
                        "document_ids": self.document.ids,
                        "kind": "approve",
                    }
                ).action_confirm()
        self.assertEqual(self.document.approval_user_ids, self.supervisor)

    def test_mail_controller_deletes_no_evidence(self):
        """The web client's own route deletes with ``sudo`` for whoever owns the file."""
        self._submit()
        self.authenticate("test_specialist", "test_specialist")
        with mute_logger("odoo.http"):
            answer = self.make_jsonrpc_request_raw(self.file)
        self.assertTrue(self.file.exists(), answer)

    def make_jsonrpc_request_raw(self, file):
        return self.url_open(
            "/mail/attachment/delete",
            json={"params": {"attachment_id": file.id}},
        ).json()

    # ------------------------------------------------------------------
    # Every other public method
    # ------------------------------------------------------------------

    def test_public_methods_are_known(self):
        """A new public method of the engine must be tried here first."""
        known = {
            "crm.approval.mixin": {
                "action_approval_submit",
                "action_approval_approve",
                "action_approval_reject",
                "action_approval_return",
                "action_approval_withdraw",
                "action_approval_decide",
                "action_approval_reassign",
                "action_approval_open_evidence",
                "action_approval_verify",
                "action_approval_add",
                "action_approval_forward",
                "action_approval_send_back",
                "action_approval_print_evidence",
            },
            "crm.approval.request": {"action_open_document", "action_print_evidence"},
            "crm.approval.step": {
                "action_open_document",
                "action_approve",
                "action_decide",
                "action_review",
                "get_inbox",
            },
            "crm.approval.decision": set(),
            "crm.approval.decide": {"action_confirm"},
            "crm.approval.review": {
                "action_approve",
                "action_return",
                "action_skip",
                "action_open_document",
            },
            "crm.approval.line.mixin": set(),
        }
        base = set(dir(type(self.env["base"])))
        for model, names in known.items():
            public = {
                name
                for name in set(dir(type(self.env[model]))) - base
                if not name.startswith("_")
                and name not in self.env[model]._fields
                and callable(getattr(type(self.env[model]), name))
            }
            self.assertEqual(public, names, model)

    def test_opening_needs_reading(self):
        self._submit()
        for method in (
            "action_approval_verify",
            "action_approval_open_evidence",
            "action_approval_decide",
        ):
            for user in (self.portal_user, self.plain_user, self.general_manager):
                status, answer = self._call(user, MODEL, method, self.document.ids)
                self.assertGreaterEqual(status, 400, answer)

    def test_conventions_of_the_document(self):
        """Rule 7: what is content can't be deleted or edited from the other side."""
        for model in (MODEL, LINE):
            for name in self.env[model]._approval_content_fields():
                field = self.env[model]._fields[name]
                if field.type == "many2many":
                    self.assertEqual(field.ondelete, "restrict", field)
                    self.assertFalse(self.env.registry.field_inverses[field], field)
