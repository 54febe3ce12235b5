from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class CrmInstallationVehicle(models.Model):
    """A line of 安装车辆明细 (C2.F1)."""

    _name = "crm.installation.vehicle"
    _description = "Vehicle to Fit"
    _inherit = ["crm.installation.detail", "crm.import.template.mixin"]
    _rec_name = "plate"

    plate = fields.Char("Vehicle Plate", required=True, index="trigram")
    model = fields.Char("Vehicle Model")
    color = fields.Char()
    order_line_ids = fields.One2many(
        "crm.service.order.vehicle", "vehicle_id", "Dispatched With", readonly=True
    )
    is_dispatched = fields.Boolean(compute="_compute_is_dispatched", search="_search_is_dispatched")

    _plate_uniq = models.Constraint(
        "UNIQUE(request_id, plate)", "This vehicle is on the list of the request already."
    )

    @api.depends("order_line_ids.order_id.state")
    def _compute_is_dispatched(self):
        for vehicle in self:
            orders = vehicle.sudo().order_line_ids.order_id
            vehicle.is_dispatched = any(order.state != "cancelled" for order in orders)

    def _search_is_dispatched(self, operator, value):
        if operator != "in":
            return NotImplemented
        sent = Domain("order_line_ids", "any", [("order_id.state", "!=", "cancelled")])
        return Domain.OR(sent if wanted else ~sent for wanted in value)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_dispatched(self):
        if any(vehicle.sudo().order_line_ids for vehicle in self):
            raise UserError(self.env._("A vehicle that was dispatched stays on the list."))

    def _prepare_order_vehicle_values(self):
        """Values of the line of a service order: the vehicle with its driver.

        :return: dict
        """
        self.ensure_one()
        driver = self.request_id.driver_ids.filtered(lambda d: d.plate == self.plate)[:1]
        line = self.request_id.line_ids[:1]
        return {
            "vehicle_id": self.id,
            "sequence": self.sequence,
            "plate": self.plate,
            "model": self.model,
            "color": self.color,
            "driver": driver.name,
            "phone": driver.phone,
            "product_id": line.product_id.id,
        }

    # ------------------------------------------------------------------ import

    @api.model
    def _get_import_template_title(self):
        return self.env._("Vehicles to Fit")

    @api.model
    def _get_import_template_rows(self):
        lorry = {"plate": "甘A12345", "model": self.env._("Lorry"), "color": self.env._("White")}
        van = {"plate": "甘A67890", "model": self.env._("Van"), "color": self.env._("Blue")}
        request = self._get_import_request()
        return [{"request_id": request, **vehicle} for vehicle in (lorry, van)]
