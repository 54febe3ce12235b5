from datetime import timedelta

from psycopg2.errors import CheckViolation

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement

from ..tools import month
from .clock_common import ClockCommon
from .commitment_common import CommitmentCommon
from .order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestCommitmentInstall(CommitmentCommon, ClockCommon, OrderCommon):
    """Installed within three days: measured from real orders, found where it was not kept."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.metric = cls.env.ref("crm_aftersales.metric_install_share")
        cls.activity = cls._prepare_commitment_values()["item_ids"][0]
        cls.installed = cls._enforce(cls._make_install())
        cls.item = cls.installed.item_ids.filtered(lambda item: item.metric_id == cls.metric)

    @classmethod
    def _make_install(cls, limit=3, **values):
        own = {"metric_id": cls.metric.id, "limit": limit, "target": 90, "note": "x"}
        return cls._make_commitment(
            "Installed in three days",
            date_from=cls.today - timedelta(days=360),
            item_ids=[Command.create(own), cls.activity],
            **values,
        )

    def _order(self, asked, done=None, **values):
        """An approved installation that was asked for at some moment, local time."""
        order = self._make_order(kind="installation", device_id=False, product_id=self.terminal.id)
        stamps = {"approval_state": "approved", "state": "approved", "date_called": asked}
        if done:
            stamps.update(date_done=done, state="done")
        order.sudo().write({**stamps, **values})
        self.env.flush_all()
        return order

    def _measure(self, first="2026-03-01", end="2026-04-01"):
        self.env.flush_all()
        first, end = fields.Date.to_date(first), fields.Date.to_date(end)
        return self.metric._measure(self.item, first, end)

    def _found(self, order):
        return self.env["crm.commitment.breach"].search([("service_order_id", "=", order.id)])

    @requirement("A4.R4", "A4.R7")
    def test_calendar_days_of_the_company(self):
        monday = self._utc("2026-03-02 10:00")
        self._order(monday, self._utc("2026-03-05 23:58"))  # Thursday night: in time
        self.assertEqual(self._measure(), (100, 1))
        self._order(monday, self._utc("2026-03-06 00:02"))
        self.assertEqual(self._measure(), (50, 2))
        self._order(self._utc("2026-03-28 10:00"), self._utc("2026-03-29 10:00"))
        self.assertEqual(self._measure()[1], 3, "the last day of the month is of the month")
        self._order(self._utc("2026-03-29 10:00"), self._utc("2026-03-29 11:00"))
        self.assertEqual(self._measure()[1], 3, "its last day lies in April")
        figures = self.metric._measure_months(
            self.item, month.span(fields.Date.to_date("2026-03-01"), self.today.replace(day=1))
        )
        by_month = {first.isoformat(): count for first, (_value, count) in figures.items()}
        self.assertEqual((by_month["2026-03-01"], by_month["2026-04-01"]), (3, 1))

    @requirement("A4.R7")
    def test_what_counts(self):
        asked = self._utc("2026-03-02 10:00")
        self._order(asked)  # never done
        self.assertEqual(self._measure(), (0, 1))
        self._order(asked, state="cancelled")
        self._order(asked, approval_state="none", state="draft")
        self._order(asked, kind="repair")
        self._order(asked, active=False)
        self.assertEqual(self._measure(), (0, 1))
        self._order(
            asked, self._utc("2026-03-03 10:00"), approval_state="none", date_departed=asked
        )
        self.assertEqual(self._measure(), (50, 2), "done on a word, approved afterwards")
        wanted = self.env["crm.installation.request"].create(
            {"partner_id": self.customer.id, "date_wanted": self._utc("2026-03-20 09:00")}
        )
        self._order(asked, self._utc("2026-03-22 10:00"), request_id=wanted.id)
        self.assertEqual(self._measure()[1], 3)
        self.assertAlmostEqual(self._measure()[0], 66.67, 1, "from when the customer wanted it")

    @requirement("A4.R12")
    def test_for_whom_it_holds(self):
        self._order(self._utc("2026-03-02 10:00"))
        kind = self.env["crm.customer.type"].create({"name": "T", "code": "TT"})
        types = {"extent": "specific", "condition_type_ids": [Command.set(kind.ids)]}
        self.installed.sudo().write(types)
        self.assertEqual(self._measure(), (None, 0))
        self.customer.crm_customer_type_id = kind
        self.assertEqual(self._measure(), (0, 1))
        category = self.env["product.category"].create({"name": "Other"})
        products = {"condition_product_category_ids": [Command.set(category.ids)]}
        self.installed.sudo().write(products)
        self.assertEqual(self._measure(), (None, 0))
        self.terminal.categ_id = category
        self.assertEqual(self._measure(), (0, 1))

    @requirement("A4.R8", "A4.R13")
    def test_found_answered_for_and_made_good(self):
        self.customer.email = "customer@example.com"
        late = self._order(self._hours_ago(24 * 5))
        fresh = self._order(self._hours_ago(24))
        before = self._order(self._hours_ago(24 * 90))
        self.installed.sudo().date_approved = self._hours_ago(24 * 30)
        self.installed.sudo().date_from = self.today - timedelta(days=30)
        breaches = self.env["crm.commitment.breach"]
        for _twice in range(2):
            breaches._cron_find()
        found = self._found(late)
        self.assertEqual(len(found), 1)
        self.assertFalse(self._found(fresh) | self._found(before))
        self.assertEqual((found.commitment_id, found.item_id), (self.installed, self.item))
        self.assertEqual((found.partner_id, found.user_id), (self.customer, self.specialist))
        self.assertEqual((found.case_id, found.source), (found.case_id.browse(), "clock"))
        self.assertEqual(found.activity_ids.user_id, self.specialist)
        self.assertGreater(found.hours_late, 24)
        self.assertEqual(self.installed.breach_count, 1)
        late.sudo().write({"state": "done", "date_done": self.now})
        was_late = found.hours_late
        late.sudo().date_done = found.date_breach + timedelta(hours=30)
        breaches._cron_find()
        self.assertEqual(found.hours_late, 30, "it lasted until it was installed")
        self.assertNotEqual(was_late, 30)
        mine = found.with_user(self.specialist)
        mine.write({"cause": "own", "cause_note": "No van", "satisfaction": "dissatisfied"})
        compensation = self._propose(mine, customer_text="We credit you 300")
        self.assertEqual(compensation.amount, 300, "as the plan has it for a day and more")
        self._approve_compensation(compensation)
        compensation.with_user(self.supervisor).action_carry_out()
        compensation.move_id.sudo().action_post()
        self.assertEqual(compensation.state, "done")
        letter = late.message_ids.filtered(lambda m: "We credit you 300" in (m.body or ""))
        self.assertEqual(len(letter), 1)
        self.assertIn(late.name, letter.subject)
        self.assertEqual(letter.sudo().notified_partner_ids, self.customer)
        context = mine.action_propose_change()["context"]
        self.assertEqual(context["default_company_id"], self.company.id)

    @requirement("A4.R13")
    def test_noted_by_staff_about_an_order(self):
        order = self._order(self._hours_ago(24 * 5))
        values = {"case_id": False, "commitment_id": self.installed.id}
        with mute_logger("odoo.sql_db"), self.assertRefused(CheckViolation, "matter_given"):
            self.env["crm.commitment.breach"].with_user(self.specialist).create(values)
        values["service_order_id"] = order.id
        noted = self.env["crm.commitment.breach"].with_user(self.specialist).create(values)
        self.env["crm.commitment.breach"]._cron_find()
        self.assertEqual(self._found(order), noted, "on record already")
        foreign = self._make_case(partner_id=self.other_customer.id)
        with self.assertRefused(ValidationError, "another customer"):
            self._breach(foreign, service_order_id=order.id, commitment_id=self.installed.id)

    @requirement("A4.R4")
    def test_whole_days(self):
        with self.assertRefused(ValidationError, "Whole days"):
            self._make_install(limit=2.5)
        with self.assertRefused(ValidationError, "hours or days"):
            self._make_install(limit=0)
        self.assertIn("3 days", self.item._get_words())
        self.assertEqual(self.item.limit_unit, "days")
        with self.assertRefused(UserError, "Archive it"):
            self.metric.unlink()
