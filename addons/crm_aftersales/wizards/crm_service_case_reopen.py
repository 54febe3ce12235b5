from odoo import fields, models


class CrmServiceCaseReopen(models.TransientModel):
    """Why a case is opened again."""

    _name = "crm.service.case.reopen"
    _description = "Reopen Cases"
    _inherit = ["crm.access.mixin"]

    case_ids = fields.Many2many("crm.service.case", required=True)
    reason = fields.Text(required=True)

    def action_reopen(self):
        """:raise UserError: see ``crm.service.case._reopen``"""
        self.case_ids._reopen(self.reason)
