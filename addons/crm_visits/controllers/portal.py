from urllib.parse import urlencode

from odoo import SUPERUSER_ID, http
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

SEE_OTHER = 303


class VisitPortal(CustomerPortal):
    """Visits as their customer sees them, mostly on a phone.

    Customers have no rights on visits: each route asks the visit whether this person may come in,
    and shows what the visit prepares for the portal.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "crm_visit_count" in counters:
            visits = request.env["crm.visit"].sudo()
            values["crm_visit_count"] = visits.search_count(
                visits._get_portal_domain(request.env.user)
            )
        return values

    # ------------------------------------------------------------------ pages

    @http.route(
        ["/my/visits", "/my/visits/page/<int:page>"], type="http", auth="user", website=True
    )
    def portal_my_visits(self, page=1, filterby=None, **kwargs):
        """The customer's visits, those to come first."""
        visits = request.env["crm.visit"].sudo()
        filters = self._get_visit_filters()
        filterby = filterby if filterby in filters else "upcoming"
        domain = visits._get_portal_domain(request.env.user) & filters[filterby]["domain"]
        navigation = pager(
            url="/my/visits",
            total=visits.search_count(domain),
            page=page,
            step=self._items_per_page,
            url_args={"filterby": filterby},
        )
        found = visits.search(
            domain,
            order=filters[filterby]["order"],
            limit=self._items_per_page,
            offset=navigation["offset"],
        )
        values = self._prepare_portal_layout_values() | {
            "visits": [visit._prepare_portal_summary() for visit in found],
            "page_name": "crm_visits",
            "pager": navigation,
            "default_url": "/my/visits",
            "visit_filters": filters,
            "filterby": filterby,
        }
        return request.render("crm_visits.portal_my_visits", values)

    def _get_visit_filters(self):
        upcoming = Domain("state", "in", ("planned", "in_progress"))
        return {
            "upcoming": {
                "label": request.env._("Upcoming"),
                "domain": upcoming,
                "order": "date, id",
            },
            "past": {
                "label": request.env._("Past"),
                "domain": ~upcoming,
                "order": "date desc, id desc",
            },
        }

    @http.route("/my/visits/<int:visit_id>", type="http", auth="public", website=True)
    def portal_visit(self, visit_id, access_token=None, report_type=None, message=None, **kwargs):
        """One visit; with ``report_type=pdf`` the customer's copy of its record."""
        visit = self._find_visit(visit_id, access_token)
        if not visit:
            return request.redirect("/my")
        if report_type == "pdf" and visit._is_portal_printable():
            return self._print_visit(visit)
        values = self._prepare_portal_layout_values() | {
            "visit": visit._prepare_portal_values(),
            "visit_message": self._get_visit_messages().get(message),
            "visit_error": request.session.pop("crm_visit_error", None),
            "visit_token": access_token,
            "visit_query": urlencode({"access_token": access_token}) if access_token else "",
            "is_staff": request.env.user._is_internal(),
            "page_name": "crm_visit",
        }
        return request.render("crm_visits.portal_visit", values, headers=self._get_headers())

    def _print_visit(self, visit):
        report = request.env["ir.actions.report"].with_user(SUPERUSER_ID)
        pdf, _kind = report.with_company(visit.company_id)._render_qweb_pdf(
            "crm_visits.crm_visit_report_customer", visit.ids
        )
        name = "".join(char if char.isalnum() else "-" for char in visit.name or "visit")
        headers = self._get_headers() | {
            "Content-Type": "application/pdf",
            "Content-Disposition": http.content_disposition(f"{name}.pdf"),
        }
        return request.make_response(pdf, headers=list(headers.items()))

    def _get_headers(self):
        """The address may hold a link: it goes to no other site and into no cache."""
        return {"Referrer-Policy": "same-origin", "Cache-Control": "no-store"}

    def _get_visit_messages(self):
        return {
            "confirmed": request.env._("Thank you. We look forward to seeing you."),
            "declined": request.env._("Thank you. We will get in touch about another time."),
            "signed": request.env._("Thank you. Your signature was recorded."),
            "rated": request.env._("Thank you for your opinion."),
        }

    # ------------------------------------------------------------------ what the customer does

    @http.route(
        "/my/visits/<int:visit_id>/confirm",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_visit_confirm(self, visit_id, access_token=None, appointment=None, **kwargs):
        """The customer agrees to time and place."""
        return self._act(
            visit_id,
            access_token,
            "confirmed",
            lambda visit: visit._portal_confirm(request.env.user, appointment),
        )

    @http.route(
        "/my/visits/<int:visit_id>/decline",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_visit_decline(
        self, visit_id, access_token=None, appointment=None, wish=None, **kwargs
    ):
        """The customer asks for another time."""
        return self._act(
            visit_id,
            access_token,
            "declined",
            lambda visit: visit._portal_decline(request.env.user, appointment, wish),
        )

    @http.route(
        "/my/visits/<int:visit_id>/rate", type="http", auth="public", methods=["POST"], website=True
    )
    def portal_visit_rate(
        self, visit_id, access_token=None, service=None, product=None, comment=None, **kwargs
    ):
        """The customer rates service and products."""
        return self._act(
            visit_id,
            access_token,
            "rated",
            lambda visit: visit._portal_rate(request.env.user, service, product, comment),
        )

    @http.route("/my/visits/<int:visit_id>/sign", type="jsonrpc", auth="public", website=True)
    def portal_visit_sign(self, visit_id, name=None, signature=None, **kwargs):
        """The customer signs the record; the address holds the digest of what was shown.

        :return: dict as ``portal.signature_form`` expects it
        """
        query = request.httprequest.args
        access_token = query.get("access_token")
        visit = self._find_visit(visit_id, access_token)
        if not visit:
            return {"error": request.env._("This visit cannot be opened.")}
        try:
            with request.env.cr.savepoint():
                visit._portal_sign(
                    request.env.user,
                    query.get("digest"),
                    name,
                    signature,
                    request.httprequest.remote_addr,
                )
        except UserError as error:
            return {"error": str(error)}
        return {
            "force_refresh": True,
            "redirect_url": self._get_visit_url(visit_id, access_token, message="signed"),
        }

    def _act(self, visit_id, access_token, done, action):
        """Do something for the customer and go back to the page, which tells what came of it."""
        visit = self._find_visit(visit_id, access_token)
        if not visit:
            return request.redirect("/my")
        query = {"message": done}
        try:
            with request.env.cr.savepoint():
                action(visit)
        except UserError as error:
            request.session["crm_visit_error"] = str(error)
            query = {}
        url = self._get_visit_url(visit_id, access_token, **query)
        return request.redirect(url, code=SEE_OTHER)

    def _find_visit(self, visit_id, access_token):
        """:return: the visit with ``sudo`` where this person may see it, else nothing"""
        visit = request.env["crm.visit"].with_user(SUPERUSER_ID).browse(visit_id).exists()
        if visit and visit._is_portal_open(request.env.user, access_token):
            return visit
        return visit.browse()

    def _get_visit_url(self, visit_id, access_token, **query):
        if access_token:
            query["access_token"] = access_token
        return f"/my/visits/{visit_id}" + (f"?{urlencode(query)}" if query else "")
