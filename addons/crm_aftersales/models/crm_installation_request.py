from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from odoo.addons.crm_service_base.tools.state_order import in_order

ENDED = ("done", "cancelled")


class CrmInstallationRequest(models.Model):
    """安装需求单: what a customer wants installed where, with vehicles and drivers (C2.R3).

    The design and the choice of the place are free of charge and on record; the request is
    dispatched as one or several service orders.
    """

    _name = "crm.installation.request"
    _description = "Installation Request"
    _inherit = ["crm.service.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_wanted, id desc"
    _check_company_auto = True

    partner_id = fields.Many2one(required=True)
    user_id = fields.Many2one(string="Taken By", required=True)
    contact_name = fields.Char(
        compute="_compute_contact", store=True, readonly=False, precompute=True
    )
    phone = fields.Char(compute="_compute_contact", store=True, readonly=False, precompute=True)
    site = fields.Char(
        "Address", compute="_compute_contact", store=True, readonly=False, precompute=True
    )
    date_requested = fields.Datetime(
        "Requested On", required=True, default=lambda self: fields.Datetime.now(), copy=False
    )
    date_wanted = fields.Datetime("Wanted From", copy=False, index=True)
    date_wanted_end = fields.Datetime("Wanted Until", copy=False)
    sale_order_id = fields.Many2one(
        "sale.order",
        "Sales Order",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    line_ids = fields.One2many("crm.installation.line", "request_id", "Products", copy=True)
    design = fields.Text(
        "Design and Place",
        help="Where it is installed and how, as agreed with the customer on site; free of charge.",
    )
    design_by_id = fields.Many2one(
        "res.users",
        "Designed By",
        copy=False,
        ondelete="restrict",
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    date_designed = fields.Date("Designed On", copy=False)
    note = fields.Text("Remarks")
    vehicle_ids = fields.One2many("crm.installation.vehicle", "request_id", "Vehicles", copy=True)
    driver_ids = fields.One2many("crm.installation.driver", "request_id", "Drivers", copy=True)
    order_ids = fields.One2many("crm.service.order", "request_id", "Service Orders", readonly=True)
    order_count = fields.Integer(compute="_compute_counts")
    vehicle_count = fields.Integer("Number of Vehicles", compute="_compute_counts")
    vehicle_open_count = fields.Integer("Vehicles to Dispatch", compute="_compute_counts")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("confirmed", "To Dispatch"),
            ("dispatched", "Dispatched"),
            ("done", "Installed"),
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
    is_editable = fields.Boolean(compute="_compute_is_editable")

    _dates_in_order = models.Constraint(
        "CHECK(date_wanted_end >= date_wanted)", "The wanted time ends before it begins."
    )

    @api.depends("partner_id")
    def _compute_contact(self):
        for request in self:
            partner = request.partner_id
            request.contact_name = request.contact_name or partner.name
            request.phone = request.phone or partner.phone
            request.site = request.site or partner._get_crm_visit_place()

    @api.depends("order_ids", "vehicle_ids.is_dispatched")
    def _compute_counts(self):
        for request in self:
            request.order_count = len(request.order_ids)
            request.vehicle_count = len(request.vehicle_ids)
            request.vehicle_open_count = len(request._get_open_vehicles())

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for request in self:
            request.display_name = " · ".join(filter(None, [request.name, request.partner_id.name]))

    @api.depends("state")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_editable(self):
        """Whose fields and buttons the forms show; the server checks again."""
        allowed = self._origin._filtered_access("write")
        for request in self:
            saved = request._origin
            request.is_editable = request.state not in ENDED and (not saved or saved in allowed)

    # ------------------------------------------------------------------ create, write, delete

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [{**vals, "state": "draft"} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._check_request_write(vals)
        return super().write(vals)

    def _check_request_write(self, vals):
        """:raise AccessError: the state; :raise UserError: a request that is over"""
        if "state" in vals:
            raise AccessError(self.env._("A request is confirmed and dispatched with its buttons."))
        mixins = self.env["mail.thread"]._fields.keys() | self.env["mail.activity.mixin"]._fields
        free = mixins - self.env["base"]._fields.keys() | {"active"}
        if vals.keys() - free and any(request.state in ENDED for request in self.sudo()):
            raise UserError(self.env._("This request is finished and stays as it is."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_confirmed(self):
        if any(request.state != "draft" for request in self):
            raise UserError(self.env._("Only drafts are deleted: cancel the request instead."))

    def _can_file(self):
        return super()._can_file() and self.state in ENDED

    # ------------------------------------------------------------------ states

    def action_confirm(self):
        """The request is complete and waits to be dispatched.

        :raise UserError: no draft, or something is missing
        """
        self.check_access("write")
        self._check_state(("draft",))
        for request in self:
            names = [n for n in ("contact_name", "phone", "site", "line_ids") if not request[n]]
            if names:
                captions = [self._fields[n]._description_string(self.env) for n in names]
                raise UserError(
                    self.env._(
                        "Request %(request)s is not complete. Please fill in: %(missing)s.",
                        request=request.name,
                        missing=", ".join(captions),
                    )
                )
        self.sudo().write({"state": "confirmed"})
        return True

    def action_cancel(self):
        """Nothing is installed; orders that are out go on.

        :raise UserError: orders of it are not cancelled
        """
        self.check_access("write")
        self._check_state(("draft", "confirmed", "dispatched"))
        for request in self.sudo():
            if any(order.state != "cancelled" for order in request.order_ids):
                raise UserError(
                    self.env._("Cancel the service orders of request %s first.", request.name)
                )
        self.sudo().write({"state": "cancelled"})
        return True

    def action_dispatch(self):
        """Choose vehicles and technician; a request can become several orders.

        :raise UserError: not confirmed, or over
        """
        self.ensure_one()
        self.check_access("write")
        self._check_state(("confirmed", "dispatched"))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Dispatch"),
            "res_model": "crm.installation.dispatch",
            "view_mode": "form",
            "target": "new",
            "context": {"default_request_id": self.id},
        }

    def _dispatch(self, vehicles, **values):
        """A service order for some of the vehicles.

        :param vehicles: ``crm.installation.vehicle`` of this request; none where it has none
        :param values: more values of the order
        :return: ``crm.service.order``
        :raise UserError: not confirmed, or a vehicle is dispatched already
        """
        self.ensure_one()
        self.check_access("write")
        self._check_state(("confirmed", "dispatched"))
        if taken := vehicles.filtered("is_dispatched"):
            raise UserError(self.env._("Dispatched already: %s.", ", ".join(taken.mapped("plate"))))
        if vehicles - self.vehicle_ids or (self.vehicle_ids and not vehicles):
            raise UserError(self.env._("Choose vehicles of this request."))
        order = self.env["crm.service.order"].create([self._prepare_order_values() | values])
        order.sudo().write(
            {
                "request_id": self.id,
                "vehicle_ids": [
                    Command.create(vehicle._prepare_order_vehicle_values()) for vehicle in vehicles
                ],
            }
        )
        self._follow_orders()
        return order

    def _prepare_order_values(self):
        """Values of a service order; an addon adds its own.

        :return: dict
        """
        self.ensure_one()
        notes = [self.design, self.note]
        products = [f"{line.product_id.display_name} × {line.quantity:g}" for line in self.line_ids]
        return {
            "kind": "installation",
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "contact_name": self.contact_name,
            "phone": self.phone,
            "site": self.site,
            "sale_order_id": self.sale_order_id.id,
            "product_id": self.line_ids[:1].product_id.id,
            "date_called": self.date_requested,
            "problem": "\n".join(products),
            "note": "\n".join(filter(None, notes)),
        }

    def _get_open_vehicles(self):
        return self.vehicle_ids.filtered(lambda vehicle: not vehicle.is_dispatched)

    def _follow_orders(self):
        """Where the request stands follows from its orders."""
        self.env.invalidate_all()
        for request in self.sudo().filtered(lambda r: r.state not in ("draft", "cancelled")):
            orders = request.order_ids.filtered(lambda order: order.state != "cancelled")
            if not orders or request._get_open_vehicles():
                state = "confirmed"
            elif all(order.state == "done" for order in orders):
                state = "done"
            else:
                state = "dispatched"
            if request.state != state:
                request.state = state

    def _check_state(self, states):
        names = dict(self._fields["state"]._description_selection(self.env))
        for request in self.sudo():
            if request.state not in states:
                raise UserError(
                    self.env._(
                        "Request %(request)s is “%(state)s”: this cannot be done now.",
                        request=request.name,
                        state=names[request.state],
                    )
                )

    def action_open_orders(self):
        """The service orders of the request."""
        self.ensure_one()
        return self.order_ids._get_records_action(name=self.env._("Service Orders"))
