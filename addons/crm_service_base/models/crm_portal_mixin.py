from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import consteq


class CrmPortalMixin(models.AbstractModel):
    """A document that its customer opens in the portal: logged in, or by the link of a letter.

    ::

        class CrmVisit(models.Model):
            _name = "crm.visit"
            _inherit = ["crm.portal.mixin", "crm.visit"]

            _portal_path = "/my/visits"

    It stands first in ``_inherit``, before the thread whose doors it closes. Customers have no
    access rights on the document at all: pages (``controllers/crm_document_portal.py``) ask
    ``_is_portal_open``, show what the document prepares, and call ``_portal_*`` methods that take
    the user of the request and ask ``_get_portal_actor`` who acts.
    """

    _name = "crm.portal.mixin"
    _inherit = ["portal.mixin"]
    _description = "Document in the Portal"

    _portal_path = None
    # a system parameter may hold how many days (wall-clock) the link lives after the end
    _portal_days_parameter = None
    _portal_days = 90
    # who writes one of them may give the document to somebody else
    _portal_holder_fields = ("partner_id",)

    access_token = fields.Char(groups=fields.NO_ACCESS)

    def write(self, vals):
        # a link that was sent belongs to the customer it was sent to
        holders = {}
        if not vals.keys().isdisjoint(self._portal_holder_fields):
            linked = self.sudo().filtered("access_token")
            holders = {document: document._get_portal_holder() for document in linked}
        result = super().write(vals)
        for document, (partner, address) in holders.items():
            is_moved = partner and partner != document.partner_id
            if is_moved or address != document._get_portal_holder()[1]:
                document.access_token = False
        return result

    def _get_portal_holder(self):
        """Whose the link is; a document without a customer refines it.

        :return: pair of ``res.partner`` and e-mail address
        """
        return self.partner_id, False

    def _compute_access_url(self):
        for document in self:
            document.access_url = f"{self._portal_path}/{document.id}"

    # ------------------------------------------------------------------ the link

    def _portal_ensure_token(self):
        # the field itself is read by nobody
        return super(CrmPortalMixin, self.sudo())._portal_ensure_token()

    def _sign_token(self, pid):
        return super(CrmPortalMixin, self.sudo())._sign_token(pid)

    def get_portal_url(self, *args, **kwargs):
        """Core hands the link to whoever calls, and with it one acts as the customer: only a
        letter that the server writes holds it, a colleague gets the address of the page."""
        if self.env.su:
            return super().get_portal_url(*args, **kwargs)
        self.check_access("read")
        return self.access_url

    def _get_share_url(self, *args, **kwargs):
        if not self.env.su:
            raise AccessError(self.env._("The link goes into the mailbox of the customer only."))
        return super()._get_share_url(*args, **kwargs)

    @api.model
    def _get_thread_with_access(self, thread_id, *, hash=None, pid=None, token=None, **kwargs):  # noqa: A002
        """The chatter is for colleagues: no link and no signed address opens it."""
        return super()._get_thread_with_access(thread_id, **kwargs)

    # ------------------------------------------------------------------ who comes in

    @api.model
    def _get_portal_domain(self, user):
        """Documents that a customer's user finds in the portal; each document narrows it.

        :param user: ``res.users``
        """
        customer = user.sudo().partner_id.commercial_partner_id
        return Domain("commercial_partner_id", "=", customer.id)

    def _is_portal_open(self, user, token):
        """Whether a person may see the document in the portal.

        :param user: ``res.users`` of the request
        :param token: what the address holds, may be anything
        :return: bool
        """
        self.ensure_one()
        document = self.sudo()
        if document._is_portal_token(token) and document._is_portal_link_alive():
            return True
        if user._is_internal():
            return self.with_user(user).has_access("read")
        return document._is_portal_customer(user)

    def _is_portal_token(self, token):
        own = self.access_token
        return bool(own and token) and consteq(own.encode(), str(token).encode())

    def _is_portal_customer(self, user):
        is_kept = "active" not in self._fields or self["active"]
        found = is_kept and self.filtered_domain(self._get_portal_domain(user))
        return bool(found) and not user._is_public()

    def _is_portal_link_alive(self):
        """The link ends some days after the matter; then customers log in."""
        end = self._get_portal_end()
        return not end or end + self._get_portal_term() > fields.Datetime.now()

    def _get_portal_end(self):
        """The end of the matter, from which the link's days count.

        :return: datetime, UTC, or ``False`` while it has no end
        """
        return self.create_date

    @api.model
    def _get_portal_term(self):
        days = self._portal_days
        if self._portal_days_parameter:
            parameters = self.env["ir.config_parameter"].sudo()
            days = int(parameters.get_param(self._portal_days_parameter, days))
        return timedelta(days=days)

    # ------------------------------------------------------------------ who acts

    def _get_portal_actor(self, user):
        """Who acts in the portal.

        :param user: ``res.users`` of the request
        :return: dict with ``channel``, ``user_id``, ``partner_id`` and ``name``
        :raise UserError: a colleague, who must not act for the customer
        """
        self.ensure_one()
        if user._is_internal():
            raise UserError(
                self.env._("You are logged in as staff: only the customer does this in the portal.")
            )
        document = self.sudo()
        if document._is_portal_customer(user):
            partner = user.sudo().partner_id
            who = {"channel": "portal", "user_id": user.id, "name": partner.name}
        else:
            partner = document.partner_id
            user_id = not user._is_public() and user.id
            who = {"channel": "link", "user_id": user_id, "name": document._get_portal_name()}
        return who | {"partner_id": partner.id}

    def _get_portal_name(self):
        """:return: str, the name of whom the link was sent to"""
        return self.partner_id.name or ""
