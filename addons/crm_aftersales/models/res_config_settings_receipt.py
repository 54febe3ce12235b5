from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """The journals of field receipts."""

    _name = "res.config.settings"
    _inherit = ["res.config.settings"]

    crm_receipt_cash_journal_id = fields.Many2one(
        related="company_id.crm_receipt_cash_journal_id",
        readonly=False,
        domain="[('company_id', '=', company_id), ('type', 'in', ('cash', 'bank'))]",
    )
    crm_receipt_journal_id = fields.Many2one(
        related="company_id.crm_receipt_journal_id",
        readonly=False,
        domain="[('company_id', '=', company_id), ('type', 'in', ('cash', 'bank', 'credit'))]",
    )
