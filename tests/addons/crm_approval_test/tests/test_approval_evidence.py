import base64
import json
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tools import approval_hash

from .common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestApprovalEvidence(ApprovalCommon):
    """Somebody changes the database itself: the next decision or the check says so."""

    def _assert_refused(self, pattern):
        with self._refused(pattern):
            self.document.with_user(self.supervisor).action_approval_approve()
        self.assertEqual(self.document.approval_user_ids, self.supervisor)
        # the way out stays open
        self.document.with_user(self.supervisor).action_approval_return("Changed")
        self.assertEqual(self.document.state, "draft")

    def test_field(self):
        self._submit()
        self._sql("UPDATE crm_approval_test SET amount = 999 WHERE id = %s", self.document.id)
        self._assert_refused("Amount")

    def test_translation(self):
        self._submit()
        self._sql(
            'UPDATE crm_approval_test SET title = title || \'{"zh_CN": "别的"}\' WHERE id = %s',
            self.document.id,
        )
        self._assert_refused("Title")

    def _translate(self, translations):
        self._sql(
            "UPDATE crm_approval_test SET title = title || %s::jsonb WHERE id = %s",
            json.dumps(translations),
            self.document.id,
        )
        self._sql(
            "UPDATE crm_approval_test_line SET name = name || %s::jsonb WHERE document_id = %s",
            json.dumps(dict.fromkeys(translations, "Line")),
            self.document.id,
        )

    def test_language_added_later_is_no_change(self):
        """Its value is that of English until somebody translates."""
        self._submit()
        self._translate({"fr_FR": "Plan"})
        self._approve_all()
        self.assertFalse(self.document._approval_faults()[self.document.id])
        self._translate({"fr_FR": "Autre"})
        self.assertIn("Title", self.document._approval_faults()[self.document.id])

    def test_snapshot_that_kept_the_fallbacks_is_still_good(self):
        """As the first versions wrote them."""
        self._translate({"zh_CN": "Plan"})
        with patch.object(approval_hash, "without_fallbacks", lambda value: value):
            self._submit()
        self.assertIn('"zh_CN":"Plan"', self.document.approval_request_id.snapshot)
        self._translate({"fr_FR": "Plan"})
        self._approve_all()
        self.assertFalse(self.document._approval_faults()[self.document.id])
        self._translate({"zh_CN": "别的"})
        self.assertIn("Title", self.document._approval_faults()[self.document.id])

    def test_line(self):
        self._submit()
        self._sql(
            "UPDATE crm_approval_test_line SET quantity = 7 WHERE document_id = %s",
            self.document.id,
        )
        self._assert_refused("Quantity")

    def test_line_added(self):
        self._submit()
        self._sql(
            "INSERT INTO crm_approval_test_line (document_id, quantity) VALUES (%s, 1)",
            self.document.id,
        )
        self._assert_refused("Line")

    def test_many2many(self):
        self._submit()
        self._sql(
            "INSERT INTO crm_approval_test_tag_rel VALUES (%s, %s)",
            self.document.id,
            self.tags[1].id,
        )
        self._assert_refused("Tag")

    def test_attachment(self):
        self._submit()
        self._sql("UPDATE ir_attachment SET name = 'Other.txt' WHERE id = %s", self.file.id)
        self._assert_refused("Attachments")

    def test_attachment_content(self):
        """Another stored file behind the same row and checksum."""
        other = self._new_file(self.env["crm.approval.test.folder"])
        other.raw = b"other"
        self._submit()
        self._sql(
            "UPDATE ir_attachment SET store_fname = %s WHERE id = %s",
            other.store_fname,
            self.file.id,
        )
        self._assert_refused("Attachments")

    def test_binary_field(self):
        self._submit()
        self._sql(
            "DELETE FROM ir_attachment WHERE res_model = 'crm.approval.test' AND res_id = %s "
            "AND res_field = 'image'",
            self.document.id,
        )
        self._assert_refused("Image")

    def test_new_upload_is_no_change(self):
        self._submit()
        self._new_file(self.document, self.supervisor)
        self._approve_all()
        self.assertFalse(self.document._approval_faults()[self.document.id])

    def test_after_field_is_no_change(self):
        self._submit()
        self.document.with_user(self.specialist).write({"note": "Later"})
        self.document.line_ids.with_user(self.specialist).write({"result": "Done"})
        self._approve_all()
        self.assertFalse(self.document._approval_faults()[self.document.id])

    def test_hash_depends_on_nothing_else(self):
        """The same content in another language, time zone, user and cache."""
        first = self.document._approval_snapshots()
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env.invalidate_all()
        other = self.document.with_user(self.manager).with_context(
            lang="zh_CN", tz="Asia/Shanghai", bin_size=True
        )
        self.assertEqual(first, other._approval_elevate()._approval_snapshots())
        self.document.image = base64.b64encode(b"imagf")
        self.assertNotEqual(first, self.document._approval_elevate()._approval_snapshots())

    def test_altered_decision_is_named(self):
        self._submit()
        self.document.with_user(self.supervisor).action_approval_approve("Yes")
        decision = self.document.approval_decision_ids.filtered(lambda d: d.kind == "approve")
        self._sql("UPDATE crm_approval_decision SET comment = 'No' WHERE id = %s", decision.id)
        action = self.document.with_user(self.specialist).action_approval_verify()
        self.assertIn(f"ID {decision.id}", action["params"]["message"])
        with self._refused(f"ID {decision.id}"):
            self.document.with_user(self.director).action_approval_approve()

    def test_not_even_the_engine_rewrites_a_decision(self):
        self._submit()
        with self.assertRaises(AccessError):
            self.document.approval_decision_ids.sudo().write({"comment": "x"})
        with self.assertRaises(UserError):
            self.document.approval_decision_ids.sudo().unlink()

    def test_removed_decision(self):
        self._submit()
        self._approve_all()
        last = self.document.approval_decision_ids.sorted("sequence")[-1]
        self._sql("DELETE FROM crm_approval_decision WHERE id = %s", last.id)
        self.assertIn("missing", self.document._approval_faults()[self.document.id])

    def test_altered_snapshot(self):
        self._submit()
        self._sql(
            "UPDATE crm_approval_request SET snapshot = replace(snapshot, 'Plan', 'Plot') "
            "WHERE res_id = %s",
            self.document.id,
        )
        self._assert_refused("record of what was submitted")

    def test_planted_approver(self):
        self._submit()
        for table in ("crm_approval_step_user_rel", "crm_approval_step_pending_rel"):
            self._sql(
                f"INSERT INTO {table} VALUES (%s, %s)",  # noqa: S608
                self.document.approval_step_id.id,
                self.stranger.id,
            )
        with self._refused("approvers of step"):
            self.document.with_user(self.stranger).action_approval_approve()

    def test_state_set_in_the_database(self):
        self._submit()
        self._sql(
            "UPDATE crm_approval_test SET state = 'approved', approval_state = 'approved' "
            "WHERE id = %s",
            self.document.id,
        )
        self.assertTrue(self.document._approval_faults()[self.document.id])
        draft = self._new_document()
        self._sql("UPDATE crm_approval_test SET state = 'approved' WHERE id = %s", draft.id)
        self.assertIn("never", draft._approval_faults()[draft.id])

    @mute_logger("odoo.addons.crm_service_base.models.crm_approval_request")
    def test_scheduled_check(self):
        self._submit()
        self._approve_all()
        other = self._approve_all(self._submit(self._new_document()))
        self._sql("UPDATE crm_approval_test SET amount = 999 WHERE id = %s", self.document.id)
        requests = (self.document + other).approval_request_id
        requests._verify()
        self.assertIn("Amount", requests[0].fault)
        self.assertFalse(requests[1].fault)
        self.assertTrue(all(requests.mapped("date_verified")))

    def test_field_added_later_changes_no_hash(self):
        self._submit()
        schema = self.document._approval_schema()
        self.assertIn("amount", schema["crm.approval.test"]["fields"])
        request = self.document.approval_request_id
        reduced = {
            name: {**part, "fields": [f for f in part["fields"] if f != "amount"]}
            for name, part in schema.items()
        }
        text = self.document._approval_snapshots(reduced)[self.document.id]
        self.patch(type(request), "_get_schema", lambda self: reduced)
        self.assertEqual(self.document._approval_recompute()[self.document.id], text)

    def test_uninstall_way_out(self):
        """Guards on deletion are of the kind that an uninstallation skips."""
        for name in ("crm.approval.request", "crm.approval.step", "crm.approval.decision"):
            guard = type(self.env[name])._unlink_except_uninstall
            self.assertFalse(guard._ondelete)
