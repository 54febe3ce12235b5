from odoo import fields, models


class CrmVisitMethod(models.Model):
    """Which complaints a method calls back about (E2.R7)."""

    _name = "crm.visit.method"
    _inherit = ["crm.visit.method"]

    crm_case_severity = fields.Selection(
        [("minor", "Minor Complaints"), ("major", "Major Complaints")],
        "For Complaints",
        help="Leave empty for all. Major complaints are not called back by a method for minor "
        "ones.",
    )
