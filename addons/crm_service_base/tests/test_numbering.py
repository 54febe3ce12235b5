import random
import threading
from contextlib import closing

from freezegun import freeze_time
from psycopg2.errors import LockNotAvailable, SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, TransactionCase, get_db_name, tagged
from odoo.tools import mute_logger

CODE = "crm.test.numbering"


def draw(cr, count):
    """Numbers without their prefix, as integers."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    numbers = env["ir.sequence"]._next_batch(CODE, count, env.ref("base.main_company"))
    return [int(number.removeprefix("T-")) for number in numbers]


@tagged("post_install", "-at_install")
class TestNumberingParallel(BaseCase):
    """Real transactions at the same time; what they commit is removed again."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self._clean()  # also what a run left that was killed
        self.addCleanup(self._clean)

    def _clean(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["ir.sequence"].with_context(active_test=False).search(
                [("code", "=", CODE)]
            ).unlink()

    def _make_sequence(self, implementation, **values):
        with self.registry.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})["ir.sequence"].create(
                {
                    "name": "Numbering",
                    "code": CODE,
                    "prefix": "T-",
                    "company_id": False,
                    "implementation": implementation,
                    **values,
                }
            )

    def _open(self):
        """A transaction that waits for nobody longer than a moment."""
        cr = self.registry.cursor()
        self.addCleanup(cr.close)
        cr.execute("SET LOCAL lock_timeout = '200ms'")
        return cr

    def test_open_transactions_never_share_a_number_nor_wait(self):
        self._make_sequence("standard")
        one, two = self._open(), self._open()
        numbers = draw(one, 3) + draw(two, 4) + draw(one, 2) + draw(two, 1)
        self.assertEqual(sorted(numbers), list(range(1, 11)))
        one.rollback()
        two.commit()
        self.assertEqual(draw(self._open(), 2), [11, 12], "what was given up is not given again")

    def test_many_threads(self):
        self._make_sequence("standard")
        drawn, failures = [], []

        def work(seed):
            rng = random.Random(seed)
            try:
                for _round in range(10):
                    with self.registry.cursor() as cr:
                        drawn.append(draw(cr, rng.randrange(1, 20)))
            except Exception as error:  # noqa: BLE001 a thread's failure is the test's
                failures.append(error)

        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertFalse(failures)
        numbers = [number for batch in drawn for number in batch]
        self.assertEqual(len(drawn), 60)
        self.assertEqual(len(numbers), len(set(numbers)))
        for batch in drawn:
            self.assertEqual(batch, sorted(batch))

    def test_no_gap_waits_for_the_other_transaction(self):
        self._make_sequence("no_gap")
        with closing(self._open()) as one:
            self.assertEqual(draw(one, 3), [1, 2, 3])
            two = self._open()
            with self.assertRaises(LockNotAvailable), mute_logger("odoo.sql_db"):
                draw(two, 1)
            two.rollback()
            one.rollback()
        self.assertEqual(draw(self._open(), 2), [1, 2], "nothing was used, so nothing is missing")

    def test_no_gap_begun_before_the_other_commits_is_tried_again(self):
        """Odoo runs a request again after a serialization failure; the second time it goes on."""
        self._make_sequence("no_gap", number_increment=5)
        one, two = self._open(), self._open()
        two.execute("SELECT 1")  # its snapshot is from before the commit
        self.assertEqual(draw(one, 2), [1, 6])
        one.commit()
        with self.assertRaises(SerializationFailure), mute_logger("odoo.sql_db"):
            draw(two, 1)
        two.rollback()
        self.assertEqual(draw(two, 3), [11, 16, 21])

    def test_no_gap_by_period(self):
        self._make_sequence("no_gap", use_date_range=True)
        one = self._open()
        self.assertEqual(draw(one, 2), [1, 2])
        one.commit()
        with closing(self._open()) as two:
            self.assertEqual(draw(two, 2), [3, 4])
            two.rollback()
        self.assertEqual(draw(self._open(), 1), [3])


@tagged("post_install", "-at_install")
class TestNumbering(TransactionCase):
    """Which sequence numbers whose documents, and at what cost."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "lang": "en_US"})
        cls.company = cls.env.ref("base.main_company")
        cls.other = cls.env["res.company"].create({"name": "Other Company"})
        cls.sequence = cls._make_sequence(prefix="S/%(year)s/", padding=4)

    @classmethod
    def _make_sequence(cls, **values):
        return cls.env["ir.sequence"].create(
            {"name": "Numbering", "code": CODE, "company_id": False, **values}
        )

    def _draw(self, count, company=None):
        return self.env["ir.sequence"]._next_batch(CODE, count, company or self.company)

    @freeze_time("2026-03-04 05:06:07")
    def test_look(self):
        sequence = self._make_sequence(prefix="L/%(year)s/", padding=4, company_id=self.company.id)
        self.assertEqual(self._draw(3), ["L/2026/0001", "L/2026/0002", "L/2026/0003"])
        sequence.write({"number_increment": 10, "suffix": "/%(month)s"})
        first, second = self._draw(2)
        self.assertEqual(int(second[7:11]) - int(first[7:11]), 10)
        self.assertTrue(first.endswith("/03"))

    def test_prefixes_follow_the_calendar_and_the_clock(self):
        values = {"padding": 2, "company_id": self.company.id}
        sequence = self._make_sequence(prefix="%(year)s%(month)s%(day)s-", suffix="", **values)
        for moment, prefix in (
            ("2026-12-31 05:00:00", "20261231-"),
            ("2027-01-01 05:00:00", "20270101-"),
        ):
            with freeze_time(moment):
                self.assertTrue(self._draw(1)[0].startswith(prefix))
                asked = self.env["ir.sequence"].with_context(ir_sequence_date="1999-01-01")
                (number,) = asked._next_batch(CODE, 1, self.company)
                self.assertTrue(number.startswith(prefix), "whatever day a caller asks for")
        sequence.prefix = "%(h24)s%(min)s%(sec)s-"
        for moment, prefix in (
            ("2027-01-01 05:06:07", "050607-"),
            ("2027-01-01 05:06:08", "050608-"),
        ):
            with freeze_time(moment):
                self.assertTrue(self._draw(1)[0].startswith(prefix))

    def test_a_company_sequence_wins(self):
        self._make_sequence(prefix="O-", company_id=self.other.id)
        self.assertEqual(self._draw(1, self.other), ["O-1"])
        self.assertTrue(self._draw(1)[0].startswith("S/"))

    def test_no_sequence(self):
        self.sequence.company_id = self.other
        with self.assertRaisesRegex(UserError, "administrator"):
            self._draw(1)

    def test_by_period(self):
        self.sequence.write({"use_date_range": True, "prefix": "%(range_year)s-"})
        with freeze_time("2026-12-31 10:00:00"):
            self.assertEqual(self._draw(2), ["2026-0001", "2026-0002"])
        with freeze_time("2027-01-01 10:00:00"):
            self.assertEqual(self._draw(1), ["2027-0001"])

    def test_a_batch_costs_as_many_queries_as_one(self):
        for implementation in ("standard", "no_gap"):
            self.sequence.implementation = implementation
            self._draw(1)
            counts = []
            for count in (1, 500):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                self.assertEqual(len(set(self._draw(count))), count)
                counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(counts[0], counts[1])
            self.assertLessEqual(counts[1], 4)
