from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _name = "res.config.settings"
    _inherit = ["res.config.settings"]

    crm_adjudication_department_id = fields.Many2one(
        related="company_id.crm_adjudication_department_id",
        readonly=False,
        domain="[('company_id', '=', company_id)]",
    )
