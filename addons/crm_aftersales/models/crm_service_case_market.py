from odoo import fields, models


class CrmServiceCase(models.Model):
    """What was heard of the market goes to sales (C1.R8)."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    market_note_ids = fields.One2many("crm.market.note", "case_id", "Market Information")
    market_note_count = fields.Integer(compute="_compute_market_note_count")

    def _compute_market_note_count(self):
        groups = self.env["crm.market.note"]._read_group(
            [("case_id", "in", self.ids)], ["case_id"], ["__count"]
        )
        counts = {case.id: count for case, count in groups}
        for case in self:
            case.market_note_count = counts.get(case._origin.id, 0)

    def action_new_market_note(self):
        """Tell sales what was heard."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Market Information for Sales"),
            "res_model": "crm.market.note",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_case_id": self.id,
                "default_partner_id": self.partner_id.id,
                "default_company_id": self.company_id.id,
            },
        }

    def action_open_market_notes(self):
        """What was heard in this case."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_market_note_action"
        )
        action["domain"] = [("case_id", "=", self.id)]
        action["context"] = {"default_case_id": self.id, "default_partner_id": self.partner_id.id}
        return action
