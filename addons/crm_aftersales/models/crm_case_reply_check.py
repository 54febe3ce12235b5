from odoo import fields, models


class CrmCaseReplyCheck(models.Model):
    """What is looked at before a reply goes out."""

    _name = "crm.case.reply.check"
    _description = "Point to Check before a Reply"
    _order = "sequence, id"

    template_id = fields.Many2one(
        "crm.case.reply.template", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    name = fields.Char("To Check", required=True, translate=True)
