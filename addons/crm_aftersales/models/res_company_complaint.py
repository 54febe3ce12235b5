from odoo import fields, models


class ResCompany(models.Model):
    """When a complaint is major, and what is kept of it (E2.R1, E2.R8)."""

    _name = "res.company"
    _inherit = ["res.company"]

    crm_major_days = fields.Integer(
        "Major after (days)",
        default=10,
        help="A complaint that is not solved after so many days by the clock becomes major.",
    )
    crm_major_requests = fields.Integer(
        "Major after (requests)",
        default=3,
        help="A complaint that the customer had to bring up so many times becomes major.",
    )
    crm_major_loss = fields.Monetary("Heavy Loss from", default=10000)
    crm_great_loss = fields.Monetary(
        "Loss to the General Manager from",
        default=100000,
        help="Losses from here on are told to the general manager at once.",
    )
    crm_callback_grace_days = fields.Integer(
        "Close after (days)",
        default=3,
        help="A solved case whose customer said to be satisfied is closed after so many days.",
    )
    crm_is_request_called_back = fields.Boolean("Call Back after Requests", default=True)
    crm_case_keep_years = fields.Integer("Keep Case Files (years)", default=2)

    _crm_complaint_values_valid = models.Constraint(
        "CHECK(crm_major_days > 0 AND crm_major_requests > 1 AND crm_major_loss > 0"
        " AND crm_great_loss > 0 AND crm_callback_grace_days >= 0 AND crm_case_keep_years >= 2)",
        "Days, requests and losses of the complaint rules must be more than zero, requests more "
        "than one, and case files are kept two years or longer.",
    )
