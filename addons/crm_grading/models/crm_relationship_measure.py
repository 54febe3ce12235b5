from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.crm_service_base.tools.state_order import in_order

ACTIVITY = "crm_grading.mail_activity_type_measure"
OPEN_STATES = ("todo", "progress")


class CrmRelationshipMeasure(models.Model):
    """One measure for one customer: approved with its plan (方案 or 强化表), then the task of one
    person with a term, finished only with the customer's feedback (E1.F3, E1.R7)."""

    _name = "crm.relationship.measure"
    _description = "Relationship Measure"
    _inherit = [
        "crm.approval.line.mixin",
        "crm.department.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "plan_id, sequence, date_deadline, id"
    _approval_parent_field = "plan_id"
    _check_company_auto = True
    _department_partner_field = "commercial_partner_id"
    # the supervisor shares the work out, also after the approval
    _task_fields = frozenset(("user_id", "date_deadline"))
    # who carries the measure out reports
    _report_fields = frozenset(("progress", "feedback", "effect", "effect_note", "note"))

    plan_id = fields.Many2one(
        "crm.relationship.plan", required=True, index=True, ondelete="cascade"
    )
    plan_kind = fields.Selection(related="plan_id.kind", store=True)
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("todo", "To Do"),
            ("progress", "Under Way"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="planned",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    name = fields.Char("Measure", required=True)
    description = fields.Text("How")
    method = fields.Selection(
        [
            ("visit", "Visit"),
            ("call", "Call"),
            ("message", "Message or Letter"),
            ("care", "Greeting or Gift"),
            ("training", "Training"),
            ("event", "Event"),
            ("offer", "Offer or Discount"),
            ("service", "Service Improvement"),
            ("other", "Other"),
        ],
        required=True,
        default="visit",
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", store=True, index=True, ondelete="restrict"
    )
    evaluation_id = fields.Many2one(
        "crm.relationship.evaluation",
        "From Evaluation",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    user_id = fields.Many2one(
        "res.users",
        "Owner",
        compute="_compute_from_plan",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    date_deadline = fields.Date(
        "Term",
        compute="_compute_from_plan",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        tracking=True,
    )
    progress = fields.Integer("Progress (%)", copy=False, aggregator="avg")
    feedback = fields.Text("Customer's Feedback", copy=False)
    effect = fields.Selection(
        [("good", "Good"), ("some", "Some"), ("none", "None"), ("worse", "Worse")], copy=False
    )
    effect_note = fields.Text("Effect in Words", copy=False)
    note = fields.Text("Remarks", copy=False)
    date_reported = fields.Datetime("Reported On", readonly=True, copy=False)
    date_done = fields.Date("Done On", readonly=True, copy=False)
    date_reminded = fields.Date("Supervisor Told On", readonly=True, copy=False)
    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    is_mine = fields.Boolean(compute="_compute_is_mine")

    _progress_range = models.Constraint(
        "CHECK (progress BETWEEN 0 AND 100)", "Progress is a number from 0 to 100."
    )

    @api.depends("plan_id")
    def _compute_from_plan(self):
        for measure in self:
            plan = measure.plan_id
            measure.user_id = measure.user_id or plan.user_id
            measure.date_deadline = measure.date_deadline or plan.date_to

    @api.depends("date_deadline", "state")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for measure in self:
            deadline = measure.date_deadline
            measure.is_overdue = measure.state in OPEN_STATES and deadline and deadline < today

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = Domain("state", "in", OPEN_STATES)
        overdue &= Domain("date_deadline", "<", fields.Date.context_today(self))
        return Domain.OR(overdue if wanted else ~overdue for wanted in value)

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        is_supervisor = self._is_supervisor()
        for measure in self:
            measure.is_mine = is_supervisor or measure.user_id == self.env.user

    @api.constrains("date_deadline", "plan_id")
    def _check_date_deadline(self):
        for measure in self:
            if measure.date_deadline < measure.plan_id.date_from:
                raise ValidationError(
                    self.env._(
                        "“%(measure)s” would be due before its plan starts on %(day)s.",
                        measure=measure.name,
                        day=measure.plan_id.date_from,
                    )
                )

    # ------------------------------------------------------------------ locks and authority

    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {
            "state",
            "evaluation_id",
            "date_reported",
            "date_done",
            "date_reminded",
        }

    def _approval_after_fields(self):
        return super()._approval_after_fields() | self._task_fields | self._report_fields

    def _check_approval_write(self, names):
        super()._check_approval_write(names)
        names = set(names) - self._approval_free_fields()
        if names - self._report_fields and not self._is_supervisor():
            raise AccessError(
                self.env._(
                    "Measure, owner and term are the supervisor's: you report progress and "
                    "feedback."
                )
            )
        if names & self._report_fields:
            self._check_open()
        elif names & self._task_fields:
            self._check_not_over()

    def _check_open(self):
        for measure in self.sudo():
            if measure.state not in OPEN_STATES:
                raise UserError(
                    self.env._(
                        "Feedback is given while a measure is carried out: “%s” is not.",
                        measure.name,
                    )
                )

    def _check_not_over(self):
        for measure in self.sudo():
            if measure.state in ("done", "cancelled") or measure.plan_id.state == "submitted":
                raise UserError(
                    self.env._(
                        "“%s” is with the approver, or over: it keeps its owner and term.",
                        measure.name,
                    )
                )

    def _is_supervisor(self):
        return self.env.user.has_group("crm_service_base.group_supervisor")

    def write(self, vals):
        result = super().write(vals)
        if not self._task_fields.isdisjoint(vals):
            self.sudo().filtered(lambda m: m.state in OPEN_STATES)._share_out()
        return result

    # ------------------------------------------------------------------ the task

    def _share_out(self):
        """Remind each owner of the term, once; under ``sudo``."""
        self.activity_unlink([ACTIVITY])
        self.write({"date_reminded": False})
        for measure in self:
            measure.activity_schedule(
                ACTIVITY,
                date_deadline=measure.date_deadline,
                summary=f"{measure.name} · {measure.partner_id.display_name}",
                user_id=measure.user_id.id,
            )

    def action_start(self):
        """The owner takes the measure up.

        :raise UserError: it is not to do
        """
        self._check_owner()
        if any(measure.state != "todo" for measure in self):
            raise UserError(self.env._("Only measures that are to do can be started."))
        self.sudo().write({"state": "progress"})

    def action_report_feedback(self):
        """Tell the supervisor what the customer says, while the measure goes on.

        :raise UserError: no feedback, or the measure is not open
        """
        self._check_owner()
        self._check_open()
        self._check_feedback()
        self.sudo()._report()

    def action_done(self):
        """Finish measures, which takes the customer's feedback and the effect.

        :raise UserError: one of them is missing, or a measure is not open
        """
        self._check_owner()
        self._check_open()
        self._check_feedback()
        silent = self.filtered(lambda measure: not measure.effect)
        if silent:
            raise UserError(
                self.env._("Say what effect “%s” had before you finish it.", silent[:1].name)
            )
        measures = self.sudo()
        measures.write(
            {"state": "done", "progress": 100, "date_done": fields.Date.context_today(self)}
        )
        measures._report()
        for measure in measures:
            measure.activity_feedback([ACTIVITY], feedback=measure.feedback)

    def action_cancel(self):
        """A supervisor gives a measure up; the remarks say why.

        :raise AccessError: the user is no supervisor
        :raise UserError: no reason, or the measure is not open
        """
        self._check_owner()
        self._check_open()
        if not self._is_supervisor():
            raise AccessError(self.env._("Only supervisors cancel measures."))
        silent = self.filtered(lambda measure: not (measure.note or "").strip())
        if silent:
            raise UserError(
                self.env._("Write in the remarks of “%s” why it is cancelled.", silent[:1].name)
            )
        self.sudo()._cancel()

    def _cancel(self):
        self.write({"state": "cancelled"})
        self.activity_unlink([ACTIVITY])

    def action_reopen(self):
        """A supervisor is not content with what was reported.

        :raise AccessError: the user is no supervisor
        :raise UserError: the measure is not done, or its plan is closed
        """
        self._check_owner()
        if not self._is_supervisor():
            raise AccessError(self.env._("Only supervisors reopen measures."))
        for measure in self:
            if measure.state != "done" or measure.plan_id.state != "approved":
                raise UserError(
                    self.env._("Only measures of a running plan that are done can be reopened.")
                )
        measures = self.sudo()
        measures.write({"state": "progress", "date_done": False})
        measures._share_out()

    def _check_owner(self):
        self.check_access("write")
        others = self.sudo().filtered(lambda measure: measure.user_id != self.env.user)
        if others and not self._is_supervisor():
            raise AccessError(self.env._("“%s” is the task of somebody else.", others[:1].name))

    def _check_feedback(self):
        silent = self.filtered(lambda measure: not (measure.feedback or "").strip())
        if silent:
            raise UserError(
                self.env._("Write down first what the customer says about “%s”.", silent[:1].name)
            )

    def _report(self):
        """Feedback goes to who drew the plan up."""
        self.write({"date_reported": fields.Datetime.now()})
        for measure in self:
            plan = measure.plan_id
            plan.message_post(
                body=self.env._(
                    "%(customer)s, %(measure)s: %(feedback)s",
                    customer=measure.partner_id.display_name,
                    measure=measure.name,
                    feedback=measure.feedback,
                ),
                partner_ids=plan.user_id.partner_id.ids,
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        if any(measure.state != "planned" for measure in self):
            raise UserError(self.env._("A measure that was approved is cancelled, not deleted."))

    # ------------------------------------------------------------------ scheduled

    def _cron_remind_overdue(self):
        """Tell the supervisor of each overdue measure once a term; safe to run again."""
        local = self.with_context(tz=self.env.company._get_crm_timezone())
        domain = Domain("is_overdue", "=", True) & Domain("date_reminded", "=", False)
        measures = local.sudo().search(domain, order="id")
        self.env["ir.cron"]._crm_each(measures, lambda some: some._tell_overdue(), batch=1000)

    def _tell_overdue(self):
        for measure in self:
            measure.activity_schedule(
                "crm_grading.mail_activity_type_overdue",
                summary=self.env._("Overdue: %s", measure.name),
                user_id=measure.plan_id.user_id.id,
            )
        self.write({"date_reminded": fields.Date.context_today(self)})
