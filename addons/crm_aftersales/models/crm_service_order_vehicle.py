from odoo import api, fields, models


class CrmServiceOrderVehicle(models.Model):
    """A vehicle of an installation order: what is installed in it, and its driver (C2.F1)."""

    _name = "crm.service.order.vehicle"
    _description = "Vehicle of a Service Order"
    _inherit = ["crm.service.order.line", "crm.approval.line.mixin"]
    _order = "sequence, id"
    _check_company_auto = True
    _rec_name = "plate"

    _approval_parent_field = "order_id"

    company_id = fields.Many2one(related="order_id.company_id")
    partner_id = fields.Many2one(related="order_id.commercial_partner_id")
    vehicle_id = fields.Many2one(
        "crm.installation.vehicle",
        "Requested Vehicle",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    plate = fields.Char("Vehicle Plate", required=True)
    model = fields.Char("Vehicle Model")
    color = fields.Char()
    driver = fields.Char()
    phone = fields.Char()
    product_id = fields.Many2one(
        "product.product",
        compute="_compute_product_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )

    # written on site
    device_id = fields.Many2one(
        "crm.device",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('commercial_partner_id', '=', partner_id)]",
        help="The unit from stock, where it is registered already.",
    )
    terminal_number = fields.Char()
    sim_number = fields.Char("SIM Number")
    remark = fields.Char(help="For instance why nothing was installed.")

    @api.depends("order_id.product_id")
    def _compute_product_id(self):
        for line in self:
            line.product_id = line.product_id or line.order_id.product_id

    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {"vehicle_id"}

    def _approval_after_fields(self):
        written = {"device_id", "terminal_number", "sim_number", "remark"}
        return super()._approval_after_fields() | written

    # ------------------------------------------------------------------ the device

    def _register_device(self):
        """Write what was installed to the vehicle's device; one that is not known is registered.

        Called with ``sudo`` when the order is done.
        """
        for line in self.filtered("terminal_number"):
            line.device_id = line.device_id or line._find_device() or line._create_device()
            if line.device_id:
                line.device_id._write_from(line._prepare_device_values(), line.order_id.name)

    def _find_device(self):
        """The unit by its terminal number, else one of the sale that nobody installed yet.

        :return: ``crm.device``, may be empty
        """
        self.ensure_one()
        devices = self.env["crm.device"]
        own = [
            ("company_id", "=", self.order_id.company_id.id),
            ("commercial_partner_id", "=", self.order_id.commercial_partner_id.id),
            ("product_id", "=", self.product_id.id),
        ]
        number = self.terminal_number.strip()
        known = ["|", ("terminal_number", "=", number), ("name", "=", number)]
        found = devices.search([*own, *known], limit=1)
        if not found and (sale := self.order_id.sale_order_id):
            fresh = [("terminal_number", "=", False), ("date_installed", "=", False)]
            of_sale = [("sale_line_id.order_id", "=", sale.id)]
            found = devices.search([*own, *fresh, *of_sale], order="id", limit=1)
        return found

    def _create_device(self):
        if not self.product_id:
            return self.env["crm.device"]
        order = self.order_id
        return self.env["crm.device"].create(
            {
                "name": self.terminal_number.strip(),
                "product_id": self.product_id.id,
                "partner_id": order.partner_id.id,
                "company_id": order.company_id.id,
                "date_sold": order.date_sold or fields.Date.context_today(self),
            }
        )

    def _prepare_device_values(self):
        """:return: dict of values of ``crm.device``"""
        self.ensure_one()
        values = {
            "terminal_number": self.terminal_number.strip(),
            "sim_number": (self.sim_number or "").strip() or self.device_id.sim_number,
            "plate": self.plate,
            "vehicle": " ".join(filter(None, [self.model, self.color])) or self.device_id.vehicle,
        }
        if not self.device_id.date_installed:
            values["date_installed"] = fields.Date.context_today(self)
        return values
