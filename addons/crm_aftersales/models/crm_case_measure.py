from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain


class CrmCaseMeasure(models.Model):
    """A corrective or preventive measure: who, until when, and whether it worked (B3.R3).

    Whether it worked is judged by somebody else than who carried it out.
    """

    _name = "crm.case.measure"
    _description = "Corrective Measure"
    _inherit = ["crm.access.mixin"]
    _order = "date_due, id"

    case_id = fields.Many2one("crm.service.case", required=True, index=True, ondelete="cascade")
    name = fields.Char("Measure", required=True)
    kind = fields.Selection(
        [("corrective", "Corrective"), ("preventive", "Preventive")],
        required=True,
        default="corrective",
    )
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    date_due = fields.Date("Due", required=True, default=fields.Date.context_today)
    date_done = fields.Datetime("Done On", readonly=True, copy=False)
    done_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    effect = fields.Selection(
        [("effective", "Effective"), ("ineffective", "Not Effective")], readonly=True, copy=False
    )
    effect_note = fields.Char("Effectiveness Check", help="How it was checked and what was found.")
    date_checked = fields.Datetime("Checked On", readonly=True, copy=False)
    checked_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    is_overdue = fields.Boolean(compute="_compute_is_overdue", search="_search_is_overdue")

    @api.depends("date_due", "date_done")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for measure in self:
            due = measure.date_due
            measure.is_overdue = bool(due) and due < today and not measure.date_done

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        overdue = Domain("date_done", "=", False) & Domain("date_due", "<", today)
        return Domain.OR(overdue if wanted else ~overdue for wanted in value)

    @api.model
    def _get_server_fields(self):
        return {"date_done", "done_by_id", "effect", "date_checked", "checked_by_id"}

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            initial = dict.fromkeys(self._get_server_fields(), False)
            vals_list = [{**vals, **initial} for vals in vals_list]
        measures = super().create(vals_list)
        if not self.env.su:
            measures._check_case()
        return measures

    def write(self, vals):
        if not self.env.su:
            if self._get_server_fields() & vals.keys():
                raise AccessError(self.env._("Measures are done and checked with their buttons."))
            if not {"effect_note"}.issuperset(vals) and any(m.date_done for m in self):
                raise UserError(self.env._("A measure that is done stays as it was."))
            if any(measure.date_checked for measure in self):
                raise UserError(self.env._("A measure that was checked stays as it was."))
            if not {"effect_note"}.issuperset(vals):
                self._check_case()
        res = super().write(vals)
        if not self.env.su and "case_id" in vals:
            self._check_case()
        return res

    def _check_case(self):
        """:raise AccessError: the case is not the user's; :raise UserError: it is closed"""
        self.case_id.check_access("write")
        self.case_id._check_state(("open", "solved"), self.env._("changed"))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        if not self.env.su:
            self._check_case()
        if any(measure.date_done for measure in self):
            raise UserError(self.env._("A measure that is done is kept."))

    def action_done(self):
        """Note that the measures were carried out; also after the case was closed."""
        self.check_access("write")
        if any(measure.date_done for measure in self):
            raise UserError(self.env._("This measure is done already."))
        self.sudo().write({"date_done": fields.Datetime.now(), "done_by_id": self.env.uid})

    def action_effective(self):
        """Note that the measures worked.

        :raise AccessError: the user carried one out
        :raise UserError: not done, checked before, or no word on how it was checked
        """
        self._check("effective")

    def action_ineffective(self):
        """Note that the measures did not work; another one is needed."""
        self._check("ineffective")

    def _check(self, effect):
        self.check_access("write")
        for measure in self:
            if not measure.date_done or measure.date_checked:
                raise UserError(self.env._("A measure is checked once, after it is done."))
            if self.env.user in measure.user_id | measure.done_by_id:
                raise AccessError(
                    self.env._("Whether a measure works is checked by somebody else.")
                )
            if not (measure.effect_note or "").strip():
                raise UserError(self.env._("Write how the effect was checked and what was found."))
        self.sudo().write(
            {
                "effect": effect,
                "date_checked": fields.Datetime.now(),
                "checked_by_id": self.env.uid,
            }
        )
