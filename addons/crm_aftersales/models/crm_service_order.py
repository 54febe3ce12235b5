from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_list

from odoo.addons.crm_service_base.tools.state_order import in_order

ORDER_KINDS = [
    ("installation", "Installation"),
    ("repair", "Repair"),
    ("trial", "Trial"),
    ("charging", "Card Charging"),
    ("inspection", "Inspection"),
    ("training", "Training"),
]
ORDER_STATES = [
    ("draft", "Draft"),
    ("submitted", "To Approve"),
    ("approved", "To Depart"),
    ("departed", "On the Way"),
    ("arrived", "At Work On Site"),
    ("done", "Done"),
    ("cancelled", "Cancelled"),
]
ENDED = ("done", "cancelled")
# who goes and when: planned until somebody sets off
PLAN_FIELDS = {"technician_id", "helper_ids", "date_planned", "date_planned_end"}


class CrmServiceOrder(models.Model):
    """A job at the customer's: installation, repair, trial, charging, inspection, training.

    Its printed forms are 安装任务派工单 (C2.F1) and 维修服务单 (C2.F2). What is to be done is
    approved by the head of the department and locked then; who goes is planned until somebody
    sets off; what was found and done is written on site. Departure, arrival and end are stamped by
    the buttons, so that the times that are measured are true (C2.R15).
    """

    _name = "crm.service.order"
    _description = "Service Order"
    _inherit = [
        "crm.service.mixin",
        "crm.approval.mixin",
        "crm.signature.mixin",
        "crm.mean.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date_planned desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "plate", "phone", "partner_id"]
    _mail_post_access = "read"
    _mean_bases = {
        "hours_to_call": "date_accepted",
        "hours_to_wait": "date_arrived",
        "hours_to_repair": "date_done",
    }

    _approval_draft_states = ("draft",)
    _approval_pending_state = "submitted"
    _approval_approved_state = "approved"
    _approval_returned_state = "draft"

    _signature_fields = (
        "name",
        "kind",
        "partner_id",
        "site",
        "problem",
        "handling",
        "old_terminal_number",
        "new_terminal_number",
        "old_sim_number",
        "new_sim_number",
        "amount_charged",
    )
    _signature_line_fields = {"part_ids": ("name", "quantity", "price_unit", "amount")}
    _signature_states = ("arrived", "done")

    # what is to be done, for whom: approved and locked
    kind = fields.Selection(ORDER_KINDS, required=True, default="repair", index=True)
    partner_id = fields.Many2one(required=True)
    user_id = fields.Many2one(string="Taken By", required=True)
    contact_name = fields.Char(
        compute="_compute_contact", store=True, readonly=False, precompute=True
    )
    phone = fields.Char(
        compute="_compute_contact", store=True, readonly=False, precompute=True, index="trigram"
    )
    site = fields.Char(
        "Address", compute="_compute_contact", store=True, readonly=False, precompute=True
    )
    case_id = fields.Many2one(
        "crm.service.case",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    sale_order_id = fields.Many2one(
        "sale.order",
        "Sales Order",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    device_id = fields.Many2one(
        "crm.device",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    product_id = fields.Many2one(
        "product.product",
        "Product Model",
        compute="_compute_from_device",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    date_sold = fields.Date(
        "Purchased On",
        compute="_compute_from_device",
        store=True,
        readonly=False,
        precompute=True,
    )
    plate = fields.Char(
        "Vehicle Plate",
        compute="_compute_from_device",
        store=True,
        readonly=False,
        precompute=True,
        index="trigram",
    )
    is_in_warranty = fields.Boolean(
        "In Warranty",
        compute="_compute_is_in_warranty",
        store=True,
        readonly=False,
        precompute=True,
        help="On the day of the call. What is known of the device decides; parts are charged out "
        "of warranty only, labour never (C2.R1).",
    )
    problem = fields.Text("Problem and Symptoms")
    note = fields.Text("Instructions")
    date_called = fields.Datetime(
        "Called On",
        compute="_compute_date_called",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="When the customer asked for it.",
    )

    # who goes and when: until the departure
    technician_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        copy=False,
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    helper_ids = fields.Many2many(
        "res.users",
        "crm_service_order_helper_rel",
        "order_id",
        "user_id",
        "Together With",
        ondelete="restrict",
        copy=False,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    staff_ids = fields.Many2many(
        "res.users",
        "crm_service_order_staff_rel",
        "order_id",
        "user_id",
        "Technicians",
        compute="_compute_staff_ids",
        store=True,
    )
    date_planned = fields.Datetime("Planned Start", copy=False, index=True)
    date_planned_end = fields.Datetime("Planned End", copy=False)

    # what was found and done: until it is done
    handling = fields.Text(help="What was found and what was done about it.", copy=False)
    old_terminal_number = fields.Char(
        "Old Terminal",
        compute="_compute_old_numbers",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
    )
    new_terminal_number = fields.Char("New Terminal", copy=False)
    old_sim_number = fields.Char(
        "Old SIM",
        compute="_compute_old_numbers",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
    )
    new_sim_number = fields.Char("New SIM", copy=False)
    part_ids = fields.One2many("crm.service.order.part", "order_id", "Parts", copy=False)
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_currency_id", store=True, precompute=True
    )
    amount_charged = fields.Monetary("To Pay", compute="_compute_amount_charged", store=True)

    # where it stands
    state = fields.Selection(
        ORDER_STATES,
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    date_accepted = fields.Datetime(
        "Registered On",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: fields.Datetime.now(),
    )
    date_departed = fields.Datetime("Departed On", readonly=True, copy=False)
    departed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    date_arrived = fields.Datetime("Arrived On", readonly=True, copy=False)
    date_done = fields.Datetime("Finished On", readonly=True, copy=False, index="btree_not_null")
    done_by_id = fields.Many2one("res.users", "Finished By", readonly=True, copy=False)
    cancel_reason = fields.Text(readonly=True, copy=False)
    hours_to_call = fields.Float(
        "Time to Call (h)",
        compute="_compute_hours",
        store=True,
        aggregator="avg",
        help="From the customer's call until the order was registered.",
    )
    hours_to_wait = fields.Float(
        "Time to Wait (h)",
        compute="_compute_hours",
        store=True,
        aggregator="avg",
        help="From the registration of the order until the arrival at the customer's.",
    )
    hours_to_repair = fields.Float(
        "Time to Repair (h)",
        compute="_compute_hours",
        store=True,
        aggregator="avg",
        help="From the arrival until the end of the work.",
    )
    is_planner = fields.Boolean(compute="_compute_is_planner")
    is_at_work = fields.Boolean(compute="_compute_is_planner")

    _dates_in_order = models.Constraint(
        "CHECK(date_planned_end >= date_planned)", "The planned end lies before the start."
    )
    _customer_idx = models.Index("(commercial_partner_id, date_called DESC)")
    _technician_idx = models.Index(
        "(technician_id, date_planned) WHERE state NOT IN ('done', 'cancelled')"
    )

    # ------------------------------------------------------------------ computes

    @api.depends("partner_id", "case_id")
    def _compute_contact(self):
        for order in self:
            partner, case = order.partner_id, order.case_id
            order.contact_name = order.contact_name or case.contact_name or partner.name
            order.phone = order.phone or case.phone or partner.phone
            order.site = order.site or partner._get_crm_visit_place()

    @api.depends("user_id", "company_id")
    def _compute_department_id(self):
        """The department that goes to the customers, else that of whoever took the order."""
        super()._compute_department_id()
        for order in self.filtered("company_id.crm_order_department_id"):
            order.department_id = order.company_id.sudo().crm_order_department_id

    @api.depends("device_id")
    def _compute_from_device(self):
        for order in self:
            device = order.device_id
            order.product_id = device.product_id or order.product_id
            order.date_sold = device.date_sold or order.date_sold
            order.plate = device.plate or order.plate

    @api.depends("device_id")
    def _compute_old_numbers(self):
        for order in self:
            device = order.device_id
            order.old_terminal_number = device.terminal_number or order.old_terminal_number
            order.old_sim_number = device.sim_number or order.old_sim_number

    @api.depends("device_id", "date_called")
    def _compute_is_in_warranty(self):
        for order in self:
            if order.device_id:
                order.is_in_warranty = order._is_device_covered()
            else:
                order.is_in_warranty = order.is_in_warranty

    def _is_device_covered(self):
        """:return: bool, whether the warranty of the device held on the day of the call"""
        self.ensure_one()
        end = self.device_id.date_warranty_end
        called = self.date_called or fields.Datetime.now()
        day = fields.Datetime.context_timestamp(self, called).date()
        return bool(end) and day <= end

    @api.depends("case_id")
    def _compute_date_called(self):
        for order in self:
            now = fields.Datetime.now()
            order.date_called = order.case_id.date_opened or order.date_called or now

    @api.depends("technician_id", "helper_ids")
    def _compute_staff_ids(self):
        for order in self:
            order.staff_ids = order.technician_id | order.helper_ids

    @api.depends("company_id")
    def _compute_currency_id(self):
        for order in self:
            order.currency_id = order.company_id.currency_id

    @api.depends("part_ids.amount")
    def _compute_amount_charged(self):
        for order in self:
            order.amount_charged = sum(order.part_ids.mapped("amount"))

    @api.depends("date_called", "date_accepted", "date_arrived", "date_done")
    def _compute_hours(self):
        """Wall-clock hours: the customer waits at night as well."""
        for order in self:
            order.hours_to_call = order._count_hours(order.date_called, order.date_accepted)
            order.hours_to_wait = order._count_hours(order.date_accepted, order.date_arrived)
            order.hours_to_repair = order._count_hours(order.date_arrived, order.date_done)

    @api.model
    def _count_hours(self, start, end):
        return max(0.0, (end - start).total_seconds() / 3600) if start and end else 0.0

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for order in self:
            order.display_name = " · ".join(filter(None, [order.name, order.partner_id.name]))

    @api.depends("state", "user_id", "staff_ids", "department_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_planner(self):
        """Whose fields and buttons the forms show; the server checks again."""
        allowed = self._origin._filtered_access("write")
        for order in self:
            saved = order._origin
            order.is_planner = not saved or (saved in allowed and order._can_plan())
            order.is_at_work = saved in allowed and order._can_work()

    # ------------------------------------------------------------------ constraints

    @api.constrains("device_id", "partner_id")
    def _check_device(self):
        for order in self:
            owner = order.device_id.commercial_partner_id
            if owner and owner != order.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "The device %(device)s belongs to %(owner)s.",
                        device=order.device_id.display_name,
                        owner=owner.display_name,
                    )
                )

    @api.constrains("device_id", "is_in_warranty", "date_called")
    def _check_is_in_warranty(self):
        for order in self.filtered("device_id"):
            if order.is_in_warranty != order._is_device_covered():
                raise ValidationError(
                    self.env._(
                        "Whether %s is in warranty follows from the device: correct its dates "
                        "there.",
                        order.device_id.display_name,
                    )
                )

    @api.constrains("date_called")
    def _check_date_called(self):
        limit = fields.Datetime.add(fields.Datetime.now(), minutes=5)
        for order in self:
            if order.date_called > limit:
                raise ValidationError(
                    self.env._("Order %s: nobody has called in the future.", order.name)
                )

    @api.constrains("technician_id", "helper_ids")
    def _check_staff(self):
        for order in self:
            for user in order.technician_id | order.helper_ids:
                if not user.sudo().has_group("crm_service_base.group_specialist"):
                    raise ValidationError(
                        self.env._(
                            "%s cannot open service orders: give them the role of a specialist "
                            "of customer service first.",
                            user.name,
                        )
                    )

    # ------------------------------------------------------------------ what nobody writes

    @api.model
    def _get_server_fields(self):
        """Fields that only the buttons write; an addon adds its own.

        :return: set of field names
        """
        return {
            "signature_ids",
            "date_accepted",
            "date_departed",
            "departed_by_id",
            "date_arrived",
            "date_done",
            "done_by_id",
            "cancel_reason",
        }

    @api.model
    def _get_work_fields(self):
        """Fields that are written while an order is worked on, after its approval too; an addon
        adds its own.

        :return: set of field names
        """
        return {
            "handling",
            "old_terminal_number",
            "new_terminal_number",
            "old_sim_number",
            "new_sim_number",
            "part_ids",
        }

    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | self._get_server_fields()

    def _approval_after_fields(self):
        # what is planned and done is no part of what the head approves
        fields_after = PLAN_FIELDS | self._get_work_fields()
        return super()._approval_after_fields() | fields_after | {"active"}

    def write(self, vals):
        if not self.env.su:
            self._check_order_write(vals.keys() - self._approval_free_fields())
        return super().write(vals)

    def _check_order_write(self, names):
        """:raise AccessError: not the planner; :raise UserError: too late for that"""
        orders = self.sudo()
        if names - {"active"} and (ended := orders.filtered(lambda o: o.state in ENDED)):
            raise ended._make_ended_error()
        if names & PLAN_FIELDS:
            if not all(order._can_plan() for order in self):
                raise AccessError(
                    self.env._(
                        "Who goes and when is planned by whoever took the order, the head of "
                        "the department or a supervisor."
                    )
                )
            if any(order.date_departed for order in orders):
                raise UserError(self.env._("Somebody set off already: the plan stays as it was."))
        if "date_called" in names and not self._is_supervisor():
            raise AccessError(
                self.env._("Only a supervisor changes when the customer called: times run from it.")
            )

    def _make_ended_error(self):
        return UserError(
            self.env._("Order %s is finished and stays as it is.", self.sudo()[:1].name)
        )

    @api.model
    def _is_supervisor(self):
        return self.env.su or self.env.user.has_group("crm_service_base.group_supervisor")

    def _can_plan(self):
        """Whether the user plans who goes: whoever took the order, the head, supervisors."""
        self.ensure_one()
        order, user = self.sudo(), self.env.user
        heads = order.department_id.head_id | order.department_id.deputy_id
        return self._is_supervisor() or user in (order.user_id | order.create_uid | heads)

    def _can_work(self):
        """Whether the user departs, arrives and finishes: the technicians, and supervisors on
        their behalf."""
        self.ensure_one()
        return self._is_supervisor() or self.env.user in self.sudo().staff_ids

    # ------------------------------------------------------------------ approval

    def _approval_document_author(self):
        """Neither who took the order nor who goes decides about it."""
        return super()._approval_document_author() | self.staff_ids

    def _approval_check_submit(self):
        super()._approval_check_submit()
        for order in self:
            if missing := order._get_missing_fields():
                captions = [self._fields[n]._description_string(self.env) for n in missing]
                raise UserError(
                    self.env._(
                        "Order %(order)s is not complete. Please fill in: %(missing)s.",
                        order=order.name,
                        missing=format_list(self.env, captions),
                    )
                )

    def _get_missing_fields(self):
        """What has to be on record before anybody is sent (C2.F2); an addon adds its own.

        :return: list of field names
        """
        self.ensure_one()
        wanted = ["contact_name", "phone", "site", "department_id"]
        if self.kind == "repair":
            wanted += ["product_id", "problem"]
        return [name for name in wanted if not self[name]]

    def _approval_on_approved(self):
        super()._approval_on_approved()
        self._restore_progress()

    def _approval_on_returned(self, decision):
        super()._approval_on_returned(decision)
        self._restore_progress()

    def _restore_progress(self):
        """An order that went on before it was approved stands where the work stands."""
        for order in self:
            for name, state in (
                ("date_done", "done"),
                ("date_arrived", "arrived"),
                ("date_departed", "departed"),
            ):
                if order[name]:
                    order.state = state
                    break

    # ------------------------------------------------------------------ on the way, on site, done

    def action_depart(self):
        """Set off: the order is approved and what is needed is packed (C2.F1).

        :raise AccessError: not one of its technicians
        :raise UserError: not approved, nobody named, or something not packed
        """
        for order in self._enter_work():
            order._check_depart()
            order.write(
                {
                    "state": "departed",
                    "date_departed": fields.Datetime.now(),
                    "departed_by_id": self.env.uid,
                }
            )
            order._on_departed()
        return True

    def action_arrive(self):
        """Note the arrival; the clock of the case that waits for it stops.

        :raise AccessError: not one of its technicians
        :raise UserError: not on the way
        """
        now = fields.Datetime.now()
        for order in self._enter_work():
            order._check_state(("departed",))
            order.write({"state": "arrived", "date_arrived": now})
            order.case_id._record_event("arrived", now)
        return True

    def action_finish(self):
        """The work is done: numbers go to the device, the customer is called back (E2.R7).

        :raise AccessError: not one of its technicians
        :raise UserError: not on site, or the record is not complete
        """
        for order in self._enter_work():
            order._check_state(("arrived",))
            order._check_finish()
            order.write(
                {"state": "done", "date_done": fields.Datetime.now(), "done_by_id": self.env.uid}
            )
            order._on_finished()
        return True

    def _enter_work(self):
        """The orders with ``sudo`` and locked, after a look at who works on them."""
        self.check_access("write")
        if not all(order._can_work() for order in self):
            raise AccessError(
                self.env._("Only the technicians of the order, or a supervisor for them, do this.")
            )
        return self._approval_enter()

    def _check_state(self, states):
        self.ensure_one()
        if self.sudo().state not in states:
            raise UserError(
                self.env._(
                    "Order %(order)s is “%(state)s”: this cannot be done now.",
                    order=self.sudo().name,
                    state=dict(self._fields["state"]._description_selection(self.env))[
                        self.sudo().state
                    ],
                )
            )

    def _check_depart(self):
        """Refuse a departure that is not prepared; called with ``sudo``, extended by topics.

        :raise UserError: a sentence that says what is missing
        """
        self.ensure_one()
        if not self._is_released():
            raise UserError(
                self.env._(
                    "Order %s is not approved yet. In an emergency, record a verbal approval.",
                    self.name,
                )
            )
        if not self._has_somebody():
            raise UserError(self.env._("Name the technician of order %s first.", self.name))

    def _is_released(self):
        """Whether somebody may set off; called with ``sudo``."""
        self.ensure_one()
        return self.state == "approved"

    def _has_somebody(self):
        """Whether it is known who goes; called with ``sudo``."""
        self.ensure_one()
        return bool(self.technician_id)

    def _on_departed(self):
        """Called with ``sudo`` after somebody set off."""
        self.ensure_one()

    def _check_finish(self):
        """Refuse orders whose record is not complete; called with ``sudo``.

        :raise UserError: a sentence that says what is missing
        """
        self.ensure_one()
        if not (self.handling or "").strip():
            raise UserError(
                self.env._("Write into “Handling” what was found and done on order %s.", self.name)
            )

    def _on_finished(self):
        """Called with ``sudo`` after the work was done: the device, the callback; an addon adds
        its own."""
        self.ensure_one()

    def action_cancel(self):
        """Ask why nobody goes."""
        return self._open_order_dialog("cancel", self.env._("Cancel the Order"))

    def _open_order_dialog(self, kind, title, **context):
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "crm.service.order.note",
            "view_mode": "form",
            "target": "new",
            "context": {"default_kind": kind, "default_order_id": self.id, **context},
        }

    def _tell_department(self, summary, note):
        """A to-do for the head of the department that does the work; called with ``sudo``."""
        self.ensure_one()
        users = self.department_id and self.department_id._get_first_hands()
        for user in users or ():
            if self.with_user(user).has_access("read"):
                self.activity_schedule(
                    "mail.mail_activity_data_todo", user_id=user.id, summary=summary, note=note
                )

    def _cancel(self, reason):
        """Nobody goes; not for orders under way.

        :param str reason: in words, needed
        :raise AccessError: not the planner
        :raise UserError: somebody set off, or no reason
        """
        self.check_access("write")
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the order is cancelled."))
        if not all(order._can_plan() for order in self):
            raise AccessError(
                self.env._("Orders are cancelled by whoever took them, the head or a supervisor.")
            )
        for order in self._approval_enter():
            if order.approval_state == "pending":
                raise UserError(
                    self.env._("Order %s waits for approval: withdraw it first.", order.name)
                )
            order._check_state(("draft", "approved"))
            order.write({"state": "cancelled", "cancel_reason": reason})
            order._on_cancelled()

    def _on_cancelled(self):
        """Called with ``sudo`` after an order was cancelled."""
        self.ensure_one()

    def _can_file(self):
        return super()._can_file() and self.state in ENDED

    # ------------------------------------------------------------------ signature

    def _on_signed(self, signature):
        super()._on_signed(signature)
        self._message_log(body=self.env._("Signed by %s.", signature.name))

    def _get_signature_staff(self):
        """:return: ``res.users`` who were there"""
        return self.staff_ids

    def _get_signature_name(self):
        return self.contact_name or super()._get_signature_name()

    def _get_signature_lines(self):
        lines = super()._get_signature_lines()
        return lines + [(part.name, part._describe()) for part in self.part_ids]
