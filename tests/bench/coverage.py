"""The coverage board on 300 000 visits, against the plainest SQL that gives the same rows.

That SQL knows two rules by heart and one company; the board looks up the rule of each customer.
"""

from odoo.tools import SQL

CUSTOMERS = 5000
VISITS = 300_000
LIMIT = 80


def run(bench):
    env = bench.env(context={"lang": "en_US", "tz": "UTC"})
    prepare(env)
    coverage = env["crm.visit.coverage"]
    bench.compare(
        "board: customers by owner and status",
        ours=lambda: coverage._read_group([], ["user_id", "state"], ["__count"]),
        floor=lambda: env.execute_query(
            SQL("SELECT user_id, state, count(*) %s GROUP BY user_id, state", floor_rows())
        ),
        limit=3.0,
    )
    overdue = [("state", "in", ["overdue", "never"])]
    bench.compare(
        "list: the first 80 overdue",
        ours=lambda: coverage.search_read(overdue, ["partner_id", "date_due"], limit=LIMIT),
        floor=lambda: env.execute_query(
            SQL(
                "SELECT id, date_due %s WHERE state IN ('overdue', 'never')"
                " ORDER BY date_due, id LIMIT %s",
                floor_rows(),
                LIMIT,
            )
        ),
        limit=3.0,
    )
    partner = env["res.partner"].search([("ref", "=", "B1000")])
    bench.compare(
        "one customer / the whole board",
        ours=lambda: coverage.search_read([("partner_id", "=", partner.id)], ["state"]),
        floor=lambda: coverage._read_group([], ["state"], ["__count"]),
        limit=0.1,
    )


def prepare(env):
    """Customers and visits that took place, a visit in twenty planned."""
    env["crm.visit.cadence"].search([("applies_to", "=", "project")]).active = False
    types = env["crm.customer.type"].search([])
    users = env["res.users"].create(
        [{"name": f"Visitor {n}", "login": f"bench_visitor_{n}"} for n in range(20)]
    )
    env["res.partner"].create(
        [
            {
                "name": f"Customer {n}",
                "ref": f"B{n}",
                "crm_customer_type_id": types[n % len(types)].id,
                "crm_customer_class": "key" if n % 10 == 0 else "ordinary",
                "user_id": users[n % len(users)].id,
            }
            for n in range(CUSTOMERS)
        ]
    )
    env.flush_all()
    env.cr.execute(
        """
        INSERT INTO crm_visit (name, company_id, partner_id, commercial_partner_id, method_id,
                               channel, direction, state, active, date_start, date_scheduled, date,
                               confirmation_state, approval_state)
        SELECT 'BENCH' || n, %(company)s, p.id, p.id, %(method)s, 'phone', 'outbound',
               CASE WHEN n %% 20 = 0 THEN 'planned' ELSE 'reviewed' END, TRUE,
               CASE WHEN n %% 20 != 0 THEN now() AT TIME ZONE 'UTC'
                    - (random() * 700 || ' days')::interval END,
               CASE WHEN n %% 20 = 0 THEN now() AT TIME ZONE 'UTC'
                    + (random() * 60 || ' days')::interval END,
               NULL, 'none', 'none'
          FROM generate_series(1, %(visits)s) n
          JOIN res_partner p ON p.ref = 'B' || (n::bigint * 7919 %% %(customers)s)
        """,
        {
            "company": env.company.id,
            "method": env.ref("crm_visits.visit_method_phone").id,
            "visits": VISITS,
            "customers": CUSTOMERS * 95 // 100,
        },
    )
    env.cr.execute("ANALYZE crm_visit")
    env.cr.execute("ANALYZE res_partner")
    env.invalidate_all()


def floor_rows():
    """Two rules by class, one company, the visits aggregated once."""
    return SQL(
        """
        FROM (
            SELECT p.id, p.user_id, due.date AS date_due,
                   CASE WHEN v.planned IS NOT NULL THEN 'planned'
                        WHEN v.last IS NULL THEN 'never'
                        WHEN due.date < current_date THEN 'overdue'
                        WHEN due.date <= current_date + 7 THEN 'due'
                        ELSE 'ok' END AS state
              FROM res_partner p
         LEFT JOIN (SELECT commercial_partner_id,
                           max(date_start) FILTER (WHERE state = 'reviewed') AS last,
                           min(date_scheduled) FILTER (WHERE state = 'planned') AS planned
                      FROM crm_visit WHERE active GROUP BY commercial_partner_id) v
                ON v.commercial_partner_id = p.id
        CROSS JOIN LATERAL (
                   SELECT coalesce((v.last + CASE WHEN p.crm_customer_class = 'key'
                                                  THEN interval '1 month'
                                                  ELSE interval '3 months' END)::date,
                                   current_date) AS date) due
             WHERE p.crm_customer_type_id IS NOT NULL AND p.active
        ) rows
        """
    )
