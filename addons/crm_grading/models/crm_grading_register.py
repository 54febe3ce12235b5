from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.crm_service_base.tools.periods import period_of


class CrmGradingRegister(models.Model):
    """Key accounts (A3.F2) and grade directory (A3.F4): every customer with the year's figures.

    Computed when it is read. The year is the last twelve months; returns are those of the last
    season that is over.
    """

    _name = "crm.grading.register"
    _description = "Customer by Grade"
    _inherit = ["crm.department.mixin"]
    _auto = False
    _order = "amount_year desc, id"
    _depends = {
        "account.move": ["company_id", "invoice_date", "move_type", "partner_id", "state"],
        "account.move.line": ["move_id", "product_id", "quantity"],
        "res.partner": [
            "active",
            "company_id",
            "crm_customer_class",
            "crm_customer_type_id",
            "crm_grade_computed_id",
            "crm_grade_id",
            "crm_region_id",
            "crm_short_name",
            "phone",
            "ref",
            "user_id",
        ],
        "sale.order": [
            "amount_untaxed",
            "company_id",
            "currency_rate",
            "date_order",
            "partner_id",
            "state",
        ],
        "sale.order.line": ["order_id", "price_subtotal", "product_id", "product_uom_qty"],
    }

    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    ref = fields.Char("Number", readonly=True)
    short_name = fields.Char(readonly=True)
    phone = fields.Char(readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    customer_class = fields.Selection(
        selection=lambda self: (
            self.env["res.partner"]._fields["crm_customer_class"]._description_selection(self.env)
        ),
        readonly=True,
    )
    customer_type_id = fields.Many2one("crm.customer.type", readonly=True)
    region_id = fields.Many2one("crm.service.region", readonly=True)
    grade_id = fields.Many2one("crm.customer.grade", readonly=True)
    grade_computed_id = fields.Many2one("crm.customer.grade", "Computed Grade", readonly=True)
    quantity_year = fields.Float("Yearly Quantity", digits=(16, 2), readonly=True)
    amount_year = fields.Monetary("Yearly Amount", readonly=True)
    order_count_year = fields.Integer("Number of Deals", readonly=True)
    is_return_rated = fields.Boolean("Bought in the Season", readonly=True)
    return_rate = fields.Float(
        "Season-End Return Rate (%)", digits=(16, 2), readonly=True, aggregator="avg"
    )

    @property
    def _table_query(self):
        today = fields.Date.context_today(self)
        season_end = fields.Date.subtract(period_of("quarterly", today)[0], days=1)
        companies = self.env["res.company"].sudo().browse(self.env.companies.ids)
        parts = [self._company_query(company, today, season_end) for company in companies]
        return SQL(" UNION ALL ").join(parts)

    def _company_query(self, company, date_to, season_end):
        """The customers of one company.

        :param date_to: last day of the year that counts
        :param season_end: last day of the season whose returns count
        """
        measure = self.env["crm.grading.measure"].sudo()
        year = measure._get_scope(company, date_to, 12)
        season = measure._get_scope(company, season_end, 3)
        return SQL(
            """
            SELECT p.id::bigint * 4096 + %(company)s AS id, p.id AS partner_id,
                   %(company)s AS company_id, p.ref, p.crm_short_name AS short_name, p.phone,
                   p.user_id, p.crm_customer_class AS customer_class,
                   p.crm_customer_type_id AS customer_type_id, p.crm_region_id AS region_id,
                   (p.crm_grade_id ->> %(key)s)::integer AS grade_id,
                   (p.crm_grade_computed_id ->> %(key)s)::integer AS grade_computed_id,
                   coalesce(pieces.sold - pieces.returned, 0) AS quantity_year,
                   coalesce(orders.amount, 0) AS amount_year,
                   coalesce(orders.count, 0) AS order_count_year,
                   season.rate AS return_rate, season.rate IS NOT NULL AS is_return_rated
              FROM res_partner p
         LEFT JOIN (%(orders)s) orders ON orders.partner_id = p.id
         LEFT JOIN (%(pieces)s) pieces ON pieces.partner_id = p.id
         LEFT JOIN (%(season)s) season ON season.partner_id = p.id
             WHERE p.commercial_partner_id = p.id AND p.active
               AND p.crm_customer_type_id IS NOT NULL
               AND (p.company_id IS NULL OR p.company_id = %(company)s)
            """,
            company=company.id,
            key=str(company.id),
            orders=measure._query_orders(year),
            pieces=measure._query_returns(year),
            season=measure._query_returns(season),
        )

    def action_open_partner(self):
        """The customer behind the row."""
        self.ensure_one()
        return self.partner_id.get_formview_action()
