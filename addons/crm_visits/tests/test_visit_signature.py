import base64
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import ROLES, requirement
from odoo.addons.crm_service_base.tools import approval_hash

from .common import VisitCommon, draw_signature


@tagged("post_install", "-at_install")
class TestVisitSignature(VisitCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.visit = cls._carry_out(cls._make_call(key_points="Watch their credit"))

    def _dialog(self, method="action_sign_customer", user=None, visit=None):
        user = user or self.specialist
        action = getattr((visit or self.visit).with_user(user), method)()
        return Form(self.env[action["res_model"]].with_user(user).with_context(**action["context"]))

    @requirement("A1.F2")
    def test_the_customer_reads_the_record_and_signs_on_the_visitors_phone(self):
        self.visit.sudo().notified_contact = "Mr Wang"
        dialog = self._dialog()
        self.assertEqual(dialog.name, "Mr Wang")
        self.assertIn("Delivery is quick, the manual is not clear", dialog.content)
        self.assertNotIn("Send the new manual", dialog.content)
        self.assertNotIn("Watch their credit", dialog.content)
        dialog.image = draw_signature()
        before = fields.Datetime.now()
        dialog.save().action_sign()
        signature = self.visit.signature_ids
        self.assertEqual(
            (signature.role, signature.channel, signature.name, signature.user_id),
            ("customer", "backend", "Mr Wang", self.specialist),
        )
        self.assertEqual(signature.partner_id, self.customer)
        self.assertTrue(before <= signature.date <= fields.Datetime.now())
        self.assertEqual(signature.digest, approval_hash.digest(self.visit.signature_ids.content))
        self.assertEqual(self.visit.signature_state, "valid")
        self.assertTrue(base64.b64decode(signature.image).startswith(b"\x89PNG"))

    @requirement("A1.F2")
    def test_the_evidence_of_the_approval_holds_the_customers_signature(self):
        self._sign_on_phone(self.visit)
        self.visit.with_user(self.specialist).action_approval_submit()
        request = self.visit.approval_request_id.with_user(self.supervisor)
        [page] = request._get_evidence()
        self.assertEqual([box["name"] for box in page["signatures"]], ["Mr Wang"])
        self.assertTrue(page["signatures"][0]["image"])
        html, _kind = (
            self.env["ir.actions.report"]
            .with_user(self.supervisor)
            ._render_qweb_html("crm_service_base.crm_approval_evidence_form", request.ids)
        )
        self.assertIn(b"Mr Wang", html)

    @requirement("A1.F2")
    def test_a_later_change_shows_as_signed_version_differs(self):
        signature = self._sign_on_phone(self.visit)
        self.visit.write({"note": "Internal"})
        self.assertEqual(self.visit.signature_state, "valid")
        self.visit.write({"opinion": "All is well"})
        self.assertEqual(
            (self.visit.signature_state, self.visit.signature_difference),
            ("differs", "Opinions and Demands"),
        )
        self.visit.write({"opinion": "Delivery is quick, the manual is not clear"})
        self.assertEqual(self.visit.signature_state, "valid")
        self.visit.answer_ids = [Command.create({"question": "More?", "answer": "No"})]
        self.assertEqual(self.visit.signature_difference, "Questions")
        again = self._sign_on_phone(self.visit)
        self.assertEqual((signature.state, again.state), ("superseded", "valid"))
        self.assertEqual(self.visit.customer_signature_id, again)

    def test_a_change_in_the_database_shows(self):
        signature = self._sign_on_phone(self.visit)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_visit SET satisfaction_service = 'poor' WHERE id = %s", [self.visit.id]
        )
        self.env.invalidate_all()
        self.assertEqual(self.visit.signature_state, "differs")
        self.env.cr.execute(
            "UPDATE crm_visit SET satisfaction_service = 'good' WHERE id = %s", [self.visit.id]
        )
        self.env.invalidate_all()
        self.assertEqual(self.visit.signature_state, "valid")
        for change in (
            "name = 'Mr Li'",
            "date = date - interval '1 day'",
            "channel = 'portal'",
            "content = replace(content, 'good', 'poor')",
            "image = 'eA=='",
        ):
            with self.subTest(change=change), self.env.cr.savepoint() as savepoint:
                self.env.cr.execute(
                    f"UPDATE crm_signature SET {change} WHERE id = %s",  # noqa: S608
                    [signature.id],
                )
                self.env.invalidate_all()
                self.assertEqual(self.visit.signature_state, "altered")
                savepoint.rollback()
                self.env.invalidate_all()
        self.assertEqual(signature.state, "valid")

    @requirement("A1.F2", "A1.R7")
    def test_signing_and_review_do_not_disturb_each_other(self):
        self._sign_on_phone(self.visit)
        self.visit.action_approval_submit()
        content = self.visit.sudo().approval_request_id.content_hash
        dialog = self._dialog("action_sign_staff")
        dialog.image = draw_signature()
        dialog.save().action_sign()
        self._sign_on_phone(self.visit, name="Mrs Zhao")
        self.visit.with_user(self.supervisor).action_approval_approve()
        self._sign_on_phone(self.visit, name="Mr Wang")
        faults = self.visit.sudo()._approval_faults()
        self.assertEqual(faults, {self.visit.id: False})
        self.assertEqual(self.visit.sudo().approval_request_id.content_hash, content)
        self.assertEqual(self.visit.signature_state, "valid")
        self.assertEqual(
            self.visit.signature_ids.sorted("sequence").mapped("name"),
            ["Mr Wang", "Test Specialist", "Mrs Zhao", "Mr Wang"],
        )

    def test_only_what_took_place_is_signed(self):
        planned = self._make_call()
        for visit in (planned, self._make_visit()):
            with self.assertRefused(UserError, "cannot be signed"):
                visit.action_sign_customer()
            with self.assertRefused(UserError, "cannot be signed"):
                visit._sign_by_user(
                    {"role": "customer", "channel": "backend", "name": "x", "image": "x"},
                    visit._get_signature_digest(),
                )

    def test_nobody_signs_what_was_changed_under_their_eyes(self):
        dialog = self._dialog()
        dialog.name = "Mr Wang"
        dialog.image = draw_signature()
        wizard = dialog.save()
        self.visit.write({"opinion": "We are delighted"})
        with self.assertRefused(UserError, "changed while you read"):
            wizard.action_sign()
        self.assertFalse(self.visit.signature_ids)

    def test_pictures_that_are_no_signature(self):
        svg = base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg'/>").decode()
        for image, message in (
            (draw_signature(is_empty=True), "missing"),
            (svg, "cannot be used"),
            (base64.b64encode(b"\x89PNG\r\n\x1a\nrubbish").decode(), "cannot be used"),
            ("A" * 2_000_000, "too large"),
            ("", "missing"),
            ("no base64!", "cannot be used"),
        ):
            with self.subTest(message=message, image=image[:20]):
                values = {"role": "customer", "channel": "backend", "name": "x", "image": image}
                with self.assertRefused(UserError, message):
                    self.visit._sign_by_user(values, self.visit._get_signature_digest())
        self.assertFalse(self.visit.signature_ids)

    @requirement("A1.F2")
    def test_a_signed_paper_is_scanned_and_filed(self):
        dialog = self._dialog("action_sign_paper")
        dialog.name = "Mr Wang"
        dialog.date_paper = self.today - timedelta(days=1)
        dialog.scan = base64.b64encode(b"<script>alert(1)</script>").decode()
        wizard = dialog.save()
        with self.assertRefused(UserError, "PDF, PNG or JPEG"):
            wizard.action_sign()
        dialog.scan = base64.b64encode(b"%PDF-1.4 scanned").decode()
        dialog.save().action_sign()
        signature = self.visit.signature_ids
        self.assertEqual((signature.channel, signature.state), ("paper", "valid"))
        self.assertTrue(signature.scan_name.endswith(".pdf"))
        file = self.env["ir.attachment"].search(
            [("res_model", "=", "crm.signature"), ("res_field", "=", "scan")]
        )
        self.assertEqual((file.res_id, file.public), (signature.id, False))
        for attempt in (
            lambda: file.with_user(self.specialist).write({"datas": "eA=="}),
            lambda: file.with_user(self.specialist).unlink(),
            lambda: file.with_user(self.plain_user).read(["datas"]),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                attempt()

    def test_only_who_was_there_signs_as_visitor(self):
        with self.assertRefused(AccessError, "who was there"):
            self.visit.with_user(self.supervisor).action_sign_staff()
        with self.assertRefused(AccessError, "who was there"):
            self.visit.with_user(self.supervisor)._sign_by_user(
                {"role": "staff", "channel": "backend", "name": "x", "image": draw_signature()},
                self.visit._get_signature_digest(),
            )
        dialog = self._dialog("action_sign_staff")
        dialog.image = draw_signature()
        wizard = dialog.save()
        wizard.write({"name": "Somebody Else"})
        wizard.action_sign()
        self.assertEqual(self.visit.signature_ids.name, self.specialist.name)
        self.assertEqual(self.visit.signature_state, "none")

    def test_rows_are_written_by_nobody(self):
        signature = self._sign_on_phone(self.visit)
        values = {
            "res_model": "crm.visit",
            "res_id": self.visit.id,
            "sequence": 2,
            "role": "customer",
            "channel": "portal",
            "name": "Forged",
            "date": self.now,
            "digest": signature.digest,
            "hash": "x",
        }
        users = [getattr(self, role) for role in ROLES]
        users += [self.plain_user, self.portal_user, self.env.ref("base.user_admin")]
        for user in users:
            row = signature.with_user(user)
            visit = self.visit.with_user(user)
            for attempt in (
                lambda row=row: row.create(values),
                lambda row=row: row.write({"name": "Forged"}),
                lambda row=row: row.unlink(),
                lambda row=row: row.copy(),
                lambda visit=visit: visit.write({"signature_ids": [Command.create(values)]}),
                lambda visit=visit, row=row: visit.write(
                    {"signature_ids": [Command.delete(row.id)]}
                ),
                lambda visit=visit, row=row: visit.write(
                    {"signature_ids": [Command.unlink(row.id)]}
                ),
            ):
                with self.subTest(user=user.login), self.assertRefused(UserError, "."):
                    attempt()
        with self.assertRaises(AccessError):
            signature.sudo().write({"name": "Forged"})
        with self.assertRaises(UserError):
            signature.sudo().unlink()
        with self.assertRefused(UserError, "signed and stays"):
            self.visit.sudo().unlink()
        self.assertEqual(self.visit.signature_ids, signature)

    def test_a_new_visit_brings_no_signature(self):
        signature = self._sign_on_phone(self.visit)
        fresh = self._make_call(signature_ids=[Command.link(signature.id)])
        self.assertFalse(fresh.signature_ids)
        with self.assertRaises(AccessError):
            self._make_call(access_token="known")
        visits = self.env["crm.visit"].with_user(self.specialist)
        values = {"partner_id": self.customer.id, "method_id": self.method_callback.id}
        with self.assertRaises(AccessError):
            visits.with_context(default_access_token="known").create(values)
        fresh = visits.with_context(default_customer_comment="Great").create(values)
        self.assertFalse(fresh.customer_comment)
        for values in ({"access_token": "known"}, {"customer_satisfaction_service": "good"}):
            with self.assertRaises(AccessError):
                self.visit.write(values)

    def test_signatures_are_read_with_their_document(self):
        signature = self._sign_on_phone(self.visit)
        for role in ROLES:
            user = getattr(self, role)
            self.assertEqual(signature.with_user(user).name, "Mr Wang")
            self.assertIn(signature, signature.with_user(user).search([]))
        for user in (self.plain_user, self.portal_user):
            with self.assertRaises(AccessError):
                signature.with_user(user).read(["name"])
        self.assertFalse(self.env["crm.signature"].with_user(self.plain_user).search([]))

    @mute_logger("odoo.http")
    def test_strangers_get_no_picture(self):
        dialog = self._dialog("action_sign_paper")
        dialog.name = "Mr Wang"
        dialog.date_paper = self.today
        dialog.scan = base64.b64encode(b"%PDF-1.4 scanned secret").decode()
        dialog.save().action_sign()
        drawn = self._sign_on_phone(self.visit)
        paper = self.visit.signature_ids - drawn
        file = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "crm.signature"),
                ("res_id", "=", paper.id),
                ("res_field", "!=", False),
            ]
        )
        token = self.visit._portal_ensure_token()
        self.env.flush_all()
        addresses = (
            f"/web/image/crm.signature/{drawn.id}/image",
            f"/web/content/crm.signature/{drawn.id}/image",
            f"/web/content/crm.signature/{paper.id}/scan",
            f"/web/content/{file.id}",
            f"/web/image/{file.id}",
        )
        picture = base64.b64decode(drawn.image)
        self.assertEqual(self._fetch(self.specialist, addresses[0]).content, picture)
        for user in (None, self.plain_user, self.portal_user):
            for address in addresses:
                for query in ("", f"?access_token={token}"):
                    answer = self._fetch(user, address + query)
                    self.assertNotIn(b"scanned secret", answer.content)
                    self.assertNotEqual(answer.content, picture)

    def _fetch(self, user, url):
        self.authenticate(user.login if user else None, user.login if user else None)
        return self.url_open(url)
