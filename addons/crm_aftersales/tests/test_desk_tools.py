import doctest

from odoo.tests import BaseCase

from ..tools import apology, phone_key, placeholders, similarity


class TestDeskTools(BaseCase):
    def test_doctests(self):
        for module in (apology, phone_key, placeholders, similarity):
            outcome = doctest.testmod(module)
            self.assertTrue(outcome.attempted)
            self.assertFalse(outcome.failed, module.__name__)
