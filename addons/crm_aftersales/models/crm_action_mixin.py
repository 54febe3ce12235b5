from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

DONE_FIELDS = frozenset(("date_done", "done_by_id", "effect", "date_checked", "checked_by_id"))


class CrmActionMixin(models.AbstractModel):
    """Something that somebody carries out by a day, and somebody else checks for its effect.

    ``_action_parent_field`` names the document, which has a log and activities; measures can be
    carried out once ``_is_running`` says so of it.
    """

    _name = "crm.action.mixin"
    _description = "Measure to Carry Out"
    _inherit = ["crm.access.mixin"]
    _order = "date_due, id"

    _action_parent_field = None

    name = fields.Char("Measure", required=True)
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    date_due = fields.Date("Term", required=True, default=fields.Date.context_today)
    date_done = fields.Datetime("Done On", readonly=True, copy=False)
    done_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    effect = fields.Selection("_get_effects", readonly=True, copy=False)
    effect_note = fields.Char(
        "Effectiveness Check", copy=False, help="How it was checked and what was found."
    )
    date_checked = fields.Datetime("Checked On", readonly=True, copy=False)
    checked_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    is_overdue = fields.Boolean(compute="_compute_is_overdue", search="_search_is_overdue")

    @api.model
    def _get_effects(self):
        """A method, because labels of a list are translated only for the models that existed when
        this addon was installed."""
        return [
            ("effective", self.env._("Effective")),
            ("ineffective", self.env._("Not Effective")),
        ]

    @api.depends("date_due", "date_done")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for measure in self:
            due = measure.date_due
            measure.is_overdue = bool(due) and due < today and not measure.date_done

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = Domain("date_done", "=", False)
        overdue &= Domain("date_due", "<", fields.Date.context_today(self))
        return Domain.OR(overdue if wanted else ~overdue for wanted in value)

    # ------------------------------------------------------------------ create, write, delete

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            initial = dict.fromkeys(DONE_FIELDS, False)
            vals_list = [{**vals, **initial} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            if not DONE_FIELDS.isdisjoint(vals):
                raise AccessError(self.env._("Measures are done and checked with their buttons."))
            if vals.keys() - {"effect_note"} and any(measure.date_done for measure in self):
                raise UserError(self.env._("A measure that is done stays as it was."))
            if any(measure.date_checked for measure in self):
                raise UserError(self.env._("A measure that was checked stays as it was."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        if any(measure.date_done for measure in self.sudo()):
            raise UserError(self.env._("A measure that is done is kept."))

    # ------------------------------------------------------------------ done, checked

    def _get_document(self):
        return self[self._action_parent_field]

    def _is_running(self):
        """Whether the measure may be carried out now; its model says when.

        :return: bool for a single record
        """
        self.ensure_one()
        return True

    def action_done(self):
        """Note that measures were carried out.

        :raise AccessError: neither the person responsible nor who may write the document
        :raise UserError: not released yet, or done before
        """
        self.check_access("read")
        for measure in self:
            if measure.user_id != self.env.user:
                measure._get_document().check_access("write")
            if measure.date_done:
                raise UserError(self.env._("“%s” is done already.", measure.name))
            if not measure.sudo()._is_running():
                raise UserError(
                    self.env._("“%s” is carried out once the document is approved.", measure.name)
                )
        self.sudo().write({"date_done": fields.Datetime.now(), "done_by_id": self.env.uid})
        for measure in self.sudo():
            measure._get_activities().action_feedback()
            measure._on_progress()

    def action_effective(self):
        """Note that measures worked.

        :raise AccessError: the user carried one out
        :raise UserError: not done, checked before, or no word on how it was checked
        """
        self._check("effective")

    def action_ineffective(self):
        """Note that measures did not work; another one is needed."""
        self._check("ineffective")

    def _check(self, effect):
        self._get_document().check_access("write")
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
        for measure in self.sudo():
            measure._on_progress()

    def _on_progress(self):
        """Something was done or checked; called with ``sudo``. The document may be finished."""

    # ------------------------------------------------------------------ reminders

    def _schedule(self):
        """A to-do for each person responsible; called with ``sudo``."""
        for measure in self.filtered(lambda m: m.user_id.active and not m.date_done):
            document = measure._get_document()
            document.activity_schedule(
                "crm_aftersales.mail_activity_type_support_measure",
                date_deadline=measure.date_due,
                user_id=measure.user_id.id,
                summary=measure.name,
            )
            document.message_subscribe(measure.user_id.partner_id.ids)

    def _get_activities(self):
        activity_type = self.env.ref("crm_aftersales.mail_activity_type_support_measure")
        return (
            self._get_document()
            .sudo()
            .activity_ids.filtered(
                lambda activity: (
                    activity.activity_type_id == activity_type
                    and activity.user_id == self.user_id
                    and activity.summary == self.name
                )
            )
        )
