from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.crm_service_base.tools.state_order import in_order

HISTORY_FIELDS = (
    "name",
    "product_id",
    "partner_id",
    "terminal_number",
    "sim_number",
    "plate",
    "state",
)


class CrmDevice(models.Model):
    """One unit a customer uses: serial, terminal and SIM numbers, vehicle, warranty (C2.R1).

    Whoever changes one of the numbers, the customer or the state leaves a line in the history;
    a service order that replaces a terminal or a SIM names itself there (C2.F2).
    """

    _name = "crm.device"
    _description = "Device"
    _inherit = [
        "crm.access.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "crm.import.template.mixin",
    ]
    _order = "id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "terminal_number", "sim_number", "plate"]

    name = fields.Char("Serial Number", required=True, copy=False, index="trigram")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    product_id = fields.Many2one(
        "product.product",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
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
        related="partner_id.commercial_partner_id",
        string="Customer Company",
        store=True,
        index=True,
        ondelete="restrict",
    )
    sale_line_id = fields.Many2one(
        "sale.order.line",
        "Order Line",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        groups="sales_team.group_sale_salesman",
    )
    order_id = fields.Many2one(
        related="sale_line_id.order_id", string="Order", groups="sales_team.group_sale_salesman"
    )
    terminal_number = fields.Char(index="trigram", copy=False)
    sim_number = fields.Char("SIM Number", index="trigram", copy=False)
    plate = fields.Char("Vehicle Plate", index="trigram", copy=False)
    vehicle = fields.Char("Vehicle Model and Color")
    place = fields.Char("Installed At", help="Where in the vehicle or on the site.")
    date_sold = fields.Date("Purchased On", default=fields.Date.context_today)
    date_installed = fields.Date("Installed On")
    warranty_months = fields.Integer(
        "Warranty (Months)",
        compute="_compute_warranty_months",
        store=True,
        readonly=False,
        precompute=True,
    )
    date_warranty_end = fields.Date(
        "Warranty Until", compute="_compute_date_warranty_end", store=True, index=True
    )
    is_in_warranty = fields.Boolean(
        "In Warranty", compute="_compute_is_in_warranty", search="_search_is_in_warranty"
    )
    state = fields.Selection(
        [
            ("use", "In Use"),
            ("factory", "Sent for Repair"),
            ("replaced", "Replaced"),
            ("scrapped", "Scrapped"),
        ],
        required=True,
        default="use",
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    note = fields.Text("Remarks")
    history_ids = fields.One2many("crm.device.history", "device_id", "Changes", readonly=True)

    _serial_uniq = models.Constraint(
        "UNIQUE(company_id, product_id, name)",
        "A device of this product has the serial number already: open it instead.",
    )
    _warranty_positive = models.Constraint(
        "CHECK(warranty_months >= 0)", "A warranty cannot be negative."
    )

    @api.depends("product_id")
    def _compute_warranty_months(self):
        for device in self:
            device.warranty_months = device.product_id.crm_warranty_months

    @api.depends("date_sold", "date_installed", "warranty_months")
    def _compute_date_warranty_end(self):
        """From the installation, else from the purchase; without a warranty there is no end."""
        for device in self:
            start = device.date_installed or device.date_sold
            months = device.warranty_months
            device.date_warranty_end = start and months and start + relativedelta(months=months)

    @api.depends("date_warranty_end")
    def _compute_is_in_warranty(self):
        today = fields.Date.context_today(self)
        for device in self:
            end = device.date_warranty_end
            device.is_in_warranty = bool(end) and today <= end

    def _search_is_in_warranty(self, operator, value):
        if operator != "in":
            return NotImplemented
        covered = Domain("date_warranty_end", ">=", fields.Date.context_today(self))
        return Domain.OR(
            covered if wanted else ~covered | Domain("date_warranty_end", "=", False)
            for wanted in value
        )

    @api.depends("name", "product_id", "plate")
    def _compute_display_name(self):
        for device in self:
            parts = [device.product_id.name, device.name, device.plate]
            device.display_name = " · ".join(filter(None, parts))

    # ------------------------------------------------------------------ changes

    def write(self, vals):
        before = self._read_history_values(vals)
        res = super().write(vals)
        self._write_history(before)
        return res

    def _write_from(self, vals, source):
        """Write values of the device and name the document they come from in its history.

        :param dict vals: values of the device
        :param str source: number of the document, such as a service order
        """
        history = self.env["crm.device.history"].sudo()
        last = history.search([], limit=1)
        self.write(vals)
        changes = history.search([("device_id", "in", self.ids), ("id", ">", last.id or 0)])
        changes.source = source

    def _read_history_values(self, vals):
        names = [name for name in HISTORY_FIELDS if name in vals]
        return {device: {name: device._show(name) for name in names} for device in self}

    def _write_history(self, before, source=""):
        self.env["crm.device.history"].sudo().create(
            [
                {
                    "device_id": device.id,
                    "field": name,
                    "value_before": old,
                    "value_after": device._show(name),
                    "source": source,
                }
                for device, values in before.items()
                for name, old in values.items()
                if old != device._show(name)
            ]
        )

    def _show(self, name):
        """A value as the history keeps it: words, so that it outlives what it names."""
        field = self._fields[name]
        if field.relational:
            return self[name].display_name or ""
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(self[name], "")
        return self[name] or ""

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        if self.sudo().history_ids:
            raise UserError(
                self.env._("A device with a history is not deleted: archive it instead.")
            )

    # ------------------------------------------------------------------ import

    @api.model
    def _get_import_template_title(self):
        return self.env._("Devices")

    @api.model
    def _get_import_template_rows(self):
        customer = self.env["crm.visit.plan"]._get_import_template_customers()[0]
        product = self.env["product.product"].search([("sale_ok", "=", True)], limit=1)
        today = fields.Date.context_today(self)
        return [
            {
                "name": "GPS-000123",
                "product_id": product.default_code or product.name,
                "partner_id": customer,
                "terminal_number": "T860123",
                "sim_number": "89860012345678901234",
                "plate": "甘A12345",
                "vehicle": self.env._("White lorry"),
                "place": self.env._("Behind the dashboard"),
                "date_sold": today - relativedelta(months=6),
                "date_installed": today - relativedelta(months=6),
                "warranty_months": 12,
                "note": "",
            }
        ]
