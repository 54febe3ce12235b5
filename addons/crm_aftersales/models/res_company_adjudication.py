from odoo import fields, models


class ResCompany(models.Model):
    """Who decides where departments do not agree."""

    _name = "res.company"
    _inherit = ["res.company"]

    crm_adjudication_department_id = fields.Many2one(
        "crm.service.department",
        "Deciding Office",
        ondelete="set null",
        domain="[('company_id', '=', id)]",
        help="Decides disagreements between departments. Where none is set, the customer director "
        "or the general manager does.",
    )
