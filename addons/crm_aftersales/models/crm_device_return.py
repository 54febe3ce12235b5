import base64

from reportlab.graphics.barcode import createBarcodeDrawing

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.crm_service_base.tools.state_order import in_order

UNDER_WAY = ("taken", "sent", "back")


class CrmDeviceReturn(models.Model):
    """返修: a unit that goes back to the factory and comes back (C2.R5).

    The technician takes it, sticks the printed label with plate and symptom on it and sends it
    off; the device's state follows. What the factory gave instead is written to the device, and
    the customer is told when it is back.
    """

    _name = "crm.device.return"
    _description = "Device Sent Back"
    _inherit = ["crm.service.moved.mixin"]
    _order = "date_expected, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "plate", "terminal_number", "tracking_number", "symptom"]
    _mail_post_access = "read"
    _primary_email = "email"

    _stamps = ("date_sent", "date_back", "date_delivered", "date_told")
    _editable_states = UNDER_WAY

    device_id = fields.Many2one(
        "crm.device", required=True, index=True, ondelete="restrict", check_company=True
    )
    product_id = fields.Many2one(related="device_id.product_id")
    is_in_warranty = fields.Boolean(related="device_id.is_in_warranty")
    partner_id = fields.Many2one(
        compute="_compute_from_device", store=True, readonly=False, precompute=True, required=True
    )
    email = fields.Char(related="partner_id.email")
    plate = fields.Char(
        "Vehicle Plate",
        compute="_compute_from_device",
        store=True,
        readonly=False,
        precompute=True,
        index="trigram",
    )
    terminal_number = fields.Char(
        compute="_compute_from_device",
        store=True,
        readonly=False,
        precompute=True,
        index="trigram",
    )
    symptom = fields.Text(required=True, help="What is wrong, as printed on the label.")
    accessories = fields.Char(help="What was taken along: cable, antenna, card…")
    user_id = fields.Many2one(string="Technician", required=True)
    date_taken = fields.Datetime("Taken On", required=True, default=fields.Datetime.now)
    case_id = fields.Many2one(
        "crm.service.case", index="btree_not_null", ondelete="restrict", check_company=True
    )

    order_id = fields.Many2one(
        "crm.service.order",
        "Service Order",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )

    # to the factory
    factory_id = fields.Many2one(
        "res.partner", index="btree_not_null", ondelete="restrict", check_company=True
    )
    carrier = fields.Char()
    tracking_number = fields.Char(copy=False, index="trigram")
    date_expected = fields.Date("Expected Back On")
    date_sent = fields.Datetime("Sent to the Factory On", readonly=True, copy=False)
    is_overdue = fields.Boolean(
        "Overdue at the Factory", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    date_told = fields.Datetime("Reported Overdue On", readonly=True, copy=False)

    # and back
    result = fields.Selection(
        [
            ("repaired", "Repaired"),
            ("replaced", "Replaced"),
            ("no_fault", "No Fault Found"),
            ("beyond", "Beyond Repair"),
        ],
        copy=False,
        tracking=True,
    )
    result_note = fields.Text("What the Factory Did", copy=False)
    new_serial = fields.Char("New Serial Number", copy=False)
    new_terminal_number = fields.Char(copy=False)
    date_back = fields.Datetime("Back On", readonly=True, copy=False)
    delivered_to = fields.Char("Given Back To", copy=False)
    date_delivered = fields.Datetime("Given Back On", readonly=True, copy=False)

    state = fields.Selection(
        [
            ("taken", "With the Technician"),
            ("sent", "At the Factory"),
            ("back", "Back from the Factory"),
            ("delivered", "Back with the Customer"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="taken",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )

    _device_once = models.UniqueIndex(
        "(device_id) WHERE state IN ('taken', 'sent', 'back')",
        "This device is being sent back already: open that record.",
    )
    _overdue_idx = models.Index("(date_expected) WHERE state = 'sent' AND date_told IS NULL")

    @api.depends("device_id")
    def _compute_from_device(self):
        for unit in self:
            device = unit.device_id
            unit.partner_id = device.partner_id or unit.partner_id
            unit.plate = device.plate or unit.plate
            unit.terminal_number = device.terminal_number or unit.terminal_number

    @api.depends("state", "date_expected")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for unit in self:
            expected = unit.date_expected
            unit.is_overdue = unit.state == "sent" and bool(expected) and expected < today

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = Domain("state", "=", "sent")
        overdue &= Domain("date_expected", "<", fields.Date.context_today(self))
        return Domain.OR(overdue if wanted else ~overdue for wanted in value)

    @api.depends("name", "plate", "device_id")
    def _compute_display_name(self):
        for unit in self:
            parts = [unit.name, unit.plate or unit.device_id.name]
            unit.display_name = " · ".join(filter(None, parts))

    # ------------------------------------------------------------------ write, delete

    def _check_field_write(self, vals):
        super()._check_field_write(vals)
        fixed = {"device_id", "partner_id", "plate", "terminal_number", "symptom", "date_taken"}
        if fixed & vals.keys():
            self._check_state(("taken",))  # the label says so
        if "date_expected" in vals:
            self.sudo().date_told = False

    @api.ondelete(at_uninstall=False)
    def _unlink_except_label(self):
        raise UserError(self.env._("The label is on the unit: cancel the record instead."))

    def _can_file(self):
        return super()._can_file() and self.state in ("delivered", "cancelled")

    # ------------------------------------------------------------------ there and back

    def action_print_label(self):
        """The label that goes onto the unit."""
        self.check_access("read")
        report = self.env.ref("crm_aftersales.crm_device_return_report_label")
        return report.report_action(self)

    def _get_label_barcode(self):
        """The number as Code 128; drawn in lines, which needs no drawing library on the server.

        :return: bytes, SVG in base64
        """
        self.ensure_one()
        drawing = createBarcodeDrawing(
            "Code128", value=self.name, width=640, height=100, quiet=0, humanReadable=0
        )
        return base64.b64encode(drawing.asString("svg").encode())

    def action_send(self):
        """The unit leaves for the factory.

        :raise UserError: not with the technician, or something is missing
        """
        self._begin(("taken",))
        for unit in self:
            if not unit.factory_id or not unit.date_expected:
                raise UserError(
                    self.env._("Name the factory and when %s is expected back.", unit.display_name)
                )
        self.sudo().write({"state": "sent", "date_sent": fields.Datetime.now()})
        self._move_device("factory")

    def action_back(self):
        """The unit came back: what replaced it goes to the device, the customer is told.

        :raise UserError: not at the factory, no result, or no number of what was replaced
        """
        self._begin(("sent",))
        for unit in self:
            unit._check_result()
        self.sudo().write({"state": "back", "date_back": fields.Datetime.now()})
        for unit in self.sudo():
            unit._update_device()
            unit._tell_customer()

    def _check_result(self):
        if not self.result:
            raise UserError(self.env._("Say what the factory did with %s.", self.display_name))
        if self.result == "replaced" and not (self.new_terminal_number or self.new_serial):
            raise UserError(
                self.env._(
                    "Enter the new terminal or serial number of what replaced %s.",
                    self.display_name,
                )
            )

    def _prepare_device_values(self):
        """What the factory changed; an addon with other numbers adds them.

        :return: dict of values of ``crm.device``
        """
        self.ensure_one()
        numbers = {"name": self.new_serial, "terminal_number": self.new_terminal_number}
        return {name: value for name, value in numbers.items() if value}

    def _update_device(self):
        if self.result == "replaced":
            self.device_id._write_from(self._prepare_device_values(), self.name)

    def _tell_customer(self):
        """Called with ``sudo``; who has no address is rung up by the technician."""
        template = self.env.ref("crm_aftersales.mail_template_device_return_back", False)
        if template and self.email:
            self.message_post_with_source(template, subtype_xmlid="mail.mt_comment")
        else:
            self.activity_schedule(
                "mail.mail_activity_data_call",
                user_id=self.user_id.id,
                summary=self.env._("Tell the customer that the device is back"),
            )

    def action_deliver(self):
        """The customer has the unit again.

        :raise UserError: not back yet, or nobody named who took it
        """
        self._begin(("back",))
        for unit in self:
            if not (unit.delivered_to or "").strip():
                raise UserError(self.env._("Say who took %s back.", unit.display_name))
        self.sudo().write({"state": "delivered", "date_delivered": fields.Datetime.now()})
        beyond = self.filtered(lambda unit: unit.result == "beyond")
        beyond._move_device("scrapped")
        (self - beyond)._move_device("use")

    def action_cancel(self):
        """It was not sent back after all."""
        title = self.env._("Cancel")
        return self._open_dialog("crm.device.return.cancel", "return_ids", title)

    def _cancel(self, reason):
        """:raise UserError: no reason, or it ended already"""
        self._check_note(reason)
        self._begin(("taken", "sent"))
        sent = self.filtered(lambda unit: unit.state == "sent")
        self.sudo().write({"state": "cancelled"})
        sent._move_device("use")
        for unit in self.sudo():
            unit._message_log(body=self.env._("Cancelled: %s", reason))

    def _begin(self, states):
        self.check_access("write")
        self._lock()
        self._check_state(states)

    def _move_device(self, state):
        """The device's state follows, with a line in its history."""
        for unit in self.sudo():
            unit.device_id._write_from({"state": state}, unit.name)

    # ------------------------------------------------------------------ scheduled

    @api.model
    def _cron_report_overdue(self):
        """Tell technician and head once of units the factory keeps too long; safe to run again."""
        today = self.env.company._get_crm_today()
        domain = [("state", "=", "sent"), ("date_expected", "<", today), ("date_told", "=", False)]
        units = self.search(domain, order="date_expected, id")
        self.env["ir.cron"]._commit_progress(remaining=len(units))
        for unit in units:
            unit.date_told = fields.Datetime.now()
            unit._tell(
                unit.user_id | unit.department_id._get_head_above(unit.user_id),
                self.env._("Overdue at the factory: %s", unit.display_name),
                unit.symptom,
            )
            if not self.env["ir.cron"]._commit_progress(1):
                break
