"""The margin of grading where sale_margin keeps one, and where it does not."""

import pathlib
import sys

from odoo.addons.crm_service_base.tests.common import requirement

sys.path.append(str(pathlib.Path(__file__).parent))
from database import DatabaseCase


class TestMargin(DatabaseCase):
    """In a database of its own: sale_margin would change what all other tests see."""

    @requirement("A3.F1")
    def test_orders_from_before_and_with_sale_margin(self):
        found = self._shell(self._copy(self.core, "margin"), "margin.py")
        # sold before the app: 3 × (100 - 90), by the cost of now; then 100 - 70; a cable
        margin, text = found["without"]
        self.assertEqual(margin, 30 + 30)
        self.assertIn("1 of 3 order lines without cost are left out", text)
        self.assertIn("1 orders at the product cost on the day of grading", text)
        # sale_margin takes the cost of its installation, 80, for what was sold before
        margin, text = found["installed"]
        self.assertEqual(margin, 3 * 20 + 20)
        self.assertNotIn("on the day of grading", text)
        # 2 × (100 - 45), written by hand, and a dozen at 80: 1000 - 960; 99 comes too late
        margin, text = found["with"]
        self.assertEqual(margin, 80 + 110 + 40)
        self.assertIn("1 of 5 order lines without cost are left out", text)
