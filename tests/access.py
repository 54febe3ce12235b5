"""A user of each role with an API key, and a record of each model of ours."""

import itertools
import pathlib
from datetime import timedelta
from importlib import import_module

from odoo import fields
from odoo.tests import HttpCase
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import ROLES
from odoo.addons.crm_visits.tests.common import VisitCommon

ADDONS = pathlib.Path(__file__).parents[1] / "addons"
MODULES = sorted(path.parent.name for path in ADDONS.glob("*/__manifest__.py"))
RECORDS = [import_module(f"odoo.addons.{name}.tests.access_records") for name in MODULES]
CHANGES = {model: change for addon in RECORDS for model, change in addon.CHANGES.items()}


class AccessCase(VisitCommon, HttpCase):
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
