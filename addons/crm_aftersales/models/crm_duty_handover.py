from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class CrmDutyHandover(models.Model):
    """What happened on a shift and what is open for the next one, signed for by them (C3.R12)."""

    _name = "crm.duty.handover"
    _description = "Hand-Over of the Duty"
    _inherit = ["crm.access.mixin"]
    _order = "date desc, id desc"
    _rec_name = "shift_id"

    shift_id = fields.Many2one("crm.duty.shift", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="shift_id.company_id", store=True, index=True)
    user_id = fields.Many2one(
        "res.users",
        "Handed Over By",
        readonly=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
    )
    date = fields.Datetime(
        "Handed Over On", readonly=True, default=lambda self: fields.Datetime.now()
    )
    happened = fields.Text("On the Shift", required=True)
    left_open = fields.Text("What Is Open")
    case_ids = fields.Many2many(
        "crm.service.case",
        "crm_duty_handover_case_rel",
        "handover_id",
        "case_id",
        "Open Cases",
        ondelete="restrict",
        domain="[('state', '=', 'open')]",
    )
    to_user_id = fields.Many2one(
        "res.users",
        "Handed Over To",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('share', '=', False)]",
    )
    date_received = fields.Datetime("Taken Over On", readonly=True)
    is_receiver = fields.Boolean(compute="_compute_is_receiver")

    @api.depends("to_user_id", "date_received")
    @api.depends_context("uid")
    def _compute_is_receiver(self):
        for handover in self:
            is_open = not handover.date_received
            handover.is_receiver = is_open and handover.to_user_id == self.env.user

    @api.model
    def default_get(self, fields):
        """Who follows on the roster, and the open cases of whoever hands over."""
        values = super().default_get(fields)
        shift = self.env["crm.duty.shift"].browse(values.get("shift_id") or [])
        if shift and "to_user_id" in fields:
            following = shift.search(
                [
                    ("company_id", "=", shift.company_id.id),
                    ("roster_id.state", "=", "approved"),
                    ("date_start", ">=", shift.date_end),
                ],
                order="date_start, id",
                limit=1,
            )
            values["to_user_id"] = following.duty_user_id.id
        return values

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            server = {
                "user_id": self.env.uid,
                "date": self.env.cr.now().replace(microsecond=0),
                "date_received": False,
            }
            vals_list = [{**vals, **server} for vals in vals_list]
        handovers = super().create(vals_list)
        if not self.env.su:
            handovers._check_handed_over()
        for handover in handovers.sudo():
            handover.shift_id.roster_id.message_notify(
                partner_ids=handover.to_user_id.partner_id.ids,
                subject=self.env._("Duty handed over to you"),
                body="\n".join(filter(None, [handover.happened, handover.left_open])),
            )
        return handovers

    def _check_handed_over(self):
        """:raise AccessError: not on duty; :raise UserError: not announced, not begun"""
        for handover in self:
            shift = handover.shift_id
            shift.check_access("read")
            handover.case_ids.check_access("read")
            if self.env.user not in shift.duty_user_id | shift.deputy_id:
                raise AccessError(self.env._("Whoever is on duty hands over."))
            if shift.sudo().roster_id.state != "approved":
                raise UserError(self.env._("The roster is not announced."))
            if shift.date_start > fields.Datetime.now():
                raise UserError(self.env._("This shift has not begun."))
            if handover.to_user_id == self.env.user:
                raise UserError(self.env._("Hand over to a colleague."))

    def write(self, vals):
        if not self.env.su:
            self.check_access("write")
            raise AccessError(self.env._("A hand-over stays as it was written."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Hand-overs are kept with the roster."))

    def action_receive(self):
        """The next one takes over.

        :raise AccessError: the user is not the next one
        :raise UserError: taken over before
        """
        self.check_access("read")
        for handover in self:
            if handover.to_user_id != self.env.user:
                raise AccessError(self.env._("It was handed over to somebody else."))
            if handover.date_received:
                raise UserError(self.env._("You took over already."))
        self.sudo().write({"date_received": fields.Datetime.now()})
