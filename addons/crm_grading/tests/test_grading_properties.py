import random
from datetime import date, timedelta

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .common import QUARTER_END, GradingCommon


@tagged("post_install", "-at_install")
class TestGradingProperties(GradingCommon):
    """What holds whatever the data: tried on customers made by chance, by the shipped standard."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chance = random.Random(20260331)
        cls.standard = cls.env.ref("crm_grading.standard_procedure")
        cls.partners = cls.env["res.partner"].create(
            [cls._prepare_customer_values(f"Chance {number}") for number in range(30)]
        )
        for number, partner in enumerate(cls.partners):
            for _order in range(number % 4):
                cls._random_order(partner)
            if cls.chance.random() < 0.6:
                cls.env["crm.grading.judgement"].create(
                    {
                        "partner_id": partner.id,
                        "topic_id": cls.topic.id,
                        "value": cls.chance.randint(0, 100),
                        "reason": "Chance",
                        "date": "2026-01-01",
                        "date_expiry": "2026-12-31",
                    }
                )

    @classmethod
    def _random_order(cls, partner, **values):
        """A sale with a margin, some day of the last three years."""
        day = QUARTER_END - timedelta(days=cls.chance.choice([1, 30, 80, 200, 500, 1000]))
        lines = [(None, cls.chance.randint(1, 400), cls.chance.randint(6000, 40000) / 100)]
        return cls._order(partner, str(day), lines, **values)

    def _grade(self, partners=None, standard=None):
        """:return: dict of customer to (total, proposed grade, points by item, what is rated)"""
        run = self._run(
            standard or self.standard,
            is_trial=True,
            partner_ids=[Command.set((partners or self.partners).ids)],
        )
        self.assertEqual(run.score_ids.partner_id, partners or self.partners)
        return {score.partner_id: self._facts(score) for score in run.score_ids}

    def _facts(self, score):
        points = {line.criterion_id.source: line.points_scale for line in score.line_ids}
        rated = {line.criterion_id.source for line in score.line_ids if line.is_rated}
        return score.total, score.grade_proposed_id, points, rated

    @requirement("A3.F1")
    def test_more_sales_never_lower_the_score(self):
        before = self._grade()
        rises = 0
        for _round in range(3):
            for partner in self.partners:
                self._random_order(partner)
            after = self._grade()
            for partner in self.partners:
                (old, old_grade, points, rated), new = before[partner], after[partner]
                for source, value in points.items():
                    self.assertGreaterEqual(new[2][source], value, (partner.name, source))
                self.assertLessEqual(rated, new[3])
                if rated == new[3] or not old_grade:
                    # else something becomes known that was not, and may be less than the rest
                    self.assertGreaterEqual(new[0], old, partner.name)
                    if old_grade:
                        self.assertLessEqual(new[1].rank, old_grade.rank)
                rises += new[0] > old
            before = after
        self.assertGreater(rises, 20)

    @requirement("A3.F1")
    def test_order_and_batch_size_change_nothing(self):
        together = self._grade()
        for size in (1, 7):
            shuffled = list(self.partners)
            self.chance.shuffle(shuffled)
            for start in range(0, len(shuffled), size):
                batch = self.env["res.partner"].union(*shuffled[start : start + size])
                for partner, facts in self._grade(batch).items():
                    self.assertEqual(facts, together[partner], (size, partner.name))
        turned = self.standard.with_user(self.supervisor).copy()
        for number, item in enumerate(reversed(turned.criterion_ids)):
            item.sequence = number
        turned.invalidate_recordset()
        self.assertNotEqual(
            turned.criterion_ids.mapped("source"), self.standard.criterion_ids.mapped("source")
        )
        self.assertEqual(self._grade(standard=turned), together, "order of the items")

    @requirement("A3.F1")
    def test_another_company_or_currency_changes_only_its_own(self):
        before = self._grade()
        other = self.env["res.company"].create({"name": "Other"})
        self.env.user.company_ids += other
        product = self.product.with_company(other)
        product.standard_price = 1
        for partner in self.partners:
            order = (
                self.env["sale.order"]
                .with_company(other)
                .create(
                    {
                        "partner_id": partner.id,
                        "company_id": other.id,
                        "order_line": [
                            Command.create(
                                {
                                    "product_id": product.id,
                                    "product_uom_qty": 999,
                                    "price_unit": 999,
                                    "tax_ids": False,
                                }
                            )
                        ],
                    }
                )
            )
            order.action_confirm()
            order.date_order = "2026-02-01 12:00:00"
        self.assertEqual(self._grade(), before, "orders of another company")
        currency = self.env.ref("base.EUR")
        if currency == self.company.currency_id:
            currency = self.env.ref("base.USD")
        currency.active = True
        currency.rate_ids.unlink()
        self.env["res.currency.rate"].create(
            {
                "name": date(2020, 1, 1),
                "currency_id": currency.id,
                "company_id": self.company.id,
                "rate": 0.1,
            }
        )
        self.assertEqual(self._grade(), before, "a rate for orders to come")
        buyer = self.partners[4]
        prices = self.env["product.pricelist"].create({"name": "X", "currency_id": currency.id})
        order = self._random_order(buyer, pricelist_id=prices.id)
        order.date_order = "2026-03-01 12:00:00"
        self.assertEqual((order.currency_id, order.currency_rate), (currency, 0.1))
        self.env.flush_all()
        after = self._grade()
        changed = self.partners.filtered(lambda partner: after[partner] != before[partner])
        self.assertEqual(changed, buyer)
