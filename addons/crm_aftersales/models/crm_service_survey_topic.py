from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

GRADE_COUNT = 5


class CrmServiceSurveyTopic(models.Model):
    """What customers are surveyed about (C3.R14), each with its questionnaire."""

    _name = "crm.service.survey.topic"
    _description = "Survey Topic"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    survey_id = fields.Many2one(
        "survey.survey",
        "Questionnaire",
        required=True,
        ondelete="restrict",
        domain=[("survey_type", "=", "crm_service")],
        help="A matrix of items with five grades, the best first; other questions may follow.",
    )

    @api.constrains("survey_id")
    def _check_survey_id(self):
        for topic in self.sudo():
            if topic.survey_id.survey_type != "crm_service" or not topic._get_rows():
                raise ValidationError(
                    self.env._(
                        "The questionnaire of “%s” needs a matrix of items with five grades, the "
                        "best first, and the type “Customer Service”.",
                        topic.name,
                    )
                )

    def _get_rows(self):
        """The items of the form: rows of the matrices with five columns.

        :return: ``survey.question.answer`` with ``sudo``
        """
        questions = self.sudo().survey_id.question_ids
        graded = questions.filtered(
            lambda q: q.question_type == "matrix" and len(q.suggested_answer_ids) == GRADE_COUNT
        )
        return graded.matrix_row_ids

    def action_open_questionnaire(self):
        """The questionnaire in the editor of surveys.

        :raise AccessError: the user does not design surveys
        """
        self.ensure_one()
        if not self.env.user.has_group("survey.group_survey_user"):
            raise AccessError(self.env._("Questionnaires are changed by officers of Surveys."))
        return {
            "type": "ir.actions.act_window",
            "res_model": "survey.survey",
            "res_id": self.sudo().survey_id.id,
            "view_mode": "form",
        }
