"""For pytest, on top of pytest-odoo."""

import logging

import pytest

from odoo.tests import BaseCase

# Odoo gives tags to the test classes of addons only; those in tests/ do without.
BaseCase.test_tags = {"standard", "post_install"}
BaseCase.test_module = "tests"
BaseCase.test_class = "tests"


@pytest.fixture(scope="session", autouse=True)
def load_without_errors(load_registry):
    """Not a test more when Odoo had an error while it loaded the addons."""
    if errors := failures.messages:
        pytest.exit("Odoo logged errors while it loaded the addons:\n" + "\n".join(errors), 1)
    failures.active = False


class Failures(logging.Handler):
    """Keeps the errors that Odoo logs until the first test."""

    active = True

    def __init__(self):
        super().__init__(logging.ERROR)
        self.messages = []

    def emit(self, record):
        if self.active:
            self.messages.append(record.getMessage())


failures = Failures()
logging.getLogger("odoo").addHandler(failures)
