from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_list

from odoo.addons.crm_service_base.tools.state_order import in_order

SATISFACTION = [
    ("good", "Good"),
    ("fair", "Fairly Good"),
    ("average", "Average"),
    ("poor", "Poor"),
    ("very_poor", "Very Poor"),
]
DRAFT_STATES = ("planned", "in_progress", "done")


class CrmVisit(models.Model):
    """A visit, call or reception and its record, 客户回访记录表 (A1.F2, A1.F3, D5.R1)."""

    _name = "crm.visit"
    _description = "Customer Visit"
    _inherit = [
        "crm.service.mixin",
        "crm.approval.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "crm.import.template.mixin",
    ]
    _order = "date desc, id desc"
    _check_company_auto = True

    _approval_draft_states = DRAFT_STATES
    _approval_submit_states = ("done",)
    _approval_pending_state = "submitted"
    _approval_approved_state = "reviewed"
    _approval_returned_state = "done"
    _approval_line_fields = ("check_ids", "answer_ids")

    partner_id = fields.Many2one(required=True)
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("in_progress", "In Progress"),
            ("done", "To Submit"),
            ("submitted", "In Review"),
            ("reviewed", "Reviewed"),
            ("history", "Old Record"),
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
    method_id = fields.Many2one(
        "crm.visit.method",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env["crm.visit.method"].search([], limit=1),
    )
    channel = fields.Selection(related="method_id.channel", store=True)
    direction = fields.Selection(related="method_id.direction", store=True)
    is_plan_required = fields.Boolean(related="method_id.is_plan_required")
    plan_line_id = fields.Many2one(
        "crm.visit.plan.line", readonly=True, index=True, ondelete="restrict", copy=False
    )
    plan_id = fields.Many2one(related="plan_line_id.plan_id", store=True, index=True)
    order_id = fields.Many2one(
        "sale.order",
        "Project",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('crm_is_project', '=', True), ('state', '=', 'sale'), "
        "('partner_id.commercial_partner_id', '=', commercial_partner_id)]",
    )
    visitor_ids = fields.Many2many(
        "res.users",
        "crm_visit_visitor_rel",
        "visit_id",
        "user_id",
        "Visitors",
        ondelete="restrict",
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    place = fields.Char(compute="_compute_place", store=True, readonly=False, precompute=True)
    phone = fields.Char(compute="_compute_phone", store=True, readonly=False, precompute=True)
    purpose = fields.Text()
    is_history = fields.Boolean(
        "Old Record",
        copy=False,
        help="A record from before this system, taken in with its author and date.",
    )
    origin = fields.Char("Old Number", copy=False)

    # when
    date_planned = fields.Datetime("Date in the Plan", readonly=True, copy=False)
    date_scheduled = fields.Datetime("Appointment", copy=False, index=True)
    duration = fields.Float("Planned Duration (h)", default=1.0)
    date_end_scheduled = fields.Datetime(compute="_compute_date_end_scheduled", store=True)
    date_start = fields.Datetime("Started", copy=False)
    date_end = fields.Datetime("Finished", copy=False)
    date_checkin = fields.Datetime("Start Button Pressed", readonly=True, copy=False)
    date_checkout = fields.Datetime("Finish Button Pressed", readonly=True, copy=False)
    date = fields.Datetime(
        compute="_compute_date", store=True, index=True, help="Took place, else appointed."
    )

    # preparation and questions
    check_ids = fields.One2many("crm.visit.check", "visit_id", "Preparation")
    check_done_count = fields.Integer(compute="_compute_check_counts")
    check_count = fields.Integer(compute="_compute_check_counts")
    answer_ids = fields.One2many("crm.visit.answer", "visit_id", "Questions")

    # the record
    satisfaction_service = fields.Selection(SATISFACTION, "Service Satisfaction")
    satisfaction_product = fields.Selection(SATISFACTION, "Product Satisfaction")
    satisfaction_complaint = fields.Selection(
        SATISFACTION, "Satisfaction with Complaints and Disputes"
    )
    product_opinion = fields.Text("Opinion on Products")
    service_opinion = fields.Text("Opinion on Service")
    product_expectation = fields.Text("Expectations of Products")
    service_expectation = fields.Text("Expectations of Service")
    opinion = fields.Text("Opinions and Demands")
    countermeasure = fields.Text("Countermeasures and Advice")
    key_points = fields.Text()
    note = fields.Text("Visit Notes")
    stock_advice = fields.Text(
        "Stock Advice Given", help="The customer was reminded to watch and adjust stock: how."
    )
    local_demand = fields.Text("Local Market Demand")
    next_order_note = fields.Text("Preparation of the Next Order")
    problem = fields.Text("Problems Met")
    result = fields.Char()

    _coverage_idx = models.Index(
        "(commercial_partner_id, date_start DESC) WHERE date_start IS NOT NULL"
    )
    _date_start_idx = models.Index("(date_start) WHERE date_start IS NOT NULL")
    _date_planned_idx = models.Index("(date_planned) WHERE date_planned IS NOT NULL")
    _next_idx = models.Index(
        "(commercial_partner_id, date_scheduled) WHERE state IN ('planned', 'in_progress')"
    )
    _dates_in_order = models.Constraint(
        "CHECK(date_end >= date_start)", "A visit cannot end before it starts."
    )
    _plan_line_uniq = models.UniqueIndex(
        "(plan_line_id) WHERE plan_line_id IS NOT NULL", "This planned visit was made already."
    )

    # ------------------------------------------------------------------ state sets

    @api.model
    def _get_done_states(self):
        """States of visits that took place."""
        return ("done", "submitted", "reviewed", "history")

    @api.model
    def _get_open_states(self):
        """States of visits still to be carried out or written up."""
        return ("planned", "in_progress", "done", "submitted")

    @api.model
    def _get_record_field_names(self):
        """Fields of the record that a method can ask for."""
        return [
            "satisfaction_service",
            "satisfaction_product",
            "satisfaction_complaint",
            "product_opinion",
            "service_opinion",
            "product_expectation",
            "service_expectation",
            "opinion",
            "countermeasure",
            "key_points",
            "note",
            "stock_advice",
            "local_demand",
            "next_order_note",
            "result",
            "phone",
            "purpose",
        ]

    # ------------------------------------------------------------------ computes

    @api.depends("partner_id", "method_id")
    def _compute_place(self):
        for visit in self:
            if not visit.place and visit.method_id.channel == "face":
                visit.place = visit.partner_id._get_crm_visit_place()

    @api.depends("partner_id")
    def _compute_phone(self):
        for visit in self:
            visit.phone = visit.partner_id.phone or visit.commercial_partner_id.phone

    @api.depends("date_scheduled", "duration")
    def _compute_date_end_scheduled(self):
        for visit in self:
            start = visit.date_scheduled
            visit.date_end_scheduled = start and start + timedelta(hours=visit.duration or 1.0)

    @api.depends("date_start", "date_scheduled")
    def _compute_date(self):
        for visit in self:
            visit.date = visit.date_start or visit.date_scheduled

    @api.depends("check_ids.is_done")
    def _compute_check_counts(self):
        for visit in self:
            visit.check_count = len(visit.check_ids)
            visit.check_done_count = len(visit.check_ids.filtered("is_done"))

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for visit in self:
            visit.display_name = " · ".join(filter(None, [visit.partner_id.name, visit.name]))

    # ------------------------------------------------------------------ constraints

    @api.constrains("date_start", "method_id", "plan_line_id", "is_history")
    def _check_plan(self):
        """No planned visit takes place before its plan is approved (A1.R3)."""
        for visit in self:
            if visit.date_start and not visit.is_history:
                visit._check_plan_approved()

    def _check_plan_approved(self):
        self.ensure_one()
        if not self.method_id.is_plan_required:
            return
        plan = self.plan_id.sudo()
        if plan.state not in ("approved", "done"):
            raise ValidationError(
                self.env._(
                    "A visit by “%(method)s” takes place only under an approved plan: put "
                    "%(customer)s into a visit plan and have it approved first.",
                    method=self.method_id.name,
                    customer=self.partner_id.display_name,
                )
            )
        if self.date_start and plan.date_approved and self.date_start < plan.date_approved:
            raise ValidationError(
                self.env._("Visit %s cannot have started before its plan was approved.", self.name)
            )

    @api.constrains("date_start", "date_end", "is_history")
    def _check_dates_past(self):
        limit = fields.Datetime.now() + timedelta(minutes=5)
        for visit in self:
            if max(filter(None, (visit.date_start, visit.date_end)), default=limit) > limit:
                raise ValidationError(
                    self.env._("Visit %s: a start or finish cannot lie in the future.", visit.name)
                )

    # ------------------------------------------------------------------ create, write, delete

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            self._check_history_import(vals_list)
        visits = super().create(vals_list)
        visits._after_create()
        return visits

    @api.model
    def _get_server_fields(self):
        """Fields that only the actions of the visit write."""
        return {
            "plan_line_id",
            "date_planned",
            "date_checkin",
            "date_checkout",
        }

    def _check_history_import(self, vals_list):
        if any(vals.get("is_history") for vals in vals_list) and not self._is_supervisor():
            raise AccessError(self.env._("Only a supervisor takes in old visit records."))

    def _after_create(self):
        fresh = self.filtered(lambda visit: not visit.is_history)
        fresh.sudo()._copy_from_method()
        upcoming = fresh.filtered(lambda visit: visit.date_scheduled and not visit.date_start)
        upcoming._schedule_notice()
        upcoming._sync_event()

    def _copy_from_method(self):
        """Preparation and questions of the method, as they are today."""
        checks, answers = [], []
        for visit in self:
            method = visit.method_id
            checks += [
                {
                    "visit_id": visit.id,
                    "sequence": item.sequence,
                    "section": item.section,
                    "name": item.name,
                    "is_required": item.is_required,
                }
                for item in method.checklist_ids
            ]
            answers += [
                {
                    "visit_id": visit.id,
                    "sequence": question.sequence,
                    "question": question.name,
                    "is_required": question.is_required,
                }
                for question in method.question_ids
            ]
        self.env["crm.visit.check"].create(checks)
        self.env["crm.visit.answer"].create(answers)

    def write(self, vals):
        if not self.env.su:
            self._check_server_write(vals)
        res = super().write(vals)
        if not vals.keys().isdisjoint(
            ("date_scheduled", "duration", "place", "visitor_ids", "partner_id", "state")
        ):
            self._sync_event()
        return res

    def _check_server_write(self, vals):
        if self._get_server_fields() & vals.keys():
            raise AccessError(self.env._("These values are written by the visit's own buttons."))
        if "is_history" in vals and not self._is_supervisor():
            raise AccessError(self.env._("Only a supervisor takes in old visit records."))
        planned = {"date_scheduled", "partner_id", "method_id", "order_id"} & vals.keys()
        if planned and any(visit.plan_line_id for visit in self.sudo()):
            raise UserError(
                self.env._(
                    "Customer, method and time of a planned visit come from its approved plan: "
                    "use Reschedule or Cancel, and say why."
                )
            )
        if "date_scheduled" in vals and any(visit.state != "planned" for visit in self):
            raise UserError(
                self.env._("The appointment can be changed only while the visit is planned.")
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        for visit in self:
            if visit.plan_line_id or visit.state not in ("planned", "in_progress", "done"):
                raise UserError(
                    self.env._("Visit %s is part of the record: cancel it instead.", visit.name)
                )

    def unlink(self):
        events = self.sudo().event_id
        res = super().unlink()
        events.exists().with_context(no_mail_to_attendees=True).unlink()
        return res

    # ------------------------------------------------------------------ approval

    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {"state"} | self._get_server_fields()

    def _approval_document_author(self):
        """Nobody who goes, went or was to go signs the record.

        The visits of a plan are created in the name of who approved it, so there the creator
        does not count.
        """
        people = self.user_id | self.visitor_ids | self.plan_line_id.visitor_ids
        return people if self.plan_line_id else people | self.create_uid

    def _approval_check_submit(self):
        super()._approval_check_submit()
        for visit in self:
            missing = visit._get_missing_answers()
            if missing:
                raise UserError(
                    self.env._(
                        "The record of %(visit)s is not complete. Please fill in: %(missing)s.",
                        visit=visit.display_name,
                        missing=format_list(self.env, missing),
                    )
                )

    def _get_missing_answers(self):
        """Captions of what the method asks for and the record lacks.

        :return: list of str
        """
        self.ensure_one()
        missing = [
            field.field_description
            for field in self.method_id.sudo().required_field_ids
            if not (self[field.name] or "").strip()
        ]
        missing += [
            answer.question
            for answer in self.answer_ids
            if answer.is_required and not (answer.answer or "").strip()
        ]
        return missing

    def _approval_on_approved(self):
        super()._approval_on_approved()
        self.plan_id._close_finished()

    def _can_file(self):
        return super()._can_file() and self.state in ("reviewed", "history", "cancelled")

    @api.model
    def _get_import_template_title(self):
        return self.env._("Old Visit Records")

    @api.model
    def _get_import_template_rows(self):
        """Old records: a supervisor imports them and then takes them in (A1.R10)."""
        satisfaction = dict(self._fields["satisfaction_service"]._description_selection(self.env))
        customer = self.env["crm.visit.plan"]._get_import_template_customers()[0]
        start = datetime.combine(fields.Date.context_today(self), time(9)) - timedelta(days=90)
        texts = dict.fromkeys(self._get_record_field_names(), "")
        return [
            {
                "is_history": True,
                "origin": "2019-0001",
                "partner_id": customer,
                "method_id": self.env["crm.visit.method"].search([], limit=1).display_name,
                "user_id": self.env.user.login,
                "visitor_ids": self.env.user.login,
                "date_start": start,
                "date_end": start + timedelta(hours=1),
                "place": self.env._("At the customer"),
                **texts,
                "satisfaction_service": satisfaction["good"],
                "satisfaction_product": satisfaction["fair"],
                "opinion": self.env._("Delivery is quick"),
                "countermeasure": self.env._("Thank the warehouse"),
                "result": self.env._("Satisfied"),
                "problem": "",
            }
        ]

    def _is_supervisor(self):
        return self.env.user.has_group("crm_service_base.group_supervisor")

    # ------------------------------------------------------------------ the way of a visit

    def action_start(self):
        """Start now; the server's time is kept beside the one that can be edited.

        :raise UserError: not planned any more, or a required preparation is missing
        :raise ValidationError: the plan is not approved (A1.R3)
        """
        self.check_access("write")
        for visit in self:
            visit._check_state(("planned",), self.env._("started"))
            visit._check_plan_approved()
            visit._check_prepared()
        now = fields.Datetime.now()
        self.sudo().write({"state": "in_progress", "date_start": now, "date_checkin": now})
        self._clear_notice()

    def action_finish(self):
        """Finish now, or at the time noted for a visit recorded afterwards.

        :raise UserError: neither started nor its start filled in
        """
        self.check_access("write")
        now = fields.Datetime.now()
        for visit in self:
            visit._check_state(("planned", "in_progress"), self.env._("finished"))
            visit._check_plan_approved()
            if not visit.date_start:
                raise UserError(
                    self.env._("Start visit %s first, or fill in when it took place.", visit.name)
                )
            values = {"state": "done", "date_end": visit.date_end or now}
            if visit.date_checkin:
                values["date_checkout"] = now
            visit.sudo().write(values)
        self._clear_notice()

    def action_log_call(self):
        """Finish and submit a call in one step, for whoever logs many calls."""
        self.check_access("write")
        now = fields.Datetime.now()
        for visit in self:
            if not visit.date_start:
                visit.date_start = now
        self.filtered(lambda visit: visit.state in ("planned", "in_progress")).action_finish()
        return self.action_approval_submit()

    def action_accept_history(self):
        """Take in old records: they count as visits, stay as they are and carry no signature.

        :raise AccessError: the user is no supervisor
        :raise UserError: no old record, or its date is missing
        """
        self.check_access("write")
        if not self._is_supervisor():
            raise AccessError(self.env._("Only a supervisor takes in old visit records."))
        for visit in self:
            visit._check_state(("planned",), self.env._("taken in"))
            if not (visit.is_history and visit.date_start):
                raise UserError(
                    self.env._(
                        "%s is not marked as an old record, or its date is missing.", visit.name
                    )
                )
        self.sudo().write({"state": "history"})

    def _check_state(self, states, done):
        self.ensure_one()
        if self.state not in states:
            raise UserError(
                self.env._(
                    "Visit %(visit)s is “%(state)s” and cannot be %(done)s.",
                    visit=self.name,
                    state=dict(self._fields["state"]._description_selection(self.env))[self.state],
                    done=done,
                )
            )

    def _check_prepared(self):
        waiting = self.check_ids.filtered(lambda check: check.is_required and not check.is_done)
        if waiting:
            names = [f"“{name}”" for name in waiting.mapped("name")]  # they hold commas themselves
            raise UserError(self.env._("Please prepare first: %s.", format_list(self.env, names)))

    def action_check_all(self):
        """Tick the whole preparation list."""
        self.check_access("write")
        self.check_ids.write({"is_done": True})

    # ------------------------------------------------------------------ scheduled

    @api.model
    def _cron_file_documents(self):
        """File what was finished long ago (A1.R10)."""
        limit = self._get_filing_limit()
        for model, states in (
            ("crm.visit", ("reviewed", "history", "cancelled")),
            ("crm.visit.plan", ("done", "cancelled")),
            ("crm.visit.report", ("approved",)),
        ):
            self.env[model]._file_finished(states, limit)
