from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import month

METHODS = [
    ("clock_share", "Share of deadlines kept"),
    ("solve_share", "Share solved within a limit"),
    ("callback_share", "Share called back within a limit"),
    ("answer_hours", "Hours until the first answer"),
    ("arrive_hours", "Hours until somebody is on site"),
    ("solve_hours", "Hours until solved"),
    ("satisfied_share", "Share satisfied at the callback"),
    ("reopen_share", "Share opened again"),
    ("complaint_rate", "Complaints per 100 orders"),
    ("manual", "Counted by hand, with evidence"),
]
# a case that nobody may hold against us
COUNTED = SQL("f.active AND NOT (f.kind = 'complaint' AND f.validity = 'invalid')")


class CrmCommitmentMetric(models.Model):
    """What a commitment can be measured by (A4.R4, A4.R7).

    A method is a query ``_query_<method>`` with a row for each thing that was done or not:
    ``date`` (which month it counts in, UTC), ``value`` and ``weight`` (the figure of a period is
    the sum of values by the sum of weights). What can be broken towards a customer also names
    ``case_id``, ``clock_id`` or ``order_id`` (NULL where there is none) and ``late`` (hours after
    the limit). An addon adds its own with ``selection_add`` and such a query.
    """

    _name = "crm.commitment.metric"
    _description = "Metric of Commitments"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    method = fields.Selection(METHODS, "Measured By", required=True, default="manual")
    aspect = fields.Selection(
        [("activity", "What We Do"), ("result", "What Comes of It")],
        required=True,
        default="activity",
    )
    unit = fields.Selection(
        [("percent", "%"), ("hours", "hours"), ("days", "days"), ("times", "times")],
        "Measured In",
        required=True,
        default="percent",
    )
    is_higher_better = fields.Boolean(default=True)
    is_manual = fields.Boolean(compute="_compute_kind")
    is_limited = fields.Boolean(compute="_compute_kind")
    is_by_clock = fields.Boolean(compute="_compute_kind")
    is_in_days = fields.Boolean(compute="_compute_kind", help="The limit is a number of days.")
    note = fields.Text("How It Is Counted", translate=True)

    @api.depends("method")
    def _compute_kind(self):
        for metric in self:
            metric.is_manual = metric.method == "manual"
            metric.is_limited = metric.method in self._get_limited_methods()
            metric.is_by_clock = metric.method == "clock_share"
            metric.is_in_days = metric.method in self._get_methods_in_days()

    @api.model
    def _get_limited_methods(self):
        """:return: tuple of methods that need a limit; an addon adds its own"""
        return ("solve_share", "callback_share")

    @api.model
    def _get_methods_in_days(self):
        """:return: tuple of those whose limit is in days, not hours; an addon adds its own"""
        return ()

    @api.model
    def _get_breakable_methods(self):
        """Methods with which something is either in time or a breach of the commitment.

        :return: tuple of str
        """
        return ("clock_share", *self._get_limited_methods())

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        items = self.env["crm.commitment.item"].sudo()
        if used := items.search([("metric_id", "in", self.ids)], limit=1).metric_id:
            raise UserError(self.env._("Commitments use “%s”. Archive it.", used.name))

    # ------------------------------------------------------------------ measured

    def _measure(self, item, date_from, date_to):
        """One figure for a stretch of days.

        :param item: ``crm.commitment.item``, which has the condition and the limit
        :param date date_from: first day, in the company's time zone
        :param date date_to: first day after
        :return: tuple of value (None where nothing happened) and how many were counted
        """
        rows = self._query(item, date_from, date_to)
        if rows is None:
            return None, 0
        query = SQL("SELECT sum(value) / NULLIF(sum(weight), 0), count(*) FROM (%s) r", rows)
        value, count = self.env.execute_query(query)[0]
        return (None if value is None else float(value)), count

    def _measure_months(self, item, months):
        """Figures of several months in one query.

        :param months: first days, in order and without a gap
        :return: dict of first day to tuple of value and count
        """
        figures = dict.fromkeys(months, (None, 0))
        rows = months and self._query(item, months[0], month.following(months[-1]))
        if not rows:
            return figures
        query = SQL(
            """
            SELECT date_trunc('month', date AT TIME ZONE 'UTC' AT TIME ZONE %s)::date AS month,
                   sum(value) / NULLIF(sum(weight), 0), count(*)
              FROM (%s) r GROUP BY 1
            """,
            item.company_id._get_crm_timezone(),
            rows,
        )
        for first, value, count in self.env.execute_query(query):
            figures[first] = (None if value is None else float(value), count)
        return figures

    def _find_broken(self, item, date_from, limit):
        """Where the limit was passed, and nobody noted it as a breach of this commitment yet.

        :param date date_from: first day that counts, in the company's time zone
        :param int limit: how many at most
        :return: list of tuples ``(case id, clock id, order id, when it fell due, hours late)``
        """
        if self.method not in self._get_breakable_methods():
            return []
        tomorrow = fields.Date.add(item.company_id._get_crm_today(), days=1)
        rows = self._query(item, date_from, tomorrow)
        return self.env.execute_query(
            SQL(
                """
                SELECT r.case_id, r.clock_id, r.order_id, r.date, r.late
                  FROM (%(rows)s) r LEFT JOIN crm_service_case c ON c.id = r.case_id
                 WHERE r.late > 0 AND c.is_history IS NOT TRUE
                   AND NOT EXISTS (
                       SELECT 1 FROM crm_commitment_breach b
                    LEFT JOIN crm_commitment_item i ON i.id = b.item_id
                        WHERE (b.service_order_id = r.order_id
                               OR (r.order_id IS NULL AND b.case_id = r.case_id))
                          AND b.commitment_id IN %(versions)s
                          AND (i.id IS NULL OR (i.metric_id = %(metric)s
                               AND i.clock_target IS NOT DISTINCT FROM %(target)s))
                          AND (b.clock_id IS NULL OR b.clock_id = r.clock_id)
                   )
                 ORDER BY r.date, r.case_id, r.order_id
                 LIMIT %(limit)s
                """,
                rows=rows,
                versions=tuple(item.commitment_id._get_versions().ids),
                metric=self.id,
                target=item.clock_target or None,
                limit=limit,
            )
        )

    def _query(self, item, date_from, date_to):
        """:return: ``SQL`` with the rows of the days, or None where people count"""
        self.ensure_one()
        if self.method == "manual":
            return None
        self.env.flush_all()
        zone = item.company_id._get_crm_timezone()
        return getattr(self, f"_query_{self.method}")(
            item, month.moment(date_from, zone), month.moment(date_to, zone)
        )

    @api.model
    def _get_scope(self, item):
        """:return: ``SQL`` condition on the cases ``f`` that an item is about"""
        domain = item.commitment_id._get_condition_domain()
        company = SQL("f.company_id = %s AND %s", item.company_id.id, COUNTED)
        if domain.is_true():
            return company
        cases = self.env["crm.service.case"].sudo().with_company(item.company_id)
        found = cases.with_context(active_test=False)._search(domain)
        return SQL("%s AND f.id IN %s", company, found.subselect())

    def _query_clock_share(self, item, start, end):
        """Deadlines of a target that fell in the period; those still open and in time do not
        count yet, nor those that stopped before their time was up."""
        now = fields.Datetime.now()
        return SQL(
            """
            SELECT c.date_deadline AS date, f.id AS case_id, c.id AS clock_id,
                   NULL::integer AS order_id,
                   CASE WHEN ended.date <= c.date_deadline THEN 100.0 ELSE 0 END AS value,
                   1 AS weight,
                   EXTRACT(EPOCH FROM COALESCE(ended.date, %(now)s) - c.date_deadline) / 3600
                   AS late
              FROM crm_deadline_clock c
              JOIN crm_service_case f ON f.id = c.case_id
        CROSS JOIN LATERAL (SELECT COALESCE(c.date_met, c.date_stopped) AS date) ended
             WHERE c.target = %(target)s
               AND c.date_deadline >= %(start)s AND c.date_deadline < %(end)s
               AND (c.state <> 'stopped'
                    OR (c.reason <> 'replaced' AND c.date_stopped > c.date_deadline))
               AND (ended.date IS NOT NULL OR c.date_deadline < %(now)s)
               AND %(scope)s
            """,
            now=now,
            target=item.clock_target,
            start=start,
            end=end,
            scope=self._get_scope(item),
        )

    def _query_solve_share(self, item, start, end):
        """Cases whose limit from the first word on passed in the period."""
        return self._query_limit(
            item, start, end, SQL("f.date_opened"), SQL("f.date_solved"), SQL("TRUE")
        )

    def _query_callback_share(self, item, start, end):
        """Cases to call back whose limit from the solution on passed in the period."""
        is_due = SQL(
            "f.callback_waived_by_id IS NULL AND f.date_solved IS NOT NULL "
            "AND (f.date_called_back IS NOT NULL OR f.date_callback_due IS NOT NULL)"
        )
        return self._query_limit(
            item, start, end, SQL("f.date_solved"), SQL("f.date_called_back"), is_due
        )

    def _query_limit(self, item, start, end, begun, done, condition):
        now = fields.Datetime.now()
        return SQL(
            """
            SELECT due.date, f.id AS case_id, NULL::integer AS clock_id,
                   NULL::integer AS order_id,
                   CASE WHEN %(done)s <= due.date THEN 100.0 ELSE 0 END AS value, 1 AS weight,
                   EXTRACT(EPOCH FROM COALESCE(%(done)s, %(now)s) - due.date) / 3600 AS late
              FROM crm_service_case f
        CROSS JOIN LATERAL (SELECT %(begun)s + make_interval(mins => %(minutes)s) AS date) due
             WHERE %(begun)s >= %(first)s AND due.date >= %(start)s AND due.date < %(end)s
               AND f.state <> 'cancelled' AND (%(done)s IS NOT NULL OR due.date < %(now)s)
               AND %(condition)s AND %(scope)s
            """,
            done=done,
            begun=begun,
            now=now,
            minutes=round(item.limit * 60),
            first=fields.Datetime.subtract(start, minutes=round(item.limit * 60)),
            start=start,
            end=end,
            condition=condition,
            scope=self._get_scope(item),
        )

    def _query_answer_hours(self, item, start, end):
        """From the first word of the customer to ours."""
        return self._query_clock_hours(item, start, end, "acknowledge")

    def _query_arrive_hours(self, item, start, end):
        """From the first word of the customer until somebody stood at the door."""
        return self._query_clock_hours(item, start, end, "arrive")

    def _query_clock_hours(self, item, start, end, target):
        return SQL(
            """
            SELECT c.date_met AS date, f.id AS case_id, c.id AS clock_id,
                   EXTRACT(EPOCH FROM c.date_met - f.date_opened) / 3600 AS value, 1 AS weight,
                   NULL::numeric AS late
              FROM crm_deadline_clock c
              JOIN crm_service_case f ON f.id = c.case_id
             WHERE c.target = %(target)s AND c.state = 'met'
               AND c.date_met >= %(start)s AND c.date_met < %(end)s AND %(scope)s
            """,
            target=target,
            start=start,
            end=end,
            scope=self._get_scope(item),
        )

    def _query_solve_hours(self, item, start, end):
        """From the first word of the customer to the solution, nights and days off counted."""
        value = SQL("EXTRACT(EPOCH FROM f.date_solved - f.date_opened) / 3600")
        return self._query_cases(item, start, end, SQL("f.date_solved"), value)

    def _query_satisfied_share(self, item, start, end):
        """Of the callbacks made; one that went badly counts even though the next went well."""
        return SQL(
            """
            SELECT v.date_start AS date, f.id AS case_id, NULL::integer AS clock_id,
                   CASE WHEN v.is_callback_bad THEN 0 ELSE 100.0 END AS value, 1 AS weight,
                   NULL::numeric AS late
              FROM %s
             WHERE v.date_start >= %s AND v.date_start < %s AND %s
            """,
            self.env["crm.visit"]._sql_case_callbacks(),
            start,
            end,
            self._get_scope(item),
        )

    def _query_reopen_share(self, item, start, end):
        """Of those that were solved."""
        value = SQL("CASE WHEN f.reopen_count > 0 THEN 100.0 ELSE 0 END")
        return self._query_cases(item, start, end, SQL("f.date_solved"), value)

    def _query_complaint_rate(self, item, start, end):
        """Complaints received by orders confirmed in the period."""
        is_complaint = SQL("%s AND f.kind = 'complaint'", self._get_scope(item))
        orders = self.env["sale.order"].sudo().with_company(item.company_id)
        found = orders._search(
            Domain("company_id", "=", item.company_id.id)
            & Domain("state", "=", "sale")
            & Domain("date_order", ">=", start)
            & Domain("date_order", "<", end)
            & item.commitment_id._get_order_domain()
        )
        return SQL(
            """
            SELECT f.date_opened AS date, f.id AS case_id, NULL::integer AS clock_id,
                   100.0 AS value, 0 AS weight, NULL::numeric AS late
              FROM crm_service_case f
             WHERE f.date_opened >= %s AND f.date_opened < %s AND %s
             UNION ALL
            SELECT o.date_order, NULL, NULL, 0, 1, NULL
              FROM sale_order o WHERE o.id IN %s
            """,
            start,
            end,
            is_complaint,
            found.subselect(),
        )

    def _query_cases(self, item, start, end, date, value):
        return SQL(
            """
            SELECT %(date)s AS date, f.id AS case_id, NULL::integer AS clock_id,
                   %(value)s AS value, 1 AS weight, NULL::numeric AS late
              FROM crm_service_case f
             WHERE %(date)s >= %(start)s AND %(date)s < %(end)s AND %(scope)s
            """,
            date=date,
            value=value,
            start=start,
            end=end,
            scope=self._get_scope(item),
        )
