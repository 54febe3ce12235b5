from odoo import fields, models


class CrmCaseAnswerUse(models.Model):
    """An answer was given: a row each, so that nobody waits for a counter."""

    _name = "crm.case.answer.use"
    _description = "Use of an Answer"
    _order = "id desc"
    _rec_name = "answer_id"

    answer_id = fields.Many2one(
        "crm.case.answer", required=True, readonly=True, index=True, ondelete="cascade"
    )
    case_id = fields.Many2one(
        "crm.service.case", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="restrict", index=True
    )
    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
