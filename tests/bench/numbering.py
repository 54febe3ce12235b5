"""Numbers for a batch of documents: against one by one, and against the bare nextval."""

from odoo.tools import SQL

COUNT = 500


def run(bench):
    env = bench.env
    for implementation in ("standard", "no_gap"):
        sequence = env["ir.sequence"].create(
            {"name": "Bench", "code": f"bench.{implementation}", "implementation": implementation}
        )
        env.flush_all()
        code = sequence.code
        bench.compare(
            f"{implementation}: {COUNT} numbers at once / one by one",
            ours=lambda code=code: env["ir.sequence"]._next_batch(code, COUNT, env.company),
            floor=lambda code=code: [
                env["ir.sequence"].next_by_code(code) for _number in range(COUNT)
            ],
            limit=0.1,
            extra_queries=0,
        )
    name = f"ir_sequence_{env['ir.sequence'].search([('code', '=', 'bench.standard')]).id:03d}"
    bench.compare(
        f"standard: {COUNT} numbers at once / nextval in SQL",
        ours=lambda: env["ir.sequence"]._next_batch("bench.standard", COUNT, env.company),
        floor=lambda: env.execute_query(
            SQL("SELECT nextval(%s) FROM generate_series(1, %s)", name, COUNT)
        ),
        extra_queries=4,  # which sequence, and what it looks like
    )
    partner = env["res.partner"].create({"name": "Customer"})
    method = env.ref("crm_visits.visit_method_callback")
    values = {"partner_id": partner.id, "method_id": method.id}
    bench.compare(
        "visits without appointment: a batch of 100 / of 10",
        ours=lambda: env["crm.visit"].create([dict(values) for _number in range(100)]),
        floor=lambda: env["crm.visit"].create([dict(values) for _number in range(10)]),
        limit=10,
        extra_queries=0,
    )
