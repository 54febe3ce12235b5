"""What scheduled actions of customer service do when their process is killed."""

import pathlib
import sys

from odoo.addons.crm_service_base.tests.common import requirement

sys.path.append(str(pathlib.Path(__file__).parent))
from database import DatabaseCase


class TestKilled(DatabaseCase):
    """With SIGKILL, at moments that differ each time; see killed.py."""

    def setUp(self):
        super().setUp()
        database = self._copy(self.full, "killed")
        self.found = self._shell(database, "killed.py", SEED="5")

    @requirement("E2.R6", "E2.F029")
    def test_nothing_twice_and_nothing_missing(self):
        people = {"Person 0": 75, **{f"Person {number}": 25 for number in (1, 2, 3)}}
        self.assertEqual(self.found["logged"], people, "each step of each clock")
        self.assertEqual(self.found["told"], people, "and a message that says so")
        self.assertFalse(self.found["left"])
        self.assertTrue(self.found["due"])
        self.assertEqual(self.found["reports"], dict.fromkeys(self.found["due"], 1))
        self.assertTrue(self.found["tables"], "each with its figures")
        self.assertEqual(set(self.found["activities"].values()), {1}, "a task for each, once")
        for counts in self.found["kills"]:
            part_way = [count for count in counts if 0 < count < counts[-1]]
            self.assertTrue(part_way, counts)
