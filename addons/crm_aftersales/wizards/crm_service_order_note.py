from odoo import api, fields, models


class CrmServiceOrderNote(models.TransientModel):
    """What is said about a service order: why it is cancelled, who else goes, who said yes."""

    _name = "crm.service.order.note"
    _description = "Note on a Service Order"
    _inherit = ["crm.access.mixin"]

    order_id = fields.Many2one(
        "crm.service.order", "Service Order", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="order_id.company_id")
    kind = fields.Selection(
        [
            ("cancel", "Cancel"),
            ("outside", "Let Others Go"),
            ("verbal", "Verbal Approval"),
            ("refuse", "Refuse the Verbal Approval"),
        ],
        required=True,
    )
    note = fields.Text(required=True)
    outside_kind = fields.Selection(
        [("department", "Another Department"), ("partner", "Partner Company")],
        "Who Goes",
        default="department",
    )
    outside_department_id = fields.Many2one("crm.service.department", "Helping Department")
    outside_partner_id = fields.Many2one("res.partner", "Helping Company")
    outside_contact = fields.Char("Person and Phone")
    verbal_id = fields.Many2one("crm.service.order.verbal", ondelete="cascade")
    verbal_kind = fields.Selection(
        [
            ("go", "Set Off before the Approval"),
            ("parts", "Parts Missing on Site"),
            ("other", "Other"),
        ],
        "What Was Approved",
        compute="_compute_verbal",
        store=True,
        readonly=False,
    )
    approver_id = fields.Many2one(
        "res.users",
        "Approval Given By",
        compute="_compute_verbal",
        store=True,
        readonly=False,
    )
    approver_ids = fields.Many2many("res.users", compute="_compute_approver_ids")
    date_given = fields.Datetime("Approval Given On", default=lambda self: fields.Datetime.now())

    @api.depends("order_id")
    def _compute_verbal(self):
        for note in self:
            is_early = note.order_id.state in ("draft", "submitted")
            note.verbal_kind = "go" if is_early else "parts"
            head = note.order_id.sudo().department_id.head_id
            note.approver_id = head & note.approver_ids

    @api.depends("order_id")
    def _compute_approver_ids(self):
        for note in self:
            order = note.order_id
            note.approver_ids = order._get_verbal_approvers() if order else False

    def action_apply(self):
        """Do it; the order checks who may.

        :raise AccessError: not the user's to do
        :raise UserError: the order does not stand where this can be done, or something is missing
        """
        self.ensure_one()
        match self.kind:
            case "cancel":
                self.order_id._cancel(self.note)
            case "outside":
                self.order_id._ask_outside(self._prepare_outside_values())
            case "verbal":
                self.order_id._record_verbal(
                    self.verbal_kind, self.approver_id, self.date_given, self.note
                )
            case "refuse":
                self.verbal_id._decide("refused", self.note)
        return {"type": "ir.actions.act_window_close"}

    def _prepare_outside_values(self):
        name = f"outside_{self.outside_kind}_id"
        return {
            "outside_kind": self.outside_kind,
            name: self[name].id,
            "outside_contact": self.outside_contact,
            "outside_reason": self.note,
        }
