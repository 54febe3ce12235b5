from odoo import api, fields, models
from odoo.tools import SQL


class CrmServiceContact(models.Model):
    """What customers said in feedback forms and surveys, in their one list of contacts (C1.R2)."""

    _name = "crm.service.contact"
    _inherit = ["crm.service.contact"]
    _depends = {
        "crm.service.feedback": [
            "active",
            "comment",
            "commercial_partner_id",
            "company_id",
            "date_answered",
            "filled_by_id",
            "name",
            "overall",
            "partner_id",
        ],
        "crm.service.survey": [
            "active",
            "comment",
            "commercial_partner_id",
            "company_id",
            "date_answered",
            "filled_by_id",
            "name",
            "partner_id",
            "score",
        ],
    }

    kind = fields.Selection(
        selection_add=[("feedback", "Service Feedback"), ("survey", "Satisfaction Survey")]
    )

    @api.model
    def _contact_queries(self):
        return {**super()._contact_queries(), 8: self._opinion_query()}

    @api.model
    def _opinion_query(self):
        """Answered ones; both models share a slot: even ids are feedback, odd ones surveys."""
        return SQL(
            """
            SELECT f.id * 2 AS id, f.date_answered AS date, 'feedback' AS kind,
                   f.name AS reference, left(f.comment, 160) AS summary,
                   f.score || '/4' AS result, f.partner_id, f.commercial_partner_id,
                   f.filled_by_id AS user_id, f.company_id,
                   'crm.service.feedback' AS res_model, f.id AS res_id
              FROM crm_service_feedback f
             WHERE f.date_answered IS NOT NULL AND f.active
             UNION ALL
            SELECT s.id * 2 + 1, s.date_answered, 'survey', s.name, left(s.comment, 160),
                   round(s.score::numeric, 2) || '/5', s.partner_id, s.commercial_partner_id,
                   s.filled_by_id, s.company_id, 'crm.service.survey', s.id
              FROM crm_service_survey s
             WHERE s.date_answered IS NOT NULL AND s.active
            """
        )
