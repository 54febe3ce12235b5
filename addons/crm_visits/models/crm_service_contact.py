from odoo import api, fields, models
from odoo.tools import SQL


class CrmServiceContact(models.Model):
    _inherit = "crm.service.contact"
    _depends = {
        "calendar.event": ["active", "partner_ids", "privacy", "start", "user_id"],
        "crm.visit": [
            "active",
            "channel",
            "commercial_partner_id",
            "company_id",
            "date_start",
            "direction",
            "note",
            "opinion",
            "partner_id",
            "purpose",
            "result",
            "state",
            "user_id",
        ],
    }

    kind = fields.Selection(
        selection_add=[
            ("visit", "Visit"),
            ("call", "Call"),
            ("online", "Online Message"),
            ("letter", "Letter or E-mail"),
            ("reception", "Reception"),
            ("incoming", "Incoming Call"),
            ("meeting", "Meeting"),
        ]
    )

    @api.model
    def _contact_queries(self):
        return {
            **super()._contact_queries(),
            1: self._visit_query(),
            2: self._meeting_query(),
        }

    @api.model
    def _visit_query(self):
        return SQL(
            """
            SELECT v.id, v.date_start AS date,
                   CASE WHEN v.direction = 'inbound' AND v.channel = 'face' THEN 'reception'
                        WHEN v.direction = 'inbound' THEN 'incoming'
                        WHEN v.channel = 'phone' THEN 'call'
                        WHEN v.channel IN ('qq', 'wechat') THEN 'online'
                        WHEN v.channel IN ('letter', 'email') THEN 'letter'
                        ELSE 'visit' END AS kind,
                   v.name AS reference,
                   left(coalesce(v.opinion, v.note, v.purpose), 160) AS summary,
                   v.result, v.partner_id, v.commercial_partner_id, v.user_id, v.company_id,
                   'crm.visit' AS res_model, v.id AS res_id
              FROM crm_visit v
             WHERE v.date_start IS NOT NULL AND v.state != 'cancelled' AND v.active
            """
        )

    @api.model
    def _meeting_query(self):
        """Calendar meetings with a customer that everybody may see.

        The entries of our own visits hold no customer, so they do not come twice. OFFSET 0 makes
        PostgreSQL go from a customer to the meetings, not through everybody's calendar.
        """
        return SQL(
            """
            SELECT DISTINCT ON (e.id, p.commercial_partner_id)
                   e.id, e.start AS date, 'meeting' AS kind, e.name AS reference,
                   e.location AS summary, NULL::varchar AS result, p.id AS partner_id,
                   p.commercial_partner_id, e.user_id, p.company_id,
                   'calendar.event' AS res_model, e.id AS res_id
              FROM res_partner p
              JOIN LATERAL (SELECT rel.calendar_event_id
                              FROM calendar_event_res_partner_rel rel
                             WHERE rel.res_partner_id = p.id
                            OFFSET 0) rel ON TRUE
              JOIN LATERAL (SELECT e.* FROM calendar_event e
                             WHERE e.id = rel.calendar_event_id AND e.active
                               AND (e.privacy IS NULL OR e.privacy = 'public')
                            OFFSET 0) e ON TRUE
             WHERE NOT EXISTS (SELECT FROM res_users u WHERE u.partner_id = p.id AND NOT u.share)
             ORDER BY e.id, p.commercial_partner_id, p.id
            """
        )
