from contextlib import closing
from datetime import timedelta

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger


@tagged("post_install", "-at_install")
class TestApprovalConcurrency(BaseCase):
    """Two real transactions at once; everything they commit is removed again by SQL."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self._clean()  # also what a run left that was killed
        self.addCleanup(self._clean)
        with self.registry.cursor() as cr:
            self._prepare(api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True}))

    def _prepare(self, env):
        def user(login, role):
            groups = env.ref("base.group_user") + env.ref(f"crm_service_base.group_{role}")
            return env["res.users"].create(
                {
                    "name": login,
                    "login": f"race_{login}",
                    "group_ids": [(6, 0, groups.ids)],
                }
            )

        author, one, two = (
            user("author", "specialist"),
            user("one", "manager"),
            user("two", "manager"),
        )
        self.author, self.one, self.two = author.id, one.id, two.id
        env["crm.approval.route"].create(
            {
                "name": "Race",
                "sequence": -1000,
                "res_model": "crm.approval.test",
                "step_ids": [
                    (
                        0,
                        0,
                        {
                            "name": name,
                            "approver_kind": "users",
                            "mode": mode,
                            "user_ids": [(6, 0, (one + two).ids)],
                        },
                    )
                    for name, mode in (("First", "one"), ("Second", "all"))
                ],
            }
        )
        document = (
            env["crm.approval.test"]
            .with_user(author)
            .create({"title": "Race", "line_ids": [(0, 0, {"name": "Line"})]})
        )
        self.document_id, self.line_id = document.id, document.line_ids.id

    def _clean(self):
        with self.registry.cursor() as cr:
            for query in (
                "UPDATE crm_approval_test SET approval_request_id = NULL, approval_step_id = NULL",
                "DELETE FROM crm_approval_decision WHERE res_model = 'crm.approval.test'",
                "DELETE FROM crm_approval_step WHERE res_model = 'crm.approval.test'",
                "DELETE FROM crm_approval_request WHERE res_model = 'crm.approval.test'",
                "DELETE FROM crm_approval_test",
                "DELETE FROM crm_approval_absence WHERE reason = 'Race'",
                "DELETE FROM mail_message WHERE model = 'crm.approval.absence'",
                "DELETE FROM mail_activity WHERE res_model = 'crm.approval.test'",
                "DELETE FROM mail_followers WHERE res_model = 'crm.approval.test'",
                "DELETE FROM mail_message WHERE model = 'crm.approval.test'",
            ):
                cr.execute(query)
            cr.execute("DELETE FROM crm_approval_route WHERE name->>'en_US' = 'Race'")
            env = api.Environment(cr, SUPERUSER_ID, {})
            users = env["res.users"].search([("login", "=like", "race_%")])
            partners = users.partner_id
            users.unlink()
            partners.unlink()

    def _document(self, cr, uid):
        cr.execute("SET LOCAL lock_timeout = '5s'")
        return api.Environment(cr, uid, {})["crm.approval.test"].browse(self.document_id)

    def _run(self, uid, method, *args):
        with self.registry.cursor() as cr:
            getattr(self._document(cr, uid), method)(*args)

    def _kinds(self):
        with self.registry.cursor() as cr:
            document = self._document(cr, SUPERUSER_ID)
            return document.approval_decision_ids.sorted("sequence").mapped("kind")

    @mute_logger("odoo.sql_db")
    def test_two_decisions_at_once(self):
        """The second neither counts for the next step nor forks the log."""
        self._run(self.author, "action_approval_submit")
        with closing(self.registry.cursor()) as slow:
            document = self._document(slow, self.two)
            self.assertEqual(document.approval_step_id.name, "First")  # its snapshot begins here
            with closing(self.registry.cursor()) as held:
                self._document(held, self.one).action_approval_approve()
                with self.assertRaisesRegex(UserError, "try again"):
                    document.action_approval_approve()
                slow.rollback()
                document.env.transaction.reset()
                self.assertEqual(document.approval_step_id.name, "First")
                held.commit()
            with self.assertRaises(SerializationFailure):
                # what the framework answers with a retry on a fresh snapshot
                document.action_approval_approve()
        self.assertEqual(self._kinds(), ["submit", "approve"])
        # mode "all": the document's row does not change between two approvals, the log still holds
        with closing(self.registry.cursor()) as slow:
            document = self._document(slow, self.two)
            self.assertEqual(document.approval_step_id.name, "Second")
            self._run(self.one, "action_approval_approve")
            with self.assertRaises(SerializationFailure):
                document.action_approval_approve()
        self._run(self.two, "action_approval_approve")
        self.assertEqual(self._kinds(), ["submit", "approve", "approve", "approve"])

    @mute_logger("odoo.sql_db")
    def test_approve_against_withdraw(self):
        self._run(self.author, "action_approval_submit")
        with closing(self.registry.cursor()) as slow:
            document = self._document(slow, self.one)
            self.assertEqual(document.state, "submitted")
            self._run(self.author, "action_approval_withdraw")
            with self.assertRaises(SerializationFailure):
                document.action_approval_approve()
        with self.assertRaises(UserError):
            self._run(self.one, "action_approval_approve")
        self.assertEqual(self._kinds(), ["submit", "withdraw"])

    def _be_absent(self, cr):
        now = fields.Datetime.now()
        api.Environment(cr, self.one, {})["crm.approval.absence"].create(
            {
                "deputy_id": self.two,
                "date_from": now + timedelta(days=1),
                "date_to": now + timedelta(days=2),
                "reason": "Race",
            }
        )

    @mute_logger("odoo.sql_db")
    def test_two_absences_of_one_person_at_once(self):
        with closing(self.registry.cursor()) as slow:
            slow.execute("SELECT 1 FROM crm_approval_absence LIMIT 1")  # its snapshot
            with self.registry.cursor() as cr:
                self._be_absent(cr)
            with self.assertRaises(SerializationFailure):
                self._be_absent(slow)
        with self.registry.cursor() as cr, self.assertRaisesRegex(ValidationError, "already"):
            self._be_absent(cr)

    @mute_logger("odoo.sql_db")
    def test_line_edit_against_submit(self):
        with closing(self.registry.cursor()) as slow:
            env = self._document(slow, self.author).env
            line = env["crm.approval.test.line"].browse(self.line_id)
            line.write({"quantity": 5})
            env.flush_all()
            with self.assertRaisesRegex(UserError, "try again"):
                self._run(self.author, "action_approval_submit")
            slow.rollback()
            env.transaction.reset()
            self.assertEqual(line.quantity, 0)  # the snapshot begins here
            self._run(self.author, "action_approval_submit")
            with self.assertRaises(SerializationFailure):
                line.write({"quantity": 5})
        with self.assertRaises(UserError), self.registry.cursor() as cr:
            env = api.Environment(cr, self.author, {})
            env["crm.approval.test.line"].browse(self.line_id).write({"quantity": 5})

    def test_stranger_in_a_race_stays_a_stranger(self):
        self._run(self.author, "action_approval_submit")
        with self.assertRaises(AccessError):
            self._run(self.author, "action_approval_approve")
