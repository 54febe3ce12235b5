from odoo import api, fields, models
from odoo.tools import SQL


class CrmServiceContact(models.Model):
    """Service orders in the customer's one list of contacts (C1.R2)."""

    _name = "crm.service.contact"
    _inherit = ["crm.service.contact"]
    _depends = {
        "crm.service.order": [
            "active",
            "commercial_partner_id",
            "company_id",
            "date_arrived",
            "date_called",
            "handling",
            "name",
            "note",
            "partner_id",
            "problem",
            "state",
            "technician_id",
            "user_id",
        ],
    }

    kind = fields.Selection(selection_add=[("order", "Service Order")])

    @api.model
    def _contact_queries(self):
        return {**super()._contact_queries(), 7: self._order_query()}

    @api.model
    def _order_query(self):
        return SQL(
            """
            SELECT o.id, coalesce(o.date_arrived, o.date_called) AS date, 'order' AS kind,
                   o.name AS reference, left(coalesce(o.problem, o.note), 160) AS summary,
                   left(o.handling, 160) AS result, o.partner_id, o.commercial_partner_id,
                   coalesce(o.technician_id, o.user_id) AS user_id, o.company_id,
                   'crm.service.order' AS res_model, o.id AS res_id
              FROM crm_service_order o
             WHERE o.state != 'cancelled' AND o.active
            """
        )
