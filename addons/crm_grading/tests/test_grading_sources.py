import csv
from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from unittest import skipUnless

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .common import QUARTER_END, GradingCommon
from .sample import INVOICES, import_loader

BANDS = ((1, 6), (500, 12), (2000, 24), (5000, 40))


def item(source, weight=100, months=3, **values):
    """A criterion: its points are not what these tests are about."""
    return {
        "name": source,
        "source": source,
        "weight": weight,
        "months": months,
        "scale": "linear",
        "value_full": 100,
        **values,
    }


@tagged("post_install", "-at_install")
class TestGradingSources(GradingCommon):
    """Margins, returns and payments on small cases worked out by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        accounts = cls.env["account.account"].create(
            [
                {
                    "name": "Debtors",
                    "code": "T1122",
                    "account_type": "asset_receivable",
                    "reconcile": True,
                },
                {"name": "Sales", "code": "T6001", "account_type": "income"},
                {"name": "Bank", "code": "T1002", "account_type": "asset_cash"},
            ]
        )
        cls.debtors, cls.income, cls.bank = accounts
        cls.sales, cls.entries, cls.money = cls.env["account.journal"].create(
            [
                {
                    "name": "Sales",
                    "code": "TSAL",
                    "type": "sale",
                    "default_account_id": cls.income.id,
                },
                {"name": "Entries", "code": "TMIS", "type": "general"},
                {"name": "Money", "code": "TBNK", "type": "bank"},
            ]
        )
        cls.customer.property_account_receivable_id = cls.debtors
        cls.other_customer.property_account_receivable_id = cls.debtors

    def _value(self, source, date_to=QUARTER_END, partner=None, **values):
        """The line of a trial that has this one source."""
        standard = self._standard([item(source, **values)], missing_rule="zero")
        score = self._score(self._run(standard, date_to, is_trial=True), partner)
        return score.line_ids

    def _invoice(
        self,
        amount=100,
        due="2026-02-01",
        day="2026-01-01",
        kind="out_invoice",
        product=None,
        quantity=1,
        **values,
    ):
        invoice = self.env["account.move"].create(
            {
                "move_type": kind,
                "partner_id": self.customer.id,
                "journal_id": self.sales.id,
                "invoice_date": day,
                "invoice_date_due": due,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Goods",
                            "product_id": product and product.id,
                            "account_id": self.income.id,
                            "quantity": quantity,
                            "price_unit": amount,
                            "tax_ids": False,
                        }
                    )
                ],
                **values,
            }
        )
        invoice.action_post()
        return invoice

    def _pay(self, invoice, amount, day):
        """Money in the bank on a day, reconciled with an invoice."""
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": self.entries.id,
                "date": day,
                "line_ids": [
                    Command.create({"account_id": self.bank.id, "debit": amount}),
                    Command.create(
                        {
                            "account_id": self.debtors.id,
                            "credit": amount,
                            "partner_id": self.customer.id,
                        }
                    ),
                ],
            }
        )
        entry.action_post()
        lines = (invoice + entry).line_ids.filtered(lambda line: line.account_id == self.debtors)
        lines.reconcile()

    # ------------------------------------------------------------------ margin

    @requirement("A3.F1")
    def test_margin_leaves_out_what_has_no_cost_and_says_so(self):
        """3 × (100 - 60) and a service of 50 without cost; the cable has no cost."""
        self._order(lines=[(None, 3, 100), (self.uncosted, 5, 10), (self.service, 1, 50)])
        line = self._value("profit")
        self.assertEqual(line.value, 170)
        self.assertIn("1 of 3 order lines without cost are left out", line.value_text)
        self.assertNotIn("on the day of grading", line.value_text)
        self._order(self.other_customer, lines=[(self.uncosted, 5, 10)])
        other = self._value("profit", partner=self.other_customer)
        self.assertFalse(other.is_rated, "no cost is not a margin of 100 %")
        self.assertIn("no costs are known", other.value_text)
        self.assertEqual(other.points, 0)

    @requirement("A3.F1")
    def test_margin_of_other_units(self):
        """A dozen at 1000 costs 12 × 60."""
        order = self._order(lines=[(None, 1, 1000)])
        order.order_line.product_uom_id = self.env.ref("uom.product_uom_dozen")
        order.order_line.price_unit = 1000
        self.assertEqual(self._value("profit").value, 280)

    @requirement("A3.F1")
    def test_margin_at_the_cost_of_the_confirmation(self):
        """Bought at 60 and later at 90: 3 × (100 - 60), then 2 × (100 - 90), 1 of the first back.

        The order comes before the cost changes, the return after it: 120 + 20 - 10.
        """
        first = self._order(lines=[(None, 3, 100)])
        self.product.standard_price = 90
        self.assertEqual(self._value("profit").value, 120)
        self._order(lines=[(None, 2, 100)])
        self._order(lines=[(None, -1, 100)])
        line = self._value("profit")
        self.assertEqual(line.value, 130)
        self.assertNotIn("on the day of grading", line.value_text)
        first._action_cancel()
        first.action_draft()
        self.env.flush_all()
        self.product.standard_price = 95
        first.action_confirm()
        first.date_order = "2026-02-10 12:00:00"
        self.assertEqual(self._value("profit").value, 15 + 10, "confirmed anew, at 95")

    @requirement("A3.F1")
    def test_cost_of_now_where_none_was_kept_and_says_so(self):
        """An order from before the app, 3 × (100 - 90), beside one of the app, 1 × (100 - 60)."""
        old = self._order(lines=[(None, 3, 100), (self.service, 1, 50)])
        new = self._order(lines=[(None, 1, 100)])
        self.product.standard_price = 90
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order_line SET crm_unit_cost = NULL WHERE order_id = %s", (old.id,)
        )
        self.env.invalidate_all()
        line = self._value("profit")
        self.assertEqual(line.value, 30 + 50 + 40)
        self.assertIn("; 1 orders at the product cost on the day of grading", line.value_text)
        self.assertEqual(line.documents, (old + new).ids)

    @requirement("A3.F1")
    def test_cost_unknown_at_the_confirmation_may_be_entered_later(self):
        self._order(lines=[(self.uncosted, 5, 10)])
        self.uncosted.standard_price = 4
        line = self._value("profit")
        self.assertEqual(line.value, 30)
        self.assertIn("1 orders at the product cost on the day of grading", line.value_text)

    @requirement("A3.F1")
    def test_lines_added_and_changed_after_the_confirmation(self):
        order = self._order(lines=[(None, 1, 100)])
        line = order.order_line
        self.product.standard_price = 90
        values = {"order_id": order.id, "product_id": self.product.id, "price_unit": 100}
        added = line.create([values])
        costs = (line + added).sudo().mapped("crm_unit_cost")
        self.assertEqual(costs, [60, 90])
        line.write({"product_id": self.product.id, "product_uom_qty": 7})
        order.write({"state": "sale"})
        self.assertEqual(line.sudo().crm_unit_cost, 60, "nothing changed the product")
        line.product_id = self.service
        self.assertEqual(line.sudo().crm_unit_cost, 0)
        line.product_id = self.product
        self.assertEqual(line.sudo().crm_unit_cost, 90)
        self.assertEqual(line.copy({"order_id": order.copy().id}).sudo().crm_unit_cost, 0)

    @requirement("A3.F1")
    def test_kept_cost_is_of_its_company_and_in_its_currency(self):
        """10 of the foreign currency are one of the company's: 1000 / 10 - 60."""
        other = self.env["res.company"].create({"name": "Other"})
        self.product.with_company(other).standard_price = 7
        foreign = self.env["res.currency"].create(
            {
                "name": "XTS",
                "symbol": "X",
                "rate_ids": [Command.create({"name": "2020-01-01", "rate": 10})],
            }
        )
        prices = self.env["product.pricelist"].create({"name": "F", "currency_id": foreign.id})
        order = self._order(lines=[(None, 1, 1000)], pricelist_id=prices.id)
        self.assertEqual(order.currency_id, foreign)
        self.assertEqual((order.currency_rate, order.order_line.sudo().crm_unit_cost), (10, 60))
        self.assertEqual(self._value("profit").value, 40)
        self.env.user.company_ids += other
        order = (
            self.env["sale.order"]
            .with_company(other)
            .create(
                {
                    "partner_id": self.customer.id,
                    "company_id": other.id,
                    "order_line": [Command.create({"product_id": self.product.id})],
                }
            )
        )
        order.with_company(self.company).action_confirm()
        self.assertEqual(order.order_line.sudo().crm_unit_cost, 7)
        self.assertEqual(self._value("profit").value, 40)

    @requirement("A3.F1")
    def test_nobody_writes_or_reads_the_kept_cost(self):
        seller = self._new_user("test_seller", "specialist")
        seller.group_ids += self.env.ref("sales_team.group_sale_manager")
        order = self._order(lines=[(None, 1, 100)]).with_user(seller)
        line = order.order_line
        values = {"order_id": order.id, "product_id": self.product.id}
        for forge in (
            lambda: line.write({"crm_unit_cost": 1}),
            lambda: order.write({"order_line": [Command.update(line.id, {"crm_unit_cost": 1})]}),
            lambda: line.create([values | {"crm_unit_cost": 1}]),
            lambda: line.with_context(default_crm_unit_cost=1).create([values]),
            lambda: line.read(["crm_unit_cost"]),
            lambda: line.search([("crm_unit_cost", ">", 50)]),
        ):
            with self.assertRefused(AccessError, ""):
                forge()
        self.assertEqual(line.sudo().crm_unit_cost, 60)
        # who sells needs no right on the cost
        draft = order.create({"partner_id": order.partner_id.id})
        made = line.create([values, {**values, "order_id": draft.id}])
        self.assertEqual(made.sudo().mapped("crm_unit_cost"), [60, 0])
        draft.action_confirm()
        made[1].product_id = self.service
        made[1].product_id = self.product
        self.assertEqual(made[1].sudo().crm_unit_cost, 60)
        with Form(order) as form, form.order_line.new() as added:
            added.product_id = self.product
        self.assertEqual(order.order_line.sudo().mapped("crm_unit_cost"), [60] * 3)

    @requirement("A3.F1")
    def test_keeping_costs_needs_no_query_a_line(self):
        def confirm(count):
            """How many queries keep the costs of an order with so many products."""
            products = self.env["product.product"].create(
                [{"name": f"P{number}", "standard_price": 5} for number in range(count)]
            )
            lines = self._order(lines=[(product, 1, 9) for product in products]).order_line.sudo()
            self.env.flush_all()
            self.env.cr.execute("UPDATE sale_order_line SET crm_unit_cost = 0")
            self.env.invalidate_all()
            self.env.add_to_compute(lines._fields["crm_unit_cost"], lines)
            before = self.env.cr.sql_log_count
            lines.flush_recordset(["crm_unit_cost"])
            self.assertEqual(set(lines.mapped("crm_unit_cost")), {5})
            return self.env.cr.sql_log_count - before

        confirm(1)
        self.assertEqual(confirm(30), confirm(2))

    @requirement("A3.F1")
    def test_down_payments_bring_no_margin(self):
        order = self._order(lines=[(None, 1, 100), (self.service, 1, 30)])
        order.order_line[1].is_downpayment = True
        self.assertEqual(self._value("profit").value, 40)

    @requirement("A3.F1")
    def test_a_quarter_without_orders_has_a_margin_of_zero(self):
        self._order(day="2025-01-01")
        line = self._value("profit")
        self.assertEqual((line.is_rated, line.value), (True, 0))

    # ------------------------------------------------------------------ returns

    @requirement("A3.F1", "A3.F2")
    def test_returns_by_orders_and_refunds(self):
        """Sold 10; 1 back by an order, 2 by a refund: 30 %."""
        self._order(lines=[(None, 10, 100), (self.service, 90, 1)])
        back = self._order(lines=[(None, -1, 100)])
        self._invoice(kind="out_refund", product=self.product, quantity=2, day="2026-03-01")
        line = self._value("return_rate")
        self.assertEqual(line.value, 30)
        self.assertIn("3 of 10 pieces", line.value_text)
        self.assertIn(back.id, line.documents)
        refund = self._invoice(
            kind="out_refund", product=self.product, quantity=1, day="2026-03-02"
        )
        refund.invoice_line_ids.sale_line_ids = back.order_line
        self.assertEqual(self._value("return_rate").value, 30, "one return, one count")
        self._invoice(kind="out_refund", product=self.service, quantity=5, day="2026-03-01")
        self._invoice(kind="out_refund", product=self.product, quantity=5, day="2026-04-01")
        self.assertEqual(self._value("return_rate").value, 30)

    # ------------------------------------------------------------------ invoices, payments

    @requirement("A3.F1")
    def test_invoices_less_refunds(self):
        self._invoice(1000)
        self._invoice(200, kind="out_refund", day="2026-03-31")
        self._invoice(500, day="2026-04-01")
        line = self._value("invoice_amount")
        self.assertEqual(line.value, 800)
        self.assertEqual(len(line.documents), 2)

    @requirement("A3.F1")
    def test_days_late(self):
        """0, 10, and 58 days open at the end of March: 22.67 on average."""
        on_time, late, unpaid = (
            self._invoice(day="2026-01-01", due="2026-02-01") for _n in range(3)
        )
        self._pay(on_time, 100, "2026-01-20")
        self._pay(late, 100, "2026-02-11")
        late.crm_delay_reason = "Waited for the tender"
        line = self._value("days_late", months=12)
        self.assertEqual(line.value, 22.67)
        self.assertIn("days at most; Waited for the tender", line.value_text)
        self.assertIn("Waited for the tender", line.document_list)
        self.assertEqual(line.documents, (on_time + late + unpaid).ids)
        self.assertIn("2 of 3 invoices late, 58 days at most", line.value_text)
        self.assertEqual(self._value("on_time_rate", months=12).value, 33.33)
        self.assertEqual(self._value("overdue_days", months=12).value, 58)
        self.assertEqual(self._value("overdue_amount", months=12).value, 100)

    @requirement("A3.F1")
    def test_partly_paid_counts_until_the_last_money(self):
        invoice = self._invoice(100, due="2026-02-01")
        self._pay(invoice, 60, "2026-01-15")
        self.assertEqual(self._value("days_late").value, 58, "40 are open")
        self.assertEqual(self._value("overdue_amount").value, 40)
        self._pay(invoice, 40, "2026-02-06")
        self.assertEqual(self._value("days_late").value, 5)
        self.assertEqual(self._value("overdue_amount").value, 0)

    @requirement("A3.F1")
    def test_payment_after_the_period_is_not_known_yet(self):
        invoice = self._invoice(100, due="2026-03-21")
        self._pay(invoice, 100, "2026-04-20")
        self.assertEqual(self._value("days_late").value, 10, "open on the last day")
        self.assertEqual(self._value("days_late", date(2026, 6, 30)).value, 30)

    @requirement("A3.F1")
    def test_what_counts_of_other_periods(self):
        """An old debt stays; what was settled long ago and what is not due yet is left out."""
        settled = self._invoice(day="2024-01-01", due="2024-02-01")
        self._pay(settled, 100, "2024-06-01")
        self._invoice(day="2026-03-01", due="2026-04-01")
        line = self._value("days_late")
        self.assertFalse(line.is_rated)
        self.assertIn("no invoice fell due", line.value_text)
        old = self._invoice(day="2024-01-01", due="2025-03-31")
        line = self._value("days_late")
        self.assertEqual((line.value, line.documents), (365, old.ids))

    @requirement("A3.F1")
    def test_taken_back_is_not_paid(self):
        invoice = self._invoice(100, due="2026-02-01")
        refund = self._invoice(100, kind="out_refund", day="2026-03-01")
        lines = (invoice + refund).line_ids.filtered(lambda l: l.account_id == self.debtors)  # noqa: E741
        lines.reconcile()
        self.assertFalse(self._value("days_late").is_rated)

    @requirement("A3.F1")
    def test_drafts_and_suppliers_do_not_count(self):
        self._invoice(100).button_draft()
        self.assertFalse(self._value("days_late").is_rated)

    @requirement("A3.F1")
    def test_invoices_of_another_company_do_not_count(self):
        invoice = self._invoice(100)
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move SET company_id = %s WHERE id = %s", [company.id, invoice.id]
        )
        self.env.invalidate_all()
        self.assertFalse(self._value("days_late").is_rated)
        self.assertFalse(self._value("invoice_amount").value)

    # ------------------------------------------------------------------ the declaration

    def _declare(self):
        declarations = self.env["crm.grade.declaration"].with_user(self.specialist)
        return declarations.create({"partner_id": self.customer.id, "grade_id": self.grade_b.id})

    @requirement("A3.F3")
    def test_credit_of_a_declaration(self):
        """Of 5000 at most 140 are used; one of the debts is overdue."""
        today = fields.Date.today()
        self.customer.credit_limit = 5000
        self._invoice(100, day=str(today), due=str(today - timedelta(days=3)))
        self._invoice(40, day=str(today), due=str(today + timedelta(days=30)))
        declaration = self._declare()
        self.assertEqual((declaration.credit_total, declaration.credit_current), (5000, 4860))
        self.assertEqual(declaration.overdue_count, 1)

    @requirement("A3.F3")
    def test_main_payment_method_is_that_of_most_money(self):
        method = self.env.ref("account.account_payment_method_manual_in")
        wire, cash, check = self.env["account.payment.method.line"].create(
            [
                {"name": name, "journal_id": self.money.id, "payment_method_id": method.id}
                for name in ("Wire", "Cash", "Check")
            ]
        )
        today = fields.Date.today()
        payments = self.env["account.payment"].create(
            [
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": self.customer.id,
                    "journal_id": self.money.id,
                    "payment_method_line_id": line.id,
                    "amount": amount,
                    "date": today - timedelta(days=days),
                }
                for line, amount, days in (
                    (cash, 100, 1),
                    (wire, 300, 1),
                    (cash, 100, 2),
                    (check, 900, 400),
                )
            ]
        )
        payments.state = "paid"
        payments.flush_recordset()
        self.assertEqual(self._declare().payment_method, "Wire")

    # ------------------------------------------------------------------ years

    @requirement("A3.F1")
    def test_years_from_agreement_or_first_order(self):
        """Whichever came first; who has neither is not rated."""
        self._order(day="2025-03-31")
        self.assertEqual(self._value("years").value, 1.0)
        self.customer.crm_agreement_date = "2024-03-31"
        self.assertEqual(self._value("years").value, 2.0)
        self.other_customer.crm_agreement_date = "2026-06-01"
        line = self._value("years", partner=self.other_customer)
        self.assertEqual((line.is_rated, line.value), (True, 0))

    @requirement("A3.F1")
    def test_day_of_the_company_bounds_the_period(self):
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        self._order(day="2025-12-31 16:00:00", lines=[(None, 1, 7)])
        self._order(day="2026-03-31 15:59:59", lines=[(None, 1, 20)])
        self._order(day="2025-12-31 15:59:59", lines=[(None, 1, 300)])
        self._order(day="2026-03-31 16:00:00", lines=[(None, 1, 4000)])
        self.assertEqual(self._value("order_amount").value, 27)


@tagged("post_install", "-at_install")
@skipUnless(INVOICES.exists(), "a copy of the addon without the repository")
class TestGradingRealData(GradingCommon):
    """Real invoices, graded here and counted by plain Python from the file."""

    @requirement("A3.F1", "A3.F2")
    def test_equal_to_the_file(self):
        """Amounts to the cent, pieces, years and return rates, and the points made of them."""
        sample = import_loader()
        # goods the loader makes are of the company's currency and without tax
        invoices = sample.read_files([INVOICES], self.fail)
        loader = sample.Loader(self.env, tell=self.fail, commit=False)
        loader.load(invoices)
        partners = self.env["res.partner"].browse(loader._ids("customer").values())
        end = date(2011, 9, 30)
        standard = self._standard(
            [
                item("order_amount", 40, scale="bands", band_ids=self._bands(*BANDS)),
                item("years", 20, value_full=1),
                item("return_rate", 40, value_zero=20, value_full=0),
            ],
            missing_rule="zero",
        )
        run = self._run(standard, end, is_trial=True, partner_ids=[Command.set(partners.ids)])
        expected = count_file(INVOICES, date(2011, 7, 1), end)
        self.assertEqual(len(run.score_ids), len(partners))
        self.assertEqual(set(expected), set(partners.mapped("ref")))
        rated = {"order_amount": 0, "years": 0, "return_rate": 0}
        for score in run.score_ids:
            figures = expected[score.partner_id.ref]
            for line in score.line_ids:
                source = line.criterion_id.source
                value, points = figures[source]
                self.assertEqual(line.is_rated, value is not None, (score.partner_id.ref, source))
                if value is not None:
                    self.assertAlmostEqual(line.value, float(value), 6, score.partner_id.ref)
                    rated[source] += 1
                self.assertAlmostEqual(line.points, float(points), 6, score.partner_id.ref)
            total = sum(points for _value, points in figures.values())
            self.assertAlmostEqual(score.total, float(total), 6)
        self.assertGreater(min(rated.values()), 20, rated)

    @requirement("A3.F2", "A3.F4")
    def test_registers_equal_to_the_file(self):
        """Pieces and amount of the year, and the returns of the season, of every customer."""
        sample = import_loader()
        loader = sample.Loader(self.env, tell=self.fail, commit=False)
        loader.load(sample.read_files([INVOICES], self.fail))
        self.env.flush_all()
        end = date(2011, 9, 30)
        register = self.env["crm.grading.register"]
        self.env.cr.execute(register._company_query(self.company, end, end))
        rows = {row["ref"]: row for row in self.env.cr.dictfetchall() if row["ref"]}
        year = read_file(INVOICES, date(2010, 10, 1), end)
        season = read_file(INVOICES, date(2011, 7, 1), end)
        self.assertGreater(len(year), 20)
        for ref, (amount, sold, returned, orders, _first) in year.items():
            row = rows[ref]
            self.assertEqual(row["quantity_year"], sold - returned, ref)
            self.assertAlmostEqual(float(row["amount_year"]), float(amount), 6, ref)
            self.assertEqual(row["order_count_year"], orders, ref)
            _amount, sold, returned, *_rest = season[ref]
            rate = hundredths(Decimal(100 * returned) / sold) if sold else None
            self.assertEqual(row["return_rate"], rate if rate is None else float(rate), ref)


def hundredths(value):
    return Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_UP)


def read_file(path, start, end):
    """Figures of a period as plain Python counts them; each invoice is rounded to cents.

    :return: dict of customer to [amount, pieces sold, pieces returned, orders, first day or None]
    """
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    days = {}
    for row in rows:
        days[row["invoice"]] = min(row["date"], days.get(row["invoice"], row["date"]))
    found = {row["customer"]: [defaultdict(Decimal), 0, 0, None] for row in rows}
    for row in rows:
        day = date.fromisoformat(days[row["invoice"]][:10])
        if day > end:
            continue
        figures = found[row["customer"]]
        figures[3] = min(figures[3] or day, day)
        if day >= start:
            quantity = int(row["quantity"])
            figures[0][row["invoice"]] += quantity * Decimal(row["unit_price"])
            figures[1] += max(quantity, 0)
            figures[2] += max(-quantity, 0)
    return {
        who: [sum(map(hundredths, orders.values()), Decimal()), sold, returned, len(orders), first]
        for who, (orders, sold, returned, first) in found.items()
    }


def count_file(path, start, end):
    """The three items of the test's standard, as plain Python counts them.

    :return: dict of customer to dict of item to (figure or None, points)
    """
    result = {}
    for who, (amount, sold, returned, _orders, first) in read_file(path, start, end).items():
        known = first is not None
        years = hundredths(Decimal((end - first).days) / Decimal("365.25")) if known else None
        rate = hundredths(Decimal(100 * returned) / sold) if sold else None
        bands = max((points for least, points in BANDS if amount >= least), default=0)
        result[who] = {
            "order_amount": (amount, bands) if known else (None, 0),
            "years": (years, hundredths(20 * min(years, 1)) if known else 0),
            "return_rate": (
                rate,
                0 if rate is None else hundredths(40 * min(max((20 - rate) / 20, 0), 1)),
            ),
        }
    return result
