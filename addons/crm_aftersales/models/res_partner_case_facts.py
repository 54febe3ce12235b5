from odoo import fields, models
from odoo.tools import SQL


class ResPartner(models.Model):
    """What grading and relationship evaluation know of a customer's complaints."""

    _name = "res.partner"
    _inherit = ["res.partner"]

    def _get_crm_service_facts(self, date_from, date_to):
        """Adds ``complaints``: those received in the period that are not judged invalid;
        ``complaint_satisfaction``: mean satisfaction of their callbacks, 1 (very poor) to 5
        (good); ``grave_complaints_open``: major ones nobody has solved, as of now.

        A customer without any gets none of them; in the companies that are switched on.
        """
        facts = super()._get_crm_service_facts(date_from, date_to)
        for partner_id, *counts in self._query_complaints(date_from, date_to):
            names = ("complaints", "grave_complaints_open")
            facts[partner_id] |= {
                name: count for name, count in zip(names, counts, strict=True) if count
            }
        for partner_id, mean in self._query_complaint_satisfaction(date_from, date_to):
            facts[partner_id]["complaint_satisfaction"] = float(mean)
        return facts

    def _query_complaints(self, date_from, date_to):
        """:return: rows of partner id, complaints of the period, grave ones open now"""
        if not self:
            return []
        self.env["crm.service.case"].flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT c.commercial_partner_id,
                       count(*) FILTER (WHERE c.date_opened >= %(start)s
                                          AND c.date_opened < %(end)s),
                       count(*) FILTER (WHERE c.severity = 'major' AND c.state = 'open')
                  FROM crm_service_case c
                 WHERE c.commercial_partner_id = ANY(%(partners)s)
                   AND c.company_id = ANY(%(companies)s) AND c.active AND c.kind = 'complaint'
                   AND c.validity != 'invalid' AND c.state != 'cancelled'
                 GROUP BY c.commercial_partner_id
                """,
                start=date_from,
                end=fields.Date.add(date_to, days=1),
                partners=self.ids,
                companies=self.env.companies.ids,
            )
        )

    def _query_complaint_satisfaction(self, date_from, date_to):
        """:return: rows of partner id and mean answer of the callbacks about complaints"""
        if not self:
            return []
        self.env["crm.visit"].flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT v.commercial_partner_id,
                       avg(CASE v.satisfaction_complaint WHEN 'good' THEN 5 WHEN 'fair' THEN 4
                                WHEN 'average' THEN 3 WHEN 'poor' THEN 2 ELSE 1 END)
                  FROM crm_visit v
                 WHERE v.commercial_partner_id = ANY(%(partners)s)
                   AND v.company_id = ANY(%(companies)s) AND v.active
                   AND v.state != 'cancelled' AND v.satisfaction_complaint IS NOT NULL
                   AND v.callback_kind = 'complaint'
                   AND v.date_start >= %(start)s AND v.date_start < %(end)s
                 GROUP BY v.commercial_partner_id
                """,
                start=date_from,
                end=fields.Date.add(date_to, days=1),
                partners=self.ids,
                companies=self.env.companies.ids,
            )
        )
