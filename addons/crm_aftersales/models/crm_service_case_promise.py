from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmServiceCase(models.Model):
    """What the customer was promised, on this case and before."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    promise_ids = fields.One2many("crm.customer.promise", "case_id", "Promises Made")
    open_promise_ids = fields.Many2many(
        "crm.customer.promise", string="Open Promises", compute="_compute_open_promise_ids"
    )
    open_promise_count = fields.Integer(compute="_compute_open_promise_ids")

    @api.depends("commercial_partner_id", "promise_ids.state")
    def _compute_open_promise_ids(self):
        groups = self.env["crm.customer.promise"]._read_group(
            [
                ("commercial_partner_id", "in", self.commercial_partner_id.ids),
                ("state", "=", "open"),
            ],
            ["commercial_partner_id", "company_id"],
            ["id:recordset"],
        )
        found = {(partner, company): promises for partner, company, promises in groups}
        nothing = self.env["crm.customer.promise"]
        for case in self:
            key = (case.commercial_partner_id._origin, case.company_id._origin)
            case.open_promise_ids = found.get(key, nothing)
            case.open_promise_count = len(case.open_promise_ids)

    def action_new_promise(self):
        """Note what the customer is promised, chosen from the commitments in force.

        :raise UserError: the customer is not known
        """
        self.ensure_one()
        if not self.partner_id:
            raise UserError(self.env._("Name the customer of case %s first.", self.name))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Promise"),
            "res_model": "crm.customer.promise",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_case_id": self.id,
                "default_partner_id": self.partner_id.id,
                "default_contact": self.contact_name,
                "default_company_id": self.company_id.id,
            },
        }

    def action_open_promises(self):
        """The customer's open promises, and those made on this case."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_visits.crm_customer_promise_action"
        )
        action["domain"] = [
            "|",
            ("case_id", "=", self.id),
            "&",
            ("commercial_partner_id", "=", self.commercial_partner_id.id or -1),
            ("state", "=", "open"),
        ]
        action["context"] = {"default_case_id": self.id, "default_partner_id": self.partner_id.id}
        return action
