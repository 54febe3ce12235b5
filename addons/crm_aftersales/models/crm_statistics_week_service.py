from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain

from odoo.addons.crm_service_base.tools.periods import period_before
from odoo.addons.crm_service_base.tools.statistics_table import column, table

SHOWN_ROWS = 500
AHEAD_DAYS = 7


class CrmStatisticsReportType(models.Model):
    """The service part of the weekly meeting: what is open, late or due soon (C3.R8).

    Figures of the week are those of the period; the lists are what is open when it is made.
    """

    _name = "crm.statistics.report.type"
    _inherit = ["crm.statistics.report.type"]

    method = fields.Selection(
        selection_add=[("service_week", "Service for the weekly meeting")],
        ondelete={"service_week": "set null"},
    )

    def _crm_statistics_service_week(self, company, date_from, date_to):
        great = self._find_great_cases(company)
        clocks = self._find_overdue_clocks(company)
        adjudications = self._find_due_adjudications(company)
        promises = self._find_due_promises(company)
        lists = [
            (self.env._("Great matters open"), great),
            (self.env._("Deadlines overdue"), clocks),
            (self.env._("Adjudications due"), adjudications),
            (self.env._("Promises due"), promises),
        ]
        return [
            self._get_week_totals(company, date_from, date_to, lists),
            self._get_great_table(great),
            self._get_overdue_table(clocks),
            self._get_adjudication_table(adjudications),
            self._get_promise_table(promises),
        ]

    # ------------------------------------------------------------------ what is listed

    def _find_great_cases(self, company):
        """Open cases that the general manager was or must be told of, and major complaints."""
        great = Domain("is_great", "=", True) | Domain("date_great", "!=", False)
        great |= Domain([("kind", "=", "complaint"), ("severity", "=", "major")])
        opened = Domain([("company_id", "=", company.id), ("state", "=", "open")])
        cases = self.env["crm.service.case"]
        return cases.search(great & opened, order="date_opened, id", limit=SHOWN_ROWS)

    def _find_overdue_clocks(self, company):
        return self.env["crm.deadline.clock"].search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "running"),
                ("date_deadline", "<", fields.Datetime.now()),
                ("case_id.active", "=", True),
            ],
            order="date_deadline, id",
            limit=SHOWN_ROWS,
        )

    def _find_due_adjudications(self, company):
        """To be decided or carried out until the next meeting, overdue ones too."""
        return self.env["crm.adjudication"].search(
            [
                ("company_id", "=", company.id),
                ("state", "in", ("requested", "decided")),
                ("date_watch", "<", fields.Datetime.now() + timedelta(days=AHEAD_DAYS)),
            ],
            order="date_watch, id",
            limit=SHOWN_ROWS,
        )

    def _find_due_promises(self, company):
        return self.env["crm.customer.promise"].search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "open"),
                ("date_deadline", "<=", self._get_today() + timedelta(days=AHEAD_DAYS)),
            ],
            order="date_deadline, id",
            limit=SHOWN_ROWS,
        )

    # ------------------------------------------------------------------ tables

    def _get_week_totals(self, company, date_from, date_to, lists):
        days = period_before(self.schedule, date_from, date_to)
        now, old = (
            self._query_intake(company, *self._get_bounds(*period)).get(("all", None), {})
            for period in ((date_from, date_to), days)
        )
        columns = [
            column("what", self.env._("Indicator"), width=3),
            column("count", self.env._("This Week"), "integer"),
            column("before", self.env._("Week Before"), "integer", is_compared=False),
        ]
        names = {
            "received": self.env._("Cases received"),
            "solved": self.env._("Solved of those"),
            "reopened": self.env._("Opened again"),
        }
        rows = [[name, now.get(key, 0), old.get(key, 0)] for key, name in names.items()]
        rows += [[name, len(records), None] for name, records in lists]
        return table("week", self.env._("Service of the Week"), columns, rows, is_summary=True)

    def _get_great_table(self, cases):
        columns = [
            column("number", self.env._("Number"), width=1.2),
            column("date", self.env._("Received On"), "datetime", width=1.2),
            column("customer", self.env._("Customer"), width=1.5),
            column("matter", self.env._("Matter"), "text", width=2.5),
            column("department", self.env._("Department")),
            column("owner", self.env._("Owner")),
            column("days", self.env._("Days Open"), "integer"),
        ]
        rows = [
            [
                case.name,
                self._get_local_time(case.date_opened),
                case.partner_id.display_name or case.contact_name,
                case.subject,
                case.department_id.name,
                case.user_id.name,
                case.days_open,
            ]
            for case in cases
        ]
        return table("great", self.env._("Great Matters Open"), columns, rows)

    def _get_overdue_table(self, clocks):
        targets = dict(clocks._fields["target"]._description_selection(self.env))
        now = fields.Datetime.now()
        columns = [
            column("number", self.env._("Case"), width=1.2),
            column("matter", self.env._("Matter"), "text", width=2.5),
            column("deadline", self.env._("Deadline"), width=1.2),
            column("date", self.env._("Due"), "datetime", width=1.2),
            column("late", self.env._("Days Late"), "float"),
            column("team", self.env._("Team")),
            column("owner", self.env._("Owner")),
        ]
        rows = [
            [
                clock.case_id.name,
                clock.case_id.subject,
                targets[clock.target],
                self._get_local_time(clock.date_deadline),
                round((now - clock.date_deadline).total_seconds() / 86400, 1),
                clock.team_id.name,
                clock.user_id.name,
            ]
            for clock in clocks
        ]
        return table("overdue", self.env._("Deadlines Overdue"), columns, rows)

    def _get_adjudication_table(self, documents):
        states = dict(documents._fields["state"]._description_selection(self.env))
        columns = [
            column("number", self.env._("Number"), width=1.2),
            column("matter", self.env._("Matter"), "text", width=2.5),
            column("departments", self.env._("Departments"), width=2),
            column("state", self.env._("Status")),
            column("date", self.env._("Due"), "datetime", width=1.2),
        ]
        rows = [
            [
                document.name,
                document.subject,
                self.env._(", ").join(document.department_ids.mapped("name")),
                states[document.state],
                self._get_local_time(document.date_watch),
            ]
            for document in documents
        ]
        return table("adjudications", self.env._("Adjudications Due"), columns, rows)

    def _get_promise_table(self, promises):
        columns = [
            column("number", self.env._("Number"), width=1.2),
            column("customer", self.env._("Customer"), width=1.5),
            column("promise", self.env._("Promise"), "text", width=3),
            column("owner", self.env._("Owner")),
            column("date", self.env._("Due"), "date"),
        ]
        rows = [
            [
                promise.name,
                promise.partner_id.display_name,
                promise.description,
                promise.user_id.name,
                promise.date_deadline,
            ]
            for promise in promises
        ]
        return table("promises", self.env._("Promises Due"), columns, rows)
