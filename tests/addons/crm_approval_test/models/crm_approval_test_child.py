from odoo import fields, models


class CrmApprovalTestChild(models.Model):
    """Reaches the documents from outside: delegation."""

    _name = "crm.approval.test.child"
    _inherits = {"crm.approval.test": "document_id"}
    _description = "Approval Test Child"

    document_id = fields.Many2one(
        "crm.approval.test", required=True, index=True, ondelete="cascade"
    )
