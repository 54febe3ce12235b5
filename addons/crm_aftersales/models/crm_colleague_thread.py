from odoo import models
from odoo.exceptions import AccessError


class CrmColleagueThread(models.AbstractModel):
    """Documents whose log goes to colleagues and to nobody else (A4.R10).

    Compensation plans and internal commitments reach no customer: no follower, no recipient and
    no address outside the company gets what is written here, whoever named it.
    """

    _name = "crm.colleague.thread"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Log for Colleagues Only"

    # files of these documents get no link that opens without a login
    _is_for_colleagues = True

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Colleagues follow; customers and addresses without a user do not."""
        partners = self.env["res.partner"].browse(partner_ids or [])
        colleagues = partners.filtered(self._is_colleague).ids
        return super().message_subscribe(partner_ids=colleagues, subtype_ids=subtype_ids)

    def message_post(self, **kwargs):
        """:raise AccessError: an address is named to send it to"""
        if kwargs.get("outgoing_email_to"):
            raise AccessError(self.env._("This is for colleagues: it is not sent to addresses."))
        return super().message_post(**kwargs)

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        recipients = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        partners = self.env["res.partner"].browse([r["id"] for r in recipients if r["id"]])
        colleagues = set(partners.filtered(self._is_colleague).ids)
        return [recipient for recipient in recipients if recipient["id"] in colleagues]

    def _is_colleague(self, partner):
        """Whether a contact has a login of staff.

        :param partner: ``res.partner``
        :return: bool
        """
        return any(user._is_internal() for user in partner.sudo().user_ids)
