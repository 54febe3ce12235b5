from odoo import fields, models


class CrmApprovalTestTag(models.Model):
    _name = "crm.approval.test.tag"
    _description = "Approval Test Tag"

    name = fields.Char(required=True)
