"""Statistical reports on 1 000 000 visits against the plainest SQL that gives the same figures, and
their spreadsheet against the one Odoo writes of a list.

That SQL knows what to count by heart; it gives no names of visitors, no times in the zone of the
report, and keeps nothing.
"""

from datetime import date, timedelta
from types import SimpleNamespace
from unittest.mock import patch

from odoo.tools import SQL

from odoo.addons.crm_service_base.tools.statistics_table import column, table
from odoo.addons.crm_service_base.tools.statistics_xlsx import workbook
from odoo.addons.web.controllers import export

CUSTOMERS = 5000
VISITS = 1_000_000
DAYS = 1095  # three years of them
ROWS = 100_000
FIELDS = [
    "name",
    "partner_id/name",
    "method_id/name",
    "state",
    "date_start",
    "date_end",
    "satisfaction_service",
    "satisfaction_product",
    "opinion",
    "countermeasure",
    "result",
    "place",
    "phone",
    "duration",
    "attempt_count",
]
LAST = date(2026, 6, 28)  # a Sunday
DONE = ("done", "submitted", "reviewed", "history")


def run(bench):
    env = bench.env(context={"lang": "en_US", "tz": "UTC"})
    prepare(env)
    week = env.ref("crm_visits.statistics_type_week")
    week.tz = "UTC"
    everything = (env.company, *week._get_bounds(LAST - timedelta(days=DAYS - 1), LAST))
    month = (env.company, *week._get_bounds(LAST - timedelta(days=29), LAST))
    bench.compare(
        f"by method, {VISITS:,} visits",
        ours=lambda: week._get_method_table(*everything),
        floor=lambda: env.execute_query(floor_methods(*everything)),
        limit=1.2,
        rounds=5,
    )
    bench.compare(
        "by method, one month / three years",
        ours=lambda: week._get_method_table(*month),
        floor=lambda: week._get_method_table(*everything),
        limit=0.1,
        rounds=5,
    )
    days = (LAST - timedelta(days=6), LAST)
    period = (env.company, *week._get_bounds(*days))
    nobody = env["res.users"]
    bench.compare(
        f"weekly summary, {len(week._query_visits(*period)):,} visits listed",
        ours=lambda: week._compute_tables(env.company, *days, nobody),
        floor=lambda: (
            env.execute_query(floor_visits(*period)),
            env.execute_query(floor_methods(*period)),
        ),
        limit=2.5,
    )
    compare_spreadsheets(bench, env)


def compare_spreadsheets(bench, env):
    """Our report of as many rows as the list has, with the same values."""
    visits = env["crm.visit"].search([], limit=ROWS, order="id")
    rows = visits.export_data(FIELDS)["datas"]
    kinds = {"date_start": "datetime", "date_end": "datetime", "duration": "float"}
    columns = [column(name, name, kinds.get(name, "char")) for name in FIELDS]
    tables = [table("visits", "Visits", columns, rows)]
    report = env["crm.statistics.report"].create(
        {
            "type_id": env.ref("crm_service_base.statistics_type_evaluation").id,
            "date_from": LAST,
            "date_to": LAST,
            "data": {"tables": tables},
        }
    )
    words = {"total": "Total", "corrected": "Corrected"}
    what = f"spreadsheet of {ROWS:,} rows of {len(FIELDS)}"
    with patch.object(export, "request", SimpleNamespace(env=env)):
        bench.compare(
            f"{what}: report / list",
            ours=report._make_xlsx,
            floor=lambda: write_list(visits.export_data(FIELDS)["datas"]),
            limit=0.5,
            rounds=3,
        )
        bench.compare_memory(
            f"{what}: writing it",
            ours=lambda: workbook("Visits", [], tables, words),
            floor=lambda: write_list(rows),
            limit=0.05,
        )
        bench.compare_memory(
            f"{what}: report / list",
            ours=report._make_xlsx,
            floor=lambda: write_list(visits.export_data(FIELDS)["datas"]),
        )


def write_list(rows):
    """What the export button of Odoo's list answers with."""
    fields = [{"name": name, "type": "char"} for name in FIELDS]
    return export.ExcelExport().from_data(fields, FIELDS, rows)


def prepare(env):
    """Visits of three years, each with answers and texts, half of them planned."""
    types = env["crm.customer.type"].search([])
    env["res.partner"].create(
        [
            {"name": f"Customer {n}", "ref": f"B{n}", "crm_customer_type_id": types[0].id}
            for n in range(CUSTOMERS)
        ]
    )
    env.flush_all()
    methods = [env.ref(f"crm_visits.visit_method_{name}").id for name in ("face", "phone", "qq")]
    env.cr.execute(
        """
        INSERT INTO crm_visit (name, company_id, user_id, partner_id, commercial_partner_id,
                               method_id, channel, direction, state, active, date_start, date_end,
                               date_scheduled, date_planned, date, confirmation_state,
                               approval_state, satisfaction_service, satisfaction_product, opinion,
                               countermeasure, result, place, phone, duration, attempt_count)
        SELECT 'BENCH' || n, %(company)s, %(user)s, p.id, p.id,
               (%(methods)s)[1 + n %% 3], 'phone', 'outbound',
               CASE WHEN n %% 20 = 0 THEN 'planned' ELSE 'reviewed' END, TRUE,
               CASE WHEN n %% 20 != 0 THEN at.day END, CASE WHEN n %% 20 != 0 THEN at.day END,
               at.day, CASE WHEN n %% 2 = 0 THEN at.day END, at.day, 'none', 'none',
               (ARRAY['good', 'fair', 'average', NULL])[1 + n %% 4],
               (ARRAY['good', 'poor', NULL])[1 + n %% 3], 'Delivery is quick ' || n,
               'Thank the warehouse', 'Satisfied', 'Their office', '0931 1234567', 1.0, 0
          FROM generate_series(1, %(visits)s) n
          JOIN res_partner p ON p.ref = 'B' || (n::bigint * 7919 %% %(customers)s)
    CROSS JOIN LATERAL (SELECT %(last)s::timestamp + interval '1 day'
                               - date_trunc('second', (%(visits)s - n)::float / %(visits)s
                                            * %(days)s * interval '1 day') AS day) at
        """,
        {
            "company": env.company.id,
            "user": env.uid,
            "methods": methods,
            "visits": VISITS,
            "customers": CUSTOMERS,
            "last": LAST,
            "days": DAYS,
        },
    )
    env.cr.execute("ANALYZE crm_visit")
    env.cr.execute("ANALYZE res_partner")
    env.invalidate_all()


def floor_methods(company, start, end):
    return SQL(
        """
        SELECT method_id,
               count(*) FILTER (WHERE date_planned >= %(start)s AND date_planned < %(end)s),
               count(*) FILTER (WHERE date_planned >= %(start)s AND date_planned < %(end)s
                                  AND date_start < %(end)s AND state IN %(done)s),
               count(*) FILTER (WHERE date_planned IS NULL AND %(now)s),
               count(satisfaction_service) FILTER (WHERE %(now)s),
               count(*) FILTER (WHERE %(now)s AND satisfaction_service IN ('good', 'fair')),
               count(satisfaction_product) FILTER (WHERE %(now)s),
               count(*) FILTER (WHERE %(now)s AND satisfaction_product IN ('good', 'fair'))
          FROM crm_visit
         WHERE company_id = %(company)s AND active AND direction = 'outbound'
           AND (date_planned >= %(start)s AND date_planned < %(end)s OR %(now)s)
         GROUP BY method_id
        """,
        company=company.id,
        start=start,
        end=end,
        done=DONE,
        now=SQL("(date >= %s AND date < %s AND state IN %s)", start, end, DONE),
    )


def floor_visits(company, start, end):
    return SQL(
        """
        SELECT p.name, m.name, v.date_start, v.satisfaction_service, v.satisfaction_product,
               v.opinion, v.countermeasure, v.result
          FROM crm_visit v
          JOIN res_partner p ON p.id = v.partner_id
          JOIN crm_visit_method m ON m.id = v.method_id
         WHERE v.company_id = %s AND v.active AND v.direction = 'outbound'
           AND v.date >= %s AND v.date < %s AND v.state IN %s
         ORDER BY v.date_start
        """,
        company.id,
        start,
        end,
        DONE,
    )
