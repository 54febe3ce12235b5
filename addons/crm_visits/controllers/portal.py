from odoo import SUPERUSER_ID, http
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.crm_service_base.controllers.crm_document_portal import DocumentPortal

MODEL = "crm.visit"


class VisitPortal(DocumentPortal):
    """Visits as their customer sees them, mostly on a phone."""

    def _get_document_counters(self):
        return super()._get_document_counters() | {"crm_visit_count": MODEL}

    # ------------------------------------------------------------------ pages

    @http.route(
        ["/my/visits", "/my/visits/page/<int:page>"], type="http", auth="user", website=True
    )
    def portal_my_visits(self, page=1, filterby=None, **kwargs):
        """The customer's visits, those to come first."""
        filters = self._get_visit_filters()
        filterby = filterby if filterby in filters else "upcoming"
        chosen = filters[filterby]
        visits, values = self._find_documents(
            MODEL, page, chosen["domain"], chosen["order"], {"filterby": filterby}
        )
        values |= {
            "visits": [visit._prepare_portal_summary() for visit in visits],
            "page_name": "crm_visits",
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
        visit = self._find_document(MODEL, visit_id, access_token)
        if not visit:
            return request.redirect("/my")
        if report_type == "pdf" and visit._is_portal_printable():
            return self._print_visit(visit)
        values = self._prepare_document_values(access_token, message) | {
            "visit": visit._prepare_portal_values(),
            "page_name": "crm_visit",
        }
        headers = self._get_document_headers()
        return request.render("crm_visits.portal_visit", values, headers=headers)

    def _print_visit(self, visit):
        report = request.env["ir.actions.report"].with_user(SUPERUSER_ID)
        pdf, _kind = report.with_company(visit.company_id)._render_qweb_pdf(
            "crm_visits.crm_visit_report_customer", visit.ids
        )
        name = "".join(char if char.isalnum() else "-" for char in visit.name or "visit")
        headers = self._get_document_headers() | {
            "Content-Type": "application/pdf",
            "Content-Disposition": http.content_disposition(f"{name}.pdf"),
        }
        return request.make_response(pdf, headers=list(headers.items()))

    def _get_portal_messages(self):
        return super()._get_portal_messages() | {
            "confirmed": request.env._("Thank you. We look forward to seeing you."),
            "declined": request.env._("Thank you. We will get in touch about another time."),
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
        return self._act_on_document(
            MODEL,
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
        return self._act_on_document(
            MODEL,
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
        return self._act_on_document(
            MODEL,
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
        return self._sign_document(MODEL, visit_id, name, signature)
