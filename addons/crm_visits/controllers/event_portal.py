from urllib.parse import urlencode

from odoo import SUPERUSER_ID, http
from odoo.exceptions import LockError, UserError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

SEE_OTHER = 303


class EventPortal(CustomerPortal):
    """Invitations as the guest sees them, mostly on a phone.

    Customers have no rights on events and guests: each route asks the invitation whether this
    person may come in, and shows what it prepares for the portal.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "crm_invitation_count" in counters:
            guests = request.env["crm.customer.event.guest"].sudo()
            values["crm_invitation_count"] = guests.search_count(
                guests._get_portal_domain(request.env.user)
            )
        return values

    @http.route(
        ["/my/invitations", "/my/invitations/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def portal_my_invitations(self, page=1, **kwargs):
        """The customer's invitations, the latest first."""
        guests = request.env["crm.customer.event.guest"].sudo()
        domain = guests._get_portal_domain(request.env.user)
        navigation = pager(
            url="/my/invitations",
            total=guests.search_count(domain),
            page=page,
            step=self._items_per_page,
        )
        found = guests.search(
            domain,
            order="date_start desc, id desc",
            limit=self._items_per_page,
            offset=navigation["offset"],
        )
        values = self._prepare_portal_layout_values() | {
            "invitations": [guest._prepare_portal_values() for guest in found],
            "page_name": "crm_invitations",
            "pager": navigation,
            "default_url": "/my/invitations",
        }
        return request.render("crm_visits.portal_my_invitations", values)

    @http.route("/my/invitations/<int:guest_id>", type="http", auth="public", website=True)
    def portal_invitation(self, guest_id, access_token=None, message=None, **kwargs):
        """One invitation."""
        guest = self._find_guest(guest_id, access_token)
        if not guest:
            return request.redirect("/my")
        messages = {
            "accepted": request.env._("Thank you. We look forward to seeing you."),
            "declined": request.env._("Thank you for your answer. Perhaps another time."),
        }
        values = self._prepare_portal_layout_values() | {
            "invitation": guest._prepare_portal_values(),
            "invitation_message": messages.get(message),
            "invitation_error": request.session.pop("crm_invitation_error", None),
            "invitation_token": access_token,
            "is_staff": request.env.user._is_internal(),
            "page_name": "crm_invitation",
        }
        headers = {"Referrer-Policy": "same-origin", "Cache-Control": "no-store"}
        return request.render("crm_visits.portal_invitation", values, headers=headers)

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
        guest = self._find_guest(guest_id, access_token)
        if not guest:
            return request.redirect("/my")
        query = {"message": "accepted" if answer == "accept" else "declined"}
        try:
            with request.env.cr.savepoint():
                guest._portal_answer(request.env.user, answer == "accept", persons, comment)
        except LockError:
            request.session["crm_invitation_error"] = request.env._("Please try again in a moment.")
            query = {}
        except UserError as error:
            request.session["crm_invitation_error"] = str(error)
            query = {}
        if access_token:
            query["access_token"] = access_token
        url = f"/my/invitations/{guest_id}" + (f"?{urlencode(query)}" if query else "")
        return request.redirect(url, code=SEE_OTHER)

    def _find_guest(self, guest_id, access_token):
        """:return: the guest with ``sudo`` where this person may see it, else nothing"""
        guests = request.env["crm.customer.event.guest"].with_user(SUPERUSER_ID)
        guest = guests.browse(guest_id).exists()
        if guest and guest._is_portal_open(request.env.user, access_token):
            return guest
        return guest.browse()
