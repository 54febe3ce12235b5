from odoo import fields, models
from odoo.exceptions import UserError


class SurveySurvey(models.Model):
    """Questionnaires of customer service: answered out of ``crm.service.survey`` only."""

    _name = "survey.survey"
    _inherit = ["survey.survey"]

    survey_type = fields.Selection(
        selection_add=[("crm_service", "Customer Service")],
        ondelete={"crm_service": "set default"},
    )

    def _compute_allowed_survey_types(self):
        super()._compute_allowed_survey_types()
        for survey in self:
            if survey.allowed_survey_types:
                survey.allowed_survey_types = [*survey.allowed_survey_types, "crm_service"]

    def _check_answer_creation(
        self, user, partner, email, test_entry=False, check_attempts=True, invite_token=False
    ):
        """Each form is answered once: no start without an invitation, no second try."""
        if self.survey_type == "crm_service" and not test_entry:
            raise UserError(self.env._("Please open this questionnaire from your invitation."))
        return super()._check_answer_creation(
            user, partner, email, test_entry, check_attempts, invite_token
        )
