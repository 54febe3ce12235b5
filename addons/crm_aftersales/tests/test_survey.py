from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .quality_common import QualityCommon, QualityHttp


@requirement("A3.F6")
class TestSurvey(QualityCommon):
    def test_on_the_phone(self):
        action = self.case.with_user(self.specialist).action_open_survey()
        survey = self.env["crm.service.survey"].with_user(self.specialist).browse(action["res_id"])
        self.assertEqual(survey.service_user_id, self.worker)
        opened = survey.action_fill()
        self.assertIn("/survey/start/", opened["url"])
        self.assertEqual(survey.taken_by_id, self.specialist)
        self._answer(survey, [5, 4, 3, 4, 5, 5], self.specialist)
        self.assertEqual(survey.state, "answered")
        self.assertEqual(survey.filled_by_id, self.specialist)
        self.assertEqual(survey.answered_via, "phone")
        self.assertEqual(survey.line_ids.mapped("score"), [5, 4, 3, 4, 5, 5])
        self.assertEqual(survey.line_ids[0].item, "Ease of reaching us")
        self.assertEqual(survey.comment, "Come sooner")
        self.assertAlmostEqual(survey.score, 26 / 6, 2)
        self.assertFalse(survey.is_dissatisfied or survey.follow_up_id)

    def test_dissatisfied_is_followed_up_once(self):
        survey = self._survey()
        self._answer(survey, [5, 2, 3, 1, 5, 5], self.specialist)
        self.assertTrue(survey.is_dissatisfied)
        visit = survey.sudo().follow_up_id
        self.assertEqual((visit.partner_id, visit.callback_kind), (self.customer, "survey"))
        self.assertEqual(visit.user_id, self.specialist)
        self.assertEqual(visit.date_callback_due, survey.date_answered + timedelta(hours=48))
        self.assertIn("Speed of the answer", visit.purpose)
        self.assertIn("Attitude of the staff", visit.purpose)
        told = survey.sudo().activity_ids.filtered(lambda a: a.user_id == self.supervisor)
        self.assertEqual(len(told), 1)
        survey.sudo().user_input_id._mark_done()
        self.assertEqual(survey.sudo().follow_up_id, visit)
        self.assertEqual(len(survey.line_ids), 6)
        self.assertEqual(len(survey.sudo().activity_ids), 1)

    def test_the_worker_does_not_follow_up_the_own_work(self):
        survey = self._survey(user=self.worker, channel="portal")
        survey.action_ask()
        self._answer(survey, [1, 2, 3, 1, 5, 5])
        self.assertEqual(survey.sudo().follow_up_id.user_id, self.supervisor)

    def test_nobody_fills_in_about_oneself(self):
        survey = self._survey(user=self.worker)
        with self.assertRefused(AccessError, "own work"):
            survey.action_fill()
        survey.sudo()._begin(self.worker)
        self.assertFalse(survey._can_answer_here(self.worker))

    def test_paper_needs_its_scan(self):
        for channel in ("letter", "fax", "on_site"):
            survey = self._survey(channel=channel)
            with self.assertRefused(UserError, "scan"):
                survey.action_fill()
            survey.scan = "cGRm"
            survey.action_fill()
            self._answer(survey, [3] * 6, self.specialist)
            self.assertEqual(survey.answered_via, "paper", channel)

    def test_paper_that_comes_late(self):
        survey = self._survey(channel="fax", scan="cGRm")
        survey.action_ask()
        survey.sudo().date_deadline = fields.Datetime.now() - timedelta(days=1)
        self.env["crm.service.survey"]._cron_expire()
        self.assertEqual(survey.state, "expired")
        survey.action_fill()
        self.assertTrue(survey._is_fillable_now())
        self.assertFalse(survey.sudo().user_input_id.deadline)

    def test_who_begins_after_the_other_begins_anew(self):
        survey = self._survey(channel="portal")
        survey.action_ask()
        public = self.env.ref("base.public_user")
        survey.sudo()._begin(public)
        first = survey.sudo().user_input_id
        survey.sudo()._begin(public)
        self.assertEqual(survey.sudo().user_input_id, first)
        survey.action_ask_by_phone()
        survey.action_fill()
        self.assertFalse(first.exists())
        self.assertFalse(survey._can_answer_here(public))
        self.assertTrue(survey._can_answer_here(self.specialist))
        self.assertFalse(survey._can_answer_here(self.manager))

    def test_answers_are_not_changed(self):
        survey = self._survey()
        self._answer(survey, [5, 2, 3, 1, 5, 5], self.specialist)
        manager = survey.with_user(self.manager)
        for values in (
            {"line_ids": False},
            {"score": 5},
            {"comment": "Fine"},
            {"state": "draft"},
            {"is_dissatisfied": False},
            {"date_answered": False},
        ):
            with self.assertRefused(AccessError, ""):
                manager.write(values)
        with self.assertRefused(UserError, "any more"):
            manager.topic_id = self.env.ref("crm_aftersales.survey_topic_training")
        with self.assertRefused(AccessError, ""):
            manager.line_ids.write({"grade": "5"})
        with self.assertRefused(AccessError, ""):
            manager.line_ids.unlink()
        with self.assertRefused(UserError, "not deleted"):
            manager.unlink()
        designer = new_test_user(
            self.env,
            login="test_designer",
            groups="survey.group_survey_manager,crm_service_base.group_manager",
        )
        given = survey.sudo().user_input_id
        with self.assertRefused(AccessError, ""):
            given.with_user(designer).user_input_line_ids.write({"skipped": True})
        survey.sudo()._begin(self.manager)
        self.assertEqual(survey.sudo().user_input_id, given, "what was answered is not void")
        with self.assertRefused(AccessError, ""):
            given.with_user(designer).unlink()

    def test_lines_cannot_be_born(self):
        survey = self._survey(
            state="answered",
            score=5,
            line_ids=[(0, 0, {"item": "x", "grade": "5", "score": 5})],
        )
        self.assertEqual((survey.state, survey.score, len(survey.line_ids)), ("draft", 0, 0))
        with self.assertRefused(AccessError, ""):
            self.env["crm.service.survey.line"].with_user(self.manager).create(
                {"survey_id": survey.id, "item": "x", "grade": "5"}
            )

    def test_grades_of_another_matrix_do_not_count(self):
        survey = self._survey()
        survey.sudo()._begin(self.specialist)
        given = survey.sudo().user_input_id.with_user(self.specialist).sudo()
        matrix = self.topic.survey_id.question_ids[0]
        foreign = self.env.ref("crm_aftersales.survey_training_grade_5")
        row = matrix.matrix_row_ids[0]
        given._save_lines(matrix, {str(row.id): [str(foreign.id)]})
        given._mark_done()
        self.assertFalse(survey.line_ids)

    def test_topics(self):
        topics = self.env["crm.service.survey.topic"].search([])
        self.assertEqual(len(topics), 5)
        for topic in topics:
            self.assertGreaterEqual(len(topic._get_rows()), 5)
        empty = self.env["survey.survey"].create({"title": "x", "survey_type": "crm_service"})
        with self.assertRaises(ValidationError):
            topics[0].survey_id = empty

    def test_no_start_without_invitation(self):
        questionnaire = self.topic.survey_id
        with self.assertRefused(UserError, "invitation"):
            questionnaire._create_answer(user=self.specialist)
        questionnaire.access_mode = "public"
        with self.assertRefused(UserError, "invitation"):
            questionnaire._create_answer(user=self.env.ref("base.public_user"))


@tagged("post_install", "-at_install")
@requirement("A3.F6")
class TestSurveyPage(QualityHttp):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wang = cls._make_portal_user("wang", cls.customer)
        cls.stranger = cls._make_portal_user("stranger", cls.other_customer)
        cls.survey = cls._survey(channel="email")
        cls.survey.action_ask()

    def test_by_link_once(self):
        token = self._token(self.survey)
        self.assertIn("Open until", self._open(self.survey, access_token=token).text)
        tokens = self._start(self.survey, access_token=token)
        self._submit(tokens, [4, 4, 4, 4, 4, 4])
        self.assertEqual((self.survey.state, self.survey.score), ("answered", 4))
        self.assertEqual(self.survey.answered_via, "link")
        self._submit(tokens, [1] * 6)
        self.assertEqual(self.survey.line_ids.mapped("score"), [4] * 6)
        self.assertFalse(self._start(self.survey, access_token=token))
        self.assertIn("you answered", self._open(self.survey, access_token=token).text)

    def test_no_second_try(self):
        tokens = self._start(self.survey, access_token=self._token(self.survey))
        self._submit(tokens, [4] * 6)
        before = self.env["survey.user_input"].search_count([])
        self.url_open(f"/survey/retry/{tokens[0]}/{tokens[1]}")
        self.url_open(f"/survey/start/{tokens[0]}")
        self.assertEqual(self.env["survey.user_input"].search_count([]), before)

    def test_in_the_portal(self):
        self.assertIn(self.survey.name, self._open(self.survey, self.wang).text)
        tokens = self._start(self.survey, self.wang)
        self._submit(tokens, [5] * 6)
        self.assertEqual(self.survey.respondent_id, self.wang.partner_id)
        self.assertEqual(self.survey.answered_via, "portal")

    def test_strangers(self):
        for user, token in ((self.stranger, ""), (None, "x" * 32), (None, ""), (None, "ü")):
            page = self._open(self.survey, user, access_token=token)
            self.assertNotIn(self.survey.name, page.text)
            self.assertFalse(self._start(self.survey, user, access_token=token))
        self.assertFalse(self.survey.sudo().user_input_id)

    def test_too_late(self):
        token = self._token(self.survey)
        tokens = self._start(self.survey, access_token=token)
        self.survey.sudo().date_deadline = fields.Datetime.now() - timedelta(minutes=1)
        self.env.flush_all()
        self._submit(tokens, [5] * 6)
        self.assertEqual(self.survey.state, "asked")
        self.assertFalse(self._start(self.survey, access_token=token))

    def test_a_colleague_does_not_go_on_for_the_customer(self):
        tokens = self._start(self.survey, access_token=self._token(self.survey))
        for user in (self.worker, self.specialist, self.manager):
            self._login(user)
            self._submit(tokens, [5] * 6)
            self.assertEqual(self.survey.state, "asked", user.login)

    def test_a_withdrawn_link(self):
        tokens = self._start(self.survey, access_token=self._token(self.survey))
        self.survey.action_cancel()
        self._login()
        self._submit(tokens, [5] * 6)
        self.assertEqual(self.survey.state, "cancelled")

    def test_typed_in_by_the_colleague_on_the_page(self):
        survey = self._survey()
        url = survey.action_fill()["url"]
        self._login(self.specialist)
        page = self.url_open(url)
        tokens = page.url.split("?")[0].rstrip("/").split("/")[-2:]
        self._login(self.worker)
        self._submit(tokens, [5] * 6)
        self.assertEqual(survey.state, "draft")
        self._login()
        self._submit(tokens, [5] * 6)
        self.assertEqual(survey.state, "draft")
        self._login(self.specialist)
        self._submit(tokens, [2, 5, 5, 5, 5, 5])
        self.assertEqual((survey.state, survey.filled_by_id), ("answered", self.specialist))
        self.assertTrue(survey.sudo().follow_up_id)
