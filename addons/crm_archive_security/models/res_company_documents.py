from odoo import fields, models


class ResCompany(models.Model):
    """Time limits of reviews, agreements, incidents, persons' requests, training, passwords."""

    _inherit = "res.company"

    crm_archive_review_months = fields.Integer("Review Archives Every (Months)", default=6)
    crm_nda_warning_days = fields.Integer("Warn before Agreements End (Days)", default=30)
    crm_incident_hours = fields.Integer("Contain Incidents Within (Hours)", default=24)
    crm_person_request_days = fields.Integer("Answer Persons Within (Days)", default=15)
    crm_training_months = fields.Integer("Security Training Every (Months)", default=12)
    crm_password_days = fields.Integer("Change Passwords Every (Days)", default=90)

    _crm_archive_limits = models.Constraint(
        "CHECK (crm_archive_review_months > 0 AND crm_nda_warning_days >= 0 "
        "AND crm_incident_hours > 0 AND crm_person_request_days > 0 "
        "AND crm_training_months > 0 AND crm_password_days > 0)",
        "Time limits of archives are positive numbers.",
    )
