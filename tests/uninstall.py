"""Uninstalls our addons and tells, as JSON, what the database holds. For an Odoo shell.

``env`` comes from the shell; the last line of the output is the answer.
"""

import json
import os

QUERIES = {
    "column": "SELECT table_name || '.' || column_name FROM information_schema.columns "
    "WHERE table_schema = 'public'",
    "index": "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'",
    "constraint": "SELECT conname FROM pg_constraint "
    "JOIN pg_namespace n ON n.oid = connamespace WHERE n.nspname = 'public'",
    "sequence": "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'",
    "model": "SELECT model FROM ir_model",
    "field": "SELECT model || '.' || name FROM ir_model_fields",
    "relation": "SELECT name FROM ir_model_relation",
    "numbering": "SELECT code FROM ir_sequence WHERE code IS NOT NULL",
    "scheduled action": "SELECT cron_name FROM ir_cron",
    "server action": "SELECT name ->> 'en_US' FROM ir_act_server",
    "activity type": "SELECT name ->> 'en_US' FROM mail_activity_type",
    "group": "SELECT name ->> 'en_US' FROM res_groups",
    "rule": "SELECT name FROM ir_rule",
    "access": "SELECT name FROM ir_model_access",
    "menu": "SELECT name ->> 'en_US' FROM ir_ui_menu",
    "view": "SELECT coalesce(key, name) FROM ir_ui_view",
    "default": "SELECT m.model || '.' || f.name FROM ir_default d "
    "JOIN ir_model_fields f ON f.id = d.field_id JOIN ir_model m ON m.id = f.model_id",
    "parameter": "SELECT key FROM ir_config_parameter",
    "external ID": "SELECT module || '.' || name FROM ir_model_data",
    "file": "SELECT name FROM ir_attachment WHERE res_model LIKE 'crm.%'",
    "activity": "SELECT res_model FROM mail_activity",
    "message": "SELECT DISTINCT model FROM mail_message WHERE model IS NOT NULL",
    "paper format": "SELECT name FROM report_paperformat",
    "template of mail": "SELECT name ->> 'en_US' FROM mail_template",
}


def read(cr):
    found = {}
    for kind, query in QUERIES.items():
        cr.execute(query)
        found[kind] = sorted({str(row[0]) for row in cr.fetchall()})
    return found


def main(env):
    names = [name for name in os.environ.get("UNINSTALL", "").split(",") if name]
    if names:
        modules = env["ir.module.module"].search(
            [("name", "in", names), ("state", "=", "installed")]
        )
        modules.button_immediate_uninstall()
    print("\n" + json.dumps(read(env.cr)))


if "env" in globals():
    main(globals()["env"])
