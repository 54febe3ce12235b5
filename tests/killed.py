"""Kills scheduled actions anywhere, again and again, until they are through. For an Odoo shell.

``env`` comes from the shell; the last line of the output tells, as JSON, what came of it. Each
run is a process of its own that ends with SIGKILL: no exception is caught, nothing is cleaned up.
"""

import json
import os
import random
import signal
import sys
import time
import traceback
from collections import Counter
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, sql_db

OWNERS, CASES, BATCH = 3, 25, 2
ESCALATIONS = "SELECT count(*) FROM crm_deadline_escalation"
REPORTS = "SELECT count(*) FROM crm_statistics_report"


def prepare(env):
    """Overdue complaints of some owners, told in two steps; reports of all the months one makes."""
    env["crm.deadline.policy"].search([]).active = False
    steps = [
        fields.Command.create({"minutes": minutes, "role": role, "is_quiet": False})
        for minutes, role in ((0, "owner"), (1, "leader"))
    ]
    env["crm.deadline.policy"].create(
        {"name": "One hour", "target": "solve", "amount": 1, "unit": "hour", "step_ids": steps}
    )
    groups = env.ref("crm_service_base.group_specialist")
    users = env["res.users"].create(
        [
            {
                "name": f"Person {n}",
                "login": f"killed{n}",
                "lang": "en_US",
                "group_ids": groups.ids,
            }
            for n in range(OWNERS + 1)
        ]
    )
    leader, owners = users[0], users[1:]
    team = env["crm.service.team"].create({"name": "Hotline", "leader_id": leader.id})
    env["crm.service.department"].create({"name": "Service", "head_id": leader.id})
    for owner in owners:
        env["crm.service.case"].create(
            [
                {
                    "subject": f"Too hot {number}",
                    "kind": "complaint",
                    "team_id": team.id,
                    "user_id": owner.id,
                    "date_opened": fields.Datetime.now() - timedelta(days=2),
                }
                for number in range(CASES)
            ]
        )
    reports = env["crm.statistics.report.type"].search([("schedule", "=", "monthly")])
    reports.user_id = leader
    reports.date_start = fields.Date.today() - timedelta(days=400)


def escalate(env):
    env["crm.deadline.clock"]._cron_escalate(batch=BATCH)


def generate(env):
    env["crm.statistics.report.type"]._cron_generate()


def run(registry, function):
    """In a process that somebody will kill."""
    try:
        with registry.cursor() as cr:
            function(api.Environment(cr, SUPERUSER_ID, {}))
        os._exit(0)
    except Exception:  # noqa: BLE001 - the parent sees the exit code
        traceback.print_exc()
        os._exit(1)


def kill_until_done(registry, function, query, pick):
    """:return: what was done when each of the processes was killed"""
    window, counts = 0.05, []
    while True:
        sql_db.close_all()
        child = os.fork()
        if not child:
            run(registry, function)
        time.sleep(pick.uniform(0, window))
        os.kill(child, signal.SIGKILL)
        _child, status = os.waitpid(child, 0)
        wait_for_backends(registry)
        with registry.cursor() as cr:
            cr.execute(query)
            counts.append(cr.fetchone()[0])
        if not os.WIFSIGNALED(status):
            assert os.WEXITSTATUS(status) == 0, "it failed by itself"
            return counts
        window *= 1.3


def wait_for_backends(registry):
    """The database notices a little later that nobody is there any more."""
    while True:
        with registry.cursor() as cr:
            cr.execute(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid != pg_backend_pid() AND state != 'idle'"
            )
            if not cr.fetchone()[0]:
                return
        time.sleep(0.05)


def read(env):
    """What was told, by person, in messages and in the log; which reports there are."""
    told = Counter()
    for message in env["mail.message"].search([("subject", "like", "deadlines need")]):
        for partner in message.partner_ids:
            told[partner.name] += int(message.subject.split()[0])
    logged = Counter(env["crm.deadline.escalation"].search([]).mapped("told_to"))
    reports = env["crm.statistics.report"].search([("type_id.schedule", "=", "monthly")])
    activities = env["mail.activity"].search([("res_model", "=", "crm.statistics.report")])
    return {
        "told": told,
        "logged": logged,
        "left": env["crm.deadline.clock"].search_count([("next_step_id", "!=", False)]),
        "reports": Counter(
            f"{report.type_id.code} {report.date_from} {report.company_id.id}" for report in reports
        ),
        "activities": Counter(str(activity.res_id) for activity in activities),
        "tables": all(report.data["tables"] for report in reports),
    }


def list_due(env):
    types = env["crm.statistics.report.type"].search(
        [("schedule", "=", "monthly"), ("method", "!=", False)]
    )
    return sorted(
        f"{kind.code} {date_from} {company.id}"
        for kind in types
        for company in kind._get_companies()
        for date_from, _date_to, _user in kind._get_due_work(company)
    )


def main(env):
    prepare(env)
    due, registry = list_due(env), env.registry
    env.cr.commit()
    env.cr.close()
    pick = random.Random(os.environ["SEED"])
    escalations = kill_until_done(registry, escalate, ESCALATIONS, pick)
    reports = kill_until_done(registry, generate, REPORTS, pick)
    with registry.cursor() as cr:
        found = read(api.Environment(cr, SUPERUSER_ID, {}))
    print(json.dumps({**found, "due": due, "kills": [escalations, reports]}))
    sys.stdout.flush()
    os._exit(0)  # the shell's own connection is gone, as it had to be before there were children


main(env)  # noqa: F821
