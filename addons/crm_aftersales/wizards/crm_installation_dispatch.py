from odoo import api, fields, models
from odoo.fields import Command


class CrmInstallationDispatch(models.TransientModel):
    """Who installs what of a request, and when."""

    _name = "crm.installation.dispatch"
    _description = "Dispatch an Installation"
    _inherit = ["crm.access.mixin"]

    request_id = fields.Many2one(
        "crm.installation.request", "Installation Request", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="request_id.company_id")
    vehicle_ids = fields.Many2many(
        "crm.installation.vehicle",
        string="Vehicles",
        compute="_compute_vehicle_ids",
        store=True,
        readonly=False,
        domain="[('request_id', '=', request_id), ('is_dispatched', '=', False)]",
    )
    technician_id = fields.Many2one(
        "res.users", domain="[('share', '=', False), ('company_ids', 'in', company_id)]"
    )
    helper_ids = fields.Many2many(
        "res.users",
        string="Together With",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    date_planned = fields.Datetime(
        "Planned Start", compute="_compute_dates", store=True, readonly=False
    )
    date_planned_end = fields.Datetime(
        "Planned End", compute="_compute_dates", store=True, readonly=False
    )
    department_id = fields.Many2one(
        "crm.service.department",
        domain="[('company_id', '=', company_id)]",
        compute="_compute_department_id",
        store=True,
        readonly=False,
    )

    @api.depends("request_id")
    def _compute_vehicle_ids(self):
        for dispatch in self:
            dispatch.vehicle_ids = dispatch.request_id._get_open_vehicles()

    @api.depends("request_id")
    def _compute_dates(self):
        for dispatch in self:
            dispatch.date_planned = dispatch.request_id.date_wanted
            dispatch.date_planned_end = dispatch.request_id.date_wanted_end

    @api.depends("request_id", "technician_id")
    def _compute_department_id(self):
        """The technician's department approves; without one, the request's."""
        departments = self.env["crm.service.department"]
        for dispatch in self:
            company = dispatch.request_id.company_id
            technician = dispatch.technician_id
            own = technician and departments._get_user_department(technician, company)
            dispatch.department_id = own or dispatch.request_id.department_id

    def action_dispatch(self):
        """Write the order and open it.

        :raise UserError: a vehicle is dispatched already, or the request is over
        """
        self.ensure_one()
        order = self.request_id._dispatch(
            self.vehicle_ids,
            technician_id=self.technician_id.id,
            helper_ids=[Command.set(self.helper_ids.ids)],
            date_planned=self.date_planned,
            date_planned_end=self.date_planned_end,
            department_id=self.department_id.id,
        )
        return order._get_records_action()
