from odoo import fields, models


class CrmApprovalTestFolder(models.Model):
    """Reaches the documents from outside: a parent with a one2many."""

    _name = "crm.approval.test.folder"
    _description = "Approval Test Folder"

    name = fields.Char(required=True)
    document_ids = fields.One2many("crm.approval.test", "folder_id")
