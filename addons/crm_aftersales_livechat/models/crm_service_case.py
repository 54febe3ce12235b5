from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmServiceCase(models.Model):
    """A case that came up in a live chat leads back to it (D6.R1)."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    livechat_id = fields.Many2one(
        "discuss.channel",
        "Live Chat",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    has_livechat = fields.Boolean(compute="_compute_has_livechat")

    @api.model
    def _get_server_fields(self):
        return {**super()._get_server_fields(), "livechat_id": False}

    @api.depends("livechat_id")
    def _compute_has_livechat(self):
        """The chat itself is read by those who took part; that there is one, by everybody."""
        for case in self:
            case.has_livechat = bool(case.sudo().livechat_id)

    def action_open_livechat(self):
        """Open the chat.

        :raise UserError: the chat is not open to this colleague
        """
        self.ensure_one()
        self.check_access("read")
        channel = self.sudo().livechat_id.sudo(False)
        if not channel or not channel.has_access("read"):
            raise UserError(
                self.env._("You took no part in this chat; what was said stands in the case.")
            )
        return {
            "type": "ir.actions.client",
            "tag": "mail.action_discuss",
            "params": {"active_id": channel.id},
        }
