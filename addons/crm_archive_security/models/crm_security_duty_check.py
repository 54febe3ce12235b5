from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class CrmSecurityDutyCheck(models.Model):
    """One dated check of a duty of the deployment; it stays as it was entered (B6.R4)."""

    _name = "crm.security.duty.check"
    _description = "Check of a Duty"
    _inherit = ["crm.access.mixin"]
    _order = "date desc, id desc"
    _rec_name = "duty_id"

    duty_id = fields.Many2one("crm.security.duty", required=True, index=True, ondelete="restrict")
    category = fields.Selection(related="duty_id.category")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    date = fields.Date("Checked On", required=True, default=fields.Date.context_today)
    user_id = fields.Many2one(
        "res.users", "Checked By", readonly=True, index=True, copy=False, ondelete="restrict"
    )
    result = fields.Selection(
        [("met", "Met"), ("partly", "Partly"), ("open", "Not Met")], required=True
    )
    evidence = fields.Text(
        "What Was Seen", required=True, help="Command and outcome, version, name of the report."
    )
    measure = fields.Text("What Remains to Be Done")

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.su:
            vals_list = [{"user_id": self.env.uid, **vals} for vals in vals_list]
        else:
            vals_list = [{**vals, "user_id": self.env.uid} for vals in vals_list]
        checks = super().create(vals_list)
        today = fields.Date.context_today(self)
        for check in checks:
            if check.date > today:
                raise UserError(self.env._("A check is entered when it was done, not before."))
            if check.result != "met" and not (check.measure or "").strip():
                raise UserError(
                    self.env._("Write what remains to be done about “%s”.", check.duty_id.name)
                )
        return checks

    def write(self, vals):
        if not self.env.su:
            raise AccessError(self.env._("A check stays as it was: enter a new one."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept(self):
        raise UserError(self.env._("Checks are kept."))
