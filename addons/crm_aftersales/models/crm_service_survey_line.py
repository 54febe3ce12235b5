from odoo import fields, models

GRADES = [
    ("5", "Very Satisfied"),
    ("4", "Satisfied"),
    ("3", "Fair"),
    ("2", "Dissatisfied"),
    ("1", "Very Dissatisfied"),
]
DISSATISFIED = ("2", "1")


class CrmServiceSurveyLine(models.Model):
    """One item of a satisfaction survey and its grade; only the server writes it."""

    _name = "crm.service.survey.line"
    _description = "Graded Item"
    _order = "survey_id desc, sequence, id"
    _rec_name = "item"

    survey_id = fields.Many2one(
        "crm.service.survey", required=True, readonly=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(readonly=True)
    row_id = fields.Many2one(
        "survey.question.answer",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        groups=fields.NO_ACCESS,
    )
    item = fields.Char(
        required=True, readonly=True, help="As it read then, in the language of the company."
    )
    grade = fields.Selection(GRADES, required=True, readonly=True, index=True)
    score = fields.Integer(
        "Mean Grade (5 to 1)",
        readonly=True,
        aggregator="avg",
        help="Very satisfied counts 5, satisfied 4, fair 3, dissatisfied 2, very dissatisfied 1.",
    )
    topic_id = fields.Many2one(related="survey_id.topic_id", store=True, index=True)
    campaign_id = fields.Many2one(
        related="survey_id.campaign_id", store=True, index="btree_not_null"
    )
    commercial_partner_id = fields.Many2one(
        related="survey_id.commercial_partner_id", string="Customer", store=True
    )
    service_user_id = fields.Many2one(
        related="survey_id.service_user_id", store=True, index="btree_not_null"
    )
    category_id = fields.Many2one(related="survey_id.category_id", store=True)
    channel = fields.Selection(related="survey_id.channel", store=True)
    date_answered = fields.Datetime(related="survey_id.date_answered", store=True)
    company_id = fields.Many2one(related="survey_id.company_id", store=True, index=True)
