from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    crm_delay_reason = fields.Char(
        "Reason of Late Payment",
        copy=False,
        help="Why the customer paid late, or has not paid yet; stands in his grading (A3.F1).",
    )
