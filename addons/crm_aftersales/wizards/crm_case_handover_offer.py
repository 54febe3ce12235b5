from odoo import api, fields, models


class CrmCaseHandoverOffer(models.TransientModel):
    """To whom a case is offered, and what is to be done."""

    _name = "crm.case.handover.offer"
    _description = "Hand Over a Case"
    _inherit = ["crm.access.mixin"]

    case_id = fields.Many2one("crm.service.case", required=True)
    company_id = fields.Many2one(related="case_id.company_id")
    user_id = fields.Many2one(
        "res.users",
        "Colleague",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    team_id = fields.Many2one("crm.service.team", domain="[('company_id', '=', company_id)]")
    deputy_id = fields.Many2one("res.users", "Stand-in", compute="_compute_deputy_id")
    reason = fields.Text("What Is to Be Done", required=True)

    @api.depends("user_id", "case_id")
    def _compute_deputy_id(self):
        absences = self.env["crm.approval.absence"]
        for dialog in self:
            dialog.deputy_id = absences._get_stand_ins(dialog.user_id, dialog.company_id)[:1]

    def action_offer(self):
        """:raise UserError: see ``crm.service.case._hand_over``"""
        self.ensure_one()
        self.case_id._hand_over(self.user_id, self.team_id, self.reason)
        return {"type": "ir.actions.act_window_close"}
