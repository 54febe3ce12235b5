from odoo import fields, models

from ..models.crm_case_level import LEVELS


class CrmServiceCaseMove(models.TransientModel):
    """Moving to another level of support: what was tried and found so far (C3.R15)."""

    _name = "crm.service.case.move"
    _description = "Move to Another Level of Support"
    _inherit = ["crm.access.mixin"]

    case_id = fields.Many2one("crm.service.case", required=True)
    level_now = fields.Selection(related="case_id.support_level", string="So Far")
    remote_state = fields.Selection(related="case_id.remote_state")
    level = fields.Selection(LEVELS, "Goes On", required=True)
    tried = fields.Text("What Was Tried", required=True)
    found = fields.Text("What Was Found", required=True)

    def action_apply(self):
        """Move the case; it checks who may, and whether remote access is authorized.

        :raise AccessError: the case is not the user's
        :raise UserError: it cannot go on there
        """
        self.ensure_one()
        self.case_id._move_level(self.level, self.tried, self.found)
        if self.level == "site":
            return self.case_id.service_order_ids.sorted("id")[-1:]._get_records_action()
        return {"type": "ir.actions.act_window_close"}
