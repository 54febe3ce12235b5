from urllib.parse import urlencode

from odoo import SUPERUSER_ID, http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

SEE_OTHER = 303
MODELS = {"feedback": "crm.service.feedback", "surveys": "crm.service.survey"}


class OpinionPortal(CustomerPortal):
    """Feedback forms and surveys as their customer answers them, mostly on a phone.

    Customers have no rights on them: each route asks the form whether this person may come in, and
    shows what it prepares for the portal.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "crm_opinion_count" in counters:
            values["crm_opinion_count"] = sum(
                opinions.search_count(opinions._get_portal_domain(request.env.user))
                for opinions in self._get_opinion_models()
            )
        return values

    def _get_opinion_models(self):
        return [request.env[name].with_user(SUPERUSER_ID) for name in MODELS.values()]

    @http.route(
        ["/my/opinions", "/my/opinions/page/<int:page>"], type="http", auth="user", website=True
    )
    def portal_my_opinions(self, page=1, **kwargs):
        """What the customer is asked and was asked, open ones first."""
        user = request.env.user
        step = self._items_per_page
        asked = [(model, model._get_portal_domain(user)) for model in self._get_opinion_models()]
        total = sum(opinions.search_count(domain) for opinions, domain in asked)
        navigation = pager(url="/my/opinions", total=total, page=page, step=step)
        offset = navigation["offset"]
        found = []
        for opinions, domain in asked:
            found += opinions.search(domain, order="id desc", limit=offset + step)
        found.sort(key=lambda opinion: (opinion.state == "asked", opinion.date_asked), reverse=True)
        values = self._prepare_portal_layout_values() | {
            "opinions": [o._prepare_portal_values() for o in found[offset : offset + step]],
            "page_name": "crm_opinions",
            "pager": navigation,
        }
        return request.render("crm_aftersales.portal_my_opinions", values)

    @http.route(
        "/my/<any(feedback,surveys):kind>/<int:opinion_id>",
        type="http",
        auth="public",
        website=True,
    )
    def portal_opinion(self, kind, opinion_id, access_token=None, message=None, **kwargs):
        """One feedback form or survey."""
        opinion = self._find_opinion(kind, opinion_id, access_token)
        if not opinion:
            return request.redirect("/my")
        values = self._prepare_opinion_values(opinion, access_token)
        if message == "thanks":
            values["opinion_message"] = request.env._(
                "Thank you. Your answer helps us to do better."
            )
        return self._render_opinion(values)

    @http.route(
        "/my/feedback/<int:opinion_id>/answer",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_feedback_answer(self, opinion_id, access_token=None, **post):
        """The customer fills in the feedback form."""
        feedback = self._find_opinion("feedback", opinion_id, access_token)
        if not feedback:
            return request.redirect("/my")
        try:
            with request.env.cr.savepoint():
                feedback._portal_answer(request.env.user, post)
        except UserError as error:
            values = self._prepare_opinion_values(feedback, access_token)
            values["opinion_error"] = str(error)
            values["opinion"]["answers"].update(post)
            return self._render_opinion(values)
        return request.redirect(
            self._get_opinion_url(feedback, access_token, message="thanks"), SEE_OTHER
        )

    @http.route(
        "/my/surveys/<int:opinion_id>/start",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_survey_start(self, opinion_id, access_token=None, **post):
        """The customer opens the questionnaire."""
        survey = self._find_opinion("surveys", opinion_id, access_token)
        if not survey:
            return request.redirect("/my")
        if request.env.user._is_internal() or not survey._is_answerable():
            return request.redirect(self._get_opinion_url(survey, access_token), SEE_OTHER)
        return request.redirect(survey._begin(request.env.user), SEE_OTHER)

    def _prepare_opinion_values(self, opinion, access_token):
        return self._prepare_portal_layout_values() | {
            "opinion": opinion._prepare_portal_values(),
            "opinion_message": None,
            "opinion_error": None,
            "opinion_token": access_token,
            "is_staff": request.env.user._is_internal(),
            "page_name": "crm_opinion",
        }

    def _render_opinion(self, values):
        headers = {"Referrer-Policy": "same-origin", "Cache-Control": "no-store"}
        return request.render("crm_aftersales.portal_opinion", values, headers=headers)

    def _find_opinion(self, kind, opinion_id, access_token):
        """:return: the form with ``sudo`` where this person may see it, else nothing"""
        opinions = request.env[MODELS[kind]].with_user(SUPERUSER_ID)
        opinion = opinions.browse(opinion_id).exists()
        if opinion and opinion._is_portal_open(request.env.user, access_token):
            return opinion
        return opinions

    def _get_opinion_url(self, opinion, access_token, **query):
        if access_token:
            query["access_token"] = access_token
        return opinion._get_portal_path() + (f"?{urlencode(query)}" if query else "")
