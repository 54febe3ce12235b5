from odoo import fields, models


class CrmAdjudicationOpinion(models.Model):
    """What one department says in a disagreement; written by the server only."""

    _name = "crm.adjudication.opinion"
    _description = "Opinion of a Department"
    _order = "id"
    _rec_name = "department_id"

    adjudication_id = fields.Many2one(
        "crm.adjudication", required=True, index=True, ondelete="cascade"
    )
    department_id = fields.Many2one("crm.service.department", required=True, ondelete="restrict")
    opinion = fields.Text()
    user_id = fields.Many2one("res.users", "Given By", ondelete="restrict")
    date = fields.Datetime("Given On")
