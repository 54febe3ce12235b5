from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmGradingJudgement(models.Model):
    """What somebody judged of a customer, why, and until when it counts.

    Judgements are not changed: the newest that has not expired counts.
    """

    _name = "crm.grading.judgement"
    _description = "Judgement of a Customer"
    _inherit = ["crm.customer.mixin", "crm.department.mixin"]
    _department_partner_field = "commercial_partner_id"
    _order = "date desc, id desc"
    _check_company_auto = True

    partner_id = fields.Many2one(string="Customer")
    topic_id = fields.Many2one(
        "crm.grading.topic",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env["crm.grading.topic"].search([], limit=1),
    )
    guidance = fields.Text(related="topic_id.guidance")
    value = fields.Integer("Marks", required=True, help="From 0, the worst, to 100, the best.")
    reason = fields.Text(required=True)
    date = fields.Date("Judged On", required=True, readonly=True, default=fields.Date.context_today)
    date_expiry = fields.Date(
        "Counts Until",
        required=True,
        default=lambda self: fields.Date.add(fields.Date.context_today(self), years=1),
    )
    user_id = fields.Many2one(
        "res.users",
        "Judged By",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )

    _value_in_range = models.Constraint(
        "CHECK (value >= 0 AND value <= 100)", "Marks lie between 0 and 100."
    )
    _dates_in_order = models.Constraint(
        "CHECK (date_expiry >= date)", "A judgement cannot expire before it was made."
    )

    @api.constrains("reason")
    def _check_reason(self):
        for judgement in self:
            if not (judgement.reason or "").strip():
                raise ValidationError(self.env._("Say why you judge the customer so."))

    @api.depends("topic_id", "value", "partner_id")
    def _compute_display_name(self):
        for judgement in self:
            judgement.display_name = (
                f"{judgement.partner_id.name}: {judgement.topic_id.name} {judgement.value}"
            )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            today = fields.Date.context_today(self)
            vals_list = [{**vals, "user_id": self.env.uid, "date": today} for vals in vals_list]
        return super().create(vals_list)
