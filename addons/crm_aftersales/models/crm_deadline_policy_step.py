from odoo import api, fields, models

ROLES = [
    ("owner", "Owner of the Case"),
    ("leader", "Team Leader"),
    ("head", "Head of Department"),
    ("manager", "Service Managers"),
    ("general_manager", "General Managers"),
]


class CrmDeadlinePolicyStep(models.Model):
    """Whom a clock is told to before or after its deadline (E2.R6)."""

    _name = "crm.deadline.policy.step"
    _description = "Escalation Step"
    _order = "policy_id, id"

    policy_id = fields.Many2one(
        "crm.deadline.policy", required=True, index=True, ondelete="cascade"
    )
    active = fields.Boolean(default=True)
    when = fields.Selection(
        [("before", "Before the Deadline"), ("after", "After the Deadline")],
        required=True,
        default="after",
    )
    minutes = fields.Integer(
        "Number of Minutes", required=True, help="By the clock, also where the term is not."
    )
    role = fields.Selection(ROLES, required=True, default="owner", string="Told To")
    is_quiet = fields.Boolean(
        "Waits in Quiet Hours",
        default=True,
        help="Is told after the company's quiet hours and days off.",
    )

    _minutes_positive = models.Constraint(
        "CHECK (minutes >= 0 AND minutes <= 600000)",
        "Write minutes without a sign, and choose before or after.",
    )

    @api.depends("when", "minutes", "role")
    def _compute_display_name(self):
        roles = dict(self._fields["role"]._description_selection(self.env))
        for step in self:
            role = roles.get(step.role)
            if step.when == "before":
                text = self.env._(
                    "%(minutes)s min before, %(role)s", minutes=step.minutes, role=role
                )
            else:
                text = self.env._(
                    "%(minutes)s min after, %(role)s", minutes=step.minutes, role=role
                )
            step.display_name = text

    @api.model_create_multi
    def create(self, vals_list):
        steps = super().create(vals_list)
        steps.policy_id._on_steps_changed()
        return steps

    def write(self, vals):
        policies = self.policy_id
        res = super().write(vals)
        (policies | self.policy_id)._on_steps_changed()
        return res

    def unlink(self):
        """A step that was told stays in the log: it is archived instead."""
        policies = self.policy_id
        logs = self.env["crm.deadline.escalation"].sudo()
        told = logs.search([("step_id", "in", self.ids)]).step_id & self
        told.active = False
        res = super(CrmDeadlinePolicyStep, self - told).unlink()
        policies._on_steps_changed()
        return res

    def _get_minutes(self):
        """:return: minutes from the deadline, negative before it"""
        return -self.minutes if self.when == "before" else self.minutes

    def _in_order(self):
        return self.sorted(lambda step: (step._get_minutes(), step.id))
