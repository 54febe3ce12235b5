from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.crm_service_base.tools.periods import period_before
from odoo.addons.crm_service_base.tools.statistics_table import column, percent, table


class CrmStatisticsReportType(models.Model):
    """What customers come back with again and again, and what is done about it (D6.R3)."""

    _name = "crm.statistics.report.type"
    _inherit = ["crm.statistics.report.type"]

    method = fields.Selection(
        selection_add=[("case_problems", "Common problems")],
        ondelete={"case_problems": "set null"},
    )
    problem_limit = fields.Integer(
        "Common From",
        default=3,
        help="A category, product or cause with so many cases in a period is a common problem.",
    )

    _problem_limit_positive = models.Constraint(
        "CHECK(problem_limit > 0)", "A common problem begins with one case at least."
    )

    def _crm_statistics_case_problems(self, company, date_from, date_to):
        """Categories, products and causes over the limit, beside the period before; suggestions,
        requests and complaints together: they are all feedback."""
        bounds = self._get_bounds(date_from, date_to)
        before = self._get_bounds(*period_before(self.schedule, date_from, date_to))
        columns = [
            column("what", self.env._("Problem"), width=3),
            column("kind", self.env._("Counted By")),
            column("cases", self.env._("Cases"), "integer"),
            column("customers", self.env._("Customers"), "integer"),
            column("before", self.env._("Month Before"), "integer"),
            column("change", self.env._("Change"), "integer"),
            column("share", self.env._("Share"), "percent"),
            column("complaints", self.env._("Complaints"), "integer"),
            column("measures", self.env._("Measures"), "integer"),
            column("done", self.env._("Of Those Done"), "integer"),
        ]
        rows = [
            self._prepare_problem_row(*row) for row in self._query_problems(company, bounds, before)
        ]
        caption = self.env._("Common Problems")
        return [
            table("problems", caption, columns, rows, is_summary=True),
            self._get_measure_table(company, *bounds),
        ]

    def _prepare_problem_row(self, kind, key, counts, before, measures, done, total):
        cases, customers, complaints = counts
        model, caption = {
            "category": ("crm.case.category", self.env._("Category")),
            "product": ("product.product", self.env._("Product")),
            "cause": ("crm.case.cause", self.env._("Cause")),
        }[kind]
        record = self.env[model].browse(key)
        return [
            record.display_name,
            caption,
            cases,
            customers,
            before,
            cases - before,
            percent(cases, total),
            complaints,
            measures,
            done,
        ]

    def _query_problems(self, company, bounds, before):
        """Both periods in one query, from the first day of the earlier one.

        :return: rows of kind, id, (cases, customers, complaints), cases before, measures, measures
            done, all cases of the period
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                WITH feedback AS (
                    SELECT c.id, c.kind, c.commercial_partner_id, c.category_id, c.product_id,
                           c.cause_id, c.date_opened >= %(start)s AS is_now,
                           m.measures, m.done
                      FROM crm_service_case c
                 LEFT JOIN LATERAL (SELECT count(*) AS measures, count(m.date_done) AS done
                                      FROM crm_case_measure m WHERE m.case_id = c.id) m ON TRUE
                     WHERE c.company_id = %(company)s AND c.active AND c.state != 'cancelled'
                       AND c.kind != 'praise' AND c.validity != 'invalid'
                       AND c.date_opened >= %(before)s AND c.date_opened < %(end)s
                ), problem AS (
                    SELECT CASE GROUPING(category_id, product_id, cause_id)
                                WHEN 3 THEN 'category' WHEN 5 THEN 'product' ELSE 'cause'
                                END AS kind,
                           coalesce(category_id, product_id, cause_id) AS key,
                           count(*) FILTER (WHERE is_now) AS cases,
                           count(DISTINCT commercial_partner_id) FILTER (WHERE is_now) AS customers,
                           count(*) FILTER (WHERE is_now AND feedback.kind = 'complaint')
                               AS complaints,
                           count(*) FILTER (WHERE NOT is_now) AS before,
                           sum(measures) FILTER (WHERE is_now) AS measures,
                           sum(done) FILTER (WHERE is_now) AS done
                      FROM feedback
                     GROUP BY GROUPING SETS ((category_id), (product_id), (cause_id))
                )
                SELECT kind, key, cases, customers, complaints, before, measures, done,
                       (SELECT count(*) FROM feedback WHERE is_now)
                  FROM problem
                 WHERE key IS NOT NULL AND cases >= %(limit)s
                 ORDER BY cases DESC, cases - before DESC, kind, key
                """,
                company=company.id,
                before=before[0],
                start=bounds[0],
                end=bounds[1],
                limit=self.problem_limit,
            )
        )
        return [
            (kind, key, (cases, customers, complaints), old, int(measures), int(done), total)
            for kind, key, cases, customers, complaints, old, measures, done, total in rows
        ]
