from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.crm_service_base.tools.periods import period_of
from odoo.addons.crm_service_base.tools.statistics_table import column, table


class CrmStatisticsReportType(models.Model):
    """Registers of grading on paper and as spreadsheets: A3.F2, A3.F4."""

    _inherit = "crm.statistics.report.type"

    method = fields.Selection(
        selection_add=[
            ("key_accounts", "Register of key accounts"),
            ("grade_directory", "Directory of customers by grade"),
        ],
        ondelete={"key_accounts": "set null", "grade_directory": "set null"},
    )

    def _crm_statistics_key_accounts(self, company, date_from, date_to):
        """大客户登记名单: the key customers with the year up to the season's end."""
        columns = [
            column("customer", self.env._("Customer Name"), width=2.2),
            column("short_name", self.env._("Customer Short Name"), width=1.4),
            column("phone", self.env._("Contact Phone"), width=1.4),
            column("quantity", self.env._("Yearly Sales Quantity"), "number", total=True),
            column("amount", self.env._("Yearly Sales Amount"), "float", total=True),
            column("returns", self.env._("Season-End Return Rate"), "percent"),
        ]
        condition = SQL("r.customer_class = 'key'")
        rows = [
            [row[name] for name in ("name", "short_name", "phone")]
            + [row["quantity_year"], row["amount_year"], row["return_rate"]]
            for row in self._query_grading_register(company, date_to, condition)
        ]
        return [table("accounts", self.env._("Key Accounts"), columns, rows)]

    def _crm_statistics_grade_directory(self, company, date_from, date_to):
        """客户分级目录表: customers by the grade they hold now, the year up to the period's end."""
        columns = [
            column("grade", self.env._("Customer Grade")),
            column("customer", self.env._("Name of the Customer"), width=2.5),
            column("number", self.env._("Customer Number")),
            column("amount", self.env._("Yearly Sales Amount"), "float", total=True, width=1.2),
            column("note", self.env._("Remarks"), "text", width=1.5),
        ]
        computed = self.env._("computed: %s")
        rows = [
            [
                row["grade"],
                row["name"],
                row["ref"],
                row["amount_year"],
                computed % row["computed"] if row["computed"] not in (None, row["grade"]) else None,
            ]
            for row in self._query_grading_register(company, date_to, SQL("r.grade_id IS NOT NULL"))
        ]
        return [table("directory", self.env._("Customers by Grade"), columns, rows)]

    def _query_grading_register(self, company, date_to, condition):
        """Rows of the register as of a day, the best grade first.

        :param condition: SQL on ``r``
        :return: list of dicts
        """
        self.env.flush_all()
        season_end = period_of("quarterly", fields.Date.add(date_to, days=1))[0]
        season_end = fields.Date.subtract(season_end, days=1)
        rows = self.env["crm.grading.register"]._company_query(company, date_to, season_end)
        lang = self.env.lang or "en_US"
        self.env.cr.execute(
            SQL(
                """
                SELECT r.*, p.name, coalesce(g.name ->> %(lang)s, g.name ->> 'en_US') AS grade,
                       coalesce(c.name ->> %(lang)s, c.name ->> 'en_US') AS computed
                  FROM (%(rows)s) r
                  JOIN res_partner p ON p.id = r.partner_id
             LEFT JOIN crm_customer_grade g ON g.id = r.grade_id
             LEFT JOIN crm_customer_grade c ON c.id = r.grade_computed_id
                 WHERE %(condition)s
                 ORDER BY g.rank, r.amount_year DESC, r.id
                """,
                lang=lang,
                rows=rows,
                condition=condition,
            )
        )
        return self.env.cr.dictfetchall()
