"""Every public method of our addons, called over RPC by people who may not: it does nothing."""

import inspect
import pathlib
import sys
from collections import Counter

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger

sys.path.append(str(pathlib.Path(__file__).parent))
from access import CHANGES, MODULES, AccessCase

# rows of the core and of documents that the access matrix walks
SKIPPED = {
    "crm.approval.route",
    "crm.approval.route.step",
    "crm.approval.test.line",
}
PACKAGES = tuple(f"odoo.addons.{name}." for name in MODULES)
QUIET = ("odoo.sql_db", "odoo.models.unlink", "odoo.addons.base.models.ir_rule")
# what the access matrix walks
OPERATIONS = {"create"}
# methods that colleagues who only read a document may well call
ALLOWED = {
    ("crm.archive.access", "action_verify"),  # it seals what is new before the auditor verifies
    ("crm.service.case", "message_post"),  # who reads a case may say something about it
    ("crm.service.case", "note_repeat"),  # who takes the call notes it on a colleague's case
    ("crm.backup.drill", "action_check"),  # who is not responsible for a drill checks it
    # papers of their own about what they read
    ("crm.service.case", "action_add_to_library"),
    ("crm.service.case", "action_make_service_order"),
    ("crm.service.case", "action_open_feedback"),
    ("crm.service.case", "action_open_survey"),
    ("crm.visit", "action_make_report"),
    ("crm.visit", "action_open_feedback"),
    ("crm.visit", "action_open_survey"),
}


# what a call that did nothing answers
NOTHING = ("None", "False", "[]")


class Undo(Exception):
    """Takes back what a call did."""


def get_public_methods(model):
    """:return: sorted names of what our addons let everybody call on a model"""
    names = {
        name
        for base in type(model).__mro__
        if base.__module__.startswith(PACKAGES)
        for name, value in vars(base).items()
        if not name.startswith("_") and inspect.isfunction(value)
    }
    return sorted(
        name
        for name in names - OPERATIONS
        if not any(
            getattr(vars(base).get(name), "_api_private", False) for base in type(model).__mro__
        )
    )


def is_about_records(model, method):
    return not getattr(getattr(type(model), method), "_api_model", False)


@tagged("post_install", "-at_install")
class TestPublicMethods(AccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.env["res.company"].create({"name": "Second company"})
        groups = {
            "foreign": "base.group_user,crm_service_base.group_manager",
            "salesman": "sales_team.group_sale_salesman",
        }
        for name, group in groups.items():
            cls.users[name] = new_test_user(cls.env, login=f"test_{name}", groups=group)
        cls.users["foreign"].write(
            {"company_ids": [Command.set(company.ids)], "company_id": company.id}
        )
        names = ("plain", "portal", "salesman", "foreign", "stranger", "auditor")
        cls.outsiders = {name: cls.users[name] for name in names}

    def test_outsiders_do_nothing(self):
        wrong = []
        for name in sorted(self.env.registry):
            model = self.env[name]
            methods = [m for m in get_public_methods(model) if is_about_records(model, m)]
            if not methods or not self._has_own_records(model):
                continue
            with mute_logger(*QUIET):
                record = self._own(name, self.author)[:1].with_env(self.env)
            self.assertTrue(record, name)
            for role, user in self.outsiders.items():
                may_read, may_write = self._get_rights(record, user)
                if not may_write:
                    for method in methods:
                        if not may_read or (name, method) not in ALLOWED:
                            wrong += self._try(record, role, user, method, may_read)
        self.assertFalse(wrong, "\n".join(wrong))

    def _has_own_records(self, model):
        is_kept = not model._abstract and not model._transient
        is_ours = model._name.startswith("crm.") or model._name == "res.partner"
        return is_kept and is_ours and model._name not in SKIPPED

    def _get_rights(self, record, user):
        try:
            return [record.with_user(user).has_access(name) for name in ("read", "write")]
        except MissingError:  # a row that only others see
            return False, False

    def _try(self, record, role, user, method, may_read):
        """:return: list of sentences on what went wrong, in any state of the record"""
        secrets = [] if may_read else self._get_secrets(record)
        states = [None]
        field = record._fields.get("state")
        if field and field.store and field.type == "selection" and record._table != "crm_signature":
            states += field.get_values(self.env)
        label = f"{record._name}.{method} by {role}"
        for state in states:
            outcome, text, changes = self._call_as(record, user, method, state)
            if changes:
                return [f"{label} ({state}): wrote {changes}"]
            if leaked := [secret for secret in secrets if secret in text]:
                return [f"{label} ({state}): told {leaked}: {text[:100]}"]
            if outcome is None and text not in NOTHING and not may_read:
                return [f"{label}: not refused, {text[:100]}"]
            if not isinstance(outcome, (UserError, type(None))):
                return [f"{label} ({state}): {outcome!r}"[:300]]
            if outcome is None or isinstance(outcome, AccessError):
                break
        return []

    def _call_as(self, record, user, method, state):
        """:return: tuple of the exception or None, what the caller reads, and what was written"""
        self.env.flush_all()
        changes = {}
        outcome = None
        try:
            with self.env.cr.savepoint(), mute_logger(*QUIET):
                if state:
                    self.env.cr.execute(
                        SQL(
                            "UPDATE %s SET state = %s WHERE id = %s",
                            SQL.identifier(record._table),
                            state,
                            record.id,
                        )
                    )
                self.env.invalidate_all()
                before = self._count_changes()
                context = {"lang": "en_US", "allowed_company_ids": user.company_ids.ids}
                model = self.env(user=user, context=context)[record._name]
                result = call_kw(model, method, [record.ids], self._guess(record, method))
                self.env.flush_all()
                changes = self._count_changes() - before
                text = repr(result)
                raise Undo
        except Undo:
            pass
        except Exception as error:  # noqa: BLE001, which one is judged later
            outcome, text = error, str(error)
        return outcome, text, {name: n for name, n in changes.items() if not self._is_dialog(name)}

    def _is_dialog(self, table):
        return any(m._transient for m in self.env.registry.values() if m._table == table)

    def _get_secrets(self, record):
        """What tells which record it is, or what stands in it."""
        values = {record.display_name or ""}
        for name, field in record._fields.items():
            if field.store and field.type in ("char", "text", "html"):
                values.add(str(record[name] or ""))
        return [value for value in values if len(value) > 3]

    def _count_changes(self):
        self.env.cr.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
        )
        return Counter(dict(self.env.cr.fetchall()))

    def _guess(self, record, method):
        """:return: dict of arguments that a caller might choose"""
        change = CHANGES.get(record._name, {"name": "x"})
        guesses = {
            "vals": change,
            "values": change,
            "fields": list(change),
            "field_names": [],
            "fields_spec": {"display_name": {}},
            "partner_ids": self.plain_user.partner_id.ids,
            "user_ids": self.plain_user.ids,
            "user_id": self.plain_user.id,
            "body": "x",
        }
        parameters = inspect.signature(getattr(type(record), method)).parameters
        arguments = {
            name: guesses.get(name, "x")
            for name, parameter in list(parameters.items())[1:]
            if parameter.kind == parameter.POSITIONAL_OR_KEYWORD
            and (
                name in guesses
                or name in ("comment", "text")
                or parameter.default is parameter.empty
            )
        }
        return {"body": "x"} if method == "message_post" else arguments
