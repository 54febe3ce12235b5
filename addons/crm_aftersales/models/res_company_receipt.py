from odoo import fields, models


class ResCompany(models.Model):
    """Where money that technicians took is booked (C2.F2)."""

    _name = "res.company"
    _inherit = ["res.company"]

    crm_receipt_cash_journal_id = fields.Many2one(
        "account.journal",
        "Cash Handed In",
        ondelete="restrict",
        help="Empty: the first cash journal of the company.",
    )
    crm_receipt_journal_id = fields.Many2one(
        "account.journal",
        "Other Payments Handed In",
        ondelete="restrict",
        help="WeChat, Alipay, card, transfer, cheque. Empty: the first bank journal.",
    )
