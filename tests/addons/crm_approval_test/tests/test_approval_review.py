import subprocess
import tempfile

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestApprovalReview(ApprovalCommon):
    """What an approver sees: notices, the inbox, the walk through many documents."""

    def _review(self, documents, user=None):
        user = user or self.supervisor
        steps = documents.approval_step_id.with_user(user)
        action = steps.action_review()
        review = self.env["crm.approval.review"].with_user(user).browse(action["res_id"])
        return review.with_env(review.env(su=False))

    # notices

    def test_returned_document_says_why(self):
        self._submit()
        self.assertFalse(self.document.with_user(self.specialist).approval_notice)
        self.document.with_user(self.supervisor).action_approval_return("Budget <b>missing</b>")
        notice = self.document.with_user(self.specialist).approval_notice
        self.assertIn(self.supervisor.name, notice)
        self.assertIn("Budget &lt;b&gt;missing&lt;/b&gt;", notice)
        self.document.with_user(self.specialist).write({"amount": 80.0})
        self._submit()
        self._approve_all()
        self.assertFalse(self.document.with_user(self.specialist).approval_notice)

    def test_next_approver_sees_what_changed(self):
        self._submit()
        self.assertNotIn("Amount", self.document.with_user(self.supervisor).approval_notice or "")
        self.document.with_user(self.supervisor).action_approval_return("Too much")
        self.document.with_user(self.specialist).write({"amount": 80.0})
        self._submit()
        notice = self.document.with_user(self.supervisor).approval_notice
        self.assertIn("Amount", notice)
        self.assertIn("80", notice)
        self.assertIn("Too much", notice)

    def test_withdrawing_hides_no_change(self):
        """Changed, submitted, withdrawn, submitted again: the change still shows."""
        self._submit()
        self.document.with_user(self.supervisor).action_approval_return("Too much")
        self.document.with_user(self.specialist).write({"amount": 80.0})
        self._submit()
        self.document.with_user(self.specialist).action_approval_withdraw()
        self._submit()
        self.assertIn("Amount", self.document.with_user(self.supervisor).approval_notice)

    def test_sent_back_to_a_step_says_why(self):
        self._submit()
        self.document.with_user(self.supervisor).action_approval_approve()
        step = self.document.approval_request_id.step_ids[0]
        self.document.with_user(self.director).action_approval_send_back(step.id, "Look again")
        self.assertIn("Look again", self.document.with_user(self.supervisor).approval_notice)
        self.document.with_user(self.supervisor).action_approval_approve()
        self.env.invalidate_all()
        self.assertFalse(self.document.with_user(self.director).approval_notice)

    # inbox

    def test_inbox_counts(self):
        steps = self.env["crm.approval.step"]
        before = steps.with_user(self.supervisor).get_inbox()["count"]
        self._submit()
        self._submit(self._new_document())
        self.document.approval_step_id.date_deadline = "2020-01-01 00:00:00"
        inbox = steps.with_user(self.supervisor).get_inbox()
        self.assertEqual(inbox["count"], before + 2)
        [group] = [g for g in inbox["groups"] if g["type"] == "crm.approval.test"]
        self.assertEqual((group["count"], group["late"]), (2, 1))
        self.assertEqual(group["name"], "Approval Test Document")
        for user in (self.director, self.specialist, self.plain_user):
            groups = steps.with_user(user).get_inbox()["groups"]
            self.assertNotIn("crm.approval.test", [g["type"] for g in groups])

    def test_inbox_groups(self):
        self._submit()
        steps = self.env["crm.approval.step"].with_user(self.supervisor)
        for group in ("document_type", "requester_id", "date_deadline:day"):
            rows = steps.formatted_read_group([("is_mine", "=", True)], [group], ["__count"])
            self.assertTrue(rows, group)

    def test_menu_is_told(self):
        told = []

        def bus_send(records, kind, _message, **_kwargs):
            if kind == "crm_approval/changed":
                told.append(records)

        self.patch(type(self.env["res.partner"]), "_bus_send", bus_send)
        self._submit()
        self.assertIn(self.supervisor.partner_id, told[-1])
        self.document.with_user(self.supervisor).action_approval_approve()
        self.assertEqual(told[-1], (self.supervisor + self.director).partner_id)

    # review

    def test_review_one_after_the_other(self):
        documents = self.document + self._new_document() + self._new_document(title="Third")
        for document in documents:
            self._submit(document)
        review = self._review(documents)
        names = []
        names.append(review.document_name)
        self.assertIn("100", review.summary)
        self.assertIn("Line", review.summary)
        review.comment = "Good"
        review.action_approve()
        names.append(review.document_name)
        self.assertFalse(review.comment)
        with self.assertRaises(UserError):
            review.action_return()
        review.comment = "Not yet"
        review.action_return()
        names.append(review.document_name)
        self.assertIn("Third", review.summary)
        review.action_skip()
        self.assertFalse(review.step_id)
        self.assertEqual(sorted(names), sorted(documents.mapped("name")))
        states = {d.name: (d.approval_state, d.approval_user_ids) for d in documents}
        self.assertEqual(states[names[0]], ("pending", self.director))
        self.assertEqual(states[names[1]][0], "returned")
        self.assertEqual(states[names[2]], ("pending", self.supervisor))
        for text in (*names, "Approved", "Sent Back", "Left for later"):
            self.assertIn(text, review.result_html)
        review.action_approve()

    def test_refused_one_does_not_lose_the_others(self):
        documents = self._new_document() + self.document + self._new_document()
        for document in documents:
            self._submit(document)
        review = self._review(documents)
        order = [self.env["crm.approval.step"].browse(i).res_id for i in review.step_ids]
        second = documents.browse(order[1])
        self._sql("UPDATE crm_approval_test SET amount = 999 WHERE id = %s", second.id)
        for _index in range(3):
            review.action_approve()
        self.assertEqual(documents.browse(order[0]).approval_user_ids, self.director)
        self.assertEqual(second.approval_user_ids, self.supervisor)
        self.assertEqual(documents.browse(order[2]).approval_user_ids, self.director)
        self.assertIn("Amount", review.result_html)

    def test_decided_meanwhile(self):
        self._submit()
        review = self._review(self.document)
        self.document.with_user(self.supervisor).action_approval_approve()
        review.action_approve()
        self.assertIn("meanwhile", review.result_html)
        self.assertEqual(self.document.approval_user_ids, self.director)

    def test_review_shows_what_changed(self):
        self._submit()
        self.document.with_user(self.supervisor).action_approval_return("Too much")
        self.document.with_user(self.specialist).write({"amount": 80.0})
        self._submit()
        self.assertIn("80", self._review(self.document).notice)

    def test_review_only_of_own(self):
        self._submit()
        for user in (self.stranger, self.manager):
            with self.assertRaises(UserError):
                self._review(self.document, user)

    def test_review_is_no_door(self):
        """Its fields can be anything: steps of others, of unreadable documents, rubbish."""
        self._submit()
        step = self.document.approval_step_id
        reviews = self.env["crm.approval.review"]
        for user in (self.stranger, self.specialist, self.director):
            review = reviews.with_user(user).create({"step_ids": step.ids})
            review.action_approve()
            self.assertIn("text-danger", review.result_html)
            self.assertEqual(self.document.approval_user_ids, self.supervisor)
        review = reviews.with_user(self.plain_user).create({"step_ids": step.ids})
        self.assertFalse(review.summary or review.document_name or review.notice)
        review.action_approve()
        self.assertNotIn(self.document.name, review.result_html)
        for ids in ([999999999], ["x"], "x", [[1]], {"a": 1}):
            review = reviews.with_user(self.supervisor).create({"step_ids": ids})
            self.assertFalse(review.document_name)
            review.action_approve()
        other = reviews.with_user(self.supervisor).create({"step_ids": step.ids})
        with self.assertRaises(AccessError):
            other.with_user(self.stranger).action_approve()
        self.assertEqual(self.document.approval_user_ids, self.supervisor)

    def test_outcomes_are_not_written_by_hand(self):
        self._submit()
        step = self.document.approval_step_id
        review = self.env["crm.approval.review"].with_user(self.supervisor)
        values = {"step_ids": step.ids, "position": 5, "results": [["x", "Approved", False]]}
        review = review.create(values)
        self.assertEqual(review.position, 0)
        self.assertFalse(review.results)

    # evidence on paper

    def _print(self, documents, user=None):
        user = user or self.supervisor
        report = self.env.ref("crm_service_base.crm_approval_evidence_report")
        ids = documents.with_user(user).action_approval_print_evidence()["context"]["active_ids"]
        reports = self.env["ir.actions.report"].with_user(user)
        pdf, kind = reports.with_context(force_report_rendering=True)._render_qweb_pdf(
            report.report_name, ids
        )
        self.assertEqual(kind, "pdf")
        with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
            file.write(pdf)
            file.flush()
            command = ["pdftotext", "-layout", file.name, "-"]
            text = subprocess.run(command, capture_output=True, check=True).stdout.decode()
        return text.rstrip("\f").split("\f")

    def test_evidence_prints_on_one_page(self):
        self._submit()
        self.document.with_user(self.supervisor).action_approval_return("Too much")
        self._submit()
        self.env["crm.approval.absence"].with_user(self.director).create(
            {
                "deputy_id": self.manager.id,
                "date_to": "2999-01-01 00:00:00",
                "reason": "Trip",
            }
        )
        self.document.with_user(self.supervisor).action_approval_approve("Good")
        self.document.with_user(self.manager).action_approval_approve("In place")
        [page] = self._print(self.document)
        request = self.document.approval_request_id
        for text in (
            self.document.name,
            "Too much",
            "In place",
            "Passed",
            request.content_hash[:16],
            f"{self.manager.name} for",
            request.decision_ids[0].hash[:8],
        ):
            self.assertIn(text, " ".join(page.split()), page)

    def test_evidence_says_when_something_does_not_fit(self):
        self._submit()
        self._approve_all()
        self._sql("UPDATE crm_approval_test SET amount = 999 WHERE id = %s", self.document.id)
        [page] = self._print(self.document)
        self.assertIn("Failed", page)
        self.assertIn("Amount", page)

    def test_evidence_of_several(self):
        other = self._submit(self._new_document())
        self._submit()
        pages = self._print(self.document + other)
        self.assertEqual(len(pages), 2)

    def test_evidence_needs_reading(self):
        self._submit()
        request = self.document.approval_request_id
        for user in (self.plain_user, self.portal_user, self.general_manager):
            with self.assertRaises(AccessError):
                self.document.with_user(user).action_approval_print_evidence()
            report = self.env["ir.actions.report"].with_user(user)
            with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
                report._render_qweb_html("crm_service_base.crm_approval_evidence_form", request.ids)

    def test_evidence_from_the_list(self):
        self._submit()
        request = self.document.approval_request_id.with_user(self.supervisor)
        self.assertEqual(request.action_print_evidence()["context"]["active_ids"], request.ids)

    def test_evidence_of_the_last_submission_tells_of_those_before(self):
        self._submit()
        first = self.document.approval_request_id
        self.document.with_user(self.supervisor).action_approval_return("Too much")
        self._submit()
        last = self.document.approval_request_id.with_user(self.supervisor)
        [page] = last._get_evidence()
        self.assertEqual(page["requests"], first.sudo() + last.sudo())

    def test_summary_leaves_out_what_may_not_be_read(self):
        field = self.env["crm.approval.test"]._fields["amount"]
        self.patch(field, "groups", "base.group_system")
        self._submit()
        summary = dict(self.document.with_user(self.supervisor)._approval_get_summary())
        self.assertIn("Title", summary)
        self.assertNotIn("Amount", summary)


@tagged("post_install", "-at_install")
class TestApprovalEvidencePage(HttpCase, ApprovalCommon):
    """The printed evidence by its address, without any button."""

    def _get_status(self, user, request_id, converter="html"):
        self.authenticate(user.login, user.login)
        path = f"/report/{converter}/crm_service_base.crm_approval_evidence_form/{request_id}"
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"):
            return self.url_open(path).status_code

    def test_who_may_not_read_the_document_is_refused(self):
        self._submit()
        request = self.document.approval_request_id
        for converter in ("html", "pdf"):
            for user in (self.plain_user, self.portal_user, self.general_manager):
                with self.subTest(user=user.login, converter=converter):
                    self.assertIn(self._get_status(user, request.id, converter), (403, 404))
        self.assertEqual(self._get_status(self.supervisor, request.id), 200)

    def test_evidence_of_what_is_gone(self):
        self._submit()
        request = self.document.approval_request_id
        self.assertEqual(self._get_status(self.supervisor, request.id + 1000), 404)
        self._sql("UPDATE crm_approval_request SET res_id = 0 WHERE id = %s", request.id)
        self.assertIn(self._get_status(self.supervisor, request.id), (403, 404))
