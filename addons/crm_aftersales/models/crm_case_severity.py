from odoo import fields, models

RULES = [
    ("age", "Not Solved in Time"),
    ("repeats", "Repeated Requests"),
    ("promise", "Promised Service Missing, Repeated Requests"),
    ("injury", "Injury"),
    ("loss", "Heavy Loss"),
    ("third_party", "Disturbance by a Third Party"),
    ("hand", "Set by Hand"),
]


class CrmCaseSeverity(models.Model):
    """Why a complaint is major, or is not any more; written by the system only (E2.R1)."""

    _name = "crm.case.severity"
    _description = "Severity of a Complaint"
    _order = "id desc"

    case_id = fields.Many2one("crm.service.case", required=True, index=True, ondelete="cascade")
    severity = fields.Selection([("minor", "Minor"), ("major", "Major")], required=True)
    rule = fields.Selection(RULES, required=True)
    reason = fields.Text()
    user_id = fields.Many2one("res.users", "By", help="Empty where the rule did it by itself.")
    date = fields.Datetime(required=True, default=lambda self: fields.Datetime.now())
