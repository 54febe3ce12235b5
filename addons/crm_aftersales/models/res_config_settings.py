from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """The rules of complaints and adjudication of the company."""

    _inherit = "res.config.settings"

    crm_major_days = fields.Integer(related="company_id.crm_major_days", readonly=False)
    crm_major_requests = fields.Integer(related="company_id.crm_major_requests", readonly=False)
    crm_major_loss = fields.Monetary(
        related="company_id.crm_major_loss",
        readonly=False,
        currency_field="crm_complaint_currency_id",
    )
    crm_great_loss = fields.Monetary(
        related="company_id.crm_great_loss",
        readonly=False,
        currency_field="crm_complaint_currency_id",
    )
    crm_complaint_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Currency of the Complaint Rules"
    )
    crm_callback_grace_days = fields.Integer(
        related="company_id.crm_callback_grace_days", readonly=False
    )
    crm_is_request_called_back = fields.Boolean(
        related="company_id.crm_is_request_called_back", readonly=False
    )
    crm_case_keep_years = fields.Integer(related="company_id.crm_case_keep_years", readonly=False)
    crm_adjudication_department_id = fields.Many2one(
        related="company_id.crm_adjudication_department_id",
        readonly=False,
        domain="[('company_id', '=', company_id)]",
    )
    crm_order_department_id = fields.Many2one(
        related="company_id.crm_order_department_id",
        readonly=False,
        domain="[('company_id', '=', company_id)]",
    )
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
