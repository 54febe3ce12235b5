from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.crm_service_base.tools.statistics_table import percent


class CrmStatisticsReportType(models.Model):
    """Cases in the evaluation of the quarter (D8.R1), what is measured of each person (D8.R2)."""

    _name = "crm.statistics.report.type"
    _inherit = ["crm.statistics.report.type"]

    def _get_crm_service_evaluation_rows(self, company, date_from, date_to):
        """Adds how cases were handled; the same figures are in the appraisals."""
        rows = super()._get_crm_service_evaluation_rows(company, date_from, date_to)
        sums = self._sum_facts(self._get_staff_facts(company, date_from, date_to).values())
        handling = self.env._("Handling Efficiency")
        satisfaction = self.env._("Satisfaction")
        values = [
            (self.env._("Satisfied when called back"), satisfaction, "callback"),
            (self.env._("Deadlines of cases kept"), handling, "clock"),
            (self.env._("Cases solved at once"), handling, "once"),
        ]
        return rows + [
            {
                "key": f"case_{fact}",
                "area": area,
                "name": name,
                "value": percent(*sums.get(fact, (0, 0))),
                "unit": "%",
            }
            for name, area, fact in values
        ]

    def _sum_facts(self, facts):
        """Sums over persons: parts and wholes apart, so that a rate is the rate of all.

        :param facts: iterable of dicts of fact to ``(part, whole)``
        :return: dict of fact to ``(part, whole)``
        """
        sums = {}
        for found in facts:
            for key, (part, whole) in found.items():
                old = sums.get(key, (0, 0))
                sums[key] = (old[0] + part, old[1] + whole)
        return sums

    def _get_staff_facts(self, company, date_from, date_to):
        """What was measured of each person in a period, in a query a kind of fact.

        :return: dict of user id (None: of nobody) to a dict of fact to ``(part, whole)``; of what
            is counted and not a rate, the whole is 1
        """
        start, end = self._get_bounds(date_from, date_to)
        self.env.flush_all()
        facts = {}
        for query in (
            self._sql_case_facts,
            self._sql_clock_facts,
            self._sql_callback_facts,
            self._sql_visit_facts,
        ):
            for user, key, part, whole in self.env.execute_query(query(company, start, end)):
                if whole:
                    facts.setdefault(user, {})[key] = (part, whole)
        for user, (complaints, net) in self._get_merit_figures(company, start, end).items():
            facts.setdefault(user, {}).update(complaint=(complaints, 1), merit=(net, 1))
        for user, found in self._get_review_facts(company, start, end).items():
            facts.setdefault(user, {}).update(found)
        return facts

    def _get_handling_facts(self, company, start, end):
        """How owners kept the deadlines of their cases and what their customers said when called
        back: the one source of appraisals and service reviews.

        :param datetime start: first moment of the period, UTC
        :param datetime end: first moment after it
        :return: dict of user id to a dict of ``clock`` and ``callback`` to ``(part, whole)``
        """
        self.env.flush_all()
        facts = {}
        for query in (self._sql_clock_facts, self._sql_callback_facts):
            for user, key, part, whole in self.env.execute_query(query(company, start, end)):
                facts.setdefault(user, {})[key] = (part, whole)
        return facts

    def _get_review_facts(self, company, start, end):
        """What customers wrote about who served them, as service reviews measure it (A4.R8).

        :param datetime start: first moment of the period, UTC
        :param datetime end: first moment after it
        :return: dict of user id to a dict of fact to ``(part, whole)``
        """
        reviews = self.env["crm.service.review"]
        staff = [("share", "=", False), ("company_ids", "in", company.id)]
        users = self.env["res.users"].with_context(active_test=False).search(staff)
        facts = {}
        for user, found in reviews._measure_feedback(users, company, start, end).items():
            good = found.get("feedback_good_count", 0)
            facts.setdefault(user.id, {})["feedback"] = (good, found["feedback_count"])
        for user, found in reviews._measure_surveys(users, company, start, end).items():
            count = found["survey_count"]
            facts.setdefault(user.id, {})["survey"] = (found["survey_score"] * count, 5 * count)
        return facts

    def _sql_case_facts(self, company, start, end):
        """Solved at once and opened again, of who took the case first."""
        return SQL(
            """
            WITH solved AS (
                SELECT coalesce(first_responder_id, user_id) AS user_id, count(*) AS solved,
                       count(*) FILTER (WHERE repeat_count = 0 AND reopen_count = 0
                                          AND handover_count = 0) AS once,
                       count(*) FILTER (WHERE reopen_count > 0) AS reopened
                  FROM crm_service_case
                 WHERE company_id = %(company)s AND active AND is_history IS NOT TRUE
                   AND state IN ('solved', 'closed') AND repeat_of_id IS NULL
                   AND date_solved >= %(start)s AND date_solved < %(end)s
                 GROUP BY 1
            )
            SELECT user_id, 'once', once, solved FROM solved
             UNION ALL
            SELECT user_id, 'reopened', reopened, solved FROM solved
            """,
            company=company.id,
            start=start,
            end=end,
        )

    def _sql_callback_facts(self, company, start, end):
        """Customers satisfied when called back about a case, of its owner.

        Each callback counts: one that went badly opens the case again, and the next one does not
        wipe it out.
        """
        return SQL(
            """
            SELECT f.user_id, 'callback', count(*) FILTER (WHERE v.is_callback_bad IS NOT TRUE),
                   count(*)
              FROM %(callbacks)s
             WHERE f.company_id = %(company)s AND f.active AND f.is_history IS NOT TRUE
               AND f.state <> 'cancelled'
               AND v.date_start >= %(start)s AND v.date_start < %(end)s
             GROUP BY f.user_id
            """,
            callbacks=self.env["crm.visit"]._sql_case_callbacks(),
            company=company.id,
            start=start,
            end=end,
        )

    def _sql_clock_facts(self, company, start, end):
        """Deadlines that fell due and were kept, of the owner; the rules are those of
        ``_query_clocks``, but what still runs and has time left says nothing yet, and the books of
        before this system say nothing about a person."""
        return SQL(
            """
            SELECT f.user_id, 'clock', count(*) FILTER (WHERE k.date_end <= k.date_deadline),
                   count(*) FILTER (WHERE k.date_end IS NOT NULL OR k.date_deadline < %(now)s)
              FROM (SELECT c.*, coalesce(c.date_met, c.date_stopped) AS date_end
                      FROM crm_deadline_clock c) k
              JOIN crm_service_case f ON f.id = k.case_id
             WHERE k.company_id = %(company)s AND f.active AND f.is_history IS NOT TRUE
               AND NOT (f.kind = 'complaint' AND f.validity = 'invalid')
               AND k.date_deadline >= %(start)s AND k.date_deadline < %(end)s
               AND (k.state <> 'stopped'
                    OR (k.reason <> 'replaced' AND k.date_stopped > k.date_deadline))
             GROUP BY f.user_id
            """,
            company=company.id,
            now=fields.Datetime.now(),
            start=start,
            end=end,
        )

    def _sql_visit_facts(self, company, start, end):
        """Planned visits that were made, and satisfaction with the service on those made."""
        return SQL(
            """
            WITH visit AS (
                SELECT v.user_id, %(plan)s AS is_planned,
                       %(plan)s AND v.date_start < %(end)s AND v.state IN %(states)s AS is_kept,
                       %(done)s AS is_done, v.satisfaction_service
                  FROM crm_visit v
                 WHERE v.company_id = %(company)s AND v.active AND (%(plan)s OR %(done)s)
            )
            SELECT user_id, 'visit', count(*) FILTER (WHERE is_kept),
                   count(*) FILTER (WHERE is_planned)
              FROM visit GROUP BY user_id
             UNION ALL
            SELECT user_id, 'satisfaction',
                   count(*) FILTER (WHERE satisfaction_service IN ('good', 'fair')),
                   count(satisfaction_service)
              FROM visit WHERE is_done GROUP BY user_id
            """,
            plan=SQL("(v.date_planned >= %s AND v.date_planned < %s)", start, end),
            done=SQL("(%s)", self._sql_done(start, end)),
            states=self.env["crm.visit"]._get_done_states(),
            company=company.id,
            end=end,
        )
