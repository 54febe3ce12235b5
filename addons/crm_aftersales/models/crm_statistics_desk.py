from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.crm_service_base.tools.statistics_table import column, percent, table


class CrmStatisticsReportType(models.Model):
    """First responders (C3.R2) and suggestions (B3.R4, C2.R12), of a period."""

    _name = "crm.statistics.report.type"
    _inherit = ["crm.statistics.report.type"]

    method = fields.Selection(
        selection_add=[
            ("case_responder", "First-responder duty"),
            ("case_suggestion", "Suggestions of customers"),
        ],
        ondelete={"case_responder": "set null", "case_suggestion": "set null"},
    )

    # ------------------------------------------------------------------ first responders

    def _crm_statistics_case_responder(self, company, date_from, date_to):
        """Per person: cases solved at once, without a repeat, reopening or hand-over; and what was
        passed on."""
        columns = [
            column("person", self.env._("Person"), width=2),
            column("solved", self.env._("Solved"), "integer"),
            column("once", self.env._("Solved at Once"), "integer"),
            column("rate", self.env._("One-Time Resolution"), "percent"),
            column("repeated", self.env._("Customer Came Again"), "integer"),
            column("reopened", self.env._("Reopened"), "integer"),
            column("handed", self.env._("Handed Over"), "integer"),
            column("declined", self.env._("Refused"), "integer"),
            column("passed", self.env._("Passed Around"), "integer"),
        ]
        start, end = self._get_bounds(date_from, date_to)
        rows = [list(row) for row in self._query_responders(company, start, end)]
        if rows:
            sums = [sum(numbers) for numbers in zip(*(row[1:] for row in rows), strict=True)]
            rows.append([self.env._("Total"), *sums])
        rows = [[*row[:3], percent(row[2], row[1]), *row[3:]] for row in rows]
        caption = self.env._("First-Responder Duty")
        return [table("responders", caption, columns, rows, is_summary=True)]

    def _query_responders(self, company, start, end):
        """A case counts for its first responder, in the period in which it was solved; who
        declined, in the period in which it was."""
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                WITH solved AS (
                    SELECT coalesce(first_responder_id, user_id) AS user_id, count(*) AS solved,
                           count(*) FILTER (WHERE repeat_count = 0 AND reopen_count = 0
                                              AND handover_count = 0) AS once,
                           count(*) FILTER (WHERE repeat_count > 0) AS repeated,
                           count(*) FILTER (WHERE reopen_count > 0) AS reopened,
                           count(*) FILTER (WHERE handover_count > 0) AS handed,
                           count(*) FILTER (WHERE is_passed_around) AS passed
                      FROM crm_service_case
                     WHERE company_id = %(company)s AND active AND NOT coalesce(is_history, FALSE)
                       AND state IN ('solved', 'closed') AND repeat_of_id IS NULL
                       AND date_solved >= %(start)s AND date_solved < %(end)s
                     GROUP BY 1
                ), declined AS (
                    SELECT answered_by_id AS user_id, count(*) AS declined
                      FROM crm_case_handover
                     WHERE company_id = %(company)s AND state = 'declined'
                       AND date_answered >= %(start)s AND date_answered < %(end)s
                     GROUP BY 1
                )
                SELECT coalesce(p.name, '–'), coalesce(s.solved, 0), coalesce(s.once, 0),
                       coalesce(s.repeated, 0), coalesce(s.reopened, 0), coalesce(s.handed, 0),
                       coalesce(d.declined, 0), coalesce(s.passed, 0)
                  FROM solved s
             FULL JOIN declined d ON d.user_id = s.user_id
             LEFT JOIN res_users u ON u.id = coalesce(s.user_id, d.user_id)
             LEFT JOIN res_partner p ON p.id = u.partner_id
                 ORDER BY p.name, u.id
                """,
                company=company.id,
                start=start,
                end=end,
            )
        )

    # ------------------------------------------------------------------ suggestions

    def _crm_statistics_case_suggestion(self, company, date_from, date_to):
        """What customers suggested, per department; the valuable ones in full."""
        period = (company, *self._get_bounds(date_from, date_to))
        return [self._get_suggestion_counts(*period), self._get_valuable_table(*period)]

    def _get_suggestion_domain(self, company, start, end):
        return [
            ("kind", "=", "suggestion"),
            ("company_id", "=", company.id),
            ("state", "!=", "cancelled"),
            ("date_opened", ">=", start),
            ("date_opened", "<", end),
        ]

    def _get_suggestion_counts(self, company, start, end):
        columns = [
            column("department", self.env._("Department"), width=2),
            column("received", self.env._("Received"), "integer"),
            column("adopted", self.env._("Adopted"), "integer"),
            column("declined", self.env._("Declined"), "integer"),
            column("pending", self.env._("Not Decided"), "integer"),
            column("told", self.env._("Customer Told"), "integer"),
            column("value", self.env._("Yearly Value"), "float"),
        ]
        groups = self.env["crm.service.case"]._read_group(
            self._get_suggestion_domain(company, start, end),
            ["suggestion_department_id", "suggestion_state"],
            ["__count", "suggestion_date_told:count", "suggestion_value:sum"],
        )
        rows = {}
        for department, state, count, told, value in groups:
            name = department.name or self.env._("Not Passed On")
            row = rows.setdefault(name, {"told": 0, "value": 0.0})
            row[state] = row.get(state, 0) + count
            row["told"] += told
            row["value"] += value or 0.0
        states = ("adopted", "declined", "pending")
        lines = [
            [
                name,
                sum(row.get(state, 0) for state in states),
                *(row.get(state, 0) for state in states),
                row["told"],
                row["value"],
            ]
            for name, row in rows.items()
        ]
        if lines:
            sums = [sum(numbers) for numbers in zip(*(row[1:] for row in lines), strict=True)]
            lines.append([self.env._("Total"), *sums])
        caption = self.env._("Suggestions by Department")
        return table("suggestions", caption, columns, lines, is_summary=True)

    def _get_valuable_table(self, company, start, end):
        columns = [
            column("date", self.env._("Received On"), "datetime"),
            column("number", self.env._("Number")),
            column("customer", self.env._("Customer"), width=1.5),
            column("subject", self.env._("Suggestion"), "text", width=2),
            column("department", self.env._("Passed To")),
            column("decision", self.env._("Adopted or Not")),
            column("reason", self.env._("Reason"), "text", width=2),
            column("value", self.env._("Yearly Value"), "float", total=True),
        ]
        cases = self.env["crm.service.case"].search(
            [*self._get_suggestion_domain(company, start, end), ("is_valuable", "=", True)],
            order="date_opened, id",
        )
        labels = dict(cases._fields["suggestion_state"]._description_selection(self.env))
        rows = [
            [
                self._get_local_time(case.date_opened),
                case.name,
                case.commercial_partner_id.name or case.contact_name,
                "\n".join(filter(None, [case.subject, case.description])),
                case.suggestion_department_id.name,
                labels[case.suggestion_state],
                case.suggestion_reason,
                case.suggestion_value,
            ]
            for case in cases
        ]
        return table("valuable", self.env._("Valuable Suggestions"), columns, rows)
