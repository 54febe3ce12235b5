from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.crm_service_base.tools.periods import period_before
from odoo.addons.crm_service_base.tools.statistics_table import column, percent, table

# the bits of GROUPING(kind, channel, department_id), which are set where a row is of all values
GROUPINGS = {7: "all", 3: "kind", 5: "channel", 6: "department"}
COUNTS = (
    "received",
    "solved",
    "open",
    "reopened",
    "repeated",
    "passed",
    "callbacks",
    "called",
    "answered",
    "satisfied",
)


class CrmStatisticsReportType(models.Model):
    """服务监督报告: another department looks at how service takes in and looks after (C3.R1)."""

    _name = "crm.statistics.report.type"
    _inherit = ["crm.statistics.report.type"]

    method = fields.Selection(
        selection_add=[("supervision", "Supervision of service")],
        ondelete={"supervision": "set null"},
    )
    is_comment_required = fields.Boolean(
        "Comments Needed", help="Cannot be submitted without comments (the analysis)."
    )
    is_general_manager_informed = fields.Boolean("Goes To the General Manager")

    def _crm_statistics_supervision(self, company, date_from, date_to):
        """What came in and how it was handled, and what was done unasked, beside last month."""
        days = period_before(self.schedule, date_from, date_to)
        period = (company, *self._get_bounds(date_from, date_to))
        before = (company, *self._get_bounds(*days))
        groups, old = self._query_intake(*period), self._query_intake(*before)
        clocks, old_clocks = self._get_clock_counts(*period), self._get_clock_counts(*before)
        cases = self.env["crm.service.case"]
        kinds, channels = (
            dict(cases._fields[name]._description_selection(self.env))
            for name in ("kind", "channel")
        )
        departments = {
            record.id: record.name for record in self.env["crm.service.department"].search([])
        }
        return [
            self._get_intake_totals(groups, old, clocks, old_clocks),
            self._get_intake_table("kind", self.env._("Intake by Kind"), kinds, groups, old),
            self._get_intake_table(
                "channel", self.env._("Intake by Channel"), channels, groups, old
            ),
            self._get_intake_table(
                "department", self.env._("Intake by Department"), departments, groups, old
            ),
            self._get_kept_table(clocks, old_clocks),
            self._get_proactive_table(
                self._get_proactive_rows(company, date_from, date_to),
                self._get_proactive_rows(company, *days),
            ),
        ]

    # ------------------------------------------------------------------ intake

    def _query_intake(self, company, start, end):
        """Counts of the cases received in a period, all groups in one query.

        :return: dict of ``(group, value)`` to a dict of ``COUNTS``; ``("all", None)`` is all
        """
        self.env.flush_all()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT GROUPING(c.kind, c.channel, c.department_id) AS grouping,
                       c.kind, c.channel, c.department_id AS department,
                       count(*) AS received,
                       count(*) FILTER (WHERE c.date_solved IS NOT NULL) AS solved,
                       count(*) FILTER (WHERE c.state = 'open') AS open,
                       count(*) FILTER (WHERE c.reopen_count > 0) AS reopened,
                       count(*) FILTER (WHERE c.repeat_of_id IS NOT NULL) AS repeated,
                       count(*) FILTER (WHERE c.is_passed_around) AS passed,
                       count(*) FILTER (WHERE c.callback_id IS NOT NULL
                                           OR c.date_called_back IS NOT NULL) AS callbacks,
                       count(c.date_called_back) AS called,
                       count(c.callback_result) AS answered,
                       count(*) FILTER (WHERE c.callback_result = 'satisfied') AS satisfied
                  FROM crm_service_case c
                 WHERE c.company_id = %(company)s AND c.active AND c.state != 'cancelled'
                   AND c.date_opened >= %(start)s AND c.date_opened < %(end)s
                 GROUP BY GROUPING SETS ((), (c.kind), (c.channel), (c.department_id))
                """,
                company=company.id,
                start=start,
                end=end,
            )
        )
        found = {}
        for row in rows:
            group = GROUPINGS[row["grouping"]]
            found[group, row.get(group)] = {name: row[name] for name in COUNTS}
        return found

    def _get_clock_counts(self, company, start, end):
        """:return: dict of target to ``(fell due, in time, late, open)``"""
        rows = self._query_clocks(company, start, end, "target")
        return {target: tuple(counts) for _name, target, *counts in rows}

    def _get_intake_totals(self, groups, old, clocks, old_clocks):
        pieces = self.env._("cases")
        indicators = [
            (self.env._("Cases received"), pieces, "received", None),
            (self.env._("Solved"), pieces, "solved", None),
            (self.env._("Still open"), pieces, "open", None),
            (self.env._("Opened again"), pieces, "reopened", None),
            (self.env._("Customer came again about a matter"), pieces, "repeated", None),
            (self.env._("Passed around"), pieces, "passed", None),
            (self.env._("Deadlines kept"), "%", "kept", "due"),
            (self.env._("Deadlines missed"), self.env._("deadlines"), "late", None),
            (self.env._("Called back"), "%", "called", "callbacks"),
            (self.env._("Satisfied when called back"), "%", "satisfied", "answered"),
        ]
        now, past = (
            {**found.get(("all", None), {}), **self._sum_clocks(counts)}
            for found, counts in ((groups, clocks), (old, old_clocks))
        )
        rows = []
        for name, unit, key, whole in indicators:
            value, before = (
                percent(counts.get(key, 0), counts.get(whole, 0)) if whole else counts.get(key, 0)
                for counts in (now, past)
            )
            change = None if value is None or before is None else round(value - before, 1)
            rows.append([name, unit, value, before, change])
        columns = [
            column("indicator", self.env._("Indicator"), width=3),
            column("unit", self.env._("Measured In")),
            column("value", self.env._("This Period"), "float"),
            column("before", self.env._("Period Before"), "float", is_compared=False),
            column("change", self.env._("Change"), "float", is_compared=False),
        ]
        return table("totals", self.env._("Intake of Service"), columns, rows, is_summary=True)

    def _sum_clocks(self, counts):
        sums = [sum(numbers) for numbers in zip(*counts.values(), strict=True)] or [0] * 4
        return dict(zip(("due", "kept", "late", "running"), sums, strict=True))

    def _get_intake_table(self, group, caption, names, groups, old):
        columns = [
            column("name", caption, width=2),
            column("received", self.env._("Cases Taken In"), "integer", total=True),
            column("before", self.env._("Period Before"), "integer", True, is_compared=False),
            column("solved", self.env._("Solved"), "integer", total=True),
            column("open", self.env._("Still Open"), "integer", total=True),
            column("reopened", self.env._("Opened Again"), "integer", total=True),
            column("called", self.env._("Called Back"), "integer", total=True),
            column("satisfied", self.env._("Satisfied"), "percent"),
        ]
        values = {value for key, value in groups.keys() | old.keys() if key == group}
        order = {value: number for number, value in enumerate(names)}
        nothing = dict.fromkeys(COUNTS, 0)
        rows = []
        for value in sorted(values, key=lambda value: order.get(value, len(order))):
            counts = groups.get((group, value), nothing)
            rows.append(
                [
                    names.get(value) or self.env._("Not named"),
                    counts["received"],
                    old.get((group, value), nothing)["received"],
                    counts["solved"],
                    counts["open"],
                    counts["reopened"],
                    counts["called"],
                    percent(counts["satisfied"], counts["answered"]),
                ]
            )
        return table(group, caption, columns, rows, is_summary=True)

    def _get_kept_table(self, clocks, old):
        field = self.env["crm.deadline.clock"]._fields["target"]
        columns = [
            column("name", self.env._("Deadline"), width=2),
            column("due", self.env._("Fell Due"), "integer", total=True),
            column("kept", self.env._("In Time"), "integer", total=True),
            column("late", self.env._("Late"), "integer", total=True),
            column("open", self.env._("Open"), "integer", total=True),
            column("rate", self.env._("Rate In Time"), "percent"),
            column("before", self.env._("Rate Before"), "percent", is_compared=False),
        ]
        rows = []
        for target, name in field._description_selection(self.env):
            if target in clocks or target in old:
                due, kept, late, running = clocks.get(target, (0, 0, 0, 0))
                past = old.get(target, (0, 0))
                rate = percent(kept, due)
                rows.append([name, due, kept, late, running, rate, percent(past[1], past[0])])
        return table("clocks", self.env._("Deadlines"), columns, rows, is_summary=True)

    # ------------------------------------------------------------------ unasked

    def _get_proactive_rows(self, company, date_from, date_to):
        """What was to be done for customers unasked; whoever adds such work adds a row.

        :return: list of ``(key, name, due, done)``; what was planned for the period, what was done
            of it
        """
        start, end = self._get_bounds(date_from, date_to)
        methods = self._query_methods(company, start, end)
        callbacks = self._query_callbacks(company, start, end)
        days = [("date", ">=", date_from), ("date", "<=", date_to), ("state", "!=", "skipped")]
        care = dict(
            self.env["crm.care.task"]._read_group(
                [("company_id", "=", company.id), *days], ["state"], ["__count"]
            )
        )
        rows = [
            ("visits", self.env._("Planned visits and calls"), 1, 2, methods),
            ("callbacks", self.env._("Callbacks"), 3, 4, callbacks),
        ]
        found = [
            (key, name, sum(row[due] for row in counts), sum(row[done] for row in counts))
            for key, name, due, done, counts in rows
        ]
        inspections = self.env["crm.inspection.line"]
        due = [
            ("company_id", "=", company.id),
            ("round_id.state", "in", ("approved", "done")),
            ("date_due", ">=", date_from),
            ("date_due", "<=", date_to),
        ]
        done = inspections.search_count([*due, ("date_done", "!=", False)])
        return [
            *found,
            ("inspections", self.env._("Inspections"), inspections.search_count(due), done),
            (
                "care",
                self.env._("Greetings, gifts and care"),
                sum(care.values()),
                care.get("done", 0),
            ),
        ]

    def _get_proactive_table(self, rows, old):
        past = {key: (due, done) for key, _name, due, done in old}
        columns = [
            column("name", self.env._("Proactive Service"), width=2),
            column("due", self.env._("Planned"), "integer", total=True),
            column("done", self.env._("Done of Those"), "integer", total=True),
            column("rate", self.env._("Rate Done"), "percent"),
            column("before", self.env._("Rate Before"), "percent", is_compared=False),
        ]
        lines = []
        for key, name, due, done in rows:
            old_due, old_done = past.get(key, (0, 0))
            lines.append([name, due, done, percent(done, due), percent(old_done, old_due)])
        caption = self.env._("Proactive Service")
        return table("proactive", caption, columns, lines, is_summary=True)
