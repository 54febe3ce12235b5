"""Grading 100 000 customers over 500 000 orders, against plain SQL that does the same by heart.

The floor of computing knows the shipped kind of standard: order amount and years from one scan of
the orders with the ids of those in the period, a judgement, three grades.  It does not sort the
ids, and knows nothing of missing data, caps, margins, movements and the grading before.

The floor of history is INSERT ... SELECT of the very rows that are kept, ready made, from one table
into another with the same columns, indexes and foreign keys.  Checking the foreign keys is most of
the time: the row below it is without them, for comparison only.
"""

from odoo.fields import Command
from odoo.tools import SQL

CUSTOMERS = 100_000
ORDERS = 500_000


def run(bench):
    env = bench.env(context={"lang": "en_US", "tz": "UTC"})
    grading = prepare(env)
    bench.compare(
        "compute: figures, points, grades",
        ours=lambda: grading._measure(),
        floor=lambda: env.cr.execute(
            SQL("CREATE TEMPORARY TABLE bench_measured ON COMMIT DROP AS %s", floor_query(grading))
        ),
        limit=1.3,
        rounds=5,
    )
    table = grading._measure()
    make_history_floor(env, grading, table)
    bench.compare(
        "history: scores and lines",
        ours=lambda: (grading._keep_scores(table), grading._keep_lines(table)),
        floor=lambda: floor_history(env, "copy"),
        limit=2.0,
        rounds=5,
    )
    bench.compare(
        "history / the same without foreign keys",
        ours=lambda: (grading._keep_scores(table), grading._keep_lines(table)),
        floor=lambda: floor_history(env, "bare"),
        rounds=3,
    )
    bench.compare(
        "write back: every grade changed",
        ours=lambda: grading._write_back(table),
        floor=lambda: floor_update(env, grading, table),
        limit=1.5,
        rounds=3,
    )
    grading._write_back(table)
    bench.compare(
        "write back: nothing changed / everything changed",
        ours=lambda: grading._write_back(table),
        floor=lambda: floor_update(env, grading, table),
        limit=0.2,
        rounds=3,
    )
    prepare_lines(env)
    bench.compare(
        "margin of the quarter's order lines",
        ours=lambda: env.cr.execute(
            SQL("CREATE TEMPORARY TABLE bench_margin ON COMMIT DROP AS %s", margin_query(grading))
        ),
        floor=lambda: env.cr.execute(
            SQL("CREATE TEMPORARY TABLE bench_floor ON COMMIT DROP AS %s", floor_margin(grading))
        ),
        limit=1.5,
        rounds=5,
    )
    env.cr.execute(SQL("DROP TABLE %s", table))
    second = prepare_second(env, grading)
    bench.compare(
        "second grading: compute with early warnings",
        ours=lambda: second._measure(),
        floor=lambda: env.cr.execute(
            SQL("CREATE TEMPORARY TABLE bench_second ON COMMIT DROP AS %s", floor_second(second))
        ),
        limit=1.3,
        rounds=5,
    )
    bench.compare_memory(
        "second grading: all customers / a hundred",
        ours=lambda: grade_again(bench, second),
        floor=lambda: grade_again(bench, second, env["res.partner"].search([], limit=100)),
        limit=1.2,
    )


def prepare(env):
    """Customers with orders of two years, a judgement for each tenth, a standard."""
    company = env.company
    partner_type = env["crm.customer.type"].search([], limit=1)
    currency = company.currency_id
    env.cr.execute(
        """
        INSERT INTO res_partner (name, complete_name, active, is_company, type, autopost_bills,
                                 crm_customer_type_id, company_id, user_id, color, create_date,
                                 write_date)
        SELECT 'Bench ' || n, 'Bench ' || n, TRUE, TRUE, 'contact', 'ask', %s, %s, %s, 0, now(),
               now()
          FROM generate_series(1, %s) n;
        UPDATE res_partner SET commercial_partner_id = id WHERE name LIKE 'Bench %%';
        """,
        (partner_type.id, company.id, env.uid, CUSTOMERS),
    )
    env.cr.execute(
        """
        INSERT INTO sale_order (name, company_id, partner_id, partner_invoice_id,
                                partner_shipping_id, state, date_order, amount_untaxed,
                                currency_id, currency_rate, create_date, write_date)
        SELECT 'B' || n, %(company)s, p.id, p.id, p.id, 'sale',
               timestamp '2026-03-31 12:00' - (n::bigint * 7919 %% 730 || ' days')::interval,
               100 + n::bigint * 31 %% 90000, %(currency)s, 1, now(), now()
          FROM (SELECT n, (n::bigint * 7877 %% %(customers)s) + 1 AS place
                  FROM generate_series(1, %(orders)s) n) o
          JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place
                  FROM res_partner WHERE name LIKE 'Bench %%') p ON p.place = o.place
        """,
        {
            "company": company.id,
            "currency": currency.id,
            "customers": CUSTOMERS,
            "orders": ORDERS,
        },
    )
    topic = env.ref("crm_grading.topic_prospects")
    env.cr.execute(
        """
        INSERT INTO crm_grading_judgement (partner_id, commercial_partner_id, topic_id, value,
                                           reason, date, date_expiry, user_id, company_id)
        SELECT id, id, %s, id %% 100, 'x', '2026-01-01', '2026-12-31', %s, %s
          FROM res_partner WHERE name LIKE 'Bench %%' AND id %% 10 = 0
        """,
        (topic.id, env.uid, company.id),
    )
    for table in ("res_partner", "sale_order", "crm_grading_judgement"):
        env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
    env.invalidate_all()
    grades = [env.ref(f"crm_service_base.customer_grade_{letter}") for letter in "abc"]
    bands = [
        Command.create({"value_from": value, "points": points})
        for value, points in ((1, 10), (20000, 25), (50000, 50))
    ]
    standard = env["crm.grading.standard"].create(
        {
            "name": "Bench",
            "missing_rule": "zero",
            "criterion_ids": [
                Command.create(
                    {"name": "Orders", "weight": 50, "source": "order_amount", "band_ids": bands}
                ),
                Command.create(
                    {
                        "name": "Years",
                        "weight": 30,
                        "source": "years",
                        "scale": "linear",
                        "value_full": 2,
                    }
                ),
                Command.create(
                    {
                        "name": "Prospects",
                        "weight": 20,
                        "source": "judgement",
                        "topic_id": topic.id,
                        "scale": "linear",
                        "value_full": 100,
                    }
                ),
            ],
            "level_ids": [
                Command.create({"grade_id": grade.id, "score_from": points})
                for grade, points in zip(grades, (70, 40, 0), strict=True)
            ],
        }
    )
    grading = env["crm.grading.run"].create({"standard_id": standard.id, "date_to": "2026-03-31"})
    env.flush_all()
    return grading


def prepare_lines(env):
    """Two lines an order; half of them with a cost kept, the others with one of today only."""
    products = env["product.product"].create(
        [{"name": f"Bench {number}", "standard_price": 40 + number} for number in range(10)]
    )
    env.flush_all()
    env.cr.execute(
        """
        INSERT INTO sale_order_line (order_id, company_id, name, product_id, product_uom_id, state,
                                     product_uom_qty, price_unit, price_subtotal, crm_unit_cost,
                                     customer_lead)
        SELECT o.id, o.company_id, 'x', %(first)s + (o.id + n) %% 10, %(unit)s, 'sale', 1,
               o.amount_untaxed / 2, o.amount_untaxed / 2, CASE WHEN n = 1 THEN 45 END, 0
          FROM sale_order o, generate_series(1, 2) n
         WHERE o.name LIKE 'B%%'
        """,
        {"first": min(products.ids), "unit": products.uom_id.id},
    )
    env.cr.execute("ANALYZE sale_order_line, product_product, product_template, uom_uom")


def margin_query(grading):
    measure = grading.env["crm.grading.measure"]
    return measure._query_profit(measure._get_scope(grading.company_id, grading.date_to, 3))


def floor_margin(grading):
    """Price less cost in one statement, where nothing is returned, foreign or in another unit."""
    return SQL(
        """
        SELECT p.commercial_partner_id AS partner_id, jsonb_agg(DISTINCT o.id) AS docs,
               sum(l.price_subtotal - coalesce(nullif(l.crm_unit_cost, 0),
                   (pp.standard_price ->> %(key)s)::numeric) * l.product_uom_qty) AS profit
          FROM sale_order o
          JOIN res_partner p ON p.id = o.partner_id
          JOIN sale_order_line l ON l.order_id = o.id
          JOIN product_product pp ON pp.id = l.product_id
         WHERE o.company_id = %(company)s AND o.state = 'sale'
           AND o.date_order >= '2026-01-01' AND o.date_order < '2026-04-01'
         GROUP BY p.commercial_partner_id
        """,
        key=str(grading.company_id.id),
        company=grading.company_id.id,
    )


def prepare_second(env, grading):
    """Grades the quarter before, and makes the grading of the quarter after it."""
    grading.date_to = "2025-12-31"
    grading._compute_scores()
    for table in ("crm_grading_score", "crm_grading_score_line"):
        env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
    second = env["crm.grading.run"].create(
        {"standard_id": grading.standard_id.id, "date_to": "2026-03-31"}
    )
    second.previous_id = second._get_previous()
    env.flush_all()
    return second


def grade_again(bench, second, partners=()):
    with bench.undone(bench.env):
        second.partner_ids = partners
        second._compute_scores()


def floor_second(second):
    """As the floor of computing, beside total, grade and order amount of the grading before."""
    orders = second.standard_id.criterion_ids[0]
    return SQL(
        """
        SELECT f.*, s.total AS total_before, f.total - s.total AS total_change,
               CASE WHEN s.id IS NULL THEN 'new' WHEN f.grade = s.grade_proposed_id THEN 'same'
                    WHEN f.grade < s.grade_proposed_id THEN 'up' ELSE 'down' END AS movement,
               s.total - f.total >= 10 AS warn_score,
               l.value > 0 AND f.amount <= l.value * 0.7 AS warn_orders
          FROM (%(first)s) f
     LEFT JOIN crm_grading_score s ON s.partner_id = f.id AND s.run_id = %(before)s
     LEFT JOIN crm_grading_score_line l ON l.score_id = s.id AND l.criterion_id = %(orders)s
        """,
        first=floor_query(second),
        before=second.previous_id.id,
        orders=orders.id,
    )


def floor_query(grading):
    """Figures, points and grade in one statement, with the ids of the orders."""
    grades = grading.standard_id.level_ids.grade_id.sorted("rank")
    return SQL(
        """
        SELECT id, p0, p1, p2, docs, amount, p0 + p1 + p2 AS total,
               CASE WHEN p0 + p1 + p2 >= 70 THEN %(a)s WHEN p0 + p1 + p2 >= 40 THEN %(b)s
                    ELSE %(c)s END AS grade
          FROM (
            SELECT p.id, o.docs, o.amount, j.value,
                   CASE WHEN amount >= 50000 THEN 50 WHEN amount >= 20000 THEN 25
                        WHEN amount >= 1 THEN 10 ELSE 0 END::numeric AS p0,
                   round(coalesce(least(('2026-03-31' - first_day) / 730.5, 1) * 30, 0), 2) AS p1,
                   round(coalesce(j.value / 100.0 * 20, 0), 2) AS p2
              FROM res_partner p
         LEFT JOIN (SELECT c.commercial_partner_id AS partner_id,
                           min(o.date_order)::date AS first_day,
                           sum(o.amount_untaxed / o.currency_rate)
                               FILTER (WHERE o.date_order >= '2026-01-01') AS amount,
                           jsonb_agg(o.id) FILTER (WHERE o.date_order >= '2026-01-01') AS docs
                      FROM sale_order o JOIN res_partner c ON c.id = o.partner_id
                     WHERE o.company_id = %(company)s AND o.state = 'sale'
                       AND o.date_order < '2026-04-01'
                     GROUP BY c.commercial_partner_id) o ON o.partner_id = p.id
         LEFT JOIN (SELECT DISTINCT ON (commercial_partner_id)
                           commercial_partner_id AS partner_id, value
                      FROM crm_grading_judgement WHERE company_id = %(company)s
                     ORDER BY commercial_partner_id, date DESC, id DESC) j ON j.partner_id = p.id
             WHERE p.commercial_partner_id = p.id AND p.active
               AND p.crm_customer_type_id IS NOT NULL
          ) f
        """,
        company=grading.company_id.id,
        **{letter: grade.id for letter, grade in zip("abc", grades, strict=True)},
    )


def make_history_floor(env, grading, table):
    """Takes along the very rows that a grading keeps, and makes tables to copy them to."""
    grading._keep_scores(table)
    grading._keep_lines(table)
    for name in ("score", "score_line"):
        kept, copy, bare = (
            SQL.identifier(f"{prefix}_{name}") for prefix in ("kept", "copy", "bare")
        )
        original = SQL.identifier(f"crm_grading_{name}")
        env.cr.execute(
            SQL(
                """
                CREATE TABLE %(kept)s AS TABLE %(original)s;
                CREATE TABLE %(copy)s (LIKE %(original)s INCLUDING ALL);
                CREATE TABLE %(bare)s (LIKE %(original)s INCLUDING ALL)
                """,
                kept=kept,
                copy=copy,
                bare=bare,
                original=original,
            )
        )
        env.cr.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE contype = 'f' AND conrelid = %s::regclass",
            (f"crm_grading_{name}",),
        )
        for (definition,) in env.cr.fetchall():
            definition = definition.replace("crm_grading_score(", "copy_score(")
            env.cr.execute(SQL("ALTER TABLE %s ADD %s", copy, SQL(definition)))
    env.cr.execute("TRUNCATE crm_grading_score CASCADE; ANALYZE kept_score, kept_score_line")


def floor_history(env, prefix):
    for name in ("score", "score_line"):
        env.cr.execute(
            SQL(
                "INSERT INTO %s SELECT * FROM %s",
                SQL.identifier(f"{prefix}_{name}"),
                SQL.identifier(f"kept_{name}"),
            )
        )


def floor_update(env, grading, table):
    env.cr.execute(
        SQL(
            "UPDATE res_partner p SET crm_grade_computed_id = jsonb_build_object(%s, t.proposed_id)"
            " FROM %s t WHERE t.id = p.id",
            str(grading.company_id.id),
            table,
        )
    )
