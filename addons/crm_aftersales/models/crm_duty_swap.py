from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class CrmDutySwap(models.Model):
    """Two people change shifts, or one comes for the other, when both agree (C3.R12)."""

    _name = "crm.duty.swap"
    _description = "Swap of Shifts"
    _inherit = ["crm.access.mixin"]
    _order = "id desc"

    shift_id = fields.Many2one("crm.duty.shift", required=True, index=True, ondelete="cascade")
    roster_id = fields.Many2one(related="shift_id.roster_id")
    to_user_id = fields.Many2one(
        "res.users",
        "Colleague Asked",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('share', '=', False)]",
    )
    other_shift_id = fields.Many2one(
        "crm.duty.shift",
        "In Exchange For",
        index="btree_not_null",
        ondelete="cascade",
        domain="[('duty_user_id', '=', to_user_id), ('roster_state', '=', 'approved'), "
        "('id', '!=', shift_id)]",
        help="Leave empty when the colleague just comes instead.",
    )
    reason = fields.Char(required=True)
    from_user_id = fields.Many2one(
        "res.users", "Asked By", readonly=True, index=True, ondelete="restrict"
    )
    state = fields.Selection(
        [
            ("asked", "Asked"),
            ("agreed", "Agreed"),
            ("refused", "Not Agreed"),
            ("withdrawn", "Withdrawn"),
        ],
        required=True,
        default="asked",
        readonly=True,
    )
    date_asked = fields.Datetime("Asked On", readonly=True)
    date_answered = fields.Datetime("Answered On", readonly=True)
    is_mine = fields.Boolean(compute="_compute_is_mine")
    is_asked = fields.Boolean(compute="_compute_is_mine")

    @api.depends("from_user_id", "to_user_id", "state")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for swap in self:
            is_open = swap.state == "asked"
            swap.is_mine = is_open and swap.from_user_id == self.env.user
            swap.is_asked = is_open and swap.to_user_id == self.env.user

    @api.depends("from_user_id", "to_user_id")
    def _compute_display_name(self):
        for swap in self:
            swap.display_name = f"{swap.from_user_id.name or ''} → {swap.to_user_id.name or ''}"

    @api.model_create_multi
    def create(self, vals_list):
        server = {
            "from_user_id": self.env.uid,
            "state": "asked",
            "date_asked": fields.Datetime.now(),
            "date_answered": False,
        }
        if not self.env.su:
            vals_list = [{**vals, **server} for vals in vals_list]
        swaps = super().create([{**server, **vals} for vals in vals_list])
        if not self.env.su:
            swaps._check_asked()
        for swap in swaps.sudo():
            swap._tell(swap.to_user_id, self.env._("Swap of duty asked"))
        return swaps

    def write(self, vals):
        if not self.env.su:
            self.check_access("write")
            raise AccessError(self.env._("A swap is agreed to or refused with its buttons."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Swaps are kept with the roster: withdraw it."))

    def _check_asked(self):
        """:raise AccessError: not the user's shift; :raise UserError: it cannot be swapped"""
        for swap in self:
            swap.shift_id.check_access("read")
            if swap.shift_id.duty_user_id != self.env.user:
                raise AccessError(self.env._("You can give away your own shifts only."))
            if swap.to_user_id == self.env.user:
                raise UserError(self.env._("Ask a colleague."))
        self._check_possible()

    def _check_possible(self):
        for swap in self.sudo():
            shift, other = swap.shift_id, swap.other_shift_id
            (shift | other)._check_swappable()
            if shift.duty_user_id != swap.from_user_id:
                raise UserError(self.env._("The shift went to somebody else meanwhile."))
            if other and other.duty_user_id != swap.to_user_id:
                raise UserError(
                    self.env._("The other shift is not one of %s.", swap.to_user_id.name)
                )
            if other and other.company_id != shift.company_id:
                raise UserError(self.env._("Shifts are swapped within a company."))
            if shift.company_id not in swap.to_user_id.company_ids or swap.to_user_id.share:
                raise UserError(self.env._("%s does not work there.", swap.to_user_id.name))
            shift._check_free(swap.to_user_id, other)
            if other:
                other._check_free(swap.from_user_id, shift)

    def action_agree(self):
        """The colleague agrees; from now on the other one comes.

        :raise AccessError: the user was not asked
        :raise UserError: answered before, or it cannot be done any more
        """
        self._check_open("to_user_id")
        self._check_possible()
        for swap in self.sudo():
            shift, other = swap.shift_id, swap.other_shift_id
            shift._set_person(swap.to_user_id)
            if other:
                other._set_person(swap.from_user_id)
            swap.write({"state": "agreed", "date_answered": fields.Datetime.now()})
            swap._tell(
                swap.from_user_id | swap.roster_id.user_id | swap.roster_id.department_id.head_id,
                self.env._("Swap of duty agreed"),
            )
            swap.roster_id._message_log(body=swap._describe())

    def action_refuse(self):
        """The colleague cannot come."""
        self._check_open("to_user_id")
        self.sudo().write({"state": "refused", "date_answered": fields.Datetime.now()})
        for swap in self.sudo():
            swap._tell(swap.from_user_id, self.env._("Swap of duty refused"))

    def action_withdraw(self):
        """Whoever asked takes it back."""
        self._check_open("from_user_id")
        self.sudo().write({"state": "withdrawn", "date_answered": fields.Datetime.now()})

    def _check_open(self, name):
        self.check_access("read")
        for swap in self:
            if swap[name] != self.env.user:
                raise AccessError(self.env._("Only the two who swap decide about it."))
            if swap.state != "asked":
                raise UserError(self.env._("This swap was answered already."))

    def _describe(self):
        text = self.env._(
            "%(to)s comes instead of %(from)s: %(shift)s",
            to=self.to_user_id.name,
            shift=self.shift_id._format(self.shift_id.date_start),
            **{"from": self.from_user_id.name},
        )
        if self.other_shift_id:
            other = self.other_shift_id
            text += "\n" + self.env._(
                "%(to)s comes instead of %(from)s: %(shift)s",
                to=self.from_user_id.name,
                shift=other._format(other.date_start),
                **{"from": self.to_user_id.name},
            )
        return text

    def _tell(self, users, subject):
        users = (users - self.env.user).filtered("active")
        if users:
            self.roster_id.message_notify(
                partner_ids=users.partner_id.ids,
                subject=subject,
                body=f"{self._describe()}\n{self.reason}",
            )
