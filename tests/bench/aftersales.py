"""Cases beside Odoo's own leads: registering, moving, the board; and telling what is overdue."""

from contextlib import closing
from datetime import timedelta
from unittest.mock import patch

from partner import specify

from odoo import fields
from odoo.sql_db import db_connect
from odoo.tools import SQL

ROWS = 100_000
OVERDUE = 10_000
PAGE = 80


def run(bench):
    users = bench.env["res.users"]
    groups = "crm_service_base.group_manager", "sales_team.group_sale_manager"
    user = users.create(
        {
            "name": "Bench",
            "login": "bench",
            "group_ids": [(4, bench.env.ref(name).id) for name in groups],
        }
    )
    bench.env = bench.env(user=user, context={"lang": "en_US", "tz": "Asia/Shanghai"})
    Creating(bench).compare()
    Board(bench).compare()
    Escalation(bench).compare()


class Creating:
    def __init__(self, bench):
        self.bench, self.env = bench, bench.env
        self.partner = self.env["res.partner"].create(
            {"name": "Customer", "phone": "0931 1234567", "email": "customer@example.com"}
        )
        team = self.env["crm.service.team"].sudo().create({"name": "Hotline"})
        self.values = {
            "case": {
                "subject": "Too hot",
                "kind": "complaint",
                "partner_id": self.partner.id,
                "team_id": team.id,
                "description": "It gets hot",
            },
            "lead": {
                "name": "Too hot",
                "type": "opportunity",
                "partner_id": self.partner.id,
                "description": "It gets hot",
            },
        }
        self.models = {"case": self.env["crm.service.case"], "lead": self.env["crm.lead"]}

    def create(self, kind, count):
        values = [dict(self.values[kind]) for _number in range(count)]
        return self.models[kind].create(values)

    def move(self, records, stages):
        for record in records:
            record.stage_id = stages[0]

    def compare(self):
        for count, limit, rounds in ((1, 0.45, 41), (100, 0.15, 11)):
            self.bench.compare(
                f"complaint with its deadlines: create {count} / crm.lead",
                ours=lambda count=count: self.create("case", count),
                floor=lambda count=count: self.create("lead", count),
                limit=limit,
                rounds=rounds,
                extra_queries=0,
            )
        queries = int(self.bench.rows[-1]["queries"].split(" / ")[0])
        self.bench.rows[-1]["what"] += f", {queries / 100:.2f} queries each"
        if queries > 20:
            self.bench.rows[-1][""] = "OVER"
        cases, leads = self.create("case", 20), self.create("lead", 20)
        case_stages = self.env.ref("crm_aftersales.case_stage_progress")
        lead_stages = self.env["crm.stage"].search([("is_won", "=", False)])[1:]
        self.env.flush_all()
        self.bench.compare(
            "stage move, 20 one by one / crm.lead",
            ours=lambda: self.move(cases, case_stages),
            floor=lambda: self.move(leads, lead_stages),
            limit=0.6,
            rounds=21,
        )


class Board:
    """A hundred thousand of each, spread over the stages."""

    def __init__(self, bench):
        self.bench, self.env = bench, bench.env
        creating = Creating(bench)
        case, lead = creating.create("case", 1), creating.create("lead", 1)
        self.env.flush_all()
        stages = self.env["crm.service.case.stage"].search([("state", "=", "open")])
        due = SQL("now() AT TIME ZONE 'utc' + (n %% 2000 - 500) * interval '1 minute'")
        self.copy(
            case,
            {
                "name": SQL("'FW/' || n"),
                "stage_id": self.sql_pick(stages),
                "urgency": SQL("(n %% 3)::text"),
                "date_next_deadline": due,
                "access_token": SQL("NULL"),
            },
        )
        lead_stages = self.env["crm.stage"].search([])
        self.copy(
            lead,
            {
                "name": SQL("'Lead ' || n"),
                "stage_id": self.sql_pick(lead_stages),
                "priority": SQL("(n %% 3)::text"),
            },
        )
        self.vacuum(case._table, lead._table)

    @staticmethod
    def sql_pick(values):
        values = list(getattr(values, "ids", values))
        listed = SQL(", ").join(SQL("%s", value) for value in values)
        return SQL("(ARRAY[%s])[1 + n %% %s]", listed, len(values))

    def copy(self, record, changes):
        columns = [
            name
            for name, field in record._fields.items()
            if field.store and field.column_type and name != "id"
        ]
        source = [changes.get(name, SQL.identifier(name)) for name in columns]
        table = SQL.identifier(record._table)
        self.env.cr.execute(
            SQL(
                "INSERT INTO %s (%s) SELECT %s FROM %s, generate_series(1, %s) n WHERE id = %s",
                table,
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL(", ").join(source),
                table,
                ROWS,
                record.id,
            )
        )
        record.invalidate_model()

    def vacuum(self, *tables):
        """As the database does by itself; outside of a transaction, the scratch database goes.

        Twice: right after the commit a first pass does not mark all pages yet.
        """
        self.env.cr.commit()
        with closing(db_connect(self.env.cr.dbname).cursor()) as cr:
            cr.connection.autocommit = True
            for table in tables * 2:
                cr.execute(SQL("VACUUM ANALYZE %s", SQL.identifier(table)))

    def load(self, model, domain, aggregates, specification):
        """What the web client asks for when a board opens."""
        records = self.env[model].with_context(read_group_expand=True)
        records.web_read_group(
            domain,
            ["stage_id"],
            aggregates,
            auto_unfold=True,
            unfold_read_specification=specification,
            unfold_read_default_limit=PAGE,
        )

    def compare(self):
        specifications = {
            model: specify(self.env, "kanban", model) for model in ("crm.service.case", "crm.lead")
        }
        alive = [("state", "in", ("open", "solved"))]
        self.bench.compare(
            f"board of {ROWS} rows, {PAGE} a column / crm.lead",
            ours=lambda: self.load(
                "crm.service.case", alive, [], specifications["crm.service.case"]
            ),
            floor=lambda: self.load(
                "crm.lead",
                [("type", "=", "opportunity")],
                ["expected_revenue:sum"],
                specifications["crm.lead"],
            ),
            limit=0.8,
            rounds=9,
        )
        self.bench.compare(
            f"overdue of {ROWS} rows: the first page / by id",
            ours=lambda: self.env["crm.service.case"].search(
                [("is_clock_late", "=", True), ("state", "=", "open")],
                order="date_next_deadline",
                limit=PAGE,
            ),
            floor=lambda: self.env["crm.service.case"].search(
                [("state", "=", "open")], order="id", limit=PAGE
            ),
        )


class Escalation:
    """Ten thousand clocks of a hundred owners that run out at once."""

    def __init__(self, bench):
        self.bench = bench
        self.env = bench.env(su=True)
        cases = self.env["crm.service.case"].search([], limit=OVERDUE, order="id desc")
        policy = self.env.ref("crm_aftersales.deadline_policy_solve")
        _first, step, self.next = policy.step_ids._in_order()
        step.is_quiet = False
        now = fields.Datetime.now()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_deadline_clock
                       (case_id, company_id, target, policy_id, state, round, date_start,
                        date_deadline, next_step_id, date_next_step)
                SELECT id, company_id, 'solve', %s, 'running', 1, %s, %s, %s, %s
                  FROM crm_service_case WHERE id = ANY(%s)
                """,
                policy.id,
                now - timedelta(days=6),
                now - timedelta(minutes=1),
                step.id,
                now - timedelta(minutes=1),
                cases.ids,
            )
        )
        leader = self.env["res.users"].search([("login", "=", "bench")])
        cases.team_id.leader_id = leader
        self.env.flush_all()
        self.env.cr.execute("ANALYZE crm_deadline_clock")
        self.clocks = self.env["crm.deadline.clock"]
        self.ids = self.clocks.search([("next_step_id", "=", step.id)]).ids
        self.leader = leader

    def escalate(self):
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=60):
            self.clocks._cron_escalate()

    def update(self):
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_deadline_clock
                   SET next_step_id = %s, date_next_step = date_deadline + interval '2880 minutes'
                 WHERE id = ANY(%s)
                """,
                self.next.id,
                self.ids,
            )
        )
        for start in range(0, len(self.ids), 1000):
            self.clocks._send_escalation(
                self.leader, self.clocks.browse(self.ids[start : start + 1000])
            )

    def compare(self):
        self.bench.compare(
            f"{OVERDUE} overdue clocks: escalate / one UPDATE and the messages",
            ours=self.escalate,
            floor=self.update,
            limit=1.5,
            rounds=9,
        )
