from odoo import api, fields, models


class CrmPromiseMixin(models.AbstractModel):
    """A document on which the customer is promised something, and sees what was promised before.

    The document has a customer and ``promise_ids``, whose inverse is ``_promise_field``.
    """

    _name = "crm.promise.mixin"
    _description = "Where Promises to a Customer Are Made"

    _promise_field = None

    open_promise_ids = fields.Many2many(
        "crm.customer.promise", string="Open Promises", compute="_compute_open_promise_ids"
    )
    open_promise_count = fields.Integer(compute="_compute_open_promise_ids")

    @api.depends("commercial_partner_id", "promise_ids.state")
    def _compute_open_promise_ids(self):
        groups = self.env["crm.customer.promise"]._read_group(
            [
                ("commercial_partner_id", "in", self["commercial_partner_id"].ids),
                ("state", "=", "open"),
            ],
            ["commercial_partner_id", "company_id"],
            ["id:recordset"],
        )
        found = {(partner, company): promises for partner, company, promises in groups}
        nothing = self.env["crm.customer.promise"]
        for document in self:
            key = (document["commercial_partner_id"]._origin, document["company_id"]._origin)
            document.open_promise_ids = found.get(key, nothing)
            document.open_promise_count = len(document.open_promise_ids)

    def action_new_promise(self):
        """Note what the customer is promised (C1.R4), in whatever state the document is."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Promise"),
            "res_model": "crm.customer.promise",
            "view_mode": "form",
            "target": "new",
            "context": self._prepare_promise_context(),
        }

    def _prepare_promise_context(self):
        """:return: dict of defaults of a promise made on this document"""
        return {
            f"default_{self._promise_field}": self.id,
            "default_partner_id": self["partner_id"].id,
        }

    def action_open_promises(self):
        """The customer's open promises, and those made on this document."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_visits.crm_customer_promise_action"
        )
        action["domain"] = [
            "|",
            (self._promise_field, "=", self.id),
            "&",
            ("commercial_partner_id", "=", self["commercial_partner_id"].id or -1),
            ("state", "=", "open"),
        ]
        action["context"] = {
            f"default_{self._promise_field}": self.id,
            "default_partner_id": self["partner_id"].id,
        }
        return action
