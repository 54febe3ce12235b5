from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.crm_service_base.tools.statistics_table import column, table

from .crm_merit_entry import COMPLAINTS, COUNTED


class CrmStatisticsReportType(models.Model):
    """The monthly merit statement: per person and department, with what stands behind (C1.R12).

    An entry counts in the month in which it came into force; one that is withdrawn counts back in
    the month of the withdrawal, so that what an issued statement says stays true.
    """

    _name = "crm.statistics.report.type"
    _inherit = ["crm.statistics.report.type"]

    method = fields.Selection(
        selection_add=[("merit_month", "Merit statement")], ondelete={"merit_month": "set null"}
    )
    is_confidential = fields.Boolean(
        "Confidential",
        help="Read by service managers, director, general manager, auditor, who prepares or "
        "approves it, and whom it is handed to; not by everybody of customer service.",
    )

    def _crm_statistics_merit_month(self, company, date_from, date_to):
        period = (company, *self._get_bounds(date_from, date_to))
        return [
            self._get_merit_persons(*period),
            self._get_merit_departments(*period),
            self._get_merit_documents(*period),
        ]

    def _get_merit_columns(self):
        return [
            column("customer", self.env._("Complaints of Customers"), "integer", total=True),
            column("staff", self.env._("Complaints of Staff"), "integer", total=True),
            column("criticism", self.env._("Criticisms"), "integer", total=True),
            column("other", self.env._("Other Measures"), "integer", total=True),
            column("reward", self.env._("Rewards"), "float", total=True),
            column("deduction", self.env._("Deductions"), "float", total=True),
            column("net", self.env._("Net"), "float", total=True),
        ]

    def _get_merit_persons(self, company, start, end):
        columns = [
            column("person", self.env._("Person"), width=1.5),
            column("department", self.env._("Department"), width=1.5),
            *self._get_merit_columns(),
        ]
        rows = self._query_merits(company, start, end, ("p.name", self._sql_department_name()))
        return table("persons", self.env._("By Person, for Payroll"), columns, rows)

    def _get_merit_departments(self, company, start, end):
        columns = [
            column("department", self.env._("Department"), width=2),
            *self._get_merit_columns(),
        ]
        rows = self._query_merits(company, start, end, (self._sql_department_name(),))
        caption = self.env._("By Department")
        return table("departments", caption, columns, rows, is_summary=True)

    def _sql_department_name(self):
        return SQL("coalesce(%s, %s)", self._sql_translated("d"), self.env._("No Department"))

    def _query_merits(self, company, start, end, names):
        """Sums of the movements of a period, grouped by expressions over person and department.

        :param names: SQL, or column names, that the rows begin with
        """
        names = [
            name if isinstance(name, SQL) else SQL.identifier(*name.split(".")) for name in names
        ]
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                WITH movement AS (%(movements)s)
                SELECT %(names)s,
                       coalesce(sum(m.sign) FILTER (WHERE m.source = 'customer'), 0),
                       coalesce(sum(m.sign) FILTER (WHERE m.source IN ('sales', 'colleague')), 0),
                       coalesce(sum(m.sign) FILTER (WHERE m.kind = 'criticism'), 0),
                       coalesce(sum(m.sign) FILTER (WHERE m.kind IN ('transfer', 'judicial')), 0),
                       coalesce(sum(m.amount) FILTER (WHERE m.kind = 'reward'), 0),
                       coalesce(-sum(m.amount) FILTER (WHERE m.kind = 'deduction'), 0),
                       coalesce(sum(m.amount), 0)
                  FROM movement m
                  JOIN res_users u ON u.id = m.person_id
                  JOIN res_partner p ON p.id = u.partner_id
             LEFT JOIN crm_service_department d ON d.id = m.department_id
                 GROUP BY %(keys)s, %(names)s
                 ORDER BY %(order)s
                """,
                movements=self._sql_merit_movements(company, start, end),
                names=SQL(", ").join(names),
                keys=SQL("d.id, u.id") if len(names) > 1 else SQL("d.id"),
                order=SQL("d.sequence, d.id, %s", names[0]),
            )
        )

    def _sql_merit_movements(self, company, start, end):
        """What counts in a period, a row each: entries that came into force, and with the sign
        turned those that were withdrawn."""
        return SQL(
            """
            SELECT e.id, e.person_id, e.department_id, e.kind, e.source, t.sign,
                   t.sign * e.amount_signed AS amount, t.date
              FROM crm_merit_entry e
              JOIN LATERAL (VALUES (1, e.date_approved), (-1, e.date_withdrawn)) AS t (sign, date)
                ON t.date >= %(start)s AND t.date < %(end)s
             WHERE e.company_id = %(company)s AND e.state IN %(states)s
            """,
            company=company.id,
            states=COUNTED,
            start=start,
            end=end,
        )

    def _get_merit_documents(self, company, start, end):
        """The entries behind the figures, withdrawals as lines of their own."""
        columns = [
            column("number", self.env._("Number"), width=1.3),
            column("date", self.env._("Counts From"), "datetime", width=1.2),
            column("person", self.env._("Person")),
            column("kind", self.env._("Kind")),
            column("severity", self.env._("Degree")),
            column("amount", self.env._("Amount"), "float", total=True),
            column("source", self.env._("Comes From"), width=1.2),
            column("about", self.env._("Related Document"), "text", width=1.8),
            column("grounds", self.env._("Facts and Reason"), "text", width=2.5),
            column("approved", self.env._("Approved By")),
        ]
        rows = self.env.execute_query(
            SQL(
                "SELECT m.id, m.sign, m.date FROM (%s) m ORDER BY m.date, m.id, m.sign DESC",
                self._sql_merit_movements(company, start, end),
            )
        )
        entries = self.env["crm.merit.entry"].with_context(active_test=False)
        entries = entries.browse({row[0] for row in rows})
        kinds, sources = (
            dict(entries._fields[name]._description_selection(self.env))
            for name in ("kind", "source")
        )
        lines = [
            [
                entry.name,
                self._get_local_time(date),
                entry.person_id.name,
                kinds[entry.kind] if sign > 0 else self._get_reversal(kinds[entry.kind]),
                entry.severity_id.name,
                sign * entry.amount_signed,
                sources[entry.source],
                entry.document_text,
                entry.grounds if sign > 0 else entry.withdraw_reason,
                (entry.approved_by_id if sign > 0 else entry.withdrawn_by_id).name,
            ]
            for entry, sign, date in ((entries.browse(id_), *rest) for id_, *rest in rows)
        ]
        return table("documents", self.env._("Entries behind the Figures"), columns, lines)

    def _get_reversal(self, kind):
        return self.env._("Revoked: %s", kind)

    def _get_merit_figures(self, company, start, end):
        """What the statement counts of each person.

        :return: dict of user id to ``(complaints, net amount)``
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                WITH movement AS (%s)
                SELECT m.person_id, coalesce(sum(m.sign) FILTER (WHERE m.source IN %s), 0),
                       sum(m.amount)
                  FROM movement m GROUP BY m.person_id
                """,
                self._sql_merit_movements(company, start, end),
                COMPLAINTS,
            )
        )
        return {user: (int(count), float(net)) for user, count, net in rows}
