from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmGradingCap(models.Model):
    """A rule with a name that holds a customer down whatever the total, such as bad debt."""

    _name = "crm.grading.cap"
    _description = "Grade Cap"
    _inherit = "crm.approval.line.mixin"
    _order = "standard_id, sequence, id"
    _approval_parent_field = "standard_id"

    standard_id = fields.Many2one(
        "crm.grading.standard", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True)
    source = fields.Selection("_selection_source", "Figure", required=True, default="overdue_days")
    fact = fields.Char(help="Name of the fact that another app supplies.")
    topic_id = fields.Many2one("crm.grading.topic", index=True, ondelete="restrict")
    months = fields.Integer(default=12, required=True)
    operator = fields.Selection(
        [(">=", "at least"), ("<=", "at most")], required=True, default=">="
    )
    threshold = fields.Float(digits=(16, 2), required=True)
    grade_id = fields.Many2one(
        "crm.customer.grade", "Not Better Than", required=True, index=True, ondelete="restrict"
    )

    _months_positive = models.Constraint("CHECK (months > 0)", "A rule looks at one month or more.")

    @api.model
    def _selection_source(self):
        return self.env["crm.grading.measure"]._selection_source()

    @api.ondelete(at_uninstall=False)
    def _unlink_trials(self):
        """Trials of the draft without it say nothing any more."""
        self.standard_id.sudo().run_ids.filtered("is_trial").unlink()

    def _check_complete(self):
        """Refuse rules that could never hold.

        :raise UserError: names the rule and what is missing
        """
        for cap in self:
            missing = self.env["crm.grading.measure"]._get_missing_parameter(cap)
            if missing:
                raise UserError(
                    self.env._("Rule “%(cap)s”: choose the %(what)s.", cap=cap.name, what=missing)
                )
            if cap.grade_id not in cap.standard_id.level_ids.grade_id:
                raise UserError(
                    self.env._(
                        "Rule “%(cap)s” holds customers at a grade that has no threshold in this "
                        "standard: add one.",
                        cap=cap.name,
                    )
                )
