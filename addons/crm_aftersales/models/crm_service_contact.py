from odoo import api, fields, models
from odoo.tools import SQL


class CrmServiceContact(models.Model):
    """Cases in the customer's one list of contacts (C1.R2)."""

    _name = "crm.service.contact"
    _inherit = ["crm.service.contact"]
    _depends = {
        "crm.service.case": [
            "active",
            "commercial_partner_id",
            "company_id",
            "date_opened",
            "description",
            "first_responder_id",
            "kind",
            "name",
            "partner_id",
            "solution",
            "state",
            "subject",
            "user_id",
        ],
    }

    # relationship evaluations know complaints by this key
    kind = fields.Selection(selection_add=[("case", "Service Case"), ("complaint", "Complaint")])

    @api.model
    def _contact_queries(self):
        return {**super()._contact_queries(), 6: self._case_query()}

    @api.model
    def _case_query(self):
        """Cases of known customers; the index on customer and date serves it."""
        return SQL(
            """
            SELECT c.id, c.date_opened AS date,
                   CASE WHEN c.kind = 'complaint' THEN 'complaint' ELSE 'case' END AS kind,
                   c.name AS reference,
                   left(concat_ws(E'\\n', c.subject, c.description), 160) AS summary,
                   left(c.solution, 160) AS result, c.partner_id, c.commercial_partner_id,
                   coalesce(c.first_responder_id, c.user_id) AS user_id, c.company_id,
                   'crm.service.case' AS res_model, c.id AS res_id
              FROM crm_service_case c
             WHERE c.commercial_partner_id IS NOT NULL AND c.state != 'cancelled' AND c.active
            """
        )
