from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement

from .channel_common import ChannelCommon


@tagged("post_install", "-at_install")
class TestRating(ChannelCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.case = self._make_case(partner_id=self.wang_partner.id)

    def _close(self, case=None):
        case = case or self.case
        self._solve(case)
        case.action_close()

    @requirement("E2.R10")
    def test_asked_once(self):
        self._close()
        asked = [mail for mail, _to in self._queue(self.case) if "how satisfied" in mail.subject]
        self.assertEqual(len(asked), 1)
        self.assertEqual(asked[0].state, "outgoing")
        self.assertIn(f"/my/cases/{self.case.id}?access_token=", asked[0].body_html)
        self.case.with_user(self.supervisor)._reopen("Not done")
        self._close()
        asked = [mail for mail, _to in self._queue(self.case) if "how satisfied" in mail.subject]
        self.assertEqual(len(asked), 1, "not again after it was opened again")

    def test_not_asked(self):
        self.team.rating_template_id = False
        self._close()
        self.assertFalse(self.case.date_rating_asked)
        rated = self._make_case(partner_id=self.wang_partner.id)
        self.team.rating_template_id = self.env.ref("crm_aftersales.mail_template_case_rating")
        self._solve(rated)
        rated._rate(self.wang_partner, 5, "")
        rated.action_close()
        self.assertFalse(rated.date_rating_asked)

    @requirement("E2.R10")
    def test_bad_ones_are_told_to_the_head(self):
        self._solve(self.case)
        self.case._rate(self.wang_partner, 2, "It took a week")
        tasks = self.case.activity_ids
        self.assertEqual(tasks.user_id, self.supervisor | self.specialist)
        for task in tasks:
            self.assertIn("2 of 5", task.summary)
            self.assertIn("It took a week", task.note)
            self.assertIn("Reopen", task.note)

    def test_good_ones_disturb_nobody(self):
        self._solve(self.case)
        self.case._rate(self.wang_partner, 4, "")
        self.assertFalse(self.case.activity_ids)
        self.assertEqual(self.case.rating_last_value, 4)
        self.assertEqual(self.case.rating_ids.rated_partner_id, self.specialist.partner_id)

    def test_once_each_time_it_is_solved(self):
        with self.assertRefused(UserError, "cannot be rated"):
            self.case._rate(self.wang_partner, 5, "")
        self._solve(self.case)
        for wrong in (0, 6, None, "5"):
            with self.assertRefused(UserError, "one to five"):
                self.case._rate(self.wang_partner, wrong, "")
        self.case._rate(self.wang_partner, 1, "")
        with self.assertRefused(UserError, "cannot be rated"):
            self.case._rate(self.wang_partner, 5, "")

    @requirement("E2.R10")
    def test_satisfaction_figures(self):
        self._solve(self.case)
        self.case._rate(self.wang_partner, 5, "")
        other = self._solve(self._make_case(partner_id=self.wang_partner.id))
        other._rate(self.wang_partner, 2, "")
        self._solve(self._make_case())
        cases = self.env["crm.service.case"]
        domain = [("team_id", "=", self.team.id)]
        self.assertEqual(
            cases._get_satisfaction(domain), {None: {"count": 2, "average": 3.5, "satisfied": 0.5}}
        )
        by_owner = cases._get_satisfaction(domain, "user_id")
        self.assertEqual(by_owner[self.specialist]["count"], 2)
        self.assertEqual(cases._get_satisfaction([("id", "=", 0)]), {})
        self.team.invalidate_recordset()
        self.assertEqual(
            (self.team.rating_count, self.team.rating_percentage_satisfaction), (2, 50)
        )

    def test_colleagues_do_not_rate(self):
        self._solve(self.case)
        ratings = self.env["rating.rating"].with_user(self.specialist)
        model = self.env["ir.model"]._get_id("crm.service.case")
        with self.assertRefused(AccessError, "Only the customer"):
            ratings.create(
                {"res_model_id": model, "res_id": self.case.id, "rating": 5, "consumed": True}
            )
        partner_model = self.env["ir.model"]._get_id("res.partner")
        own = ratings.create(
            {"res_model_id": partner_model, "res_id": self.customer.id, "rating": 5}
        )
        with self.assertRefused(AccessError, "Only the customer"):
            own.write({"res_model_id": model, "res_id": self.case.id, "consumed": True})
        rating = self.case._rate(self.wang_partner, 1, "Bad")
        with self.assertRefused(AccessError, "Only the customer"):
            rating.with_user(self.manager).write({"rating": 5})
        case = self.case.with_user(self.specialist)
        for attempt in (
            lambda: case.rating_apply(5, token=rating.access_token),
            lambda: case.rating_send_request(self.team.rating_template_id),
            lambda: case.message_post(body="x", rating_value=5),
        ):
            with self.assertRefused(AccessError, "."):
                attempt()
        with self.assertRefused(AccessError, "with its buttons"):
            case.write({"rating_last_value": 5})
        self.assertEqual(self.case.rating_last_value, 1)

    @mute_logger("odoo.http")
    def test_the_link_of_core_changes_nothing(self):
        self._solve(self.case)
        rating = self.case._rate(self.wang_partner, 1, "Bad")
        token = rating.access_token
        self.env.flush_all()
        self.authenticate(None, None)
        self.url_open(f"/rate/{token}/submit_feedback", data={"rate": 5, "csrf_token": "x"})
        self.authenticate(self.specialist.login, self.specialist.login)
        key = http.Request.csrf_token(self)
        self.url_open(f"/rate/{token}/submit_feedback", data={"rate": 5, "csrf_token": key})
        self.env.invalidate_all()
        self.assertEqual(rating.rating, 1)
