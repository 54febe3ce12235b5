from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement

from ..models.crm_service_feedback import ATTITUDES
from .quality_common import GOOD, QualityCommon, QualityHttp

TYPED = {"overall": "good", "demonstrated": "yes", "is_warm": True, "charged": "agreed"}


@requirement("A3.F5")
class TestFeedback(QualityCommon):
    def test_during_the_call(self):
        action = self.case.with_user(self.specialist).action_open_feedback()
        feedback = self.env["crm.service.feedback"].with_user(self.specialist)
        feedback = feedback.browse(action["res_id"])
        self.assertEqual(feedback.service_user_id, self.worker)
        self.assertEqual(feedback.short_name, "Lan-Opt")
        self.assertEqual(feedback.phone, self.customer.phone)
        again = self.case.with_user(self.specialist).action_open_feedback()
        self.assertEqual(again["res_id"], feedback.id)
        feedback.write({"overall": "good"})
        with self.assertRefused(UserError, "answer all questions"):
            feedback.action_answer()
        feedback.write(TYPED)
        feedback.action_answer()
        self.assertEqual(feedback.state, "answered")
        self.assertEqual(feedback.filled_by_id, self.specialist)
        self.assertEqual(feedback.answered_via, "phone")
        self.assertEqual(feedback.score, 3)
        self.assertFalse(feedback.complaint_id)

    def test_every_answer_of_the_form(self):
        for overall, score in (("excellent", 4), ("good", 3), ("fair", 2), ("poor", 1)):
            feedback = self._feedback()
            feedback.write({**TYPED, "overall": overall, "is_polite": True, "is_cold": True})
            feedback.action_answer()
            self.assertEqual((feedback.score, feedback.state), (score, "answered"))
            self.assertTrue(feedback.is_polite and feedback.is_cold, "several at once")
        for missing in ("overall", "demonstrated", "charged"):
            feedback = self._feedback()
            feedback.write({**TYPED, missing: False})
            with self.assertRefused(UserError, "answer all questions"):
                feedback.action_answer()
        feedback = self._feedback()
        feedback.write({**TYPED, **dict.fromkeys(ATTITUDES, False)})
        with self.assertRefused(UserError, "answer all questions"):
            feedback.action_answer()
        feedback.is_warm = True
        feedback.action_answer()
        self.assertEqual(feedback.state, "answered")

    def test_short_name_of_the_contact_or_the_company(self):
        person, other = self.env["res.partner"].create(
            [
                {"name": "Ms Li", "parent_id": self.customer.id, "crm_short_name": "Li"},
                {"name": "Mr Wu", "parent_id": self.customer.id, "crm_short_name": False},
            ]
        )
        for partner, name in ((person, "Li"), (other, "Lan-Opt")):
            feedback = self._feedback(partner_id=partner.id, case_id=False)
            self.assertEqual(feedback.short_name, name)
            self.assertEqual(feedback.phone, self.customer.phone, "nobody's own")

    def test_from_the_callback(self):
        visit = self._make_call()
        action = visit.action_open_feedback()
        feedback = self.env["crm.service.feedback"].browse(action["res_id"])
        self.assertEqual((feedback.visit_id, feedback.partner_id), (visit, self.customer))
        self.assertEqual(visit.action_open_feedback()["res_id"], feedback.id)

    def test_rudeness_becomes_a_complaint_once(self):
        feedback = self._feedback()
        feedback.write({**TYPED, "overall": "poor", "is_rude": True, "comment": "He shouted"})
        feedback.action_answer()
        complaint = feedback.complaint_id
        self.assertEqual(complaint.kind, "complaint")
        self.assertEqual(complaint.complained_user_id, self.worker)
        self.assertIn("He shouted", complaint.description)
        self.assertIn("rude", complaint.description)
        told = complaint.sudo().activity_ids.filtered(lambda a: a.user_id == self.supervisor)
        self.assertEqual(len(told), 1)
        with self.assertRefused(UserError, "cannot be done any more"):
            feedback.action_answer()
        domain = [("complained_user_id", "=", self.worker.id)]
        self.assertEqual(self.env["crm.service.case"].search_count(domain), 1)

    def test_money_in_disguise_becomes_a_complaint(self):
        agreed = self._feedback()
        agreed.write(TYPED)
        agreed.action_answer()
        self.assertFalse(agreed.complaint_id)
        feedback = self._feedback()
        feedback.write({**TYPED, "charged": "disguised"})
        feedback.action_answer()
        self.assertIn("Money", feedback.complaint_id.description)

    def test_paper_needs_its_scan(self):
        feedback = self._feedback(channel="letter")
        feedback.write(TYPED)
        with self.assertRefused(UserError, "scan"):
            feedback.action_answer()
        feedback.scan = "cGRm"
        feedback.action_answer()
        self.assertEqual(feedback.answered_via, "paper")

    def test_nobody_types_in_about_oneself(self):
        feedback = self._feedback(user=self.worker)
        with self.assertRefused(AccessError, "own work"):
            feedback.write(TYPED)
        with self.assertRefused(AccessError, "own work"):
            feedback.action_answer()
        with self.assertRefused(AccessError, "Only a supervisor"):
            feedback.service_user_id = self.specialist
        smuggled = self.env["crm.service.feedback"].with_user(self.worker)
        with self.assertRefused(AccessError, "own work"):
            smuggled.create({"partner_id": self.customer.id, "case_id": self.case.id, **TYPED})

    def test_nobody_calls_off_what_customers_say_about_oneself(self):
        feedback = self._feedback(user=self.worker, channel="email")
        feedback.action_ask()
        for method in ("action_cancel", "action_ask_by_phone"):
            with self.assertRefused(AccessError, "own work"):
                getattr(feedback, method)()
        feedback.with_user(self.supervisor).action_cancel()
        self.assertEqual(feedback.state, "cancelled")

    def test_answers_are_not_changed(self):
        feedback = self._feedback()
        feedback.write(TYPED)
        feedback.action_answer()
        for values in ({"overall": "excellent"}, {"is_warm": False}, {"comment": "Fine"}):
            with self.assertRefused(UserError, "any more"):
                feedback.with_user(self.manager).write(values)
        for name in ("state", "date_answered", "filled_by_id", "complaint_id", "reviewer_id"):
            with self.assertRefused(AccessError, "buttons"):
                feedback.with_user(self.manager).write({name: False})
        with self.assertRefused(UserError, "not deleted"):
            feedback.with_user(self.manager).unlink()

    def test_server_fields_cannot_be_born(self):
        feedback = self._feedback(state="answered", overall="good", filled_by_id=self.manager.id)
        self.assertEqual((feedback.state, feedback.filled_by_id), ("draft", self.env["res.users"]))

    def test_nobody_chooses_the_link(self):
        feedback = self._feedback(channel="email")
        with self.assertRefused(AccessError, "access_token"):
            feedback.access_token = "known"
        with self.assertRefused(AccessError, "access_token"):
            self._feedback(access_token="known")
        known = self.env["crm.service.feedback"].with_user(self.worker)
        with self.assertRefused(AccessError, "access_token"):
            known.with_context(default_access_token="known").create(
                {"partner_id": self.customer.id}
            )
        born = known.with_context(default_state="answered").create({"partner_id": self.customer.id})
        self.assertEqual(born.state, "draft")

    def test_a_link_is_not_typed_into(self):
        feedback = self._feedback(channel="email")
        feedback.action_ask()
        with self.assertRefused(UserError, "answers by itself"):
            feedback.write(TYPED)
        feedback.action_ask_by_phone()
        self.assertFalse(feedback.sudo().access_token)
        feedback.write(TYPED)
        feedback.action_answer()
        self.assertEqual(feedback.answered_via, "phone")

    def test_review(self):
        feedback = self._feedback()
        with self.assertRefused(UserError, "cannot be done"):
            feedback.with_user(self.supervisor).action_review()
        feedback.write(TYPED)
        feedback.action_answer()
        with self.assertRefused(AccessError, "supervisor"):
            feedback.action_review()
        feedback.with_user(self.supervisor).action_review()
        self.assertEqual((feedback.state, feedback.reviewer_id), ("reviewed", self.supervisor))
        own = self._feedback(user=self.supervisor, service_user_id=self.worker.id)
        own.write(TYPED)
        own.action_answer()
        with self.assertRefused(AccessError, "typed in by oneself"):
            own.action_review()

    def test_another_customers_case(self):
        with self.assertRefused(UserError, "not about"):
            self._feedback(partner_id=self.other_customer.id)

    def test_it_ends(self):
        feedback = self._feedback(channel="portal")
        feedback.action_ask()
        with freeze_time(fields.Datetime.now() + timedelta(days=15)):
            self.env["crm.service.feedback"]._cron_expire()
            self.env["crm.service.feedback"]._cron_expire()
        self.assertEqual(feedback.state, "expired")

    @requirement("C1.R2")
    def test_contacts(self):
        feedback = self._feedback()
        contacts = self.env["crm.service.contact"].with_user(self.specialist)
        domain = [
            ("commercial_partner_id", "=", self.customer.id),
            ("res_model", "in", ("crm.service.feedback", "crm.service.survey")),
        ]
        self.assertFalse(contacts.search(domain))
        feedback.write({**TYPED, "comment": "Quick"})
        feedback.action_answer()
        survey = self._survey()
        self._answer(survey, [5, 5, 5, 5, 5, 4])
        self.env.flush_all()
        rows = contacts.search(domain)
        self.assertEqual(
            {(row.kind, row.res_id, row.summary, row.result) for row in rows},
            {
                ("feedback", feedback.id, "Quick", "3/4"),
                ("survey", survey.id, "Come sooner", "4.83/5"),
            },
        )
        self.assertEqual(len(set(rows.ids)), 2)


@tagged("post_install", "-at_install")
@requirement("A3.F5")
class TestFeedbackPage(QualityHttp):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wang = cls._make_portal_user("wang", cls.customer)
        cls.stranger = cls._make_portal_user("stranger", cls.other_customer)
        cls.feedback = cls._feedback(channel="email")
        cls.feedback.action_ask()

    def _mails(self):
        return self.env["mail.mail"].search([("email_to", "ilike", "wang@lanzhou")])

    def test_by_link_once(self):
        mail = self._mails()
        token = self._token(self.feedback)
        self.assertIn(token, mail.body_html)
        page = self._open(self.feedback, access_token=token)
        self.assertEqual(page.headers["Referrer-Policy"], "same-origin")
        self.assertIn(self.worker.name, page.text)
        missing = self._post(self.feedback, "/answer", access_token=token, overall="good")
        self.assertIn("answer all questions", missing.text)
        self.assertEqual(self.feedback.state, "asked")
        done = self._post(self.feedback, "/answer", access_token=token, **GOOD, comment="=1+1")
        self.assertIn("Thank you", done.text)
        self.assertEqual(self.feedback.state, "answered")
        self.assertEqual(self.feedback.answered_via, "link")
        self.assertFalse(self.feedback.filled_by_id)
        again = self._post(
            self.feedback, "/answer", access_token=token, **{**GOOD, "overall": "poor"}
        )
        self.assertIn("answered already", again.text)
        self.assertEqual(self.feedback.overall, "excellent")

    def test_numbers_that_no_record_has(self):
        """They are told to be wrong, and are no error of the server."""
        self._login(self.wang)
        for address in (
            "/my/feedback/%s",
            "/my/surveys/%s",
            "/my/opinions/page/%s",
            "/my/cases/%s",
            "/my/cases/page/%s",
            "/my/cases/1/file/%s",
            "/my/visits/%s",
            "/my/invitations/%s",
            "/service-commitments/%s",
        ):
            for number in (0, 2**31, 10**20):
                with self.subTest(address=address, number=number):
                    with mute_logger("odoo.http", "odoo.sql_db"):
                        response = self.url_open(address % number)
                    self.assertLess(response.status_code, 500)

    def test_in_the_portal(self):
        self._login(self.wang)
        counters = self.url_open(
            "/my/counters", json={"params": {"counters": ["crm_opinion_count"]}}
        ).json()
        self.assertEqual(counters["result"]["crm_opinion_count"], 1)
        self.assertIn(self.feedback.name, self.url_open("/my/opinions").text)
        self._post(self.feedback, "/answer", self.wang, **{**GOOD, "is_rude": "1"})
        self.assertEqual(self.feedback.respondent_id, self.wang.partner_id)
        self.assertEqual(self.feedback.answered_via, "portal")
        complaint = self.feedback.complaint_id
        self.assertEqual((complaint.channel, complaint.kind), ("portal", "complaint"))
        self.assertFalse(complaint.user_id)

    def test_tokens_are_not_guessed(self):
        other = self._feedback(channel="email")
        other.action_ask()
        for token in ("", "0", "x" * 32, self._token(other), "é"):
            page = self._open(self.feedback, access_token=token)
            self.assertNotIn(self.worker.name, page.text, token)
            self._post(self.feedback, "/answer", access_token=token, **GOOD)
            self.assertEqual(self.feedback.state, "asked", token)
        self.assertNotIn(self.worker.name, self._open(self.feedback, self.stranger).text)
        self._post(self.feedback, "/answer", self.stranger, **GOOD)
        self.assertEqual(self.feedback.state, "asked")

    def test_an_old_link_is_dead(self):
        token = self._token(self.feedback)
        self.feedback.action_ask_again()
        self.assertNotEqual(self._token(self.feedback), token)
        self._post(self.feedback, "/answer", access_token=token, **GOOD)
        self.assertEqual(self.feedback.state, "asked")

    def test_too_late(self):
        token = self._token(self.feedback)
        self.feedback.sudo().date_deadline = fields.Datetime.now() - timedelta(minutes=1)
        self.assertIn("time to answer is over", self._open(self.feedback, access_token=token).text)
        self._post(self.feedback, "/answer", access_token=token, **GOOD)
        self.assertEqual(self.feedback.state, "asked")

    def test_colleagues_do_not_answer_for_the_customer(self):
        token = self._token(self.feedback)
        for user in (self.worker, self.specialist, self.manager):
            self._post(self.feedback, "/answer", user, access_token=token, **GOOD)
            self.assertEqual(self.feedback.state, "asked")

    def test_colleagues_do_not_find_the_link(self):
        token = self._token(self.feedback)
        for user in (self.specialist, self.manager):
            for model, domain, names in (
                ("crm.service.feedback", [], ["access_token"]),
                ("mail.message", [("body", "ilike", token)], ["body"]),
                ("mail.mail", [("body_html", "ilike", token)], ["body_html"]),
            ):
                answer = self._rpc(user, model, "search_read", domain, names)
                self.assertNotIn(token, str(answer), (user.login, model))
            domain = [("access_token", "=like", f"{token[:4]}%")]
            answer = self._rpc(user, "crm.service.feedback", "search_count", domain)
            self.assertIn("error", answer)
        self.assertNotIn(token, str(self.feedback.message_ids.mapped("body")))

    def test_the_portal_has_no_rights(self):
        for model in (
            "crm.service.feedback",
            "crm.service.survey",
            "crm.service.survey.line",
            "crm.service.survey.campaign",
            "crm.service.review",
        ):
            answer = self._rpc(self.wang, model, "search_read", [], ["id"])
            self.assertIn("error", answer, model)
        for method in ("action_answer", "action_ask", "action_review"):
            answer = self._rpc(self.wang, "crm.service.feedback", method, [self.feedback.id])
            self.assertIn("error", answer, method)
