from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Hearing of staff: objections and comments."""

    _inherit = "res.config.settings"

    crm_merit_objection_days = fields.Integer(
        related="company_id.crm_merit_objection_days", readonly=False
    )
    crm_appraisal_comment_days = fields.Integer(
        related="company_id.crm_appraisal_comment_days", readonly=False
    )
