from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.crm_service_base.tools.periods import period_before
from odoo.addons.crm_service_base.tools.statistics_table import column, percent, table

TYPICAL_CASES = 20
COUNTS = (
    "received",
    "valid",
    "invalid",
    "major",
    "solved",
    "timed",
    "in_time",
    "callbacks",
    "called",
    "answered",
    "satisfied",
    "reopened",
    "repeated",
)
GROUPS = ("severity", "cause_id", "department_id", "team_id", "user_id")


class CrmStatisticsReportType(models.Model):
    """Complaints of a month: 客户投诉分析报告表 (E2.F029), the table of valid ones (E2.R12).

    A complaint belongs to the period in which it was received.
    """

    _name = "crm.statistics.report.type"
    _inherit = ["crm.statistics.report.type"]

    method = fields.Selection(
        selection_add=[
            ("case_complaints", "Complaint analysis"),
            ("case_table", "Valid complaints and their handling"),
        ],
        ondelete={"case_complaints": "set null", "case_table": "set null"},
    )

    # ------------------------------------------------------------------
    # ZC-QR-029 (E2.F029)
    # ------------------------------------------------------------------

    def _crm_statistics_case_complaints(self, company, date_from, date_to):
        """Totals beside the period before; by class, cause, department, team and person; typical
        cases; what was decided to do."""
        bounds = self._get_bounds(date_from, date_to)
        before = self._get_bounds(*period_before(self.schedule, date_from, date_to))
        groups = self._query_complaint_groups(company, *bounds)
        return [
            self._get_complaint_totals(groups, self._query_complaint_groups(company, *before)),
            self._get_complaint_table(
                groups, "severity", self.env._("By Class"), self.env._("Class")
            ),
            self._get_complaint_table(
                groups, "cause_id", self.env._("By Cause"), self.env._("Cause")
            ),
            self._get_complaint_table(
                groups, "department_id", self.env._("By Department"), self.env._("Department")
            ),
            self._get_complaint_table(groups, "team_id", self.env._("By Team"), self.env._("Team")),
            self._get_complaint_table(
                groups, "user_id", self.env._("By Person"), self.env._("Owner")
            ),
            self._get_typical_table(company, *bounds),
            self._get_measure_table(company, *bounds),
        ]

    def _get_complaint_totals(self, groups, before):
        now, old = groups.get((None, None), {}), before.get((None, None), {})
        pieces = self.env._("complaints")
        indicators = [
            (self.env._("Complaints received"), pieces, "received", None),
            (self.env._("Valid"), pieces, "valid", None),
            (self.env._("Not valid"), pieces, "invalid", None),
            (self.env._("Major"), pieces, "major", None),
            (self.env._("Solved"), pieces, "solved", None),
            (self.env._("Solved on time"), "%", "in_time", "timed"),
            (self.env._("Callback rate"), "%", "called", "callbacks"),
            (self.env._("Satisfied with the handling"), "%", "satisfied", "answered"),
            (self.env._("Opened again"), pieces, "reopened", None),
            (self.env._("Customer came again about a matter"), "%", "repeated", "received"),
        ]
        columns = [
            column("indicator", self.env._("Indicator"), width=3),
            column("unit", self.env._("Measured In")),
            column("value", self.env._("This Month"), "number"),
            column("before", self.env._("Month Before"), "number"),
            column("change", self.env._("Change"), "number"),
        ]
        rows = []
        for name, unit, key, whole in indicators:
            value, past = (
                percent(counts.get(key, 0), counts.get(whole, 0)) if whole else counts.get(key, 0)
                for counts in (now, old)
            )
            change = None if value is None or past is None else round(value - past, 1)
            rows.append([name, unit, value, past, change])
        note = self.env._("Complaints that were judged not valid do not count as late.")
        return table("totals", self.env._("Totals"), columns, rows, is_summary=True, note=note)

    def _get_complaint_table(self, groups, key, caption, first):
        columns = [
            column("name", first, width=2),
            column("received", self.env._("Complaints"), "integer", total=True),
            column("valid", self.env._("Valid"), "integer", total=True),
            column("major", self.env._("Major"), "integer", total=True),
            column("solved", self.env._("Solved"), "integer", total=True),
            column("time", self.env._("On Time"), "percent"),
            column("callback", self.env._("Callback Rate"), "percent"),
            column("satisfied", self.env._("Satisfied"), "percent"),
            column("reopened", self.env._("Opened Again"), "integer", total=True),
        ]
        found = [(value, counts) for (field, value), counts in groups.items() if field == key]
        names = self._get_group_names(key, [value for value, _counts in found])
        rows = [
            [
                names.get(value) or self.env._("Not named"),
                counts["received"],
                counts["valid"],
                counts["major"],
                counts["solved"],
                percent(counts["in_time"], counts["timed"]),
                percent(counts["called"], counts["callbacks"]),
                percent(counts["satisfied"], counts["answered"]),
                counts["reopened"],
            ]
            for value, counts in sorted(found, key=lambda item: -item[1]["received"])
        ]
        return table(f"by_{key}", caption, columns, rows, is_summary=True)

    def _get_group_names(self, key, values):
        """:return: dict of group value to its name in the language of the report"""
        if key == "severity":
            return dict(
                self.env["crm.service.case"]._fields["severity"]._description_selection(self.env)
            )
        model = {
            "cause_id": "crm.case.cause",
            "department_id": "crm.service.department",
            "team_id": "crm.service.team",
            "user_id": "res.users",
        }[key]
        return {record.id: record.name for record in self.env[model].browse(filter(None, values))}

    def _query_complaint_groups(self, company, start, end):
        """Counts of the complaints received in a period, all groups in one query.

        :return: dict of ``(field, value)`` to a dict of ``COUNTS``; ``(None, None)`` is all
        """
        self.env.flush_all()
        rows = self.env.execute_query_dict(
            SQL(
                """
                WITH complaint AS (%(complaints)s)
                SELECT %(groups)s,
                       %(grouping)s AS grouping,
                       count(*) AS received,
                       count(*) FILTER (WHERE validity = 'valid') AS valid,
                       count(*) FILTER (WHERE validity = 'invalid') AS invalid,
                       count(*) FILTER (WHERE severity = 'major') AS major,
                       count(*) FILTER (WHERE is_solved) AS solved,
                       count(is_in_time) AS timed,
                       count(*) FILTER (WHERE is_in_time) AS in_time,
                       count(*) FILTER (WHERE has_callback) AS callbacks,
                       count(*) FILTER (WHERE has_callback AND is_called) AS called,
                       count(callback_result) AS answered,
                       count(*) FILTER (WHERE callback_result = 'satisfied') AS satisfied,
                       count(*) FILTER (WHERE reopen_count > 0) AS reopened,
                       count(*) FILTER (WHERE is_repeat) AS repeated
                  FROM complaint
                 GROUP BY GROUPING SETS ((), %(sets)s)
                """,
                complaints=self._sql_complaints(company, start, end),
                groups=SQL(", ").join(map(SQL.identifier, GROUPS)),
                grouping=SQL("GROUPING(%s)", SQL(", ").join(map(SQL.identifier, GROUPS))),
                sets=SQL(", ").join(SQL("(%s)", SQL.identifier(name)) for name in GROUPS),
            )
        )
        return {self._get_group_key(row): {name: row[name] for name in COUNTS} for row in rows}

    def _get_group_key(self, row):
        """Which set a row belongs to: PostgreSQL sets the bit of each column not grouped by."""
        for index, name in enumerate(reversed(GROUPS)):
            if not row["grouping"] >> index & 1:
                return name, row[name]
        return None, None

    def _sql_complaints(self, company, start, end):
        """The complaints of a period, a row each; found by the index on their date.

        On time is whether the clock to solve it was met before its deadline; a clock that still
        runs and has time left says nothing yet, and a complaint judged not valid is not late.
        The department is the one complained of, else
        the one that answers for the category, else that of the case.
        """
        return SQL(
            """
            SELECT c.id, c.name, c.subject, c.description, c.date_opened, c.partner_id,
                   c.contact_name, c.phone, c.state, c.severity, c.validity, c.cause_id,
                   c.cause_analysis, c.measures, c.solution, c.date_solved, c.reopen_count,
                   c.team_id, c.user_id, c.callback_result, c.date_called_back,
                   coalesce(r.department_id, (g.department_id ->> %(company)s::text)::integer,
                            c.department_id) AS department_id,
                   c.date_solved IS NOT NULL AS is_solved,
                   CASE WHEN c.validity = 'invalid' THEN NULL
                        WHEN k.date_met IS NOT NULL THEN k.date_met <= k.date_deadline
                        WHEN k.date_deadline < %(now)s AND k.state = 'running' THEN FALSE
                        END AS is_in_time,
                   c.validity = 'valid' AND c.date_solved IS NOT NULL AS has_callback,
                   c.date_called_back IS NOT NULL AS is_called,
                   c.repeat_of_id IS NOT NULL AS is_repeat
              FROM crm_service_case c
         LEFT JOIN crm_case_category g ON g.id = c.category_id
         LEFT JOIN LATERAL (SELECT r.department_id FROM crm_case_referral r
                             WHERE r.case_id = c.id AND r.state NOT IN ('draft', 'cancelled')
                             ORDER BY r.id DESC LIMIT 1) r ON TRUE
         LEFT JOIN LATERAL (SELECT k.date_met, k.date_deadline, k.state
                              FROM crm_deadline_clock k
                             WHERE k.case_id = c.id AND k.target = 'solve'
                               AND k.state != 'stopped' AND k.date_deadline IS NOT NULL
                             ORDER BY k.id DESC LIMIT 1) k ON TRUE
             WHERE c.company_id = %(company)s AND c.active AND c.kind = 'complaint'
               AND c.state != 'cancelled'
               AND c.date_opened >= %(start)s AND c.date_opened < %(end)s
            """,
            company=company.id,
            now=fields.Datetime.now(),
            start=start,
            end=end,
        )

    def _get_typical_table(self, company, start, end):
        """典型案例: what is in the library, then what was major."""
        columns = [
            column("case", self.env._("Case"), width=1.6),
            column("customer", self.env._("Customer"), width=1.5),
            column("matter", self.env._("Matter"), "text", width=2.5),
            column("cause", self.env._("Cause"), "text", width=2),
            column("handling", self.env._("Handling"), "text", width=2.5),
            column("result", self.env._("Callback")),
        ]
        results = self._get_callback_names()
        rows = self.env.execute_query(
            SQL(
                """
                WITH complaint AS (%(complaints)s)
                SELECT c.name, p.name, concat_ws(E'\\n', c.subject, c.description),
                       coalesce(c.cause_analysis, %(cause)s),
                       concat_ws(E'\\n', c.measures, c.solution), c.callback_result
                  FROM complaint c
             LEFT JOIN res_partner p ON p.id = c.partner_id
             LEFT JOIN crm_case_cause u ON u.id = c.cause_id
             LEFT JOIN crm_case_library l ON l.case_id = c.id AND l.active
                 WHERE l.id IS NOT NULL OR c.severity = 'major' AND c.validity != 'invalid'
                 ORDER BY l.id IS NULL, c.date_opened, c.id
                 LIMIT %(limit)s
                """,
                complaints=self._sql_complaints(company, start, end),
                cause=self._sql_translated("u"),
                limit=TYPICAL_CASES,
            )
        )
        rows = [[*row[:-1], results.get(row[-1])] for row in rows]
        return table("typical", self.env._("Typical Cases"), columns, rows)

    def _get_callback_names(self):
        field = self.env["crm.service.case"]._fields["callback_result"]
        return dict(field._description_selection(self.env))

    def _sql_translated(self, alias):
        """The translated ``name`` of a table in the language of the report."""
        name = SQL.identifier(alias, "name")
        return SQL("coalesce(%s->>%s, %s->>'en_US')", name, self.env.lang or "en_US", name)

    def _get_measure_table(self, company, start, end):
        """改进措施 of these complaints and of the discussions held in the period."""
        columns = [
            column("measure", self.env._("Measure"), "text", width=4),
            column("about", self.env._("About")),
            column("owner", self.env._("Responsible")),
            column("due", self.env._("Due"), "date"),
            column("done", self.env._("Done On"), "date"),
        ]
        rows = self.env.execute_query(
            SQL(
                """
                WITH complaint AS (%(complaints)s), measure AS (
                    SELECT m.name, c.name AS about, m.user_id, m.date_due, m.date_done
                      FROM complaint c
                      JOIN crm_case_measure m ON m.case_id = c.id
                     UNION ALL
                    SELECT m.name, d.name, m.user_id, m.date_due, m.date_done
                      FROM crm_case_discussion d
                      JOIN crm_case_discussion_measure m ON m.discussion_id = d.id
                     WHERE d.company_id = %(company)s AND d.active
                       AND d.state IN ('held', 'done')
                       AND d.date >= %(start)s AND d.date < %(end)s
                )
                SELECT m.name, m.about, p.name, m.date_due, %(done)s::date
                  FROM measure m
                  JOIN res_users u ON u.id = m.user_id
                  JOIN res_partner p ON p.id = u.partner_id
                 ORDER BY m.date_due, m.about, m.name
                """,
                complaints=self._sql_complaints(company, start, end),
                company=company.id,
                start=start,
                end=end,
                done=self._sql_local_time(SQL("m.date_done")),
            )
        )
        return table("measures", self.env._("Measures to Improve"), columns, rows)

    # ------------------------------------------------------------------
    # the table of all valid complaints (E2.R12)
    # ------------------------------------------------------------------

    def _crm_statistics_case_table(self, company, date_from, date_to):
        """Every valid complaint of the period and how it was handled; one that nobody judged yet
        stands there as such, so that it is not left out by being left lying."""
        columns = [
            column("case", self.env._("Number"), width=1.3),
            column("date", self.env._("Received On"), "datetime", width=1.2),
            column("customer", self.env._("Customer"), width=1.6),
            column("phone", self.env._("Phone"), width=1.2),
            column("matter", self.env._("Matter"), "text", width=2.5),
            column("class", self.env._("Class")),
            column("department", self.env._("Department"), width=1.2),
            column("owner", self.env._("Owner")),
            column("handling", self.env._("Handling"), "text", width=2.5),
            column("state", self.env._("Status")),
            column("time", self.env._("On Time")),
            column("callback", self.env._("Callback")),
        ]
        bounds = self._get_bounds(date_from, date_to)
        rows = [self._prepare_case_row(row) for row in self._query_valid(company, *bounds)]
        return [table("complaints", self.env._("Valid Complaints"), columns, rows)]

    def _prepare_case_row(self, row):
        cases = self.env["crm.service.case"]
        states, severities = (
            dict(cases._fields[name]._description_selection(self.env))
            for name in ("state", "severity")
        )
        in_time = {True: self.env._("Yes"), False: self.env._("No")}
        return [
            row["number"],
            row["date"],
            row["customer"],
            row["phone"],
            row["matter"],
            self.env._("Not Judged Yet")
            if row["validity"] == "pending"
            else severities[row["severity"]],
            row["department"],
            row["owner"],
            row["handling"],
            states[row["state"]],
            in_time.get(row["is_in_time"]),
            self._get_callback_names().get(row["callback_result"]),
        ]

    def _query_valid(self, company, start, end):
        self.env.flush_all()
        return self.env.execute_query_dict(
            SQL(
                """
                WITH complaint AS (%(complaints)s)
                SELECT c.name AS number, %(local)s AS date,
                       coalesce(p.name, c.contact_name) AS customer, c.phone, c.severity,
                       c.validity,
                       concat_ws(E'\\n', c.subject, c.description) AS matter,
                       %(department)s AS department, o.name AS owner,
                       concat_ws(E'\\n', c.measures, c.solution) AS handling, c.state,
                       c.is_in_time, c.callback_result
                  FROM complaint c
             LEFT JOIN res_partner p ON p.id = c.partner_id
             LEFT JOIN crm_service_department d ON d.id = c.department_id
             LEFT JOIN res_users u ON u.id = c.user_id
             LEFT JOIN res_partner o ON o.id = u.partner_id
                 WHERE c.validity != 'invalid'
                 ORDER BY c.date_opened, c.id
                """,
                complaints=self._sql_complaints(company, start, end),
                local=self._sql_local_time(SQL("c.date_opened")),
                department=self._sql_translated("d"),
            )
        )
