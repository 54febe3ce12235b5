from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.crm_service_base.tools.periods import period_before
from odoo.addons.crm_service_base.tools.statistics_table import column, percent, table

from .crm_service_feedback import OVERALL
from .crm_service_survey_line import GRADES

GRADE_KEYS = [key for key, _label in GRADES]
GROUPS = ("topic_id", "item", "service_user_id", "category_id", "channel")


class CrmStatisticsReportType(models.Model):
    """Satisfaction surveys (C3.R14, A3.F6) and feedback on staff (A3.F5) of a period.

    An answer belongs to the period in which it was given. Means count very satisfied 5 to very
    dissatisfied 1, and excellent 4 to poor 1.
    """

    _name = "crm.statistics.report.type"
    _inherit = ["crm.statistics.report.type"]

    method = fields.Selection(
        selection_add=[
            ("service_survey", "Satisfaction surveys"),
            ("service_feedback", "Feedback on service persons"),
        ],
        ondelete={"service_survey": "set null", "service_feedback": "set null"},
    )

    # ------------------------------------------------------------------ surveys

    def _crm_statistics_service_survey(self, company, date_from, date_to):
        """Shares of the grades and the mean by topic, item, person, service and channel; beside
        the period before; and what is followed up."""
        bounds = self._get_bounds(date_from, date_to)
        before = self._get_bounds(*period_before(self.schedule, date_from, date_to))
        groups = self._query_grades(company, *bounds)
        captions = {
            "topic_id": self.env._("By Topic"),
            "item": self.env._("By Item"),
            "service_user_id": self.env._("By Person"),
            "category_id": self.env._("By Service"),
            "channel": self.env._("By Channel"),
        }
        return [
            self._get_survey_totals(company, bounds, before),
            *(self._get_grade_table(groups, key, captions[key]) for key in GROUPS),
            self._get_dissatisfied_table(company, *bounds),
        ]

    def _get_survey_totals(self, company, bounds, before):
        now = self._query_survey_counts(company, *bounds)
        old = self._query_survey_counts(company, *before)
        pieces = self.env._("surveys")
        indicators = [
            (self.env._("Customers asked"), pieces, lambda c: c["asked"]),
            (self.env._("Of those answered"), pieces, lambda c: c["returned"]),
            (
                self.env._("Response rate"),
                "%",
                lambda c: percent(c["returned"], c["asked"]),
            ),
            (self.env._("Answered in the period"), pieces, lambda c: c["answered"]),
            (self.env._("With dissatisfied items"), pieces, lambda c: c["bad"]),
            (
                self.env._("Mean grade (5 very satisfied to 1 very dissatisfied)"),
                self.env._("points"),
                lambda c: c["mean"],
            ),
        ]
        columns = [
            column("indicator", self.env._("Indicator"), width=3),
            column("unit", self.env._("Measured In")),
            column("value", self.env._("This Period"), "float"),
            column("before", self.env._("Period Before"), "float", is_compared=False),
        ]
        rows = [[name, unit, value(now), value(old)] for name, unit, value in indicators]
        return table("totals", self.env._("Totals"), columns, rows, is_summary=True)

    def _query_survey_counts(self, company, start, end):
        self.env.flush_all()
        (row,) = self.env.execute_query_dict(
            SQL(
                """
                SELECT count(*) FILTER (WHERE date_asked >= %(start)s AND date_asked < %(end)s)
                           AS asked,
                       count(*) FILTER (WHERE date_asked >= %(start)s AND date_asked < %(end)s
                                          AND date_answered IS NOT NULL) AS returned,
                       count(*) FILTER (WHERE date_answered >= %(start)s
                                          AND date_answered < %(end)s) AS answered,
                       count(*) FILTER (WHERE date_answered >= %(start)s
                                          AND date_answered < %(end)s AND is_dissatisfied) AS bad,
                       (SELECT round(avg(l.score), 2)
                          FROM crm_service_survey_line l
                          JOIN crm_service_survey a ON a.id = l.survey_id AND a.active
                         WHERE l.company_id = %(company)s
                           AND l.date_answered >= %(start)s AND l.date_answered < %(end)s) AS mean
                  FROM crm_service_survey
                 WHERE company_id = %(company)s AND active AND state != 'cancelled'
                   AND (date_asked >= %(start)s AND date_asked < %(end)s
                        OR date_answered >= %(start)s AND date_answered < %(end)s)
                """,
                company=company.id,
                start=start,
                end=end,
            )
        )
        return row

    def _query_grades(self, company, start, end):
        """Graded items of the answers of a period, all groups in one query.

        :return: dict of ``(field, value)`` to a dict of grade to count
        """
        self.env.flush_all()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT %(groups)s, grade, GROUPING(%(groups)s) AS grouping, count(*) AS number
                  FROM (SELECT l.*
                          FROM crm_service_survey_line l
                          JOIN crm_service_survey s ON s.id = l.survey_id AND s.active
                         WHERE l.company_id = %(company)s
                           AND l.date_answered >= %(start)s AND l.date_answered < %(end)s) line
                 GROUP BY GROUPING SETS (%(sets)s)
                """,
                groups=SQL(", ").join(map(SQL.identifier, GROUPS)),
                sets=SQL(", ").join(SQL("(%s, grade)", SQL.identifier(name)) for name in GROUPS),
                company=company.id,
                start=start,
                end=end,
            )
        )
        found = {}
        for row in rows:
            # PostgreSQL sets the bit of each column not grouped by
            name = next(
                name
                for index, name in enumerate(reversed(GROUPS))
                if not row["grouping"] >> index & 1
            )
            counts = found.setdefault((name, row[name]), dict.fromkeys(GRADE_KEYS, 0))
            counts[row["grade"]] += row["number"]
        return found

    def _get_grade_table(self, groups, key, caption):
        labels = dict(
            self.env["crm.service.survey.line"]._fields["grade"]._description_selection(self.env)
        )
        columns = [
            column("name", caption, width=3),
            column("answers", self.env._("Grades Given"), "integer", total=True),
            *(column(f"share_{grade}", labels[grade], "percent") for grade in GRADE_KEYS),
            column("mean", self.env._("Mean (5 to 1)"), "float"),
        ]
        found = [(value, counts) for (field, value), counts in groups.items() if field == key]
        names = self._get_opinion_names(key, [value for value, _counts in found])
        rows = []
        for value, counts in found:
            total = sum(counts.values())
            points = sum(int(grade) * number for grade, number in counts.items())
            name = names.get(value) or self.env._("Not named")
            shares = [percent(counts[grade], total) for grade in GRADE_KEYS]
            rows.append([name, total, *shares, round(points / total, 2)])
        rows.sort(key=lambda row: (-row[-1], row[0]))
        return table(f"by_{key}", caption, columns, rows, is_summary=True)

    def _get_opinion_names(self, key, values):
        """:return: dict of group value to its name in the language of the report"""
        values = [value for value in values if value]
        if key == "item":
            return {value: value for value in values}
        if key == "channel":
            return dict(self.env["crm.service.survey"]._selection_channel())
        model = {
            "topic_id": "crm.service.survey.topic",
            "service_user_id": "res.users",
            "category_id": "crm.case.category",
        }[key]
        return {record.id: record.name for record in self.env[model].browse(values)}

    def _get_dissatisfied_table(self, company, start, end):
        columns = [
            column("survey", self.env._("Number")),
            column("date", self.env._("Answered On"), "datetime"),
            column("customer", self.env._("Customer"), width=1.5),
            column("topic", self.env._("Topic")),
            column("items", self.env._("Not Satisfied With"), "text", width=2.5),
            column("words", self.env._("Customer's Words"), "text", width=2),
            column("follow_up", self.env._("Follow-Up")),
            column("state", self.env._("Status")),
        ]
        surveys = self.env["crm.service.survey"].search(
            [
                ("company_id", "=", company.id),
                ("is_dissatisfied", "=", True),
                ("date_answered", ">=", start),
                ("date_answered", "<", end),
            ],
            order="date_answered, id",
        )
        labels = dict(
            self.env["crm.service.survey.line"]._fields["grade"]._description_selection(self.env)
        )
        states = dict(self.env["crm.visit"]._fields["state"]._description_selection(self.env))
        rows = [
            [
                survey.name,
                self._get_local_time(survey.date_answered),
                survey.partner_id.display_name,
                survey.topic_id.name,
                "\n".join(
                    f"{line.item}: {labels[line.grade]}"
                    for line in survey.line_ids
                    if line.score <= 2
                ),
                survey.comment,
                survey.follow_up_id.name,
                states.get(survey.follow_up_id.state),
            ]
            for survey in surveys
        ]
        return table("dissatisfied", self.env._("Not Satisfied, and Followed Up"), columns, rows)

    # ------------------------------------------------------------------ feedback

    def _crm_statistics_service_feedback(self, company, date_from, date_to):
        """Per service person: judgements, their mean, attitude, demonstration and charges."""
        start, end = self._get_bounds(date_from, date_to)
        labels = dict(
            self.env["crm.service.feedback"]._fields["overall"]._description_selection(self.env)
        )
        keys = [key for key, _label in OVERALL]
        columns = [
            column("person", self.env._("Service Person"), width=2),
            column("answers", self.env._("Answers"), "integer", total=True),
            *(column(key, labels[key], "integer", total=True) for key in keys),
            column("good", self.env._("Excellent or Good"), "percent"),
            column("mean", self.env._("Mean (4 to 1)"), "float"),
            column("shown", self.env._("Shown and Explained"), "percent"),
            column("cold", self.env._("Cold"), "integer", total=True),
            column("rude", self.env._("Rude"), "integer", total=True),
            column("charged", self.env._("Charged in Disguise"), "integer", total=True),
            column("complaints", self.env._("Complaints"), "integer", total=True),
        ]
        rows = [
            [
                row["person"] or self.env._("Not named"),
                row["answers"],
                *(row[key] for key in keys),
                percent(row["excellent"] + row["good"], row["answers"]),
                row["mean"],
                percent(row["shown"], row["answers"]),
                row["cold"],
                row["rude"],
                row["charged"],
                row["complaints"],
            ]
            for row in self._query_feedback(company, start, end)
        ]
        caption = self.env._("Feedback by Service Person")
        return [table("feedback", caption, columns, rows, is_summary=True)]

    def _query_feedback(self, company, start, end):
        self.env.flush_all()
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT p.name AS person, count(*) AS answers,
                       count(*) FILTER (WHERE f.overall = 'excellent') AS excellent,
                       count(*) FILTER (WHERE f.overall = 'good') AS good,
                       count(*) FILTER (WHERE f.overall = 'fair') AS fair,
                       count(*) FILTER (WHERE f.overall = 'poor') AS poor,
                       round(avg(f.score), 2) AS mean,
                       count(*) FILTER (WHERE f.demonstrated = 'yes') AS shown,
                       count(*) FILTER (WHERE f.is_cold) AS cold,
                       count(*) FILTER (WHERE f.is_rude) AS rude,
                       count(*) FILTER (WHERE f.charged = 'disguised') AS charged,
                       count(f.complaint_id) AS complaints
                  FROM crm_service_feedback f
             LEFT JOIN res_users u ON u.id = f.service_user_id
             LEFT JOIN res_partner p ON p.id = u.partner_id
                 WHERE f.company_id = %(company)s AND f.active
                   AND f.date_answered >= %(start)s AND f.date_answered < %(end)s
                 GROUP BY u.id, p.name
                 ORDER BY avg(f.score) DESC, p.name, u.id
                """,
                company=company.id,
                start=start,
                end=end,
            )
        )
