"""Sells before and after crm_grading and sale_margin are there, and tells what grading finds.

For an Odoo shell: ``env`` comes from there; the last line of the output is the answer.
"""

import json

from odoo.fields import Command

DAY = "2026-02-10 12:00:00"


def install(env, name):
    env["ir.module.module"].search([("name", "=", name)]).button_immediate_install()
    return env(context={})


def find(env, name):
    return env["product.product"].search([("name", "=", name)])


def sell(env, *lines, **values):
    """A confirmed order: lines of (name of the product, quantity, price)."""
    order = env["sale.order"].create(
        {
            "partner_id": env["res.partner"].search([("name", "=", "Margin")]).id,
            "order_line": [
                Command.create(
                    {
                        "product_id": find(env, name).id,
                        "product_uom_qty": quantity,
                        "price_unit": price,
                        "tax_ids": False,
                    }
                )
                for name, quantity, price in lines
            ],
            **values,
        }
    )
    order.action_confirm()
    order.date_order = DAY
    env.cr.commit()
    return order


def grade(env):
    """What a trial by the margin alone finds.

    :return: list of the margin and of what the score says about it
    """
    standard = env["crm.grading.standard"].create(
        {
            "name": "Margin",
            "missing_rule": "zero",
            "criterion_ids": [
                Command.create(
                    {
                        "name": "Margin",
                        "weight": 100,
                        "source": "profit",
                        "scale": "linear",
                        "value_full": 1000,
                    }
                )
            ],
            "level_ids": [
                Command.create(
                    {
                        "grade_id": env.ref("crm_service_base.customer_grade_a").id,
                        "score_from": 0,
                    }
                )
            ],
        }
    )
    run = env["crm.grading.run"].create(
        {"standard_id": standard.id, "date_to": "2026-03-31", "is_trial": True}
    )
    run._compute_scores()
    line = run.score_ids.filtered(lambda score: score.partner_id.name == "Margin").line_ids
    return [line.value, line.value_text]


def main(env):
    found = {}
    env["res.partner"].create({"name": "Margin", "is_company": True})
    env["product.product"].create(
        [
            {"name": "Battery", "standard_price": 60, "taxes_id": False},
            {"name": "Cable", "taxes_id": False},
        ]
    )
    sell(env, ("Battery", 3, 100))

    env = install(env, "crm_grading")
    partner = env["res.partner"].search([("name", "=", "Margin")])
    partner.crm_customer_type_id = env["crm.customer.type"].search([], limit=1)
    battery = find(env, "Battery")
    battery.standard_price = 70
    sell(env, ("Battery", 1, 100), ("Cable", 1, 10))
    battery.standard_price = 90
    found["without"] = grade(env)

    battery.standard_price = 80
    env.cr.commit()
    env = install(env, "sale_margin")
    battery = find(env, "Battery")
    found["installed"] = grade(env)
    bargain = sell(env, ("Battery", 2, 100))
    bargain.order_line.purchase_price = 45
    dozen = sell(env, ("Battery", 1, 1000))
    dozen.order_line.product_uom_id = env.ref("uom.product_uom_dozen")
    dozen.order_line.price_unit = 1000
    env.cr.commit()
    battery.standard_price = 99
    found["with"] = grade(env)
    print("\n" + json.dumps(found))


if "env" in globals():
    main(globals()["env"])
