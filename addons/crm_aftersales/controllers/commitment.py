from odoo import SUPERUSER_ID, http
from odoo.http import request

from .portal import CasePortal


class CommitmentPage(CasePortal):
    """Service commitments for everybody, and for customers in the portal.

    The only page of the addon without a login: it shows plain values of explicit, external
    commitments in force of a company that publishes them, nothing else (A4.R6, A4.R10).
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "crm_commitment_count" in counters:
            values["crm_commitment_count"] = len(
                self._get_commitments()._get_told(request.env.user.sudo().company_id)
            )
        return values

    def _get_commitments(self):
        return request.env["crm.service.commitment"].with_user(SUPERUSER_ID)

    @http.route(
        ["/service-commitments", "/service-commitments/<int:company_id>"],
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
    )
    def service_commitments(self, company_id=None, **kwargs):
        """What a company commits itself to, and how to reach its service."""
        commitments = self._get_commitments()
        website = getattr(request, "website", None)
        if not company_id and website:
            company_id = website.sudo().company_id.id
        company = commitments._get_public_company(company_id)
        if not company:
            raise request.not_found()
        values = commitments._prepare_public_values(company)
        return request.render(
            "crm_aftersales.commitments_page",
            {"page": values, "page_name": "crm_commitments", "no_breadcrumbs": True},
        )

    @http.route("/my/commitments", type="http", auth="user", methods=["GET"], website=True)
    def portal_my_commitments(self, **kwargs):
        """The commitments towards the customer who is logged in."""
        commitments = self._get_commitments()
        company = request.env.user.sudo().company_id
        values = self._prepare_portal_layout_values() | {
            "page": commitments._prepare_public_values(company),
            "page_name": "crm_commitments",
        }
        return request.render("crm_aftersales.portal_my_commitments", values)

    @http.route()
    def portal_new_case(self, **post):
        """The form says which commitment the customer means."""
        response = super().portal_new_case(**post)
        if getattr(response, "qcontext", None) is not None:
            told = self._get_commitments()._find_told(
                post.get("commitment"), request.env.user.sudo().company_id
            )
            response.qcontext["told_commitment"] = told and {"id": told.id, "title": told.title}
        return response
