from odoo import fields, models


class ResPartner(models.Model):
    """What the customer was promised and waits for."""

    _name = "res.partner"
    _inherit = ["res.partner"]

    crm_promise_count = fields.Integer(
        "Open Promises", compute="_compute_crm_promise_count", compute_sudo=False
    )

    def _compute_crm_promise_count(self):
        counts = {}
        promise_model = self.env["crm.customer.promise"]
        if promise_model.has_access("read"):
            counts = dict(
                promise_model._read_group(
                    [
                        ("commercial_partner_id", "in", self.commercial_partner_id.ids),
                        ("state", "=", "open"),
                    ],
                    ["commercial_partner_id"],
                    ["__count"],
                )
            )
        for partner in self:
            partner.crm_promise_count = counts.get(partner.commercial_partner_id._origin, 0)

    def action_open_crm_promises(self):
        """What the customer was promised: open first."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_visits.crm_customer_promise_action"
        )
        commercial = self.commercial_partner_id
        action["display_name"] = self.env._("Promises to %s", commercial.display_name)
        action["domain"] = [("commercial_partner_id", "=", commercial.id)]
        action["context"] = {"search_default_open": 1, "default_partner_id": self.id}
        return action
