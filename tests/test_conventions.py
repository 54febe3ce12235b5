"""What holds for every addon of this project, now and later."""

import ast
import pathlib

from odoo.modules import Manifest
from odoo.tests import BaseCase, TransactionCase

ADDONS = pathlib.Path(__file__).parents[1] / "addons"
NAMES = sorted(path.parent.name for path in ADDONS.glob("*/__manifest__.py"))


def classes(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in tree.body if isinstance(node, ast.ClassDef)]


def is_guarded(model):
    return getattr(model, "_is_guarded", False)


class TestFiles(BaseCase):
    def test_manifest(self):
        for name in NAMES:
            manifest = Manifest.for_addon(name)
            self.assertEqual(manifest["license"], "LGPL-3", name)
            self.assertRegex(manifest["version"], r"^19\.0\.\d+\.\d+\.\d+$", name)
            self.assertTrue(manifest["summary"], name)
            self.assertFalse(manifest["external_dependencies"], f"{name}: Odoo and PostgreSQL do")

    def test_files_every_addon_has(self):
        expected = ["pyproject.toml", "readme/DESCRIPTION.md", "static/description/icon.png"]
        missing = [
            f"{name}/{path}"
            for name in NAMES
            for path in expected
            if not (ADDONS / name / path).is_file()
        ]
        self.assertFalse(missing, "Files that every addon has")

    def test_one_model_a_file(self):
        several = {
            str(path.relative_to(ADDONS)): names
            for path in [*ADDONS.glob("*/models/*.py"), *ADDONS.glob("*/wizards/*.py")]
            if len(names := [node.name for node in classes(path)]) > 1
        }
        self.assertFalse(several, "Files with more than one model")

    def test_no_debris(self):
        self.assertFalse([path for path in ADDONS.rglob("*") if path.suffix in (".orig", ".rej")])


class TestModels(TransactionCase):
    def setUp(self):
        super().setUp()
        domain = [("module", "in", NAMES), ("model", "=", "ir.model")]
        data = self.env["ir.model.data"].search(domain)
        named = [
            self.env[model.model] for model in self.env["ir.model"].browse(data.mapped("res_id"))
        ]
        self.models = [model for model in named if model._original_module in NAMES]

    def test_cached_searches_have_no_context(self):
        """What is remembered for all must not hang on the context of whoever asks first."""
        loose = [
            f"{path.relative_to(ADDONS)}: {method.name}"
            for name in NAMES
            for path in (ADDONS / name / "models").glob("*.py")
            for node in classes(path)
            for method in node.body
            if isinstance(method, ast.FunctionDef)
            and any("ormcache" in ast.unparse(decorator) for decorator in method.decorator_list)
            and ".search(" in ast.unparse(method)
            and ".with_context(" not in ast.unparse(method)
        ]
        self.assertFalse(loose, "Cached methods that search with the context of the caller")

    def test_labels_of_mixins_are_translated(self):
        """Odoo translates labels that stand in a list only on models of the addons installed
        before; a method translates wherever it is used."""
        found = [
            f"{model._name}.{name}"
            for model in self.models
            if model._abstract
            for name, field in model._fields.items()
            if field.type == "selection"
            and isinstance(field.selection, list)
            and field._module in NAMES
        ]
        self.assert_none(found, "Selections of mixins take a method:")

    def test_lists_stand_alone(self):
        """A list that is a view of its own opens without a form around it: no parent there."""
        views = self.env["ir.ui.view"].search(
            [("model", "in", [model._name for model in self.models]), ("type", "=", "list")]
        )
        found = [view.xml_id for view in views if "parent." in view.arch_db]
        self.assert_none(found, "Lists that ask for the form around them:")

    def assert_none(self, found, sentence):
        self.assertFalse(found, "\n".join([sentence, *map(str, found)]))

    def test_company_rule(self):
        """What belongs to a company is read in that company only."""
        rules = self.env["ir.rule"].search([("global", "=", True)])
        kept = {rule.model_id.model for rule in rules if "company" in (rule.domain_force or "")}
        self.assert_none(
            [
                model._name
                for model in self.models
                if "company_id" in model._fields
                and model._fields["company_id"].store
                and not model._abstract
                and not model._transient
                and model._name not in kept
            ],
            "Models with a company and without a global rule on it:",
        )

    def test_dialogs_are_their_owners(self):
        """A dialog of a colleague is neither read nor turned into another decision."""
        rules = self.env["ir.rule"].search([("global", "=", True)])
        kept = {rule.model_id.model for rule in rules if "create_uid" in (rule.domain_force or "")}
        self.assert_none(
            [model._name for model in self.models if model._transient and model._name not in kept],
            "Dialogs without a global rule on who opened them:",
        )

    def test_dialogs_are_about_what_their_user_reads(self):
        """``crm.access.mixin`` refuses a dialog about a document that its user cannot read."""
        self.assert_none(
            [model._name for model in self.models if model._transient and not is_guarded(model)],
            "Dialogs without crm.access.mixin:",
        )

    def test_logs_are_written_by_who_reads(self):
        """Core lets whoever got one message of a thread write there; the mixin does not."""
        self.assert_none(
            [
                model._name
                for model in self.models
                if "message_ids" in model._fields and not model._abstract and not is_guarded(model)
            ],
            "Documents with a log and without crm.access.mixin:",
        )

    def test_nothing_for_the_public(self):
        access = self.env["ir.model.access"].search(
            [("model_id.model", "in", [model._name for model in self.models])]
        )
        public = self.env.ref("base.group_public")
        self.assert_none(
            access.filtered(lambda line: not line.group_id or line.group_id == public).mapped(
                "name"
            ),
            "Access without a group or for the public:",
        )

    def test_names_of_added_fields(self):
        """A field on a model of Odoo's carries crm_, so that it clashes with nobody's."""
        own = {model._name for model in self.models}
        added = self.env["ir.model.fields"].search(
            [("model", "not in", list(own)), ("state", "=", "base")]
        )
        data = self.env["ir.model.data"].search_fetch(
            [
                ("module", "in", NAMES),
                ("model", "=", "ir.model.fields"),
                ("res_id", "in", added.ids),
            ],
            ["res_id"],
        )
        # a choice added to a selection does not make the field ours
        theirs = self.env["ir.model.data"].search_fetch(
            [
                ("module", "not in", NAMES),
                ("model", "=", "ir.model.fields"),
                ("res_id", "in", data.mapped("res_id")),
            ],
            ["res_id"],
        )
        ours = set(data.mapped("res_id")) - set(theirs.mapped("res_id"))
        fields = self.env["ir.model.fields"].browse(ours)
        mixins = [model for model in self.models if model._abstract]
        inherited = {name for mixin in mixins for name in mixin._fields}
        self.assert_none(
            [
                f"{field.model}.{field.name}"
                for field in fields
                if not field.name.startswith("crm_") and field.name not in inherited
            ],
            "Fields on other addons' models without crm_:",
        )

    def test_names_of_scheduled_methods(self):
        crons = self.env["ir.model.data"].search(
            [("module", "in", NAMES), ("model", "=", "ir.cron")]
        )
        self.assert_none(
            [
                cron.name
                for cron in self.env["ir.cron"].browse(crons.mapped("res_id"))
                if "model._cron_" not in (cron.code or "")
            ],
            "Scheduled actions that do not call a _cron_ method:",
        )

    def test_codes_of_forms_are_different(self):
        """A form is ordered by its code: no two models share one."""
        reports = self.env["ir.actions.report"].search([("crm_form_code", "!=", False)])
        self.assert_none(
            [
                (code, same.mapped("name"))
                for code, same in reports.grouped("crm_form_code").items()
                if len(set(same.mapped("model"))) > 1
            ],
            "Codes of several forms:",
        )

    def test_numbers_tell_documents_apart(self):
        sequences = self.env["ir.sequence"].search([("code", "=like", "crm.%")])
        sequences = sequences.filtered(lambda s: not s.company_id and s.code in self.env)
        shared = {
            prefix: same.mapped("code")
            for prefix, same in sequences.grouped("prefix").items()
            if len(same) > 1
        }
        self.assertFalse(shared, "Two kinds of documents with the same prefix")

    def test_scheduled_methods_are_scheduled(self):
        """What is promised to come by itself comes: each has an active scheduled action."""
        methods = {
            f"{model._name}: model.{name}()"
            for model in self.models
            for base in type(model).__mro__
            if base.__module__.startswith("odoo.addons.crm_")
            for name in vars(base)
            if name.startswith("_cron_")
        }
        crons = self.env["ir.cron"].search([])
        scheduled = {f"{cron.model_id.model}: {(cron.code or '').strip()}" for cron in crons}
        self.assert_none(methods - scheduled, "Methods without an active scheduled action:")
