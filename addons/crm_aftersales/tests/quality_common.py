import re
from urllib.parse import urlencode

from odoo import http
from odoo.tests import HttpCase
from odoo.tools import mute_logger

from .common import CaseCommon

GOOD = {
    "overall": "excellent",
    "demonstrated": "yes",
    "is_polite": "1",
    "charged": "no",
}


class QualityCommon(CaseCommon):
    """A solved case of the colleague, whose customer is asked by the specialist."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.worker = cls._new_user("test_worker", "specialist")
        cls.department.member_ids += cls.worker
        cls.team.member_ids += cls.worker
        cls.customer.write({"email": "wang@lanzhou.example.com", "crm_short_name": "Lan-Opt"})
        cls.topic = cls.env.ref("crm_aftersales.survey_topic_after_sales")
        cls.case = cls._solved()

    def setUp(self):
        super().setUp()
        self.patch(self.registry["ir.cron"], "_commit_progress", self._commit)

    def _commit(self, *args, **kwargs):
        """What a scheduled action commits stays, whatever is undone later in the test."""
        self.env.flush_all()
        self.env.cr.execute("SAVEPOINT committed")
        return 60.0

    @classmethod
    def _solved(cls, user=None, **values):
        case = cls._make_case(user or cls.worker, kind="request", **values)
        cls._solve(case)
        return case

    @classmethod
    def _feedback(cls, user=None, **values):
        values = {"partner_id": cls.customer.id, "case_id": cls.case.id, **values}
        return cls.env["crm.service.feedback"].with_user(user or cls.specialist).create(values)

    @classmethod
    def _survey(cls, user=None, **values):
        values = {
            "partner_id": cls.customer.id,
            "case_id": cls.case.id,
            "topic_id": cls.topic.id,
            **values,
        }
        return cls.env["crm.service.survey"].with_user(user or cls.specialist).create(values)

    @classmethod
    def _answers(cls, grades, topic=None):
        """What the page of surveys posts: a grade (5 to 1) for each item, and some words."""
        survey = (topic or cls.topic).survey_id
        matrix, words = survey.question_ids
        columns = matrix.suggested_answer_ids
        rows = zip(matrix.matrix_row_ids, grades, strict=True)
        return {
            str(matrix.id): {str(row.id): [str(columns[5 - grade].id)] for row, grade in rows},
            str(words.id): "Come sooner",
        }

    @classmethod
    def _answer(cls, survey, grades, user=None):
        """The questionnaire filled in without a browser: on the phone by the specialist, else by
        the customer."""
        is_call = survey.channel == "phone"
        user = user or (cls.specialist if is_call else cls.env.ref("base.public_user"))
        survey._fill(user, grades, "Come sooner")
        cls.env.invalidate_all()
        return survey


class QualityHttp(QualityCommon, HttpCase):
    def _login(self, user=None):
        self.env.flush_all()
        self.authenticate(user.login if user else None, user.login if user else None)

    def _path(self, opinion, suffix="", **query):
        path = opinion.sudo()._get_portal_path() + suffix
        return path + (f"?{urlencode(query)}" if query else "")

    def _token(self, opinion):
        opinion.sudo()._get_link()
        self.env.flush_all()
        return opinion.sudo().access_token

    def _open(self, opinion, user=None, **query):
        self._login(user)
        return self.url_open(self._path(opinion, **query))

    def _post(self, opinion, suffix, user=None, **data):
        self._login(user)
        values = {"csrf_token": http.Request.csrf_token(self), **data}
        with mute_logger("odoo.http"):
            answer = self.url_open(self._path(opinion, suffix), data=values)
        self.env.invalidate_all()
        return answer

    def _start(self, survey, user=None, **data):
        """:return: pair of the tokens of the questionnaire that opens, or None"""
        answer = self._post(survey, "/start", user, **data)
        found = re.search(r"/survey/([0-9a-f-]{36})/([0-9a-f-]{36})", answer.url)
        return found and found.groups()

    def _submit(self, tokens, grades):
        survey, answer = tokens
        params = self._answers(grades)
        with mute_logger("odoo.http"):
            response = self.url_open(f"/survey/submit/{survey}/{answer}", json={"params": params})
        self.env.invalidate_all()
        return response.json()

    def _rpc(self, user, model, method, *args, **kwargs):
        self._login(user)
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"):
            answer = self.url_open("/web/dataset/call_kw", json={"params": params}).json()
        self.env.invalidate_all()
        return answer
