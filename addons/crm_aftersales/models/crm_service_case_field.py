from odoo import fields, models


class CrmServiceCase(models.Model):
    """What the case brought along: units sent back, money taken."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    return_count = fields.Integer("Units Sent Back", compute="_compute_field_counts")
    receipt_count = fields.Integer("Receipts", compute="_compute_field_counts")

    def _compute_field_counts(self):
        for name, model in (
            ("return_count", "crm.device.return"),
            ("receipt_count", "crm.field.receipt"),
        ):
            domain = [("case_id", "in", self.ids), ("state", "!=", "cancelled")]
            counts = dict(self.env[model]._read_group(domain, ["case_id"], ["__count"]))
            for case in self:
                case[name] = counts.get(case._origin, 0)

    def action_open_returns(self):
        """Units that were sent back about the case."""
        return self._open_field_documents("crm_aftersales.crm_device_return_action")

    def action_open_receipts(self):
        """Money that was taken about the case."""
        return self._open_field_documents("crm_aftersales.crm_field_receipt_action")

    def _open_field_documents(self, xmlid):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = [("case_id", "=", self.id)]
        action["context"] = {
            "default_case_id": self.id,
            "default_partner_id": self.partner_id.id,
            "default_company_id": self.company_id.id,
        }
        return action
