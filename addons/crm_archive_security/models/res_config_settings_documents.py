from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    crm_archive_review_months = fields.Integer(
        related="company_id.crm_archive_review_months", readonly=False
    )
    crm_nda_warning_days = fields.Integer(related="company_id.crm_nda_warning_days", readonly=False)
    crm_incident_hours = fields.Integer(related="company_id.crm_incident_hours", readonly=False)
    crm_person_request_days = fields.Integer(
        related="company_id.crm_person_request_days", readonly=False
    )
    crm_training_months = fields.Integer(related="company_id.crm_training_months", readonly=False)
    crm_password_days = fields.Integer(related="company_id.crm_password_days", readonly=False)
