from odoo import api, fields, models


class CrmVisit(models.Model):
    """What was promised to the customer, before this visit and on it."""

    _name = "crm.visit"
    _inherit = ["crm.visit"]

    promise_ids = fields.One2many("crm.customer.promise", "visit_id", "Promises Made")
    open_promise_ids = fields.Many2many(
        "crm.customer.promise", string="Open Promises", compute="_compute_open_promise_ids"
    )
    open_promise_count = fields.Integer(compute="_compute_open_promise_ids")
    overdue_promise_count = fields.Integer(compute="_compute_open_promise_ids")

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
        for visit in self:
            key = (visit.commercial_partner_id._origin, visit.company_id._origin)
            promises = found.get(key, nothing)
            visit.open_promise_ids = promises
            visit.open_promise_count = len(promises)
            visit.overdue_promise_count = len(promises.filtered("is_overdue"))

    def _approval_free_fields(self):
        return super()._approval_free_fields() | {"promise_ids"}

    def action_finish(self):
        """Shows what is overdue with the customer, so that it is spoken about."""
        action = super().action_finish()
        overdue = self.open_promise_ids.filtered("is_overdue")
        return overdue._show_overdue() if overdue and not action else action

    def action_open_promises(self):
        """The customer's open promises, and those made on this visit."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_visits.crm_customer_promise_action"
        )
        action["domain"] = [
            ("commercial_partner_id", "=", self.commercial_partner_id.id),
            "|",
            ("state", "=", "open"),
            ("visit_id", "=", self.id),
        ]
        action["context"] = {
            "default_partner_id": self.partner_id.id,
            "default_visit_id": self.id,
        }
        return action

    def action_new_promise(self):
        """Note a promise made on this visit, in whatever state its record is."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Promise"),
            "res_model": "crm.customer.promise",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_partner_id": self.partner_id.id,
                "default_visit_id": self.id,
                "default_contact": self.notified_contact,
            },
        }
