from odoo import fields, models


class CrmCaseReplyTick(models.TransientModel):
    """A point that was looked at before the reply goes out."""

    _name = "crm.case.reply.tick"
    _description = "Checked before a Reply"
    _inherit = ["crm.access.mixin"]

    reply_id = fields.Many2one("crm.case.reply", required=True, ondelete="cascade")
    name = fields.Char("To Check", required=True)
    is_done = fields.Boolean("Done")
