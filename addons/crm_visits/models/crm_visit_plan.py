import datetime

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.crm_service_base.tools.state_order import in_order


class CrmVisitPlan(models.Model):
    """客户回访计划表 (A1.F1): many planned visits, approved before any takes place."""

    _name = "crm.visit.plan"
    _description = "Visit Plan"
    _inherit = [
        "crm.service.mixin",
        "crm.approval.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "crm.import.template.mixin",
    ]
    _order = "date_from desc, id desc"
    _check_company_auto = True

    _approval_draft_states = ("draft",)
    _approval_pending_state = "submitted"
    _approval_approved_state = "approved"
    _approval_returned_state = "draft"
    _approval_line_fields = ("line_ids",)

    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "To Approve"),
            ("approved", "Approved"),
            ("done", "Carried Out"),
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
    date_filled = fields.Date(
        "Filled On", required=True, default=fields.Date.context_today, copy=False
    )
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(
        "To", compute="_compute_date_to", store=True, readonly=False, precompute=True, required=True
    )
    visitor_ids = fields.Many2many(
        "res.users",
        "crm_visit_plan_visitor_rel",
        "plan_id",
        "user_id",
        "Visitors",
        ondelete="restrict",
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    method_id = fields.Many2one(
        "crm.visit.method",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env["crm.visit.method"].search([], limit=1),
    )
    place = fields.Char()
    purpose = fields.Text()
    note = fields.Text("Remarks")
    line_ids = fields.One2many("crm.visit.plan.line", "plan_id", "Planned Visits", copy=True)
    visit_ids = fields.One2many("crm.visit", "plan_id", "Visits")
    line_count = fields.Integer("Planned", compute="_compute_progress")
    visit_count = fields.Integer("Visits Made From It", compute="_compute_progress")
    done_count = fields.Integer("Carried Out", compute="_compute_progress")
    progress = fields.Integer("Progress (%)", compute="_compute_progress")

    _dates_in_order = models.Constraint(
        "CHECK(date_to >= date_from)", "A plan cannot end before it starts."
    )

    @api.depends("date_from")
    def _compute_date_to(self):
        for plan in self:
            if not plan.date_to or plan.date_to < plan.date_from:
                plan.date_to = fields.Date.add(plan.date_from, months=1, days=-1)

    @api.depends("line_ids", "visit_ids.state")
    def _compute_progress(self):
        lines = dict(
            self.env["crm.visit.plan.line"]._read_group(
                [("plan_id", "in", self.ids)], ["plan_id"], ["__count"]
            )
        )
        visits = {}
        for plan, state, count in self.env["crm.visit"]._read_group(
            [("plan_id", "in", self.ids)], ["plan_id", "state"], ["__count"]
        ):
            visits.setdefault(plan, {})[state] = count
        done_states = self.env["crm.visit"]._get_done_states()
        for plan in self:
            by_state = visits.get(plan, {})
            plan.line_count = lines.get(plan, 0) if plan.ids else len(plan.line_ids)
            plan.visit_count = sum(by_state.values())
            plan.done_count = sum(by_state.get(state, 0) for state in done_states)
            plan.progress = round(100 * plan.done_count / plan.line_count) if plan.line_count else 0

    @api.constrains("date_from", "date_to")
    def _check_line_dates(self):
        self.line_ids._check_date_planned()

    # ------------------------------------------------------------------ approval

    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {"state"}

    def _approval_check_submit(self):
        super()._approval_check_submit()
        for plan in self:
            if not plan.line_ids:
                raise UserError(
                    self.env._(
                        "Plan %s has no visits yet: add the customers to visit first.", plan.name
                    )
                )
            if not (plan.purpose or "").strip():
                raise UserError(
                    self.env._("Say in plan %s what the visits are for (purpose).", plan.name)
                )
            plan.line_ids._check_complete()

    def _approval_on_approved(self):
        super()._approval_on_approved()
        self._create_visits()

    def _create_visits(self):
        """Make the visits of approved plans; a line whose visit exists is left alone.

        :return: the new ``crm.visit`` records
        """
        lines = self.line_ids.filtered(lambda line: not line.visit_ids)
        return self.env["crm.visit"].create([line._prepare_visit_values() for line in lines])

    def _can_file(self):
        return super()._can_file() and self.state in ("done", "cancelled")

    # ------------------------------------------------------------------ actions

    def action_done(self):
        """Close approved plans none of whose visits is open any more.

        :raise UserError: a plan is not approved, or a visit is still open
        """
        self.check_access("write")
        open_states = self.env["crm.visit"]._get_open_states()
        for plan in self:
            if plan.state != "approved":
                raise UserError(
                    self.env._("Only an approved plan can be closed: %s is not.", plan.name)
                )
            waiting = plan.visit_ids.filtered(lambda visit: visit.state in open_states)
            if waiting:
                raise UserError(
                    self.env._(
                        "Plan %(plan)s still has %(count)s open visits: carry them out, move "
                        "or cancel them first.",
                        plan=plan.name,
                        count=len(waiting),
                    )
                )
        self.sudo().write({"state": "done"})

    def _close_finished(self):
        """Close approved plans whose visits are all over; called under ``sudo``."""
        over = ("reviewed", "history", "cancelled")
        self.filtered(
            lambda plan: (
                plan.state == "approved"
                and plan.visit_ids
                and all(visit.state in over for visit in plan.visit_ids)
            )
        ).sudo().write({"state": "done"})

    def action_cancel(self):
        """Cancel plans before approval by their owner, approved ones by a supervisor.

        Open visits of the plan are cancelled with it.

        :raise AccessError: an approved plan and the user is no supervisor
        :raise UserError: a plan is being approved, or closed
        """
        self.check_access("write")
        for plan in self:
            if plan.state not in ("draft", "approved"):
                raise UserError(
                    self.env._(
                        "Plan %s is with the approver or closed: withdraw it first.", plan.name
                    )
                )
            if plan.state == "approved" and not self._is_supervisor():
                raise AccessError(self.env._("Only a supervisor cancels an approved plan."))
        self.visit_ids.filtered(lambda visit: visit.state == "planned")._cancel(
            "own", self.env._("The plan was cancelled")
        )
        self.sudo().write({"state": "cancelled"})

    @api.model
    def _get_import_template_title(self):
        return self.env._("Visit Plans")

    @api.model
    def _get_import_template_rows(self):
        customers = self._get_import_template_customers()
        method = self.env["crm.visit.method"].search([("is_plan_required", "=", True)], limit=1)
        start = fields.Date.add(fields.Date.context_today(self), months=1, day=1)
        first = datetime.datetime.combine(start, datetime.time(9))
        return [
            {
                "user_id": self.env.user.login,
                "date_from": start,
                "date_to": fields.Date.add(start, months=3, days=-1),
                "visitor_ids": self.env.user.login,
                "method_id": method.display_name,
                "purpose": self.env._("Regular visit"),
                "note": "",
                **self._prepare_import_template_line(customers[0], first),
            },
            self._prepare_import_template_line(customers[-1], fields.Datetime.add(first, days=1)),
        ]

    def _prepare_import_template_line(self, customer, date):
        return {
            "line_ids/partner_id": customer,
            "line_ids/date_planned": date,
            "line_ids/place": self.env._("At the customer"),
            "line_ids/method_id": "",
            "line_ids/visitor_ids": self.env.user.login,
            "line_ids/purpose": self.env._("Opinions on the new products"),
        }

    @api.model
    def _get_import_template_customers(self):
        """Names of one or two customers for the example rows.

        :return: list of str, never empty
        """
        customers = self.env["res.partner"].search(
            [("crm_customer_type_id", "!=", False), ("parent_id", "=", False)], limit=2
        )
        return [customer.ref or customer.name for customer in customers] or [self.env._("Customer")]

    def _is_supervisor(self):
        return self.env.user.has_group("crm_service_base.group_supervisor")

    def action_open_visits(self):
        """The visits made from the plan."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_visits.crm_visit_action")
        action["domain"] = [("plan_id", "=", self.id)]
        action["context"] = {"create": False}
        return action

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        if any(plan.state != "draft" for plan in self):
            raise UserError(self.env._("Only draft plans can be deleted; cancel this one instead."))
