from odoo import http
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.crm_service_base.controllers.crm_document_portal import DocumentPortal

MODEL = "crm.customer.event.guest"


class EventPortal(DocumentPortal):
    """Invitations as the guest sees them, mostly on a phone."""

    def _get_document_counters(self):
        return super()._get_document_counters() | {"crm_invitation_count": MODEL}

    @http.route(
        ["/my/invitations", "/my/invitations/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def portal_my_invitations(self, page=1, **kwargs):
        """The customer's invitations, the latest first."""
        guests, values = self._find_documents(
            MODEL, page, Domain.TRUE, order="date_start desc, id desc"
        )
        values |= {
            "invitations": [guest._prepare_portal_values() for guest in guests],
            "page_name": "crm_invitations",
        }
        return request.render("crm_visits.portal_my_invitations", values)

    @http.route("/my/invitations/<int:guest_id>", type="http", auth="public", website=True)
    def portal_invitation(self, guest_id, access_token=None, message=None, **kwargs):
        """One invitation."""
        guest = self._find_document(MODEL, guest_id, access_token)
        if not guest:
            return request.redirect("/my")
        values = self._prepare_document_values(access_token, message) | {
            "invitation": guest._prepare_portal_values(),
            "page_name": "crm_invitation",
        }
        headers = self._get_document_headers()
        return request.render("crm_visits.portal_invitation", values, headers=headers)

    def _get_portal_messages(self):
        return super()._get_portal_messages() | {
            "accepted": request.env._("Thank you. We look forward to seeing you."),
            "refused": request.env._("Thank you for your answer. Perhaps another time."),
        }

    @http.route(
        "/my/invitations/<int:guest_id>/<any(accept,decline):answer>",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def portal_invitation_answer(
        self, guest_id, answer, access_token=None, persons=None, comment=None, **kwargs
    ):
        """The guest comes or does not; the page then tells what came of it."""
        is_accepted = answer == "accept"
        return self._act_on_document(
            MODEL,
            guest_id,
            access_token,
            "accepted" if is_accepted else "refused",
            lambda guest: guest._portal_answer(request.env.user, is_accepted, persons, comment),
        )
