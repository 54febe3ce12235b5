from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.crm_service_base.tools.statistics_table import column, percent, table


class CrmStatisticsReportType(models.Model):
    """How many deadlines were kept: by target, by team, by person (D5.R2)."""

    _name = "crm.statistics.report.type"
    _inherit = ["crm.statistics.report.type"]

    method = fields.Selection(
        selection_add=[("clock_on_time", "Deadlines kept")],
        ondelete={"clock_on_time": "set null"},
    )

    def _crm_statistics_clock_on_time(self, company, date_from, date_to):
        """Deadlines that fell in the period: kept, missed and still open.

        One that stopped before its time was up is not counted; nor is one that another replaced,
        nor those of complaints judged not valid. One that nobody judged yet is counted: not
        judging is no way to be in time.
        """
        start, end = self._get_bounds(date_from, date_to)
        targets = dict(
            self.env["crm.deadline.clock"]._fields["target"]._description_selection(self.env)
        )
        tables = []
        for key, caption, first, by in (
            (
                "clocks",
                self.env._("Deadlines by Target"),
                self.env._("Deadline"),
                "target",
            ),
            (
                "teams",
                self.env._("Deadlines by Team"),
                self.env._("Team"),
                "team",
            ),
            (
                "persons",
                self.env._("Deadlines by Person"),
                self.env._("Owner"),
                "person",
            ),
        ):
            rows = []
            for name, target, due, kept, late, open_count in self._query_clocks(
                company, start, end, by
            ):
                label = [] if by == "target" else [name or self.env._("Nobody")]
                rows.append(
                    [*label, targets[target], due, kept, late, open_count, percent(kept, due)]
                )
            columns = self._get_clock_columns(first, by)
            note = self.env._("Complaints that were judged not valid do not count as late.")
            is_summary = by == "target"
            tables.append(table(key, caption, columns, rows, is_summary=is_summary, note=note))
        return tables

    def _get_clock_columns(self, first, by):
        names = [column("name", first, width=2)]
        if by != "target":
            names.append(column("target", self.env._("Deadline"), width=2))
        return [
            *names,
            column("due", self.env._("Fell Due"), "integer", total=True),
            column("kept", self.env._("In Time"), "integer", total=True),
            column("late", self.env._("Late"), "integer", total=True),
            column("open", self.env._("Open"), "integer", total=True),
            column("rate", self.env._("Rate In Time"), "percent"),
        ]

    def _query_clocks(self, company, start, end, by):
        """Counts of the clocks that fell due in a period, by target and team or person."""
        self.env.flush_all()
        groups = {
            "target": SQL("NULL::text"),
            "team": SQL("COALESCE(t.name->>%s, t.name->>'en_US')", self.env.lang or "en_US"),
            "person": SQL("p.name"),
        }
        return self.env.execute_query(
            SQL(
                """
                SELECT %(name)s AS name, c.target, count(*),
                       count(*) FILTER (WHERE ended.date <= c.date_deadline),
                       count(*) FILTER (WHERE COALESCE(ended.date, %(now)s) > c.date_deadline),
                       count(*) FILTER (WHERE ended.date IS NULL AND %(now)s <= c.date_deadline)
                  FROM crm_deadline_clock c
                  JOIN crm_service_case f ON f.id = c.case_id
             LEFT JOIN crm_service_team t ON t.id = f.team_id
             LEFT JOIN res_users u ON u.id = f.user_id
             LEFT JOIN res_partner p ON p.id = u.partner_id
            CROSS JOIN LATERAL (SELECT COALESCE(c.date_met, c.date_stopped) AS date) ended
                 WHERE c.company_id = %(company)s AND f.active
                   AND NOT (f.kind = 'complaint' AND f.validity = 'invalid')
                   AND c.date_deadline >= %(start)s AND c.date_deadline < %(end)s
                   AND (c.state <> 'stopped'
                        OR (c.reason <> 'replaced' AND c.date_stopped > c.date_deadline))
                 GROUP BY 1, 2
                 ORDER BY 1, 2
                """,
                name=groups[by],
                company=company.id,
                start=start,
                end=end,
                now=fields.Datetime.now(),
            )
        )
