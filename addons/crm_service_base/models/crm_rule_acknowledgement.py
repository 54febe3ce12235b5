from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class CrmRuleAcknowledgement(models.Model):
    """That somebody was told of a changed rule, and when they confirmed to have read it."""

    _name = "crm.rule.acknowledgement"
    _description = "Acknowledgement of a Rule Change"
    _order = "date desc, id"
    _rec_name = "user_id"

    announcement_id = fields.Many2one(
        "crm.rule.announcement", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="announcement_id.company_id", store=True, index=True)
    user_id = fields.Many2one(
        "res.users", "Staff", required=True, readonly=True, index=True, ondelete="restrict"
    )
    create_date = fields.Datetime("Told On")
    date = fields.Datetime("Read On", readonly=True)

    _user_uniq = models.UniqueIndex(
        "(announcement_id, user_id)", "This person was told of the change already."
    )

    @api.model_create_multi
    def create(self, vals_list):
        self._check_server()
        return super().create(vals_list)

    def write(self, vals):
        self._check_server()
        return super().write(vals)

    def _check_server(self):
        if not self.env.su:
            raise AccessError(self.env._("Staff confirm with the button of the announcement."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_announced(self):
        if any(row.announcement_id.state != "draft" for row in self):
            raise UserError(self.env._("Who was told of a change is kept."))
