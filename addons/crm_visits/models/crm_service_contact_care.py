from odoo import api, fields, models
from odoo.tools import SQL


class CrmServiceContact(models.Model):
    """Greetings, gifts, news and events in the customer's one list (C1.R2, D7.R1)."""

    _name = "crm.service.contact"
    _inherit = ["crm.service.contact"]
    _depends = {
        "crm.care.task": [
            "channel",
            "commercial_partner_id",
            "company_id",
            "date_done",
            "gift",
            "greeting",
            "name",
            "partner_id",
            "result",
            "state",
            "user_id",
            "visit_id",
        ],
        "crm.customer.event": ["active", "date_start", "name", "state", "subject"],
        "crm.customer.event.guest": [
            "attended_by_id",
            "commercial_partner_id",
            "company_id",
            "event_id",
            "is_attended",
            "note",
            "partner_id",
        ],
        "crm.customer.news": ["name", "subject"],
        "crm.customer.news.telling": [
            "commercial_partner_id",
            "company_id",
            "date",
            "news_id",
            "note",
            "partner_id",
            "user_id",
            "visit_id",
        ],
    }

    kind = fields.Selection(
        selection_add=[
            ("care", "Greeting or Gift"),
            ("news", "News Told"),
            ("event", "Customer Event"),
        ]
    )

    @api.model
    def _contact_queries(self):
        return {
            **super()._contact_queries(),
            3: self._care_query(),
            4: self._news_query(),
            5: self._event_query(),
        }

    @api.model
    def _care_query(self):
        """Care that was given; calls and visits of it stand there as such."""
        return SQL(
            """
            SELECT t.id, t.date_done AS date, 'care' AS kind, t.name AS reference,
                   left(coalesce(t.gift, t.greeting), 160) AS summary,
                   left(t.result, 160) AS result, t.partner_id, t.commercial_partner_id,
                   t.user_id, t.company_id, 'crm.care.task' AS res_model, t.id AS res_id
              FROM crm_care_task t
             WHERE t.state = 'done' AND t.visit_id IS NULL
            """
        )

    @api.model
    def _news_query(self):
        return SQL(
            """
            SELECT t.id, t.date, 'news' AS kind, n.name AS reference, n.subject AS summary,
                   t.note AS result, t.partner_id, t.commercial_partner_id, t.user_id,
                   t.company_id, 'crm.customer.news' AS res_model, t.news_id AS res_id
              FROM crm_customer_news_telling t
              JOIN crm_customer_news n ON n.id = t.news_id
             WHERE t.visit_id IS NULL
            """
        )

    @api.model
    def _event_query(self):
        return SQL(
            """
            SELECT g.id, e.date_start AS date, 'event' AS kind, e.name AS reference,
                   e.subject AS summary, g.note AS result, g.partner_id,
                   g.commercial_partner_id, g.attended_by_id AS user_id, g.company_id,
                   'crm.customer.event' AS res_model, g.event_id AS res_id
              FROM crm_customer_event_guest g
              JOIN crm_customer_event e ON e.id = g.event_id
             WHERE g.is_attended AND e.state != 'cancelled' AND e.active
            """
        )
