from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools import month
from .crm_deadline_policy import TARGETS

# so many closed months say how well it is done today
BASE_MONTHS = 3
# a target that is further above today's figure is no longer "a little" above: it needs a reason
FAR_POINTS = 25
FAR_RATIO = 0.5


class CrmCommitmentItem(models.Model):
    """One measured promise of a commitment: metric, target, unit, month by month (A4.R4).

    What is done today is measured by the server when the commitment is submitted, and the target
    is compared with that: nobody types or ticks it.
    """

    _name = "crm.commitment.item"
    _description = "Measured Item of a Commitment"
    _inherit = ["crm.approval.line.mixin"]
    _order = "sequence, id"
    _approval_parent_field = "commitment_id"

    commitment_id = fields.Many2one(
        "crm.service.commitment", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="commitment_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    metric_id = fields.Many2one("crm.commitment.metric", required=True, ondelete="restrict")
    unit = fields.Selection(related="metric_id.unit", string="Measured In")
    aspect = fields.Selection(related="metric_id.aspect")
    is_by_clock = fields.Boolean(related="metric_id.is_by_clock")
    is_limited = fields.Boolean(related="metric_id.is_limited")
    is_in_days = fields.Boolean(related="metric_id.is_in_days")
    is_manual = fields.Boolean(related="metric_id.is_manual")
    clock_target = fields.Selection(TARGETS, "Which Deadline")
    limit = fields.Float(
        "Within",
        help="Hours by the clock or whole days by the calendar, nights and days off counted.",
    )
    limit_unit = fields.Char("Hours or Days", compute="_compute_limit_unit")
    target = fields.Float(required=True, help="Reached each month.")
    note = fields.Char("Why This Target", help="Needed where today's figure says otherwise.")

    # measured by the server when the commitment was submitted
    baseline = fields.Float("Measured Before", readonly=True, aggregator=None)
    baseline_count = fields.Integer("Counted Before", readonly=True, aggregator=None)
    date_measured = fields.Datetime("Measured On", readonly=True)
    ambition = fields.Selection(
        [
            ("above", "A little above today"),
            ("far", "Far above today"),
            ("below", "Not above today"),
            ("unknown", "Nothing measured yet"),
        ],
        "Compared with Today",
        readonly=True,
    )

    fulfilment_ids = fields.One2many(
        "crm.commitment.fulfilment",
        "item_id",
        "Months",
        readonly=True,
        groups="crm_service_base.group_specialist,crm_service_base.group_director,"
        "crm_service_base.group_general_manager,crm_service_base.group_auditor",
    )
    last_month = fields.Date("Month Counted", compute="_compute_last_month", compute_sudo=True)
    last_value = fields.Float("Last Month", compute="_compute_last_month", compute_sudo=True)
    last_result = fields.Selection(
        [("kept", "Kept"), ("missed", "Missed"), ("none", "Nothing to count")],
        "Result",
        compute="_compute_last_month",
        compute_sudo=True,
    )

    _limit_sane = models.Constraint(
        'CHECK ("limit" >= 0 AND "limit" <= 10000)', "A limit is at most 10000 hours."
    )
    _target_sane = models.Constraint("CHECK (target >= 0)", "A target is not below zero.")

    @api.depends("metric_id", "clock_target", "limit", "target")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for item in self:
            item.display_name = (
                f"{item._get_words()} {item._get_target_words()}" if item.metric_id else ""
            )

    @api.depends("metric_id")
    @api.depends_context("lang")
    def _compute_limit_unit(self):
        for item in self:
            unit = self.env._("days") if item.is_in_days else self.env._("hours")
            item.limit_unit = item.is_limited and unit

    def _compute_last_month(self):
        rows = self.env["crm.commitment.fulfilment"]._read_last(self)
        for item in self:
            row = rows.get(item._origin.id)
            item.last_month = row and row.month
            item.last_value = row.value if row else 0
            item.last_result = row and row.result

    def _get_words(self):
        """What is measured, with its deadline or limit."""
        self.ensure_one()
        targets = dict(self._fields["clock_target"]._description_selection(self.env))
        if self.is_by_clock:
            return self.env._(
                "%(metric)s: %(deadline)s",
                metric=self.metric_id.name,
                deadline=targets.get(self.clock_target, ""),
            )
        if self.is_in_days:
            return self.env._(
                "%(metric)s: %(limit)s days", metric=self.metric_id.name, limit=f"{self.limit:g}"
            )
        if self.is_limited:
            return self.env._(
                "%(metric)s: %(limit)s hours", metric=self.metric_id.name, limit=f"{self.limit:g}"
            )
        return self.metric_id.name

    def _get_target_words(self):
        sign = "≥" if self.metric_id.is_higher_better else "≤"
        return f"{sign} {self._format_value(self.target)}"

    def _format_value(self, value):
        """A figure with its unit, as one says it."""
        units = dict(self.metric_id._fields["unit"]._description_selection(self.env))
        unit = units.get(self.metric_id.unit, "")
        return f"{value:.4g}{'' if unit == '%' else ' '}{unit}"

    @api.constrains("metric_id", "clock_target", "limit", "target")
    def _check_metric(self):
        for item in self:
            metric = item.metric_id
            if metric.is_by_clock and not item.clock_target:
                raise ValidationError(self.env._("Choose the deadline “%s” is about.", metric.name))
            if metric.is_limited and not item.limit:
                raise ValidationError(
                    self.env._("Say within how many hours or days: “%s”.", metric.name)
                )
            if metric.is_in_days and item.limit != round(item.limit):
                raise ValidationError(self.env._("Whole days are counted: “%s”.", metric.name))
            if metric.unit == "percent" and item.target > 100:
                raise ValidationError(self.env._("“%s” is 100 %% at most.", metric.name))

    @api.model
    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {
            "baseline",
            "baseline_count",
            "date_measured",
            "ambition",
            "fulfilment_ids",
        }

    # ------------------------------------------------------------------ measured

    def _measure_baseline(self):
        """Measure how well it is done today, from the last closed months."""
        today = fields.Date.context_today(self)
        first, end = month.before(today, BASE_MONTHS), month.first_day(today)
        for item in self:
            value, count = item.metric_id._measure(item, first, end)
            item.sudo().write(
                {
                    "baseline": value or 0,
                    "baseline_count": count,
                    "date_measured": fields.Datetime.now(),
                    "ambition": item._get_ambition(value),
                }
            )

    def _get_ambition(self, value):
        """How the target stands to what is done today.

        :param value: measured figure, None where there is none
        """
        if value is None:
            return "unknown"
        is_up = self.metric_id.is_higher_better
        gap = self.target - value if is_up else value - self.target
        is_best = value >= 100 if is_up and self.unit == "percent" else not is_up and value <= 0
        if gap <= 0 and not (is_best and gap == 0):
            return "below"
        far = FAR_POINTS if self.unit == "percent" else abs(value) * FAR_RATIO
        return "far" if gap > far else "above"

    def _check_ambition(self):
        """A target is a little above what is done today, or a reason is given (A4.R4).

        :raise UserError: a target that today's figure contradicts, without a reason
        """
        for item in self:
            if item.ambition == "above" or (item.note or "").strip():
                continue
            if item.ambition == "unknown":
                raise UserError(
                    self.env._(
                        "Nothing was measured yet for “%s”: write in “Why This Target” what the "
                        "target is based on.",
                        item._get_words(),
                    )
                )
            raise UserError(
                self.env._(
                    "“%(item)s”: measured today is %(today)s, and a target is a little above "
                    "that. Change it, or write why in “Why This Target”.",
                    item=item.display_name,
                    today=item._format_value(item.baseline),
                )
            )

    def _is_reached(self, value):
        """Whether a figure keeps the commitment."""
        self.ensure_one()
        if self.metric_id.is_higher_better:
            return value >= self.target
        return value <= self.target

    def action_open_fulfilment(self):
        """The trend of this item, month by month."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_commitment_fulfilment_action"
        )
        action["domain"] = [("item_id", "=", self.id)]
        action["context"] = {}
        return action
