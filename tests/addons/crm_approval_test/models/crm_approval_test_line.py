from odoo import fields, models


class CrmApprovalTestLine(models.Model):
    _name = "crm.approval.test.line"
    _inherit = ["crm.approval.line.mixin"]
    _description = "Approval Test Line"
    _order = "sequence, id"

    _approval_parent_field = "document_id"

    document_id = fields.Many2one(
        "crm.approval.test", required=True, index=True, ondelete="cascade"
    )
    document_title = fields.Char(related="document_id.title", readonly=False)
    document_state = fields.Selection(related="document_id.state", readonly=False)
    sequence = fields.Integer(default=10)
    name = fields.Char(translate=True)
    quantity = fields.Float()
    tag_ids = fields.Many2many(
        "crm.approval.test.tag",
        "crm_approval_test_line_tag_rel",
        "line_id",
        "tag_id",
        ondelete="restrict",
    )
    result = fields.Char()

    def _approval_after_fields(self):
        return super()._approval_after_fields() | {"result"}
