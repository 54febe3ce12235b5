from odoo import models
from odoo.exceptions import UserError


class CrmServiceCase(models.Model):
    """On the customer's page of a case: whom to call now (C3.R12), and the remote access that it
    allowed and takes back whenever it wants (C3.R15)."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    def _prepare_portal_values(self):
        team = self.sudo().team_id
        contact = {"hotline": team.phone, "duty": team.duty_text}
        entries = self.sudo().authorization_ids
        accesses = [self._prepare_portal_access(entry) for entry in entries]
        return {**super()._prepare_portal_values(), "contact": contact, "accesses": accesses}

    def _prepare_portal_access(self, entry):
        return {
            "id": entry.id,
            "contact": entry.contact,
            "scope": entry.scope,
            "until": self._format_portal_date(entry.date_until),
            "is_valid": entry.is_valid,
            "revoked": self._format_portal_date(entry.date_revoked),
            "revoked_by": entry.revoked_by_name or entry.revoked_by_id.name or "",
        }

    def _portal_revoke(self, user, access):
        """The customer takes an authorization of remote access back.

        :param user: ``res.users`` of the request, which may see the case
        :param str access: which one, as the page says
        :raise UserError: none of this case, over, or revoked before
        """
        actor = self._get_portal_actor(user)
        case = self._signature_enter()
        entries = case.authorization_ids
        entry = entries.filtered(lambda found: str(found.id) == access)
        if not entry:
            raise UserError(self.env._("There is no such authorization in this case."))
        if not entry.is_valid and not entry.date_revoked:
            raise UserError(self.env._("This authorization has ended by itself."))
        who = self.env["res.users"].browse(actor["user_id"] or [])
        entry._revoke(who, actor["name"] or entry.contact)
