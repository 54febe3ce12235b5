from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

RELEASE_FIELDS = frozenset(("date_released", "released_by_id", "release_reason"))


class CrmArchiveHold(models.Model):
    """Nothing of an archive is destroyed as long as a hold is on it, whatever its term (B5.R4)."""

    _name = "crm.archive.hold"
    _description = "Hold on an Archive"
    _inherit = ["crm.access.mixin"]
    _order = "id desc"
    _check_company_auto = True

    archive_id = fields.Many2one(
        "crm.archive", required=True, index=True, ondelete="restrict", check_company=True
    )
    company_id = fields.Many2one(related="archive_id.company_id", store=True, index=True)
    name = fields.Char("Reason", required=True, help="Lawsuit, audit, dispute, inspection …")
    user_id = fields.Many2one(
        "res.users",
        "Put On By",
        readonly=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
    )
    date_start = fields.Date("Since", required=True, default=fields.Date.context_today)
    date_released = fields.Datetime("Released On", readonly=True, copy=False)
    released_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    release_reason = fields.Char(copy=False, help="Why the hold is no longer needed.")

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            initial = {**dict.fromkeys(RELEASE_FIELDS, False), "user_id": self.env.uid}
            vals_list = [{**vals, **initial} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            if vals.keys() - {"release_reason"}:
                raise AccessError(
                    self.env._("A hold stays as it was put on, until it is released.")
                )
            if any(hold.date_released for hold in self):
                raise UserError(self.env._("This hold was released; put on another."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_by_system(self):
        raise UserError(self.env._("Holds are released, not deleted."))

    def action_release(self):
        """The hold is no longer needed.

        :raise UserError: released before, or without a reason
        """
        self.check_access("write")
        for hold in self:
            if hold.date_released:
                raise UserError(self.env._("This hold was released; put on another."))
            if not (hold.release_reason or "").strip():
                raise UserError(self.env._("Write why the hold is no longer needed."))
        self.sudo().write({"date_released": fields.Datetime.now(), "released_by_id": self.env.uid})
