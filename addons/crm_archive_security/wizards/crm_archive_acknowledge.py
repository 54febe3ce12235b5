from odoo import fields, models
from odoo.exceptions import UserError


class CrmArchiveAcknowledge(models.TransientModel):
    """三不准: whoever opens what is classified says that he keeps to them (A2.R26)."""

    _name = "crm.archive.acknowledge"
    _description = "Three Don'ts"
    _inherit = ["crm.access.mixin"]

    item_id = fields.Many2one("crm.archive.item", required=True, ondelete="cascade")
    is_acknowledged = fields.Boolean("I have read this and keep to it")

    def action_read(self):
        """Register the acknowledgement and open the item.

        :raise UserError: the box is not ticked
        """
        self.ensure_one()
        if not self.is_acknowledged:
            raise UserError(self.env._("Tick that you keep to the three don'ts first."))
        self.item_id.acknowledge_rules()
        return self.item_id._open_page()
