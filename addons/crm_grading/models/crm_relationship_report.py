from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import format_list

from odoo.addons.crm_service_base.tools.state_order import in_order


class CrmRelationshipReport(models.Model):
    """客户关系维护报告 (E1.F5): how the measures of a plan or a period came on, what they changed,
    what to do better. The supervisor writes it, the manager gives an opinion."""

    _name = "crm.relationship.report"
    _description = "Relationship Report"
    _inherit = [
        "crm.service.mixin",
        "crm.approval.mixin",
        "crm.department.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date desc, id desc"
    _check_company_auto = True
    _department_partner_field = "line_ids.measure_id.commercial_partner_id"

    _approval_draft_states = ("draft",)
    _approval_pending_state = "submitted"
    _approval_approved_state = "approved"
    _approval_returned_state = "draft"
    _approval_line_fields = ("line_ids", "figure_ids")

    state = fields.Selection(
        [("draft", "Draft"), ("submitted", "To Approve"), ("approved", "Approved")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    date = fields.Date(required=True, default=fields.Date.context_today, copy=False)
    plan_id = fields.Many2one(
        "crm.relationship.plan",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('state', 'in', ('approved', 'done')), ('company_id', '=', company_id)]",
        help="Without a plan the report tells of all measures due or done in the period.",
    )
    date_from = fields.Date("From", required=True, default=lambda self: self._default_period()[0])
    date_to = fields.Date("To", required=True, default=lambda self: self._default_period()[1])
    date_before_from = fields.Date("Compared From", compute="_compute_date_before")
    date_before_to = fields.Date("Compared To", compute="_compute_date_before")
    line_ids = fields.One2many("crm.relationship.report.line", "report_id", "Progress")
    figure_ids = fields.One2many("crm.relationship.figure", "report_id", "Figures")
    date_drawn = fields.Datetime("Drawn On", readonly=True, copy=False)
    measure_count = fields.Integer("Measures", compute="_compute_rates", store=True)
    done_count = fields.Integer("Done", compute="_compute_rates", store=True)
    late_count = fields.Integer("Late", compute="_compute_rates", store=True)
    done_rate = fields.Float(
        "Done (%)", compute="_compute_rates", store=True, digits=(16, 1), aggregator="avg"
    )
    effective_rate = fields.Float(
        "Effective (%)",
        compute="_compute_rates",
        store=True,
        digits=(16, 1),
        aggregator="avg",
        help="Share of the measures done that had a good effect or some.",
    )
    summary = fields.Text("Progress in Words")
    effect_analysis = fields.Text("Analysis of the Effect")
    problem = fields.Text("Problems Met")
    optimisation = fields.Text("Measures to Improve")
    manager_opinion = fields.Text("Manager's Opinion", compute="_compute_manager_opinion")
    next_plan_ids = fields.One2many("crm.relationship.plan", "previous_report_id", "Plans After It")

    _dates_in_order = models.Constraint(
        "CHECK(date_to >= date_from)", "A period cannot end before it starts."
    )

    def _default_period(self):
        return self.env["crm.relationship.evaluation"]._default_period()

    @api.depends("date_from", "date_to")
    def _compute_date_before(self):
        evaluations = self.env["crm.relationship.evaluation"]
        for report in self:
            before = (False, False)
            if report.date_from and report.date_to:
                before = evaluations._get_period_before(report.date_from, report.date_to)
            report.date_before_from, report.date_before_to = before

    @api.depends("line_ids.state", "line_ids.is_late", "line_ids.effect")
    def _compute_rates(self):
        for report in self:
            lines = report.line_ids.filtered(lambda line: line.state != "cancelled")
            done = lines.filtered(lambda line: line.state == "done")
            effective = done.filtered(lambda line: line.effect in ("good", "some"))
            report.measure_count = len(lines)
            report.done_count = len(done)
            report.late_count = len(lines.filtered("is_late"))
            report.done_rate = 100 * len(done) / len(lines) if lines else 0
            report.effective_rate = 100 * len(effective) / len(done) if done else 0

    @api.depends("approval_decision_ids")
    def _compute_manager_opinion(self):
        for report in self:
            signatures = report._approval_signatures()
            comments = [box["comment"] for box in signatures if box["kind"] == "approve"]
            report.manager_opinion = "\n".join(filter(None, comments))

    # ------------------------------------------------------------------ approval

    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {"date_drawn"}

    def _approval_check_submit(self):
        super()._approval_check_submit()
        for report in self:
            missing = report._get_missing_captions()
            if missing:
                raise UserError(
                    self.env._(
                        "Report %(report)s is not complete. Please fill in: %(missing)s.",
                        report=report.name,
                        missing=format_list(self.env, missing),
                    )
                )

    def _get_missing_captions(self):
        """A report holds progress, analysis and measures to improve; what it lacks.

        :return: list of captions
        """
        self.ensure_one()
        names = ["line_ids", "effect_analysis", "optimisation"]
        described = self.fields_get(names, ["string"])
        return [described[name]["string"] for name in names if not self[name]]

    def _can_file(self):
        return super()._can_file() and self.state == "approved"

    # ------------------------------------------------------------------ actions

    def action_draw(self):
        """Draw progress and figures from the measures as they stand; may be repeated.

        Remarks that people wrote to a measure stay.

        :raise UserError: a report is locked, or there are no measures
        """
        self.check_access("write")
        self._check_approval_draft()
        for report in self:
            measures = report._get_measures()
            if not measures:
                raise UserError(
                    self.env._("There are no measures of this plan or period to report on.")
                )
            report.sudo()._draw(measures)

    def _get_measures(self):
        """Approved measures the report is about: of its plan, else due or done in its period.

        :return: ``crm.relationship.measure``
        """
        self.ensure_one()
        domain = Domain("state", "!=", "planned") & Domain("company_id", "=", self.company_id.id)
        if self.plan_id:
            domain &= Domain("plan_id", "=", self.plan_id.id)
        else:
            period = [
                Domain(name, ">=", self.date_from) & Domain(name, "<=", self.date_to)
                for name in ("date_deadline", "date_done")
            ]
            domain &= Domain.OR(period)
        return self.env["crm.relationship.measure"].search(domain, order="partner_id, id")

    def _draw(self, measures):
        notes = {line.measure_id: line.note for line in self.line_ids}
        lines = [
            Command.create({**self._prepare_line_values(m), "note": notes.get(m)}) for m in measures
        ]
        figures = self._prepare_figure_values(measures.commercial_partner_id)
        self.write(
            {
                "line_ids": [Command.clear(), *lines],
                "figure_ids": [Command.clear(), *map(Command.create, figures)],
                "date_drawn": fields.Datetime.now(),
            }
        )

    @api.model
    def _prepare_line_values(self, measure):
        done_on = measure.date_done or fields.Date.context_today(self)
        return {
            "measure_id": measure.id,
            "partner_id": measure.partner_id.id,
            "name": measure.name,
            "user_id": measure.user_id.id,
            "date_deadline": measure.date_deadline,
            "date_done": measure.date_done,
            "state": measure.state,
            "is_late": measure.state != "cancelled" and done_on > measure.date_deadline,
            "progress": measure.progress,
            "feedback": measure.feedback,
            "effect": measure.effect,
        }

    def _prepare_figure_values(self, customers):
        """A line for each figure that is known of a customer, before or after."""
        partners = customers.with_company(self.company_id)
        periods = ((self.date_before_from, self.date_before_to), (self.date_from, self.date_to))
        before, after = (partners._get_relationship_facts(*period) for period in periods)
        labels = partners._get_relationship_fact_labels()
        return [
            {
                "sequence": sequence,
                "partner_id": partner.id,
                "fact": fact,
                "is_before_known": fact in before[partner.id],
                "is_after_known": fact in after[partner.id],
                "value_before": before[partner.id].get(fact, 0),
                "value_after": after[partner.id].get(fact, 0),
            }
            for sequence, partner in enumerate(partners)
            for fact in labels
            if fact in before[partner.id] or fact in after[partner.id]
        ]

    def action_open_next_plan(self):
        """Go on: a draft plan with the measures that are not done, and what to do better.

        :return: action that opens it
        :raise UserError: the report is not approved
        """
        self.ensure_one()
        self.check_access("read")
        if self.state != "approved":
            raise UserError(self.env._("The next plan follows from an approved report."))
        plan = self.env["crm.relationship.plan"].create(self._prepare_next_plan_values())
        return plan._get_records_action()

    def _prepare_next_plan_values(self):
        today = fields.Date.context_today(self)
        start = max(today, fields.Date.add(self.date_to, days=1))
        end = fields.Date.add(start, months=3, days=-1)
        open_lines = self.line_ids.filtered(lambda line: line.state in ("todo", "progress"))
        plan = self.plan_id
        return {
            "title": self.env._("Follows %s", self.name),
            "kind": plan.kind or "maintenance",
            "company_id": self.company_id.id,
            "previous_report_id": self.id,
            "date_from": start,
            "date_to": end,
            "goal": self.optimisation,
            "approach": plan.approach,
            "evaluation_ids": [Command.set(plan.evaluation_ids.ids)],
            "measure_ids": [
                Command.create(
                    {
                        "name": measure.name,
                        "description": measure.description,
                        "method": measure.method,
                        "partner_id": measure.partner_id.id,
                        "user_id": measure.user_id.id,
                        "date_deadline": end,
                    }
                )
                for measure in open_lines.measure_id
            ],
        }
