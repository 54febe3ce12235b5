from datetime import datetime, time

from psycopg2.extras import Json
from pytz import timezone, utc

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.scope import Scope


class CrmGradingMeasure(models.AbstractModel):
    """Where grading has its figures from: one SQL statement a source, each by customer.

    A query is called ``_query_<name>(scope)`` and gives one row a customer: ``partner_id`` (the
    commercial partner), its figures, and ``docs``, the ids of the documents behind them as JSON.
    What is not known is NULL and never 0. SQL sees no record rules: each filters by company.
    """

    _name = "crm.grading.measure"
    _description = "Figures of Grading"

    @api.model
    def _get_sources(self):
        """The sources an item or a cap can have.

        Addons add theirs with ``super()``, with a query of their own.

        :return: dict of key to dict: ``label``, ``unit`` (amount, percent, days, years, count or
            marks), ``query`` (name of the query), ``column`` (its figure), ``model`` (of the
            documents, or None)
        """
        return {
            "order_amount": self._source(
                self.env._("Amount of confirmed orders"), "amount", "orders", "amount", "sale.order"
            ),
            "order_count": self._source(
                self.env._("Number of confirmed orders"), "count", "orders", "count", "sale.order"
            ),
            "profit": self._source(
                self.env._("Margin of confirmed orders"), "amount", "profit", "profit", "sale.order"
            ),
            "return_rate": self._source(
                self.env._("Share of pieces returned"), "percent", "returns", "rate", "sale.order"
            ),
            "invoice_amount": self._source(
                self.env._("Amount invoiced less refunds"),
                "amount",
                "invoices",
                "amount",
                "account.move",
            ),
            "years": self._source(
                self.env._("Years of cooperation"), "years", "orders", "years", "sale.order"
            ),
            "days_late": self._source(
                self.env._("Days that payments are late, on average"),
                "days",
                "payments",
                "days_late",
                "account.move",
            ),
            "on_time_rate": self._source(
                self.env._("Share of invoices paid on time"),
                "percent",
                "payments",
                "on_time",
                "account.move",
            ),
            "overdue_days": self._source(
                self.env._("Longest debt overdue, in days"),
                "days",
                "payments",
                "overdue_days",
                "account.move",
            ),
            "overdue_amount": self._source(
                self.env._("Debt overdue"), "amount", "payments", "overdue", "account.move"
            ),
            "judgement": self._source(
                self.env._("Judgement of people"),
                "marks",
                "judgements",
                "value",
                "crm.grading.judgement",
            ),
            "fact": self._source(
                self.env._("Fact of another app"), "count", "facts", "value", None
            ),
        }

    @api.model
    def _source(self, label, unit, query, column, model):
        return {"label": label, "unit": unit, "query": query, "column": column, "model": model}

    @api.model
    def _selection_source(self):
        return [(key, source["label"]) for key, source in self._get_sources().items()]

    @api.model
    def _get_missing_parameter(self, item):
        """What a criterion or cap lacks to be computed.

        :return: label of a field, or False
        """
        name = {"judgement": "topic_id", "fact": "fact"}.get(item.source)
        if name and not item[name]:
            return item._fields[name]._description_string(self.env)
        return False

    @api.model
    def _format_value(self, source, value):
        """A figure with its unit, for people."""
        number = f"{value:,.2f}".rstrip("0").rstrip(".")
        match self._get_sources()[source]["unit"]:
            case "percent":
                return f"{number}%"
            case "days":
                return self.env._("%s days", number)
            case "years":
                return self.env._("%s years", number)
            case _:
                return number

    # ------------------------------------------------------------------ items

    @api.model
    def _get_query_keys(self, item, months):
        """The queries an item needs, its own last.

        Where somebody never ordered, nothing is known of him; a quarter without orders of a
        customer who did is a real zero: the margin therefore looks at the orders as well.

        :param item: criterion or cap
        :param int months: of any other item about orders, for those without a period of their own
        :return: list of hashable (query, months, id of a topic, name of a fact)
        """
        query = self._get_sources()[item.source]["query"]
        if item.source == "years":
            return [("orders", months, False, False)]
        key = (query, item.months, item.topic_id.id, item.fact)
        return [("orders", item.months, False, False), key] if query == "profit" else [key]

    @api.model
    def _value_sql(self, item, aliases, date_to):
        """The figure of an item, NULL where nothing is known.

        :param aliases: of its queries as in :meth:`_get_query_keys`; ``c`` is the customer
        """
        own = aliases[-1]
        column = self._get_sources()[item.source]["column"]
        if item.source == "years":
            return SQL(
                "round(CASE WHEN coalesce(%(first)s.first_day, c.agreement) IS NOT NULL THEN"
                " greatest(%(date_to)s - least(%(first)s.first_day, c.agreement), 0) / 365.25"
                " END, 2)",
                first=own,
                date_to=date_to,
            )
        if item.source == "profit":
            return SQL(
                "CASE WHEN %(own)s.partner_id IS NULL AND %(orders)s.partner_id IS NOT NULL"
                " THEN 0 ELSE %(own)s.profit END",
                own=own,
                orders=aliases[0],
            )
        return SQL("%s.%s::numeric", own, SQL.identifier(column))

    @api.model
    def _figures_sql(self, query, alias):
        """What stands beside the figures of a query, as JSON."""
        names = {
            "orders": ("count", "first_day"),
            "profit": ("lines", "uncosted", "orders_now"),
            "returns": ("sold", "returned"),
            "invoices": ("count",),
            "payments": ("invoices", "late", "days_max", "overdue", "overdue_count"),
        }.get(query, ())
        if not names:
            return SQL("NULL::jsonb")
        pairs = [SQL("%s::text, %s.%s", name, alias, SQL.identifier(name)) for name in names]
        return SQL("jsonb_build_object(%s)", SQL(", ").join(pairs))

    # ------------------------------------------------------------------ scope

    @api.model
    def _get_scope(self, company, date_to, months, partner_ids=None):
        """So many months up to a day; a month that ends on its last day begins on its first."""
        date_from = fields.Date.subtract(fields.Date.add(date_to, days=1), months=months)
        ids = None if partner_ids is None else tuple(partner_ids) or (0,)
        return Scope(company, date_from, date_to, ids)

    @api.model
    def _get_bounds(self, scope):
        """First moment of the period and of the day after it, in UTC.

        The days are those of the company's calendar.
        """
        zone = timezone(self._get_zone(scope.company))
        days = (scope.date_from, fields.Date.add(scope.date_to, days=1))
        return [
            zone.localize(datetime.combine(day, time())).astimezone(utc).replace(tzinfo=None)
            for day in days
        ]

    @api.model
    def _get_zone(self, company):
        return company.resource_calendar_id.tz or company.partner_id.tz or "UTC"

    @api.model
    def _in_scope(self, column, scope):
        """Condition for the customers of a scope."""
        if scope.partner_ids is None:
            return SQL("TRUE")
        return SQL("%s IN %s", column, scope.partner_ids)

    # ------------------------------------------------------------------ orders

    @api.model
    def _query_orders(self, scope, item=None):
        """Confirmed orders without tax, in company currency at the rate of each order.

        ``first_day`` is that of the first order ever; who never ordered has no row.
        Sorted once for all: an ORDER BY within the aggregate has them looked up by customer.
        """
        start, end = self._get_bounds(scope)
        return SQL(
            """
            SELECT partner_id,
                   (min(date_order) AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date AS first_day,
                   round(coalesce(sum(amount_untaxed / coalesce(nullif(currency_rate, 0), 1))
                         FILTER (WHERE date_order >= %(start)s), 0), 2) AS amount,
                   count(*) FILTER (WHERE date_order >= %(start)s) AS count,
                   jsonb_agg(id) FILTER (WHERE date_order >= %(start)s) AS docs
              FROM (
                SELECT p.commercial_partner_id AS partner_id, o.id, o.date_order,
                       o.amount_untaxed, o.currency_rate
                  FROM sale_order o
                  JOIN res_partner p ON p.id = o.partner_id
                 WHERE o.company_id = %(company)s AND o.state = 'sale' AND o.date_order < %(end)s
                   AND %(partners)s
                 ORDER BY p.commercial_partner_id, o.id
              ) orders
             GROUP BY partner_id
            """,
            zone=self._get_zone(scope.company),
            start=start,
            end=end,
            company=scope.company.id,
            partners=self._in_scope(SQL("p.commercial_partner_id"), scope),
        )

    @api.model
    def _query_profit(self, scope, item=None):
        """Margin of the order lines whose cost is known; ``uncosted`` lines are left out.

        The margin that sale_margin keeps where it is installed. Else price less the cost when the
        order was confirmed, or, where none was kept, of now: ``orders_now`` orders have such lines.
        A service without cost costs nothing; of goods without cost nothing is known.
        """
        start, end = self._get_bounds(scope)
        margin, cost, is_now = self._get_margin_sql(scope.company)
        return SQL(
            """
            SELECT partner_id, round(sum(margin), 2) AS profit, sum(lines) AS lines,
                   sum(uncosted) AS uncosted, count(*) FILTER (WHERE is_now) AS orders_now,
                   jsonb_agg(order_id) AS docs
              FROM (
                SELECT partner_id, order_id, sum(margin) FILTER (WHERE is_known) AS margin,
                       count(*) AS lines, count(*) FILTER (WHERE NOT is_known) AS uncosted,
                       bool_or(is_now) AS is_now
                  FROM (
                    SELECT p.commercial_partner_id AS partner_id, o.id AS order_id,
                           %(margin)s AS margin, %(is_now)s AS is_now,
                           coalesce(%(cost)s, 0) <> 0 OR pt.type = 'service' AS is_known
                      FROM sale_order o
                      JOIN res_partner p ON p.id = o.partner_id
                      JOIN sale_order_line l ON l.order_id = o.id
                      JOIN product_product pp ON pp.id = l.product_id
                      JOIN product_template pt ON pt.id = pp.product_tmpl_id
                      JOIN uom_uom lu ON lu.id = l.product_uom_id
                      JOIN uom_uom pu ON pu.id = pt.uom_id
                     WHERE o.company_id = %(company)s AND o.state = 'sale'
                       AND o.date_order >= %(start)s AND o.date_order < %(end)s
                       AND l.display_type IS NULL AND NOT coalesce(l.is_downpayment, FALSE)
                       AND %(partners)s
                  ) lines
                 GROUP BY partner_id, order_id
                 ORDER BY partner_id, order_id
              ) orders
             GROUP BY partner_id
            """,
            margin=margin,
            cost=cost,
            is_now=is_now,
            company=scope.company.id,
            start=start,
            end=end,
            partners=self._in_scope(SQL("p.commercial_partner_id"), scope),
        )

    @api.model
    def _get_margin_sql(self, company):
        """Margin of an order line ``l`` in company currency, its cost, and whether that is of now.

        The cost kept with the line is for one unit of the product ``pp``, whatever the line's is.
        """
        rate = SQL("coalesce(nullif(o.currency_rate, 0), 1)")
        if "purchase_price" in self.env["sale.order.line"]._fields:
            return SQL("l.margin::numeric / %s", rate), SQL("l.purchase_price"), SQL("FALSE")
        kept = SQL(
            "CASE WHEN pt.type = 'service' THEN l.crm_unit_cost ELSE nullif(l.crm_unit_cost, 0) END"
        )
        now = SQL("(pp.standard_price ->> %s)::numeric", str(company.id))
        cost = SQL("coalesce(%s, %s)::numeric", kept, now)
        margin = SQL(
            "l.price_subtotal / %s - coalesce(%s, 0) * l.product_uom_qty * lu.factor / pu.factor",
            rate,
            cost,
        )
        return margin, cost, SQL("(%s IS NULL AND coalesce(%s, 0) <> 0)", kept, now)

    @api.model
    def _query_returns(self, scope, item=None):
        """Pieces of goods ordered and returned: negative order lines and refunds.

        A refund of a negative order line is the same return and counts once.
        """
        start, end = self._get_bounds(scope)
        return SQL(
            """
            SELECT partner_id, sum(sold) AS sold, sum(returned) AS returned,
                   round(100 * sum(returned) / nullif(sum(sold), 0), 2) AS rate,
                   jsonb_agg(order_id) FILTER (WHERE order_id IS NOT NULL) AS docs
              FROM (
                SELECT partner_id, order_id, sum(sold) AS sold, sum(returned) AS returned
                  FROM (
                    SELECT p.commercial_partner_id AS partner_id, o.id AS order_id,
                           greatest(l.product_uom_qty, 0) AS sold,
                           greatest(-l.product_uom_qty, 0) AS returned
                      FROM sale_order o
                      JOIN res_partner p ON p.id = o.partner_id
                      JOIN sale_order_line l ON l.order_id = o.id
                      JOIN product_product pp ON pp.id = l.product_id
                      JOIN product_template pt ON pt.id = pp.product_tmpl_id
                     WHERE o.company_id = %(company)s AND o.state = 'sale'
                       AND o.date_order >= %(start)s AND o.date_order < %(end)s
                       AND l.display_type IS NULL AND pt.type <> 'service' AND %(partners)s
                 UNION ALL
                    SELECT m.commercial_partner_id, NULL, 0, l.quantity
                      FROM account_move m
                      JOIN account_move_line l ON l.move_id = m.id AND l.display_type = 'product'
                      JOIN product_product pp ON pp.id = l.product_id
                      JOIN product_template pt ON pt.id = pp.product_tmpl_id
                     WHERE m.company_id = %(company)s AND m.state = 'posted'
                       AND m.move_type = 'out_refund' AND pt.type <> 'service'
                       AND m.invoice_date BETWEEN %(date_from)s AND %(date_to)s AND %(movers)s
                       AND NOT EXISTS (SELECT FROM sale_order_line_invoice_rel r
                                         JOIN sale_order_line s ON s.id = r.order_line_id
                                        WHERE r.invoice_line_id = l.id AND s.product_uom_qty < 0)
                  ) lines
                 GROUP BY partner_id, order_id
                 ORDER BY partner_id, order_id
              ) orders
             GROUP BY partner_id
            """,
            company=scope.company.id,
            start=start,
            end=end,
            date_from=scope.date_from,
            date_to=scope.date_to,
            partners=self._in_scope(SQL("p.commercial_partner_id"), scope),
            movers=self._in_scope(SQL("m.commercial_partner_id"), scope),
        )

    # ------------------------------------------------------------------ invoices and payments

    @api.model
    def _query_invoices(self, scope, item=None):
        """Posted invoices less refunds, without tax, in company currency."""
        return SQL(
            """
            SELECT partner_id, count(*) FILTER (WHERE is_within) AS count,
                   coalesce(sum(amount) FILTER (WHERE is_within), 0) AS amount,
                   jsonb_agg(id) FILTER (WHERE is_within) AS docs
              FROM (
                SELECT m.commercial_partner_id AS partner_id, m.id,
                       m.amount_untaxed_signed AS amount,
                       m.invoice_date >= %(date_from)s AS is_within
                  FROM account_move m
                 WHERE m.company_id = %(company)s AND m.state = 'posted'
                   AND m.move_type IN ('out_invoice', 'out_refund')
                   AND m.invoice_date <= %(date_to)s AND %(partners)s
                 ORDER BY m.commercial_partner_id, m.id
              ) invoices
             GROUP BY partner_id
            """,
            company=scope.company.id,
            date_from=scope.date_from,
            date_to=scope.date_to,
            partners=self._in_scope(SQL("m.commercial_partner_id"), scope),
        )

    @api.model
    def _query_payments(self, scope, item=None):
        """How late invoices were paid that fell due, were paid or stood open in the period.

        Days of an invoice: those of its latest instalment; an open one counts up to the last day
        of the period. An invoice that was taken back by refunds alone says nothing.
        """
        return SQL(
            """
            SELECT partner_id, count(*) AS invoices, round(avg(days), 2) AS days_late,
                   max(days) AS days_max, count(*) FILTER (WHERE days > 0) AS late,
                   round(100.0 * count(*) FILTER (WHERE days = 0) / count(*), 2) AS on_time,
                   coalesce(max(days) FILTER (WHERE open > 0), 0) AS overdue_days,
                   count(*) FILTER (WHERE open > 0 AND days > 0) AS overdue_count,
                   sum(CASE WHEN days > 0 THEN open ELSE 0 END) AS overdue,
                   jsonb_agg(move_id) AS docs
              FROM (
                SELECT partner_id, move_id, sum(open) AS open,
                       max(CASE WHEN open > 0 THEN %(date_to)s - due
                                ELSE greatest(paid_on - due, 0) END) AS days
                  FROM (
                    SELECT m.commercial_partner_id AS partner_id, m.id AS move_id,
                           coalesce(l.date_maturity, m.invoice_date_due, m.invoice_date) AS due,
                           greatest(round(l.balance - coalesce(r.settled, 0), 2), 0) AS open,
                           r.paid_on
                      FROM account_move m
                      JOIN account_move_line l ON l.move_id = m.id AND l.balance > 0
                      JOIN account_account a
                        ON a.id = l.account_id AND a.account_type = 'asset_receivable'
                 LEFT JOIN LATERAL (
                        SELECT sum(pr.amount) AS settled,
                               max(pr.max_date) FILTER
                                   (WHERE cm.move_type <> 'out_refund') AS paid_on
                          FROM account_partial_reconcile pr
                          JOIN account_move_line cl ON cl.id = pr.credit_move_id
                          JOIN account_move cm ON cm.id = cl.move_id
                         WHERE pr.debit_move_id = l.id AND pr.max_date <= %(date_to)s) r ON TRUE
                     WHERE m.company_id = %(company)s AND m.state = 'posted'
                       AND m.move_type = 'out_invoice' AND %(partners)s
                  ) instalments
                 WHERE due <= %(date_to)s
                   AND (open > 0 OR paid_on >= %(date_from)s
                        OR paid_on IS NOT NULL AND due >= %(date_from)s)
                 GROUP BY partner_id, move_id
                 ORDER BY partner_id, move_id
              ) invoices
             GROUP BY partner_id
            """,
            company=scope.company.id,
            date_from=scope.date_from,
            date_to=scope.date_to,
            partners=self._in_scope(SQL("m.commercial_partner_id"), scope),
        )

    # ------------------------------------------------------------------ people, other addons

    @api.model
    def _query_judgements(self, scope, item):
        """The newest judgement of a topic that had not expired on the last day."""
        return SQL(
            """
            SELECT DISTINCT ON (j.commercial_partner_id) j.commercial_partner_id AS partner_id,
                   j.value, jsonb_build_array(j.id) AS docs
              FROM crm_grading_judgement j
             WHERE j.company_id = %(company)s AND j.topic_id = %(topic)s
               AND j.date_expiry >= %(date_to)s AND %(partners)s
             ORDER BY j.commercial_partner_id, j.date DESC, j.id DESC
            """,
            company=scope.company.id,
            topic=item.topic_id.id,
            date_to=scope.date_to,
            partners=self._in_scope(SQL("j.commercial_partner_id"), scope),
        )

    @api.model
    def _query_facts(self, scope, item):
        """What another addon knows, through ``res.partner._get_crm_service_facts``."""
        domain = [("crm_customer_type_id", "!=", False), ("parent_id", "=", False)]
        if scope.partner_ids is not None:
            domain = [("id", "in", scope.partner_ids)]
        partners = self.env["res.partner"].with_company(scope.company).search(domain)
        facts = partners._get_crm_service_facts(scope.date_from, scope.date_to)
        pairs = [
            [partner_id, float(known[item.fact])]
            for partner_id, known in facts.items()
            if known.get(item.fact) is not None
        ]
        return SQL(
            """
            SELECT (pair ->> 0)::integer AS partner_id, (pair ->> 1)::numeric AS value,
                   NULL::jsonb AS docs
              FROM jsonb_array_elements(%s) pair
            """,
            Json(pairs),
        )
