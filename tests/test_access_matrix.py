"""Who may do what: tests/access_matrix.csv, written from the requirements, walked over RPC."""

import csv
import itertools
import pathlib
from collections import defaultdict
from datetime import timedelta
from importlib import import_module

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import ROLES
from odoo.addons.crm_visits.tests.common import VisitCommon

MATRIX = pathlib.Path(__file__).parent / "access_matrix.csv"
ADDONS = pathlib.Path(__file__).parents[1] / "addons"
MODULES = sorted(path.parent.name for path in ADDONS.glob("*/__manifest__.py"))
RECORDS = [import_module(f"odoo.addons.{name}.tests.access_records") for name in MODULES]
CHANGES = {model: change for addon in RECORDS for model, change in addon.CHANGES.items()}
OPERATIONS = ("read", "create", "write_own", "write_other", "unlink_own")


def read_matrix():
    """:return: dict of (model, role) to a dict of operation to bool"""
    with MATRIX.open(encoding="utf-8") as file:
        return {
            (row["model"], row["role"]): {name: row[name] == "yes" for name in OPERATIONS}
            for row in csv.DictReader(file)
        }


@tagged("post_install", "-at_install")
class TestAccessMatrix(VisitCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {role: getattr(cls, role) for role in ROLES}
        # a specialist of no department, while the customer has one in charge
        cls.stranger = cls._new_user("test_stranger", "specialist")
        cls.customer.with_company(cls.company).crm_department_id = cls.department
        cls.users |= {
            "plain": cls.plain_user,
            "portal": cls.portal_user,
            "stranger": cls.stranger,
        }
        expires = fields.Datetime.now() + timedelta(hours=6)
        keys = cls.env["res.users.apikeys"]
        cls.keys = {
            role: keys.with_user(user).sudo()._generate(None, "test", expires)
            for role, user in cls.users.items()
        }
        cls.author = cls._new_user("test_author", "specialist")
        cls.deputy = cls._new_user("test_deputy", "supervisor")
        cls.counter = itertools.count()

    def _call(self, role, model, method, **body):
        headers = {"Authorization": f"bearer {self.keys[role]}"} if role in self.keys else {}
        loggers = ("odoo.http", "odoo.sql_db", "odoo.addons.base.models.ir_rule")
        with mute_logger(*loggers):
            response = self.url_open(f"/json/2/{model}/{method}", json=body, headers=headers)
        self.env.invalidate_all()
        return response

    def _values(self, model, user):
        """Values of a record that belongs to a user."""
        name = f"{user.login} {next(self.counter)}"
        for addon in RECORDS:
            if values := addon.prepare(self, model, user, name):
                return values
        return {"name": name, "code": name} if "code" in self.env[model]._fields else {"name": name}

    def _own(self, model, user):
        """A fresh record that belongs to a user, or the one there is of a read-only model."""
        for addon in RECORDS:
            if record := addon.make(self, model, user):
                return record
        return self.env[model].create([self._values(model, user)])

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
