import random
from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .common import QUARTER_END, GradingCommon


@tagged("post_install", "-at_install")
class TestGradingScore(GradingCommon):
    """Scores worked out by hand: points, missing data, margin, caps, movement, warnings."""

    @requirement("A3.F1")
    def test_points_by_bands_and_linear(self):
        self._order(day="2024-03-31", lines=[(None, 1, 9)])
        self._order(day="2026-01-01", lines=[(None, 10, 100)])
        self._order(day="2026-03-31", lines=[(None, 1, 50), (None, 2, 25)])
        self._order(day="2026-04-01", lines=[(None, 1, 9000)])
        draft = self._order(day="2026-02-01", lines=[(None, 1, 9000)])
        draft._action_cancel()
        score = self._score(self._run(self._approved()))
        orders, years = self._line(score, "order_amount"), self._line(score, "years")
        self.assertEqual((orders.value, orders.points), (1100, 20))
        # 730 days of 365.25 a year, 60 points at ten years
        self.assertEqual((years.value, years.points), (2.0, 12))
        self.assertEqual(score.total, 32)
        self.assertEqual(score.grade_proposed_id, self.grade_c)
        self.assertIn("2 orders", orders.value_text)

    @requirement("A3.F1")
    def test_documents_are_the_very_orders(self):
        inside = self._order(day="2026-02-01") + self._order(day="2026-03-01")
        self._order(day="2025-12-31")
        line = self._line(self._score(self._run(self._approved())), "order_amount")
        self.assertEqual(line.documents, inside.ids)
        self.specialist.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        action = line.with_user(self.specialist).action_open_documents()
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found, inside)
        self.assertEqual(action["res_model"], "sale.order")
        with self.assertRefused(UserError, "no rights on these documents"):
            line.with_user(self.auditor).action_open_documents()
        self.assertIn(inside[0].name, line.with_user(self.auditor).document_list)

    @requirement("A3.F1")
    def test_contacts_count_for_their_company_and_companies_stay_apart(self):
        contact = self.env["res.partner"].create({"name": "Li", "parent_id": self.customer.id})
        other = self.env["res.company"].create({"name": "Other"})
        self._order(partner=contact, lines=[(None, 1, 1000)])
        product = self.product.copy()
        self._order(
            lines=[(product, 1, 9000)], company_id=other.id, warehouse_id=False
        ) if "warehouse_id" in self.env["sale.order"]._fields else self._order(
            lines=[(product, 1, 9000)], company_id=other.id
        )
        run = self._run(self._approved())
        self.assertFalse(self._score(run, contact))
        self.assertEqual(self._line(self._score(run), "order_amount").value, 1000)

    @requirement("A3.F1")
    def test_foreign_orders_at_the_rate_of_the_order(self):
        foreign = self.env.ref("base.EUR")
        if foreign == self.company.currency_id:
            foreign = self.env.ref("base.USD")
        foreign.active = True
        foreign.rate_ids.unlink()
        self.env["res.currency.rate"].create(
            [
                {"currency_id": foreign.id, "name": "2026-01-01", "rate": 0.5},
                {"currency_id": foreign.id, "name": "2026-03-01", "rate": 0.25},
            ]
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Foreign", "currency_id": foreign.id}
        )
        order = self._order(day="2026-02-10", lines=[(None, 1, 100)], pricelist_id=pricelist.id)
        self.assertEqual(order.currency_id, foreign)
        score = self._score(self._run(self._approved()))
        self.assertAlmostEqual(self._line(score, "order_amount").value, 200)

    @requirement("A3.F1")
    def test_missing_data_is_not_rated(self):
        """Who never ordered is not rated; who ordered before has a real zero."""
        self._order(day="2020-01-01")
        run = self._run(self._approved())
        line = self._line(self._score(run), "order_amount")
        self.assertTrue(line.is_rated)
        self.assertEqual((line.value, line.points), (0, 0))
        never = self._score(run, self.other_customer)
        self.assertEqual(never.line_ids.mapped("is_rated"), [False, False])
        self.assertFalse(never.grade_proposed_id)
        self.assertEqual(never.movement, "none")
        self.assertIn("never ordered", self._line(never, "order_amount").value_text)
        self.assertIn("Too little is known", never.reason)

    @requirement("A3.F1")
    def test_rules_for_missing_data(self):
        """Orders 20 of 40; the judgement, 60, is missing."""
        self._order(lines=[(None, 10, 100)])
        items = [
            {
                "name": "Orders",
                "weight": 40,
                "source": "order_amount",
                "band_ids": self._bands((1000, 20), (5000, 40)),
            },
            {
                "name": "Prospects",
                "weight": 60,
                "source": "judgement",
                "topic_id": self.topic.id,
                "scale": "linear",
                "value_full": 100,
            },
        ]
        expected = {
            ("rescale", 40): (50, self.grade_b),
            ("rescale", 41): (20, self.env["crm.customer.grade"]),
            ("zero", 0): (20, self.grade_c),
            ("none", 0): (20, self.env["crm.customer.grade"]),
        }
        for (rule, least), result in expected.items():
            standard = self._standard(items, missing_rule=rule, rated_weight_min=least)
            score = self._score(self._run(standard, is_trial=True))
            self.assertEqual((score.total, score.grade_proposed_id), result, (rule, least))
            self.assertIn("40 of 100 points are rated", score.reason)
        self._judge(50)
        standard = self._standard(items, missing_rule="none")
        self.assertEqual(self._score(self._run(standard, is_trial=True)).total, 50)

    def _judge(self, value, partner=None, **values):
        return (
            self.env["crm.grading.judgement"]
            .with_user(self.supervisor)
            .create(
                {
                    "partner_id": (partner or self.customer).id,
                    "topic_id": self.topic.id,
                    "value": value,
                    "reason": "Opens two shops",
                    **values,
                }
            )
        )

    @requirement("A3.F1")
    def test_judgement_has_author_reason_and_end(self):
        item = {
            "name": "Prospects",
            "weight": 100,
            "source": "judgement",
            "topic_id": self.topic.id,
            "scale": "linear",
            "value_full": 100,
        }
        standard = self._standard([item])
        first = self._judge(30, user_id=self.specialist.id)
        self.assertEqual(first.user_id, self.supervisor, "nobody judges in another's name")
        self._judge(70)
        score = self._score(self._run(standard, is_trial=True, date_to=first.date))
        self.assertEqual(score.total, 70, "the newest counts")
        later = first.date_expiry + timedelta(days=1)
        score = self._score(self._run(standard, is_trial=True, date_to=later))
        self.assertFalse(score.line_ids.is_rated, "both expired")
        self.assertIn("expired", score.line_ids.value_text)
        with self.assertRefused(AccessError, ""):
            first.with_user(self.supervisor).value = 99
        with self.assertRefused(AccessError, ""):
            first.with_user(self.manager).unlink()
        with self.assertRefused(AccessError, ""):
            self.env["crm.grading.judgement"].with_user(self.specialist).create(
                {"partner_id": self.customer.id, "value": 1, "reason": "x"}
            )
        with self.assertRaisesRegex(Exception, "Say why"):
            self._judge(30, reason="  ")

    @requirement("A3.F1")
    def test_judgement_of_another_company_does_not_count(self):
        judgement = self._judge(70)
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_grading_judgement SET company_id = %s WHERE id = %s",
            [company.id, judgement.id],
        )
        self.env.invalidate_all()
        run = self._run(self._standard([self._judged_item()]), is_trial=True, date_to=date.today())
        self.assertFalse(self._score(run).line_ids.is_rated)

    @requirement("A3.F1")
    def test_margin_keeps_customers_from_flipping(self):
        """B from 50 with a margin of 3: up at 53, down below 47."""
        self.env["crm.grading.standard"].search([]).filtered("is_in_force").state = "draft"
        standard = self._standard([self._judged_item()], margin=3, levels=self._levels())
        cases = {
            (self.grade_c, 52): self.grade_c,
            (self.grade_c, 53): self.grade_b,
            (self.grade_b, 47): self.grade_b,
            (self.grade_b, 46): self.grade_c,
            (self.grade_a, 77): self.grade_a,
            (self.grade_a, 76): self.grade_b,
            (self.grade_a, 49): self.grade_c,
            (self.env["crm.customer.grade"], 50): self.grade_b,
        }
        for (held, marks), proposed in cases.items():
            self.customer.crm_grade_id = held
            self._judge(marks)
            run = self._run(standard, is_trial=True, date_to=date.today())
            self.assertEqual(self._score(run).grade_proposed_id, proposed, (held.code, marks))

    def _judged_item(self):
        return {
            "name": "Prospects",
            "weight": 100,
            "source": "judgement",
            "topic_id": self.topic.id,
            "scale": "linear",
            "value_full": 100,
        }

    def _levels(self):
        return ((self.grade_a, 80), (self.grade_b, 50), (self.grade_c, 0))

    @requirement("A3.F1")
    def test_cap_holds_down_and_has_a_name(self):
        self._order(lines=[(None, 1, 100)])
        self._order(partner=self.other_customer, lines=[(None, 10, 100)])
        for partner in (self.customer, self.other_customer):
            self._judge(90, partner)
        cap = {
            "name": "Hardly any orders",
            "source": "order_amount",
            "operator": "<=",
            "threshold": 100,
            "months": 3,
            "grade_id": self.grade_b.id,
        }
        standard = self._standard(
            [self._judged_item()], levels=self._levels(), cap_ids=[Command.create(cap)]
        )
        run = self._run(standard, is_trial=True)
        score = self._score(run)
        self.assertEqual((score.total, score.grade_proposed_id), (90, self.grade_b))
        self.assertEqual(score.cap_id, standard.cap_ids)
        self.assertIn("Hardly any orders", score.reason)
        free = self._score(run, self.other_customer)
        self.assertEqual((free.grade_proposed_id, free.cap_id.id), (self.grade_a, False))

    @requirement("A3.F1")
    def test_facts_of_other_apps(self):
        """A grave complaint that another app knows of caps; who is not known is not rated."""
        facts = {self.customer.id: {"grave_complaints_open": 1}}
        self.patch(
            self.registry["res.partner"],
            "_get_crm_service_facts",
            lambda partners, date_from, date_to: {p.id: facts.get(p.id, {}) for p in partners},
        )
        for partner in (self.customer, self.other_customer):
            self._judge(90, partner)
        cap = {
            "name": "Grave complaint open",
            "source": "fact",
            "fact": "grave_complaints_open",
            "threshold": 1,
            "grade_id": self.grade_c.id,
        }
        standard = self._standard(
            [self._judged_item()], levels=self._levels(), cap_ids=[Command.create(cap)]
        )
        run = self._run(standard, is_trial=True)
        self.assertEqual(self._score(run).grade_proposed_id, self.grade_c)
        self.assertEqual(self._score(run, self.other_customer).grade_proposed_id, self.grade_a)

    @requirement("A3.F1")
    def test_lines_add_up_whatever_the_data(self):
        """Random orders, judgements and standards: the lines are the total, and it is in range."""
        chance = random.Random(7)
        partners = self.env["res.partner"].create(
            [self._prepare_customer_values(f"Random {n}") for n in range(40)]
        )
        for partner in partners:
            for _n in range(chance.randrange(3)):
                day = date(2026, 1, 1) + timedelta(days=chance.randrange(90))
                self._order(
                    partner,
                    str(day),
                    [
                        (
                            chance.choice([self.product, self.uncosted]),
                            chance.randint(-2, 9),
                            chance.randint(1, 99999) / 100,
                        )
                    ],
                )
            if chance.random() < 0.5:
                self._judge(chance.randint(0, 100), partner)
        for number in range(6):
            run = self._run(self._random_standard(chance), is_trial=True)
            for score in run.score_ids:
                lines = sum(round(points * 100) for points in score.line_ids.mapped("points"))
                self.assertEqual(lines, round(score.total * 100), (number, score))
                self.assertLessEqual(score.total, 100)
                self.assertGreaterEqual(score.total, 0)
                self.assertEqual(
                    score.rated_weight,
                    sum(score.line_ids.filtered("is_rated").mapped("weight")),
                )

    def _random_standard(self, chance):
        cuts = sorted(chance.sample(range(1, 100), 3))
        weights = [b - a for a, b in zip([0, *cuts], [*cuts, 100], strict=True)]
        sources = ("order_amount", "profit", "years", "judgement")
        items = []
        for source, weight in zip(sources, weights, strict=True):
            item = {"name": source, "source": source, "weight": weight, "topic_id": self.topic.id}
            if chance.random() < 0.5:
                item |= {"scale": "linear", "value_full": chance.randint(1, 3000)}
            else:
                item["band_ids"] = self._bands((1, weight / 3), (500, weight))
            items.append(item)
        return self._standard(
            items,
            missing_rule=chance.choice(["rescale", "zero", "none"]),
            rated_weight_min=chance.choice([0, 30]),
        )

    @requirement("A3.F1")
    def test_the_same_again(self):
        """Two gradings of the same data are the same, digit by digit."""
        self._order(lines=[(None, 3, 33.33)])
        standard = self._approved()
        runs = self._run(standard), self._run(standard)
        first, second = (
            [
                (s.partner_id, s.total, s.grade_proposed_id, s.line_ids.mapped("points"))
                for s in run.score_ids.sorted("partner_id")
            ]
            for run in runs
        )
        self.assertEqual(first, second)

    @requirement("A3.F1", "E1.R3")
    def test_frozen(self):
        order = self._order(lines=[(None, 10, 100)])
        score = self._score(self._run(self._approved()))
        before = (score.total, score.line_ids.mapped("value"), score.line_ids.mapped("documents"))
        order._action_cancel()
        self.env.invalidate_all()
        self.assertEqual(
            before,
            (score.total, score.line_ids.mapped("value"), score.line_ids.mapped("documents")),
        )
        for user in (self.supervisor, self.manager):
            mine = score.with_user(user)
            with self.assertRefused(AccessError, "frozen"):
                mine.write({"total": 100})
            with self.assertRefused(AccessError, ""):
                mine.line_ids[0].write({"points": 100})
            with self.assertRefused(AccessError, ""):
                mine.unlink()
            with self.assertRefused(AccessError, "system only"):
                mine.run_id.write({"state": "draft"})
            with self.assertRefused(UserError, "not changed any more"):
                mine.run_id.write({"date_to": "2026-06-30"})
            with self.assertRefused(UserError, "kept"):
                mine.run_id.unlink()
        score.with_user(self.supervisor).note = "Moves to Xi'an"
        with self.assertRefused(AccessError, ""):
            score.with_user(self.specialist).note = "x"

    @requirement("E1.R3")
    def test_who_grades_and_by_what(self):
        with self.assertRefused(AccessError, ""):
            self._run(self._standard(), user=self.specialist)
        with self.assertRefused(UserError, "not in force"):
            self._run(self._standard())
        standard = self._approved()
        run = self._run(standard, state="done", is_scheduled=True)
        self.assertFalse(run.is_scheduled)
        with self.assertRefused(UserError, "computed already"):
            run.with_user(self.supervisor).action_compute()
        hostile = self.env["crm.grading.run"].with_user(self.supervisor)
        run = hostile.with_context(default_state="done", default_score_count=9).create(
            {"standard_id": standard.id}
        )
        self.assertEqual((run.state, run.score_count), ("draft", 0))

    @requirement("A3.F1")
    def test_computed_grade_stands_with_the_customer(self):
        self._order(lines=[(None, 100, 100)])
        self._order(day="2015-01-01")
        standard = self._approved()
        self._run(standard)
        self.assertEqual(self.customer.crm_grade_computed_id, self.grade_a)
        self.assertFalse(self.customer.crm_grade_id, "a grading sets no grade")
        self._run(standard, date_to=date(2014, 12, 31))
        self.assertEqual(self.customer.crm_grade_computed_id, self.grade_a, "older figures")
        self._run(standard, partner_ids=[Command.set(self.other_customer.ids)])
        self.assertEqual(self.customer.crm_grade_computed_id, self.grade_a, "was not graded")
        action = self.customer.with_user(self.specialist).action_open_crm_score()
        score = self.env["crm.grading.score"].browse(action["res_id"])
        self.assertEqual((score.partner_id, score.date_to), (self.customer, QUARTER_END))

    @requirement("A3.F1")
    def test_movers_and_matrix(self):
        standard = self._approved()
        self._order(day="2015-01-01")
        self._order(day="2025-11-01", lines=[(None, 100, 100)])
        first = self._run(standard, date_to=date(2025, 12, 31))
        self.assertEqual(self._score(first).movement, "new")
        second = self._run(standard)
        score = self._score(second)
        self.assertEqual(second.previous_id, first)
        self.assertEqual((score.total_before, score.total_change), (100, -40))
        self.assertEqual((score.movement, second.down_count, second.up_count), ("down", 1, 0))
        matrix = self.env["crm.grading.score"].formatted_read_group(
            [("run_id", "=", second.id)], ["grade_before_id", "grade_proposed_id"], ["__count"]
        )
        cells = {
            (
                row["grade_before_id"] and row["grade_before_id"][0],
                row["grade_proposed_id"] and row["grade_proposed_id"][0],
            ): row["__count"]
            for row in matrix
        }
        self.assertEqual(cells[self.grade_a.id, self.grade_b.id], 1)
        action = second.action_open_changes()
        self.assertIn(score, self.env["crm.grading.score"].search(action["domain"]))

    @requirement("A3.F1")
    def test_early_warnings(self):
        standard = self._approved(warning_points=40, warning_orders=50, warning_days=0)
        for partner, before, now in (
            (self.customer, 10000, 5000),
            (self.other_customer, 10000, 5001),
        ):
            self._order(partner, day="2015-01-01")
            self._order(partner, day="2025-11-01", lines=[(None, 1, before)])
            self._order(partner, day="2026-02-01", lines=[(None, 1, now)])
        self._run(standard, date_to=date(2025, 12, 31))
        run = self._run(standard)
        score, other = self._score(run), self._score(run, self.other_customer)
        self.assertEqual((score.is_orders_falling, score.is_score_falling), (True, False))
        self.assertEqual(score.warning, "Orders Falling")
        self.assertFalse(other.is_warning)
        self.assertEqual(run.warning_count, 1)
        self._order(day="2026-03-31", lines=[(None, -1, 5000)])
        again = self._score(self._run(standard))
        self.assertTrue(again.is_score_falling, "40 points less than just before")
        again = self._score(self._run(standard))
        self.assertFalse(again.is_score_falling, "compared with the grading just before")
        standard_b = self._approved(date_from="2026-01-02")
        self.assertFalse(self._score(self._run(standard_b)).is_warning, "another standard")

    @requirement("A3.F1")
    def test_trial_beside_the_one_in_force(self):
        self._order(day="2015-01-01")
        self._order(lines=[(None, 100, 100)])
        current = self._approved()
        self._run(current)
        self.customer.crm_grade_id = self.grade_b
        draft = self._standard(levels=((self.grade_b, 50), (self.grade_c, 0)), user=self.supervisor)
        runs = self.env["crm.grading.run"].search_count([])
        action = draft.action_trial()
        trial = self.env["crm.grading.run"].browse(action["res_id"])
        trial.date_to  # noqa: B018
        self.assertTrue(trial.is_trial)
        self.assertEqual(trial.baseline_id.standard_id, current)
        trial = self._run(draft, is_trial=True)
        score = self._score(trial)
        self.assertEqual(score.grade_before_id, self.grade_a, "by the standard in force")
        self.assertEqual((score.grade_proposed_id, score.movement), (self.grade_b, "down"))
        self.assertEqual(self.customer.crm_grade_id, self.grade_b)
        self.assertEqual(self.customer.crm_grade_computed_id, self.grade_a, "nothing changed")
        self.assertEqual(self.env["crm.grading.run"].search_count([]), runs + 4)
        with self.assertRefused(UserError, "trial changes nothing"):
            score.with_user(self.supervisor).action_declare()
        latest = self.env["crm.grading.score"]._get_latest(self.customer, self.company)
        self.assertFalse(latest[self.customer.id].is_trial)
        trial.with_user(self.supervisor).unlink()

    @requirement("A3.F1")
    def test_changing_a_draft_drops_its_trials(self):
        draft = self._standard()
        trial = self._run(draft, is_trial=True)
        draft.criterion_ids[0].unlink()
        self.assertFalse(trial.exists())
