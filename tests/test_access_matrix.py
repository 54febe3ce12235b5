"""Who may do what: tests/access_matrix.csv, written from the requirements, walked over RPC."""

import csv
import pathlib
import sys
from collections import defaultdict

from odoo.tests import tagged

sys.path.append(str(pathlib.Path(__file__).parent))
from access import CHANGES, MODULES, RECORDS, AccessCase

MATRIX = pathlib.Path(__file__).parent / "access_matrix.csv"
OPERATIONS = ("read", "create", "write_own", "write_other", "unlink_own")


def read_matrix():
    """:return: dict of (model, role) to a dict of operation to bool"""
    with MATRIX.open(encoding="utf-8") as file:
        return {
            (row["model"], row["role"]): {name: row[name] == "yes" for name in OPERATIONS}
            for row in csv.DictReader(file)
        }


@tagged("post_install", "-at_install")
class TestAccessMatrix(AccessCase):
    def _try(self, role, model, operation):
        """:return: bool, whether the server did it"""
        user = self.users.get(role, self.author)
        change = CHANGES.get(model, {"name": "x"})
        if operation == "create":
            values = self._values_safe(model, user)
            return self._call(role, model, "create", vals_list=[values]).status_code == 200
        owner = self.author if operation in ("read", "write_other") else user
        record = self._own(model, owner)
        match operation:
            case "read":
                response = self._call(role, model, "read", ids=record.ids, fields=["id"])
            case "unlink_own":
                response = self._call(role, model, "unlink", ids=record.ids)
            case _:
                response = self._call(role, model, "write", ids=record.ids, vals=change)
        return response.status_code == 200

    def _values_safe(self, model, user):
        if model == "crm.signature":
            record = self._own(model, user)
            return {name: record[name] for name in ("res_model", "res_id", "name", "digest")}
        is_made = any(addon.make(self, model, user) for addon in RECORDS)
        return {} if is_made else self._values(model, user)

    def test_the_matrix_is_what_the_server_does(self):
        wrong = defaultdict(list)
        for (model, role), operations in read_matrix().items():
            for operation, allowed in operations.items():
                if self._try(role, model, operation) != allowed:
                    wrong[model].append(f"{role} {operation}: {'refused' if allowed else 'done'}")
        self.assertFalse(wrong, "\n".join(f"{model}: {rows}" for model, rows in wrong.items()))

    def test_every_model_of_ours_is_in_the_matrix(self):
        listed = {model for model, _role in read_matrix()}
        ours = {
            name
            for name, model in self.env.registry.items()
            if model._original_module in MODULES and not (model._abstract or model._transient)
        }
        routes = {"crm.approval.route", "crm.approval.route.step"}
        self.assertEqual(ours - routes, listed - routes)

    def test_every_model_with_a_company_has_a_company_rule(self):
        rules = self.env["ir.rule"].search([("groups", "=", False)])
        ruled = {rule.model_id.model for rule in rules if "company_id" in (rule.domain_force or "")}
        for name, model in self.env.registry.items():
            ours = model._original_module in MODULES
            if ours and not (model._abstract or model._transient) and "company_id" in model._fields:
                self.assertIn(name, ruled)
