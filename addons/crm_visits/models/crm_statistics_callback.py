from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.crm_service_base.tools.statistics_table import column, percent, table


class CrmStatisticsReportType(models.Model):
    """Callback rates by kind (E2.R10)."""

    _name = "crm.statistics.report.type"
    _inherit = ["crm.statistics.report.type"]

    method = fields.Selection(
        selection_add=[("callback_rate", "Callback rates")],
        ondelete={"callback_rate": "set null"},
    )

    def _crm_statistics_callback_rate(self, company, date_from, date_to):
        """Callbacks that fell due in the period: made, made in time, and the target."""
        columns = [
            column("method", self.env._("Kind of Callback"), width=2),
            column("due", self.env._("Callbacks Due"), "integer", total=True),
            column("done", self.env._("Called Back"), "integer", total=True),
            column("rate", self.env._("Callback Rate"), "percent"),
            column("target", self.env._("Target"), "percent"),
            column("in_time", self.env._("In Time"), "integer", total=True),
            column("time_rate", self.env._("Rate In Time"), "percent"),
            column("cancelled", self.env._("Cancelled"), "integer", total=True),
            column("bad", self.env._("Not Satisfied"), "integer", total=True),
        ]
        start, end = self._get_bounds(date_from, date_to)
        rows = [
            [
                name,
                due,
                done,
                percent(done, due),
                target or None,
                in_time,
                percent(in_time, due) if hours else None,
                cancelled,
                bad,
            ]
            for name, hours, target, due, done, in_time, cancelled, bad in self._query_callbacks(
                company, start, end
            )
        ]
        caption = self.env._("Callbacks by Kind")
        return [table("callbacks", caption, columns, rows, is_summary=True)]

    def _query_callbacks(self, company, start, end):
        """Counts per method of callbacks.

        A callback without a limit falls due at its appointment, else when it was made. One that
        was cancelled is due and not done: the reason stands on the visit.
        """
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                SELECT %(method)s, m.callback_hours, m.callback_target,
                       count(*),
                       count(*) FILTER (WHERE v.callback_timing IN ('in_time', 'late')),
                       count(*) FILTER (WHERE v.callback_timing = 'in_time'),
                       count(*) FILTER (WHERE v.state = 'cancelled'),
                       count(*) FILTER (WHERE v.is_callback_bad)
                  FROM crm_visit v
                  JOIN crm_visit_method m ON m.id = v.method_id
            CROSS JOIN LATERAL (SELECT coalesce(v.date_callback_due, v.date_scheduled,
                                                v.date_start, v.create_date) AS date) due
                 WHERE v.company_id = %(company)s AND v.active AND v.callback_kind IS NOT NULL
                   AND due.date >= %(start)s AND due.date < %(end)s
                 GROUP BY m.id
                 ORDER BY m.sequence, m.id
                """,
                method=self._sql_method_name(),
                company=company.id,
                start=start,
                end=end,
            )
        )
