from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.crm_service_base.tools.periods import period_before
from odoo.addons.crm_service_base.tools.statistics_table import column, percent, table

SATISFIED = ("good", "fair")


class CrmStatisticsReportType(models.Model):
    """Figures of visits: weekly summary, meeting report, daily work report, evaluation."""

    _inherit = "crm.statistics.report.type"

    method = fields.Selection(
        selection_add=[
            ("visit_week", "Weekly summary of visits"),
            ("visit_meeting", "Weekly meeting report"),
            ("work_day", "Daily work report of a person"),
        ],
        ondelete={
            "visit_week": "set null",
            "visit_meeting": "set null",
            "work_day": "set null",
        },
    )

    @api.model
    def _get_personal_methods(self):
        return super()._get_personal_methods() | {"work_day"}

    # ------------------------------------------------------------------
    # 客户回访汇总表 (A1.R8)
    # ------------------------------------------------------------------

    def _crm_statistics_visit_week(self, company, date_from, date_to):
        """Every visit to a customer of the week, and how each method did."""
        period = (company, *self._get_bounds(date_from, date_to))
        return [self._get_visit_table(*period), self._get_method_table(*period)]

    def _get_visit_table(self, company, start, end):
        columns = [
            column("customer", self.env._("Customer"), width=2),
            column("visitor", self.env._("Visitors")),
            column("method", self.env._("Method")),
            column("date", self.env._("Date"), "datetime", width=1.2),
            column("service", self.env._("Service Satisfaction")),
            column("product", self.env._("Product Satisfaction")),
            column("opinion", self.env._("Opinions and Demands"), "text", width=2.5),
            column("measure", self.env._("Countermeasures"), "text", width=2),
            column("result", self.env._("Result"), "text", width=1.5),
        ]
        answered = self.env["crm.visit"]._fields["satisfaction_service"]
        answers = dict(answered._description_selection(self.env))
        rows = [
            [*who, answers.get(service), answers.get(product), *texts]
            for who, service, product, texts in (
                (row[:4], *row[4:6], row[6:]) for row in self._query_visits(company, start, end)
            )
        ]
        return table("visits", self.env._("Visits"), columns, rows)

    def _query_visits(self, company, start, end):
        """Visits we made in the period, in one query; SQL sees no record rules."""
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                SELECT coalesce(nullif(c.name, p.name) || ' ' || p.name, p.name, c.name),
                       (SELECT string_agg(up.name, ', ' ORDER BY u.id)
                          FROM res_users u
                          JOIN res_partner up ON up.id = u.partner_id
                         WHERE u.id = v.user_id
                            OR u.id IN (SELECT rel.user_id FROM crm_visit_visitor_rel rel
                                         WHERE rel.visit_id = v.id)),
                       %(method)s, %(local)s, v.satisfaction_service, v.satisfaction_product,
                       v.opinion, v.countermeasure, v.result
                  FROM crm_visit v
                  JOIN res_partner p ON p.id = v.partner_id
             LEFT JOIN res_partner c ON c.id = v.commercial_partner_id
                  JOIN crm_visit_method m ON m.id = v.method_id
                 WHERE v.company_id = %(company)s AND v.active AND %(done)s
                   AND v.direction = 'outbound'
                 ORDER BY v.date_start, v.id
                """,
                method=self._sql_method_name(),
                local=self._sql_local_time(SQL("v.date_start")),
                company=company.id,
                done=self._sql_done(start, end),
            )
        )

    def _sql_local_time(self, column):
        """A UTC column in the time zone of the type."""
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)", column, self.tz)

    def _sql_done(self, start, end):
        """Condition on ``v``: took place in the period. ``date`` is the indexed one."""
        return SQL(
            "v.date >= %(start)s AND v.date < %(end)s AND v.date_start IS NOT NULL "
            "AND v.state IN %(states)s",
            start=start,
            end=end,
            states=self.env["crm.visit"]._get_done_states(),
        )

    def _sql_method_name(self):
        return SQL("coalesce(m.name->>%s, m.name->>'en_US')", self.env.lang or "en_US")

    def _get_method_table(self, company, start, end):
        columns = [
            column("method", self.env._("Method"), width=2),
            column("planned", self.env._("Planned"), "integer"),
            column("done", self.env._("Done of Those"), "integer"),
            column("rate", self.env._("Rate Done"), "percent"),
            column("extra", self.env._("Not Planned"), "integer"),
            column("service", self.env._("Satisfied with Service"), "percent"),
            column("product", self.env._("Satisfied with Products"), "percent"),
        ]
        groups = [list(row) for row in self._query_methods(company, start, end)]
        if groups:
            counts = zip(*(group[1:] for group in groups), strict=True)
            groups.append([self.env._("Total"), *map(sum, counts)])
        rows = [self._prepare_method_row(*group) for group in groups]
        return table("methods", self.env._("By Method"), columns, rows, is_summary=True)

    @api.model
    def _prepare_method_row(self, name, planned, done, extra, service, happy, product, pleased):
        return [
            name,
            planned,
            done,
            percent(done, planned),
            extra,
            percent(happy, service),
            percent(pleased, product),
        ]

    def _query_methods(self, company, start, end):
        """Per method: planned for the period, done of those, done without a plan, answers.

        A visit is planned for the day its plan says, wherever it was moved to later.
        """
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                SELECT %(method)s, v.planned, v.done, v.extra, v.service, v.happy, v.product,
                       v.pleased
                  FROM (SELECT method_id,
                               count(*) FILTER (WHERE %(plan)s) AS planned,
                               count(*) FILTER (WHERE %(plan)s AND date_start < %(end)s
                                                  AND state IN %(states)s) AS done,
                               count(*) FILTER (WHERE %(now)s AND (%(plan)s) IS NOT TRUE) AS extra,
                               count(satisfaction_service) FILTER (WHERE %(now)s) AS service,
                               count(*) FILTER (WHERE satisfaction_service IN %(satisfied)s
                                                  AND %(now)s) AS happy,
                               count(satisfaction_product) FILTER (WHERE %(now)s) AS product,
                               count(*) FILTER (WHERE satisfaction_product IN %(satisfied)s
                                                  AND %(now)s) AS pleased
                          FROM crm_visit v
                         WHERE company_id = %(company)s AND active AND direction = 'outbound'
                           AND (%(plan)s OR %(now)s)
                         GROUP BY method_id) v
                  JOIN crm_visit_method m ON m.id = v.method_id
                 ORDER BY m.sequence, m.id
                """,
                method=self._sql_method_name(),
                satisfied=SATISFIED,
                end=end,
                states=self.env["crm.visit"]._get_done_states(),
                plan=SQL("v.date_planned >= %s AND v.date_planned < %s", start, end),
                now=self._sql_done(start, end),
                company=company.id,
            )
        )

    # ------------------------------------------------------------------
    # Friday's meeting (C3.R8)
    # ------------------------------------------------------------------

    def _crm_statistics_visit_meeting(self, company, date_from, date_to):
        """What each did for customers, and what customers said, since the last meeting."""
        period = (company, *self._get_bounds(date_from, date_to))
        return [self._get_person_table(*period), self._get_voice_table(*period)]

    def _get_person_table(self, company, start, end):
        columns = [
            column("person", self.env._("Person"), width=2),
            column("visits", self.env._("Visits and Calls"), "integer", total=True),
            column("inbound", self.env._("Received"), "integer", total=True),
            column("attempts", self.env._("Not Reached"), "integer", total=True),
            column("open", self.env._("Records to Submit"), "integer", total=True),
            column("leads", self.env._("Opportunities"), "integer", total=True),
        ]
        rows = self._query_persons(company, start, end)
        caption = self.env._("Service of the Week")
        return table("persons", caption, columns, rows, is_summary=True)

    def _query_persons(self, company, start, end):
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                WITH seen AS (
                    SELECT v.user_id, count(*) FILTER (WHERE v.direction = 'outbound') AS visits,
                           count(*) FILTER (WHERE v.direction = 'inbound') AS inbound,
                           count(*) FILTER (WHERE v.state = 'done') AS open,
                           (array_agg(v.id)) AS ids
                      FROM crm_visit v
                     WHERE v.company_id = %(company)s AND v.active AND %(done)s
                     GROUP BY v.user_id
                ), missed AS (
                    SELECT a.user_id, count(*) AS attempts
                      FROM crm_visit_attempt a
                      JOIN crm_visit v ON v.id = a.visit_id AND v.company_id = %(company)s
                     WHERE a.date >= %(start)s AND a.date < %(end)s
                     GROUP BY a.user_id
                )
                SELECT p.name, coalesce(seen.visits, 0), coalesce(seen.inbound, 0),
                       coalesce(missed.attempts, 0), coalesce(seen.open, 0),
                       (SELECT count(*) FROM crm_lead l WHERE l.crm_visit_id = ANY(seen.ids))
                  FROM seen
             FULL JOIN missed ON missed.user_id = seen.user_id
                  JOIN res_users u ON u.id = coalesce(seen.user_id, missed.user_id)
                  JOIN res_partner p ON p.id = u.partner_id
                 ORDER BY p.name, u.id
                """,
                company=company.id,
                done=self._sql_done(start, end),
                start=start,
                end=end,
            )
        )

    def _get_voice_table(self, company, start, end):
        columns = [
            column("date", self.env._("Date"), "datetime"),
            column("customer", self.env._("Customer"), width=1.5),
            column("person", self.env._("Person")),
            column("opinion", self.env._("Opinions and Demands"), "text", width=2),
            column("problem", self.env._("Problems Met"), "text", width=2),
            column("demand", self.env._("Local Market Demand"), "text", width=2),
            column("measure", self.env._("Countermeasures"), "text", width=2),
        ]
        rows = self._query_voices(company, start, end)
        return table("voices", self.env._("What Customers Told Us"), columns, rows)

    def _query_voices(self, company, start, end):
        """Contacts of either direction in which the customer told something."""
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                SELECT %(local)s, p.name, up.name,
                       concat_ws(E'\\n', v.opinion, v.product_opinion, v.service_opinion,
                                 v.product_expectation, v.service_expectation),
                       v.problem, v.local_demand, v.countermeasure
                  FROM crm_visit v
                  JOIN res_partner p ON p.id = v.commercial_partner_id
             LEFT JOIN res_users u ON u.id = v.user_id
             LEFT JOIN res_partner up ON up.id = u.partner_id
                 WHERE v.company_id = %(company)s AND v.active AND %(done)s
                   AND coalesce(v.opinion, v.product_opinion, v.service_opinion,
                                v.product_expectation, v.service_expectation, v.problem,
                                v.local_demand) IS NOT NULL
                 ORDER BY v.date_start, v.id
                """,
                local=self._sql_local_time(SQL("v.date_start")),
                company=company.id,
                done=self._sql_done(start, end),
            )
        )

    # ------------------------------------------------------------------
    # 客服工作记录表 (C1.R3, E1.F1)
    # ------------------------------------------------------------------

    def _crm_statistics_work_day(self, company, date_from, date_to, user):
        """Every contact a person really had with customers, attempts included."""
        columns = [
            column("time", self.env._("Time")),
            column("customer", self.env._("Customer"), width=2),
            column("method", self.env._("Method"), width=1.2),
            column("matter", self.env._("Matter"), "text", width=2.5),
            column("handling", self.env._("Handling"), "text", width=2.5),
            column("result", self.env._("Result"), "text", width=1.5),
            column("follow", self.env._("Follow-up"), "text", width=2),
        ]
        start, end = self._get_bounds(date_from, date_to)
        rows = self._get_contact_rows(company, start, end, user)
        rows += self._get_attempt_rows(company, start, end, user)
        rows = [
            [self._get_local_time(date).strftime("%H:%M"), *rest]
            for date, *rest in sorted(rows, key=lambda row: row[0])
        ]
        return [table("contacts", self.env._("Contacts of the Day"), columns, rows)]

    def _get_contact_rows(self, company, start, end, user):
        visits = self.env["crm.visit"].search(
            [
                ("company_id", "=", company.id),
                ("date", ">=", start),
                ("date", "<", end),
                ("date_start", "!=", False),
                ("state", "!=", "cancelled"),
                "|",
                ("user_id", "=", user.id),
                ("visitor_ids", "in", user.ids),
            ]
        )
        others = self.env["crm.service.contact"].search(
            [
                ("date", ">=", start),
                ("date", "<", end),
                ("company_id", "in", [company.id, False]),
                ("user_id", "=", user.id),
                ("res_model", "!=", "crm.visit"),
            ]
        )
        return [visit._prepare_work_row() for visit in visits] + [
            self._prepare_other_row(contact) for contact in others
        ]

    def _prepare_other_row(self, contact):
        kinds = dict(contact._fields["kind"]._description_selection(self.env))
        matter = "\n".join(filter(None, [contact.reference, contact.summary]))
        customer = contact.partner_id.display_name
        return [contact.date, customer, kinds.get(contact.kind), matter, None, contact.result, None]

    def _get_attempt_rows(self, company, start, end, user):
        attempts = self.env["crm.visit.attempt"].search(
            [
                ("date", ">=", start),
                ("date", "<", end),
                ("user_id", "=", user.id),
                ("visit_id.company_id", "=", company.id),
            ]
        )
        outcomes = dict(attempts._fields["outcome"]._description_selection(self.env))
        return [
            [
                attempt.date,
                attempt.visit_id.partner_id.display_name,
                attempt.visit_id.method_id.name,
                attempt.visit_id.purpose,
                attempt.note,
                outcomes[attempt.outcome],
                None,
            ]
            for attempt in attempts
        ]

    def _crm_statistics_persons_work_day(self, company, date_from, date_to):
        """Everybody who had a contact or tried to."""
        start, end = self._get_bounds(date_from, date_to)
        when = [("date", ">=", start), ("date", "<", end)]
        here = [("company_id", "in", [company.id, False])]
        contacts = self.env["crm.service.contact"]._read_group(when + here, ["user_id"])
        visits = self.env["crm.visit"]._read_group(
            [*when, *here, ("date_start", "!=", False), ("state", "!=", "cancelled")],
            ["visitor_ids"],
        )
        attempts = self.env["crm.visit.attempt"]._read_group(
            [*when, ("visit_id.company_id", "=", company.id)], ["user_id"]
        )
        users = self.env["res.users"].union(*(user for (user,) in contacts + visits + attempts))
        return users.filtered(
            lambda user: user.active and not user.share and company in user.company_ids
        ).sorted("id")

    @api.model
    def action_my_work_report(self):
        """Open my work report of today, with today's contacts so far.

        :raise AccessError: the user is not of customer service
        :raise UserError: the type of the work report was archived
        """
        if not self.env.user.has_group("crm_service_base.group_specialist"):
            raise AccessError(self.env._("Work reports are those of customer service staff."))
        report_type = self.search(
            [("method", "=", "work_day"), ("company_id", "in", [self.env.company.id, False])],
            order="company_id, id",
            limit=1,
        )
        if not report_type:
            raise UserError(self.env._("There is no type of report for daily work."))
        today = report_type._get_today()
        report = report_type._generate(self.env.company, today, today, self.env.user)
        report = report.with_user(self.env.user).sudo(False)
        if report.state == "draft":
            report.action_refresh()
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.statistics.report",
            "res_id": report.id,
            "views": [(False, "form")],
        }

    # ------------------------------------------------------------------
    # Quarterly evaluation (D8.R1)
    # ------------------------------------------------------------------

    def _get_crm_service_evaluation_rows(self, company, date_from, date_to):
        """Adds satisfaction and handling of visits, and customers that stopped ordering."""
        rows = super()._get_crm_service_evaluation_rows(company, date_from, date_to)
        bounds = self._get_bounds(date_from, date_to)
        before = self._get_bounds(*period_before(self.schedule, date_from, date_to))
        figures = self._query_evaluation(company, *bounds)
        return [
            *self._prepare_satisfaction_rows(figures),
            *self._prepare_efficiency_rows(figures),
            *rows,
            self._prepare_churn_row(self._query_churn(company, bounds, before)),
        ]

    def _prepare_satisfaction_rows(self, figures):
        names = {
            "service": self.env._("Customers satisfied with service"),
            "product": self.env._("Customers satisfied with products"),
            "complaint": self.env._("Customers satisfied with complaints and disputes"),
        }
        return [
            {
                "key": f"visit_{key}",
                "area": self.env._("Satisfaction"),
                "name": name,
                "value": percent(figures[f"{key}_happy"], figures[key]),
                "unit": "%",
            }
            for key, name in names.items()
        ]

    def _prepare_efficiency_rows(self, figures):
        days = figures["days"]
        rows = [
            ("done", self.env._("Visits done"), figures["done"], self.env._("visits")),
            ("rate", self.env._("Planned visits done"), self._get_rate(figures), "%"),
            (
                "review",
                self.env._("From the visit to the reviewed record"),
                days and float(days),
                self.env._("days"),
            ),
        ]
        return [
            {
                "key": f"visit_{key}",
                "area": self.env._("Handling Efficiency"),
                "name": name,
                "value": value,
                "unit": unit,
            }
            for key, name, value, unit in rows
        ]

    @api.model
    def _get_rate(self, figures):
        return percent(figures["planned_done"], figures["planned"])

    def _prepare_churn_row(self, counts):
        lost, known = counts
        return {
            "key": "churn",
            "area": self.env._("Churn"),
            "name": self.env._("Customers of the period before who ordered nothing"),
            "value": percent(lost, known),
            "unit": "%",
        }

    def _query_evaluation(self, company, start, end):
        """:return: dict of counts of the period, in one query"""
        self.env.flush_all()
        answers = SQL(", ").join(
            SQL(
                "count(%(field)s) FILTER (WHERE %(now)s) AS %(key)s, "
                "count(*) FILTER (WHERE %(now)s AND %(field)s IN %(satisfied)s) AS %(happy)s",
                field=SQL.identifier("v", f"satisfaction_{key}"),
                now=self._sql_done(start, end),
                key=SQL.identifier(key),
                happy=SQL.identifier(f"{key}_happy"),
                satisfied=SATISFIED,
            )
            for key in ("service", "product", "complaint")
        )
        (row,) = self.env.execute_query_dict(
            SQL(
                """
                SELECT count(*) FILTER (WHERE %(now)s AND v.direction = 'outbound') AS done,
                       count(*) FILTER (WHERE %(plan)s) AS planned,
                       count(*) FILTER (WHERE %(plan)s AND v.date_start < %(end)s
                                          AND v.state IN %(states)s) AS planned_done,
                       round(avg(extract(epoch FROM v.date_approved - v.date_start) / 86400)
                             FILTER (WHERE %(now)s AND v.state = 'reviewed'), 1) AS days,
                       %(answers)s
                  FROM crm_visit v
                 WHERE v.company_id = %(company)s AND v.active AND (%(plan)s OR %(now)s)
                """,
                now=self._sql_done(start, end),
                plan=SQL("(v.date_planned >= %s AND v.date_planned < %s)", start, end),
                end=end,
                states=self.env["crm.visit"]._get_done_states(),
                answers=answers,
                company=company.id,
            )
        )
        return row

    def _query_churn(self, company, bounds, before):
        """:return: customers who ordered in the period before: ``(those who did not now, all)``"""
        self.env["sale.order"].flush_model()
        (row,) = self.env.execute_query(
            SQL(
                """
                SELECT count(*) FILTER (WHERE NOT c.is_back), count(*)
                  FROM (SELECT p.commercial_partner_id, bool_or(o.date_order >= %s) AS is_back
                          FROM sale_order o
                          JOIN res_partner p ON p.id = o.partner_id
                         WHERE o.state = 'sale' AND o.company_id = %s
                           AND o.date_order >= %s AND o.date_order < %s
                         GROUP BY p.commercial_partner_id
                        HAVING bool_or(o.date_order < %s)) c
                """,
                bounds[0],
                company.id,
                before[0],
                bounds[1],
                bounds[0],
            )
        )
        return row
