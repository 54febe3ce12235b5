from odoo import fields, models
from odoo.exceptions import UserError

from ..models.crm_service_case import URGENCIES


class CrmServiceCaseBatch(models.TransientModel):
    """Change several cases at once; what is left empty stays."""

    _name = "crm.service.case.batch"
    _description = "Change Cases"
    _inherit = ["crm.access.mixin"]

    case_ids = fields.Many2many(
        "crm.service.case",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    user_id = fields.Many2one("res.users", "Assign To", domain="[('share', '=', False)]")
    team_id = fields.Many2one("crm.service.team")
    category_id = fields.Many2one("crm.case.category")
    urgency = fields.Selection(URGENCIES)

    def action_apply(self):
        """Write what was filled in; only a supervisor assigns.

        :raise UserError: nothing was filled in
        """
        self.ensure_one()
        names = ("user_id", "team_id", "category_id")
        values = {name: self[name].id for name in names if self[name]}
        if self.urgency:
            values["urgency"] = self.urgency
        if not values:
            raise UserError(self.env._("Fill in what is to be changed."))
        self.case_ids.write(values)
        return {"type": "ir.actions.act_window_close"}
