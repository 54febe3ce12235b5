from odoo import fields, models


class CrmDeadlineEscalation(models.Model):
    """What was told to whom about a clock: each step once in each round."""

    _name = "crm.deadline.escalation"
    _description = "Escalation Told"
    _order = "id desc"
    _log_access = False

    clock_id = fields.Many2one("crm.deadline.clock", required=True, ondelete="cascade")
    step_id = fields.Many2one("crm.deadline.policy.step", required=True, ondelete="restrict")
    round = fields.Integer(required=True)
    date = fields.Datetime("Told On", required=True)
    told_to = fields.Char()

    # serves reading the log of a clock as well
    _once = models.UniqueIndex("(clock_id, step_id, round)", "This step was told already.")
