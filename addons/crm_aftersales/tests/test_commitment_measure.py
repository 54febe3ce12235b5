import base64
from datetime import date, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from ..tools import month
from .clock_common import ClockCommon
from .commitment_common import CommitmentCommon


@tagged("post_install", "-at_install")
class TestCommitmentMeasure(CommitmentCommon, ClockCommon):
    """Figures come from real deadlines, cases, callbacks and orders."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = month.before(cls.today)
        cls.end = month.first_day(cls.today)
        cls.day = cls._utc(f"{cls.first + timedelta(days=14)} 10:00")

    def _item(self, name, **values):
        """An item of a commitment in force since a year."""
        values = {"target": 80, "note": "x", **values}
        metric = self.env.ref(f"crm_aftersales.metric_{name}")
        activity, result = self._prepare_commitment_values()["item_ids"]
        own = Command.create({"metric_id": metric.id, **values})
        other = activity if metric.aspect == "result" else result
        draft = self._make_commitment(
            "Measured", date_from=self.today - timedelta(days=360), item_ids=[own, other]
        )
        return self._enforce(draft).item_ids.filtered(lambda item: item.metric_id == metric)[:1]

    def _measure(self, item):
        self.env.flush_all()
        return item.metric_id._measure(item, self.first, self.end)

    def _case(self, hours=None, opened=None, **values):
        """A case of last month, solved after so many hours."""
        opened = opened or self.day
        case = self._make_case(date_opened=opened, **values).sudo()
        if hours is not None:
            case.write({"date_solved": opened + timedelta(hours=hours), "state": "solved"})
        return case

    def _end_clock(self, case, target, hours):
        clock = self._clock(case, target)
        clock._meet(case.date_opened + timedelta(hours=hours))
        return clock

    @requirement("A4.R7")
    def test_deadlines_kept(self):
        item = self._item("clock_share", clock_target="acknowledge")
        policy = self.env["crm.deadline.policy"].create(
            {"name": "x", "target": "acknowledge", "amount": 2, "unit": "hour", "sequence": -9}
        )
        for hours in (1, 1, 1, 5):
            case = self._case()
            self.assertEqual(self._clock(case, "acknowledge").policy_id, policy)
            self._end_clock(case, "acknowledge", hours)
        self.assertEqual(self._measure(item), (75, 4))
        self._case()  # nobody answered to this day
        self.assertEqual(self._measure(item), (60, 5))
        invalid = self._case(kind="complaint")
        self.assertEqual(self._measure(item)[1], 6)
        invalid.validity = "invalid"
        self.assertEqual(self._measure(item), (60, 5))

    @requirement("A4.R7")
    def test_hours_and_shares_of_cases(self):
        for hours in (10, 20, 90):
            self._case(hours)
        last = self._case(40)
        last.write({"reopen_count": 1})
        self.assertEqual(self._measure(self._item("solve_hours")), (40, 4))
        self.assertEqual(self._measure(self._item("solve_share", limit=24)), (50, 4))
        self.assertEqual(self._measure(self._item("reopen_share", target=5)), (25, 4))
        other = self._case(1, opened=self.day - timedelta(days=60))
        self.assertEqual(self._measure(self._item("solve_hours")), (40, 4), other.name)

    @requirement("A4.R7")
    def test_callbacks(self):
        for called, result in ((5, "satisfied"), (20, "satisfied"), (30, "dissatisfied")):
            case = self._case(1)
            case.write(
                {
                    "date_called_back": case.date_solved + timedelta(hours=called),
                    "callback_result": result,
                }
            )
        value, count = self._measure(self._item("callback_share", limit=24))
        self.assertEqual((round(value, 2), count), (66.67, 3))

    @requirement("A4.R7")
    def test_callbacks_that_went_well(self):
        for hours, is_bad in ((5, False), (20, False), (30, True)):
            case = self._case(1)
            self._called_back(case, case.date_solved + timedelta(hours=hours), is_bad)
        item = self._item("satisfied_share")
        value, count = self._measure(item)
        self.assertEqual((round(value, 2), count), (66.67, 3))
        case.write({"date_solved": case.date_solved + timedelta(hours=40)})
        self._called_back(case, case.date_solved + timedelta(hours=5))
        self.assertEqual(self._measure(item), (75, 4), "the next one does not wipe it out")
        draft = self._called_back(case, case.date_solved, is_bad=True)
        draft.sudo().state = "done"
        self.assertEqual(self._measure(item), (75, 4), "a record not submitted yet")

    @requirement("A4.R7")
    def test_hours_to_answer_and_to_arrive(self):
        self.env["crm.deadline.policy"].create(
            {"name": "x", "target": "arrive", "amount": 8, "unit": "hour", "sequence": -9}
        )
        for hours in (2, 4):
            case = self._case()
            self._end_clock(case, "acknowledge", hours)
            self._end_clock(case, "arrive", hours * 2)
        self.assertEqual(self._measure(self._item("answer_hours", target=4)), (3, 2))
        self.assertEqual(self._measure(self._item("arrive_hours", target=8)), (6, 2))

    @requirement("A4.R7")
    def test_complaints_by_orders(self):
        item = self._item("complaint_rate", target=5)
        product = self.env["product.product"].create({"name": "Charger"})
        before = self._measure(item)
        self.assertEqual(before, (None, 0))
        line = Command.create({"product_id": product.id, "price_unit": 1})
        orders = self.env["sale.order"].create(
            [{"partner_id": self.customer.id, "order_line": [line]} for _i in range(4)]
        )
        orders.action_confirm()
        orders.date_order = self.day
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        values = {"partner_id": self.customer.id, "order_line": [line], "date_order": self.day}
        quotation, theirs, *others = self.env["sale.order"].create([dict(values) for _i in "1234"])
        (theirs | others[0] | others[1]).action_confirm()
        others[0].date_order = fields.Datetime.subtract(self.day, months=1)
        others[1].date_order = fields.Datetime.add(self.day, months=1)
        quotation.date_order = theirs.date_order = self.day
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET company_id = %s WHERE id = %s", (elsewhere.id, theirs.id)
        )
        self.env.invalidate_all()
        self._case(kind="complaint")
        self._case(kind="inquiry")
        self.assertEqual(self._measure(item), (25, 5))

    @requirement("A4.R11")
    def test_only_what_the_condition_is_about(self):
        category = self.env.ref("crm_aftersales.case_category_product")
        other = self.env["crm.case.category"].search([("id", "!=", category.id)], limit=1)
        item = self._item("solve_hours")
        self._case(10, category_id=category.id)
        self._case(50, category_id=other.id)
        self.assertEqual(self._measure(item), (30, 2))
        item.commitment_id.sudo().write(
            {
                "extent": "specific",
                "condition_case_category_ids": [Command.set(category.ids)],
            }
        )
        self.assertEqual(self._measure(item), (10, 1))

    @requirement("A4.R7")
    def test_months_are_frozen_once(self):
        item = self._item("solve_hours", target=24)
        self._case(10)
        self._case(90, opened=self._utc(f"{month.before(self.today, 2)} 10:00"))
        draft = self._make_commitment("Draft", date_from=self.today - timedelta(days=360))
        rows = self.env["crm.commitment.fulfilment"]
        rows._cron_freeze()
        mine = rows.search([("item_id", "=", item.id)])
        self.assertEqual(mine[0].month, self.first, "the month that runs is not counted")
        self.assertFalse(rows.search([("item_id", "in", draft.item_ids.ids)]), "never in force")
        self.assertEqual((mine[0].value, mine[0].result, mine[0].count), (10, "kept", 1))
        self.assertEqual((mine[1].value, mine[1].result, mine[1].gap), (90, "missed", -66))
        self.assertEqual(mine[2].result, "none")
        self._case(100)
        rows._cron_freeze()
        self.assertEqual(rows.search([("item_id", "=", item.id)]), mine)
        self.assertEqual(mine[0].value, 10, "frozen")
        self.assertEqual((item.last_value, item.last_result), (10, "kept"))
        for action in (lambda: mine[0].write({"value": 1}), mine[0].unlink):
            with self.assertRefused(UserError, "stays as it is"):
                action()
        with self.assertRefused(AccessError, "nobody types them"):
            rows.with_user(self.manager).create({"item_id": item.id})

    @requirement("A4.R7")
    def test_killed_between_two_batches(self):
        items = [self._item("solve_hours").id, self._item("reopen_share", target=5).id]
        rows = self.env["crm.commitment.fulfilment"]
        with (
            patch("odoo.addons.crm_aftersales.models.crm_commitment_fulfilment.BATCH", 1),
            patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: 0),
        ):
            rows._cron_freeze()
        before = rows.search([])
        rows._cron_freeze()
        found = rows.search([("item_id", "in", items)])
        per_item = [len(found.filtered(lambda row, i=i: row.item_id.id == i)) for i in items]
        self.assertEqual(per_item[0], per_item[1])
        self.assertTrue(per_item[0])
        self.assertLessEqual(before, rows.search([]))

    @requirement("A4.R7")
    def test_counted_by_hand_with_evidence(self):
        item = self._item("spare_parts")
        commitment = item.commitment_id.with_user(self.supervisor)
        dialog = self._open_dialog(commitment.action_count(), self.supervisor)
        dialog.value = 91
        dialog.count = 22
        dialog.evidence = base64.b64encode(b"list")
        dialog.save().action_apply()
        row = item.fulfilment_ids
        self.assertEqual((row.value, row.is_manual, row.result), (91, True, "kept"))
        self.assertEqual(row.user_id, self.supervisor)
        rows = self.env["crm.commitment.fulfilment"].with_user(self.supervisor)
        evidence = base64.b64encode(b"x")
        for args, pattern in (
            ((self.first, 50, 1, "", evidence, "x"), "counted already"),
            ((self.today, 50, 1, "", evidence, "x"), "after its end"),
            ((date(2001, 1, 1), 50, 1, "", evidence, "x"), "not in force"),
            ((month.before(self.today, 2), 50, 1, "", False, "x"), "evidence"),
            ((month.before(self.today, 2), 101, 1, "", evidence, "x"), "cannot be right"),
            ((month.before(self.today, 2), -1, 1, "", evidence, "x"), "cannot be right"),
            ((month.before(self.today, 2), 50, -1, "", evidence, "x"), "cannot be right"),
        ):
            with self.assertRefused((UserError, ValidationError), pattern):
                rows._count(item, *args)
        before = month.before(self.today, 2)
        rows._count(item, before, 50, 1, "", evidence, "x")
        self.assertEqual(item.fulfilment_ids.sorted("month").mapped("value"), [50, 91])
        measured = self._item("solve_hours")
        note = self.env["crm.commitment.note"].with_user(self.supervisor)
        forged = note.create(
            {
                "kind": "count",
                "commitment_ids": [Command.set(commitment.ids)],
                "item_id": measured.id,
                "value": 1,
                "count": 5,
                "evidence": evidence,
            }
        )
        with self.assertRefused(UserError, "nobody types it"):
            forged.action_apply()
        forged.write({"item_id": item.id, "month": False})
        with self.assertRefused(UserError, "Choose the month"):
            forged.action_apply()
        stranger = note.with_user(self.specialist).create(
            {"kind": "count", "item_id": item.id, "value": 1, "count": 5, "evidence": evidence}
        )
        with self.assertRefused(AccessError, "watches over"):
            stranger.action_apply()
        with self.assertRefused(AccessError, "watches over"):
            commitment.with_user(self.specialist).action_count()
        with self.assertRefused(UserError, "counted by the system"):
            self.commitment.with_user(self.supervisor).action_count()

    def test_a_month_ends_where_the_company_is(self):
        self.assertEqual(
            month.moment(date(2026, 3, 1), "Asia/Shanghai"),
            fields.Datetime.to_datetime("2026-02-28 16:00:00"),
        )
        item = self._item("solve_hours")
        edge = self._utc(f"{self.first} 00:30")  # still the month before in UTC
        case = self._case(0.25, opened=edge)
        self.assertEqual(case.date_solved.month, month.before(self.first).month)
        figures = item.metric_id._measure_months(
            item, month.span(month.before(self.first), self.end)
        )
        self.assertEqual(figures[self.first], (0.25, 1))
        self.assertEqual(figures[month.before(self.first)], (None, 0))
