from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list


class CrmServiceOrder(models.Model):
    """Installations: out of a request, with the vehicles that are fitted (C2.R3, C2.F1)."""

    _name = "crm.service.order"
    _inherit = ["crm.service.order"]

    _approval_line_fields = ("vehicle_ids",)

    request_id = fields.Many2one(
        "crm.installation.request",
        "Installation Request",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    vehicle_ids = fields.One2many("crm.service.order.vehicle", "order_id", "Vehicles", copy=True)
    vehicle_count = fields.Integer(compute="_compute_vehicle_count")

    @api.depends("vehicle_ids")
    def _compute_vehicle_count(self):
        for order in self:
            order.vehicle_count = len(order.vehicle_ids)

    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {"request_id"}

    @api.model
    def _get_work_fields(self):
        # the lines themselves say what of them is locked
        return super()._get_work_fields() | {"vehicle_ids"}

    def _check_finish(self):
        super()._check_finish()
        missing = self.vehicle_ids.filtered(
            lambda line: not (line.terminal_number or line.remark or "").strip()
        )
        if missing:
            raise UserError(
                self.env._(
                    "Enter the terminal number of each vehicle, or in the remark why nothing was "
                    "installed: %s.",
                    format_list(self.env, missing.mapped("plate")),
                )
            )

    def _on_finished(self):
        super()._on_finished()
        self.vehicle_ids._register_device()
        self.request_id._follow_orders()

    def _on_cancelled(self):
        super()._on_cancelled()
        self.request_id._follow_orders()

    def action_open_request(self):
        """The installation request it came from."""
        self.ensure_one()
        return self.request_id._get_records_action()
