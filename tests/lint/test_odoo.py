"""Odoo's own test_lint, applied to our addons only."""

import contextlib
import logging
import os
import pathlib
import subprocess
import sys
from unittest.mock import patch

import translations

from odoo.modules import Manifest
from odoo.tests import TransactionCase

import odoo.addons
from odoo.addons.test_lint.tests import (
    test_docstring,
    test_dunderinit,
    test_i18n,
    test_index,
    test_jstranslate,
    test_manifests,
    test_markers,
    test_naming,
    test_onchange_domains,
    test_orm_import,
    test_override_signatures,
    test_pofile,
    test_routes,
    test_test_holes,
)

ADDONS = translations.our_addons()
FOLDER = str(translations.ADDONS)
LINT = pathlib.Path(test_index.__file__).parent


def our_models(registry):
    """The models that our addons define or extend."""
    return {
        name: model
        for name, model in registry.items()
        if any(is_ours(parent.__module__) for parent in model.mro())
    }


def is_ours(module_name):
    parts = module_name.split(".")
    return parts[:2] == ["odoo", "addons"] and parts[2] in ADDONS


class TestOdooLint(TransactionCase):
    """Runs each check of Odoo's with the list of addons cut to ours."""

    def setUp(self):
        super().setUp()
        manifests = [Manifest.for_addon(name) for name in ADDONS]
        self.enterContext(patch.object(Manifest, "all_addon_manifests", lambda: manifests))
        self.enterContext(patch.object(test_pofile, "get_modules", lambda: ADDONS))
        self.enterContext(patch.object(test_docstring, "MODULES_TO_LINT", tuple(ADDONS)))
        self.enterContext(patch.object(odoo.addons, "__path__", [FOLDER]))
        for module in (test_naming, test_override_signatures, test_docstring):
            self.enterContext(
                patch.object(module, "Registry", lambda _name: our_models(self.registry))
            )

    def run_check(self, case, method):
        """Runs one of Odoo's checks; a failure, an error or a warning in its log fails ours."""
        check = case(method)
        check.env, check.registry = self.env, self.registry
        found = []

        @contextlib.contextmanager
        def collect(**names):
            try:
                yield
            # the core looks into a subtest that is none, when it finds something
            except (AssertionError, AttributeError, TypeError) as error:
                found.append(f"{', '.join(map(str, names.values()))}: {error}")

        check.subTest = collect
        with self.capture_warnings() as warnings:
            try:
                getattr(check, method)()
            except (AssertionError, TypeError) as error:
                found.append(str(error))
        return [text for text in (*found, *warnings) if text]

    @contextlib.contextmanager
    def capture_warnings(self):
        messages = []
        handler = logging.Handler(logging.WARNING)
        handler.emit = lambda record: messages.append(record.getMessage())
        logger = logging.getLogger("odoo.addons.test_lint")
        logger.addHandler(handler)
        try:
            yield messages
        finally:
            logger.removeHandler(handler)

    def assert_clean(self, found):
        if text := "\n".join(found):
            self.fail(text)

    def test_manifests(self):
        self.assert_clean(self.run_check(test_manifests.ManifestLinter, "test_manifests"))

    def test_package_files(self):
        self.assert_clean(self.run_check(test_dunderinit.TestDunderinit, "test_dunderinit"))

    def test_every_test_is_imported(self):
        self.assert_clean(self.run_check(test_test_holes.TestTestHoles, "test_check_tests"))

    def test_conflict_markers(self):
        self.assert_clean(self.run_check(test_markers.TestConflictMarkers, "test_conflict_markers"))

    def test_orm_is_not_imported(self):
        self.assert_clean(self.run_check(test_orm_import.TestDunderinit, "test_addons_orm_import"))

    def test_no_domain_in_onchange(self):
        self.assert_clean(
            self.run_check(
                test_onchange_domains.TestOnchangeDomains, "test_forbid_domains_in_onchanges"
            )
        )

    def test_javascript_translations(self):
        self.assert_clean(
            self.run_check(test_jstranslate.TestJsTranslations, "test_js_translations")
        )

    def test_component_translations(self):
        self.assert_clean(
            self.run_check(test_i18n.TestI18n, "test_user_content_as_prop_is_translatable")
        )

    def test_no_duplicate_terms(self):
        self.assert_clean(self.run_check(test_pofile.PotLinter, "test_pot_duplicate_entries"))

    def test_routes(self):
        found = self.run_check(test_routes.RoutesLinter, "test_routes_definition")
        self.assert_clean(text for text in found if any(name in text for name in ADDONS))

    def test_one2many_inverses_are_indexed(self):
        found = self.run_check(test_index.TestIndex, "test_enforce_index_on_one2many_inverse")
        names = {line.split(" ")[0] for text in found for line in text.splitlines()}
        self.assert_clean(
            f"{field} is the inverse of a one2many and has no index"
            for model in our_models(self.registry).values()
            for field in model._fields.values()
            if str(field) in names
            and is_ours(f"odoo.addons.{field._modules[0]}")
            and not self.is_in_an_index(model._table, field.name)
        )

    def is_in_an_index(self, table, column):
        """An index over several columns serves as well, which Odoo's check does not see."""
        self.env.cr.execute(
            """SELECT 1 FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid
               WHERE i.indrelid = %s::regclass AND a.attname = %s AND a.attnum = ANY(i.indkey)""",
            [table, column],
        )
        return bool(self.env.cr.rowcount)

    def test_public_parameters(self):
        found = self.run_check(test_naming.TestNaming, "test_parameter_rpc_compatible")
        self.assert_clean(found)

    def test_override_signatures(self):
        check = "test_lint_override_signature"
        found = self.run_check(test_override_signatures.TestLintOverrideSignatures, check)
        self.assert_clean(text for text in found if any(name in text for name in ADDONS))

    def test_docstrings(self):
        test_docstring.TestDocstring.setUpClass()
        found = self.run_check(test_docstring.TestDocstring, "test_docstring")
        self.assert_clean(text for text in found if text.split(",")[0] in ADDONS)

    def test_pylint(self):
        """Odoo's own checkers: SQL injection, gettext, unlink overrides."""
        plugins = [
            "_pylint_path_setup",
            "_odoo_checker_gettext",
            "_odoo_checker_sql_injection",
            "_odoo_checker_unlink_override",
            "pylint.extensions.bad_builtin",
        ]
        checks = [
            *("eval-used", "function-redefined", "undefined-variable", "unreachable"),
            *("used-before-assignment", "sql-injection", "raise-unlink-override"),
            *("gettext-placeholders", "gettext-repr", "gettext-variable", "missing-gettext"),
        ]
        result = subprocess.run(
            [
                *(sys.executable, "-m", "pylint", f"--rcfile={os.devnull}", "--reports=n"),
                *("--disable=all,unknown-option-value", f"--enable={','.join(checks)}"),
                *(f"--load-plugins={','.join(plugins)}", "--bad-functions=input"),
                "--msg-template={path}:{line}: {msg} ({symbol})",
                *(f"{FOLDER}/{name}" for name in ADDONS),
            ],
            env={**os.environ, "PYTHONPATH": str(LINT), "ADDONS_PATH": FOLDER},
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertFalse(result.returncode, result.stdout + result.stderr)
