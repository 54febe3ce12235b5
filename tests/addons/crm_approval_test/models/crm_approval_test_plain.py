from odoo import fields, models


class CrmApprovalTestPlain(models.Model):
    """The same fields without the engine: what a write costs by itself."""

    _name = "crm.approval.test.plain"
    _inherit = ["crm.service.mixin", "portal.mixin", "mail.thread", "mail.activity.mixin"]
    _description = "Plain Test Document"

    name = fields.Char(default="New")
    state = fields.Selection(
        [("draft", "Draft"), ("submitted", "Submitted"), ("approved", "Approved")],
        required=True,
        default="draft",
        index=True,
        tracking=True,
    )
    title = fields.Char(translate=True)
    amount = fields.Float()
    date = fields.Date()
    note = fields.Text()
