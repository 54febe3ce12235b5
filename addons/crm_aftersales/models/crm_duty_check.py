from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class CrmDutyCheck(models.Model):
    """A leader looks during duty whether it is kept: when, what was found, a photo (C3.R12)."""

    _name = "crm.duty.check"
    _description = "Check of the Duty"
    _inherit = ["crm.access.mixin"]
    _order = "date desc, id desc"
    _rec_name = "shift_id"

    shift_id = fields.Many2one("crm.duty.shift", required=True, index=True, ondelete="restrict")
    duty_user_id = fields.Many2one(related="shift_id.duty_user_id", store=True, string="On Duty")
    company_id = fields.Many2one(related="shift_id.company_id", store=True, index=True)
    user_id = fields.Many2one(
        "res.users",
        "Check Made By",
        readonly=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
    )
    date = fields.Datetime(
        "Check Made On", readonly=True, default=lambda self: fields.Datetime.now()
    )
    how = fields.Selection(
        [("place", "At the Place"), ("phone", "By Phone"), ("video", "By Video")],
        required=True,
        default="place",
    )
    result = fields.Selection(
        [
            ("good", "In Order"),
            ("deputy", "The Deputy Was There"),
            ("away", "Nobody There"),
            ("problem", "Something Was Wrong"),
        ],
        required=True,
        default="good",
    )
    finding = fields.Text(required=True)
    photo = fields.Image(max_width=1920, max_height=1920)

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            server = {"user_id": self.env.uid, "date": fields.Datetime.now()}
            vals_list = [{**vals, **server} for vals in vals_list]
        checks = super().create(vals_list)
        if not self.env.su:
            checks.shift_id.check_access("read")
            checks.shift_id._check_leader()
            checks.shift_id._check_on_duty_now()
        for check in checks.sudo():
            check._tell_finding()
        return checks

    def write(self, vals):
        if not self.env.su:
            self.check_access("write")
            raise AccessError(self.env._("A check stays as it was: write another one."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Checks are kept with the roster."))

    def _tell_finding(self):
        """What is not in order stands in the log of the roster and reaches its owner."""
        results = dict(self._fields["result"]._description_selection(self.env))
        roster = self.shift_id.roster_id
        body = self.env._(
            "Check of %(shift)s: %(result)s. %(finding)s",
            shift=self.shift_id.display_name,
            result=results[self.result],
            finding=self.finding,
        )
        roster._message_log(body=body)
        told = (roster.user_id | self.duty_user_id) - self.env.user
        if self.result in ("away", "problem") and told:
            roster.message_notify(
                partner_ids=told.partner_id.ids, subject=roster.display_name, body=body
            )
