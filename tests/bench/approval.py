"""What the approval engine costs: a plain write under its guard, and a submission in bulk."""

from odoo.fields import Command
from odoo.tests import new_test_user

COUNT = 100


def run(bench):
    env = bench.env(context={"tracking_disable": True})
    author, approver = make_users(env)
    make_route(env, approver)
    documents = make(env, "crm.approval.test", author)
    plain = make(env, "crm.approval.test.plain", author)
    env.cr.commit()
    values = {"amount": 5.0, "date": "2026-01-05"}
    bench.compare(
        f"write on {COUNT} documents under the engine / without it",
        ours=lambda: documents.write(values),
        floor=lambda: plain.write(values),
        limit=1.25,
        extra_queries=0,
        rounds=31,
    )
    bench.compare(
        f"{COUNT} writes, one document each",
        ours=lambda: [document.write(values) for document in documents],
        floor=lambda: [document.write(values) for document in plain],
        limit=1.25,
        extra_queries=0,
        rounds=15,
    )
    few = documents[:10]
    bench.compare(
        f"submit {COUNT} documents / 10 documents",
        ours=documents.action_approval_submit,
        floor=few.action_approval_submit,
        limit=10,
        extra_queries=10,
    )


def make_users(env):
    groups = "base.group_user,crm_service_base.group_specialist"
    return (
        new_test_user(env, login="bench_author", groups=groups),
        new_test_user(env, login="bench_approver", groups=groups),
    )


def make_route(env, approver):
    step = {"name": "Head", "approver_kind": "users", "user_ids": [Command.set(approver.ids)]}
    env["crm.approval.route"].create(
        {
            "name": "Bench",
            "res_model": "crm.approval.test",
            "company_id": False,
            "step_ids": [Command.create(step)],
        }
    )


def make(env, model, author):
    return (
        env[model]
        .with_user(author)
        .create([{"title": f"Document {number}", "amount": number} for number in range(COUNT)])
    )
