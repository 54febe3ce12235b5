from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import format_list

from odoo.addons.crm_service_base.tools.state_order import in_order


class CrmRelationshipPlan(models.Model):
    """客户关系维护方案 (E1.F4) and 客户关系强化表 (E1.F3): what is done for customers, by whom, by
    when, at what cost. The supervisor draws it up; the routes say who reviews and approves."""

    _name = "crm.relationship.plan"
    _description = "Relationship Plan"
    _inherit = [
        "crm.service.mixin",
        "crm.approval.mixin",
        "crm.department.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "crm.import.template.mixin",
    ]
    _order = "date_from desc, id desc"
    _check_company_auto = True
    _department_partner_field = "measure_ids.commercial_partner_id"

    _approval_draft_states = ("draft",)
    _approval_pending_state = "submitted"
    _approval_approved_state = "approved"
    _approval_returned_state = "draft"
    _approval_line_fields = ("measure_ids", "budget_ids")

    kind = fields.Selection(
        [("maintenance", "Maintenance Plan"), ("strengthening", "Strengthening Table")],
        required=True,
        default="maintenance",
        index=True,
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "To Approve"),
            ("approved", "Under Way"),
            ("done", "Closed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    title = fields.Char("Subject", required=True)
    date = fields.Date("Drawn Up On", required=True, default=fields.Date.context_today, copy=False)
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(
        "To", compute="_compute_date_to", store=True, readonly=False, precompute=True, required=True
    )
    evaluation_ids = fields.Many2many(
        "crm.relationship.evaluation",
        "crm_relationship_plan_evaluation_rel",
        "plan_id",
        "evaluation_id",
        "Evaluations",
        ondelete="restrict",
        check_company=True,
        domain="[('state', '=', 'approved'), ('company_id', '=', company_id)]",
    )
    previous_report_id = fields.Many2one(
        "crm.relationship.report",
        "Follows Report",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    goal = fields.Text()
    approach = fields.Text("Ways of Maintenance")
    measure_ids = fields.One2many("crm.relationship.measure", "plan_id", "Measures", copy=True)
    member_ids = fields.Many2many(
        "res.users",
        "crm_relationship_plan_member_rel",
        "plan_id",
        "user_id",
        "Staff",
        ondelete="restrict",
        compute="_compute_member_ids",
        store=True,
        readonly=False,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    budget_ids = fields.One2many("crm.relationship.budget", "plan_id", copy=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount_planned = fields.Monetary("Budgeted", compute="_compute_amounts", store=True)
    amount_spent = fields.Monetary("Spent", compute="_compute_amounts", store=True)
    feasibility = fields.Text("Why It Is Feasible")
    economy = fields.Text("Why It Is Economical")
    note = fields.Text("Remarks")
    report_ids = fields.One2many("crm.relationship.report", "plan_id", "Reports")
    report_count = fields.Integer(compute="_compute_report_count")
    measure_count = fields.Integer(compute="_compute_progress", store=True)
    done_count = fields.Integer("Measures Done", compute="_compute_progress", store=True)
    overdue_count = fields.Integer("Measures Overdue", compute="_compute_overdue_count")
    progress = fields.Integer(
        "Progress (%)", compute="_compute_progress", store=True, aggregator="avg"
    )

    _dates_in_order = models.Constraint(
        "CHECK(date_to >= date_from)", "A plan cannot end before it starts."
    )

    @api.depends("name", "title")
    def _compute_display_name(self):
        for plan in self:
            plan.display_name = " ".join(filter(None, (plan.name, plan.title)))

    @api.depends("date_from")
    def _compute_date_to(self):
        for plan in self:
            if not plan.date_to or plan.date_to < plan.date_from:
                plan.date_to = fields.Date.add(plan.date_from, months=3, days=-1)

    @api.depends("measure_ids.user_id")
    def _compute_member_ids(self):
        """Owners come in by themselves while the plan is drafted; others are added by hand."""
        for plan in self.filtered(lambda plan: plan.state == "draft"):
            plan.member_ids |= plan.measure_ids.user_id

    @api.depends("budget_ids.amount", "budget_ids.amount_spent")
    def _compute_amounts(self):
        for plan in self:
            plan.amount_planned = sum(plan.budget_ids.mapped("amount"))
            plan.amount_spent = sum(plan.budget_ids.mapped("amount_spent"))

    @api.depends("report_ids")
    def _compute_report_count(self):
        for plan in self:
            plan.report_count = len(plan.report_ids)

    @api.depends("measure_ids.state")
    def _compute_progress(self):
        for plan in self:
            measures = plan.measure_ids.filtered(lambda m: m.state != "cancelled")
            done = measures.filtered(lambda m: m.state == "done")
            plan.measure_count = len(measures)
            plan.done_count = len(done)
            plan.progress = round(100 * len(done) / len(measures)) if measures else 0

    @api.depends("measure_ids.is_overdue")
    def _compute_overdue_count(self):
        for plan in self:
            plan.overdue_count = len(plan.measure_ids.filtered("is_overdue"))

    # ------------------------------------------------------------------ approval

    def _approval_after_fields(self):
        """The form writes owners, terms and spending through the plan; the lines guard themselves,
        also against being added or taken away."""
        return super()._approval_after_fields() | {"measure_ids", "budget_ids"}

    def _approval_check_submit(self):
        super()._approval_check_submit()
        for plan in self:
            missing = plan._get_missing_captions()
            if missing:
                raise UserError(
                    self.env._(
                        "Plan %(plan)s is not complete. Please fill in: %(missing)s.",
                        plan=plan.name,
                        missing=format_list(self.env, missing),
                    )
                )
            plan._check_measure_terms()

    def _get_missing_captions(self):
        """What the source asks of the form and the plan lacks.

        :return: list of captions
        """
        self.ensure_one()
        names = ["measure_ids"]
        if self.kind == "maintenance":
            names += ["goal", "approach", "member_ids", "budget_ids", "feasibility", "economy"]
        described = self.fields_get(names, ["string"])
        return [described[name]["string"] for name in names if not self[name]]

    def _check_measure_terms(self):
        late = self.measure_ids.filtered(lambda m: m.date_deadline > self.date_to)
        if late:
            raise UserError(
                self.env._(
                    "“%(measure)s” is due after the plan ends on %(day)s: change the one or the "
                    "other.",
                    measure=late[:1].name,
                    day=self.date_to,
                )
            )

    def _approval_on_approved(self):
        """The measures become tasks of their owners."""
        super()._approval_on_approved()
        measures = self.measure_ids.filtered(lambda m: m.state == "planned")
        measures.write({"state": "todo"})
        measures._share_out()

    def _can_file(self):
        return super()._can_file() and self.state in ("done", "cancelled")

    # ------------------------------------------------------------------ actions

    def action_done(self):
        """Close plans whose measures are all done or cancelled.

        :raise UserError: a plan is not under way, or a measure is still open
        """
        self.check_access("write")
        for plan in self:
            if plan.state != "approved":
                raise UserError(
                    self.env._("Only a plan under way can be closed: %s is not.", plan.name)
                )
            waiting = plan.measure_ids.filtered(lambda m: m.state in ("todo", "progress"))
            if waiting:
                raise UserError(
                    self.env._(
                        "Plan %(plan)s still has %(count)s open measures: finish or cancel them "
                        "first.",
                        plan=plan.name,
                        count=len(waiting),
                    )
                )
        self.sudo().write({"state": "done"})

    def action_cancel(self):
        """Give up plans, with the measures that are still open; an approved one takes a manager.

        :raise AccessError: an approved plan and the user is no service manager
        :raise UserError: a plan is being approved, or over
        """
        self.check_access("write")
        for plan in self:
            if plan.state not in ("draft", "approved"):
                raise UserError(
                    self.env._(
                        "Plan %s is with the approver or over: withdraw it first.", plan.name
                    )
                )
            if plan.state == "approved" and not self._is_approval_manager():
                raise AccessError(self.env._("Only a service manager cancels an approved plan."))
        plans = self.sudo()
        plans.measure_ids.filtered(lambda m: m.state not in ("done", "cancelled"))._cancel()
        plans.write({"state": "cancelled"})

    def action_open_measures(self):
        """The measures of the plan, as the supervisor watches them."""
        self.ensure_one()
        self.check_access("read")
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "crm_grading.crm_relationship_measure_action"
            ),
            "domain": [("plan_id", "=", self.id)],
            "context": {"create": False},
        }

    def action_make_report(self):
        """A report (E1.F5) on the plan, drawn from its measures.

        :return: action that opens it
        """
        self.ensure_one()
        if self.state not in ("approved", "done"):
            raise UserError(self.env._("A report tells of a plan that was approved."))
        report = self.env["crm.relationship.report"].create(
            {
                "plan_id": self.id,
                "company_id": self.company_id.id,
                "date_from": self.date_from,
                "date_to": max(self.date_from, min(self.date_to, fields.Date.context_today(self))),
            }
        )
        report.action_draw()
        return report._get_records_action()

    def action_open_reports(self):
        """The reports on the plan."""
        self.ensure_one()
        self.check_access("read")
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "crm_grading.crm_relationship_report_action"
            ),
            "domain": [("plan_id", "=", self.id)],
            "context": {"create": False},
        }

    @api.model
    def _create_from_evaluations(self, evaluations, kind):
        """A draft with a measure for each gap, owned by who evaluated the customer.

        :param evaluations: approved ``crm.relationship.evaluation`` of one company
        :param str kind: ``maintenance`` or ``strengthening``
        :return: the new plan
        :raise UserError: an evaluation is not approved, or nothing has a gap
        """
        evaluations.check_access("read")
        if not evaluations or any(evaluation.state != "approved" for evaluation in evaluations):
            raise UserError(self.env._("Choose evaluations that are approved."))
        if len(evaluations.company_id) > 1:
            raise UserError(self.env._("Choose evaluations of one company for one plan."))
        gaps = evaluations.judgement_ids._get_gaps()
        if not gaps:
            raise UserError(
                self.env._("These evaluations have no gaps: there is nothing to strengthen.")
            )
        self.check_access("create")
        plan = self.create(self._prepare_evaluation_values(evaluations, kind))
        plan.sudo().measure_ids.create(
            [plan._prepare_gap_values(gap) for gap in gaps.sorted("evaluation_id")]
        )
        return plan

    @api.model
    def _prepare_evaluation_values(self, evaluations, kind):
        described = self.fields_get(["kind"], ["selection"])["kind"]["selection"]
        names = evaluations.commercial_partner_id.mapped("name")
        return {
            "kind": kind,
            "title": self.env._(
                "%(kind)s for %(customers)s",
                kind=dict(described)[kind],
                customers=names[0] if len(names) == 1 else self.env._("%s customers", len(names)),
            ),
            "company_id": evaluations.company_id.id,
            "evaluation_ids": [Command.set(evaluations.ids)],
            "goal": "\n".join(
                f"{e.partner_id.name}: {e.conclusion or e.gaps or ''}".strip(": ")
                for e in evaluations
            ),
        }

    def _prepare_gap_values(self, gap):
        evaluation = gap.evaluation_id
        return {
            "plan_id": self.id,
            "evaluation_id": evaluation.id,
            "partner_id": evaluation.partner_id.id,
            "name": gap.name,
            "description": gap.gap,
            "user_id": evaluation.user_id.id,
        }

    # ------------------------------------------------------------------ import

    @api.model
    def _get_import_template_title(self):
        return self.env._("Relationship Plans")

    @api.model
    def _get_import_template_rows(self):
        start = fields.Date.add(fields.Date.context_today(self), months=1, day=1)
        customer = self.env["res.partner"].search(
            [("crm_customer_type_id", "!=", False), ("parent_id", "=", False)], limit=1
        )
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        methods = self.env["crm.relationship.measure"]._fields["method"]
        return [
            {
                "title": self.env._("Strengthening in the next quarter"),
                "kind": kinds["strengthening"],
                "date_from": start,
                "date_to": fields.Date.add(start, months=3, days=-1),
                "goal": self.env._("Win back the orders that were lost"),
                "measure_ids/partner_id": customer.ref or customer.name or self.env._("Customer"),
                "measure_ids/name": self.env._("Visit with the head of sales"),
                "measure_ids/method": dict(methods._description_selection(self.env))["visit"],
                "measure_ids/user_id": self.env.user.login,
                "measure_ids/date_deadline": fields.Date.add(start, months=1),
            }
        ]
