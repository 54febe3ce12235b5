import contextlib
import csv
import tempfile
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

from odoo.tests import TransactionCase, new_test_user

from .sample import INVOICES, LINES, import_loader

sample = import_loader()


class TestSample(TransactionCase):
    """bin/sample on the excerpt: what the orders hold, whatever the way they came in."""

    def _load(self, *paths, owners=()):
        bad = []
        invoices = sample.read_files(paths, lambda *row: bad.append(row))
        loader = sample.Loader(self.env, tell=bad.append, commit=False)
        return loader.load(invoices, owners), bad

    def _orders(self):
        ids = sample.Loader(self.env)._ids("order")
        return self.env["sale.order"].browse(ids.values())

    def _content(self):
        """All that the orders say, comparable whatever their ids."""
        return sorted(
            (
                order.client_order_ref,
                order.partner_id.ref,
                order.date_order,
                order.state,
                sorted(
                    (line.product_id.default_code, line.product_uom_qty, round(line.price_unit, 6))
                    for line in order.order_line
                ),
            )
            for order in self._orders()
        )

    def _write(self, *rows):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = Path(folder.name) / "rows.csv"
        path.write_text("\n".join([",".join(sample.INVOICE_COLUMNS), *rows]), encoding="utf-8")
        return path

    def test_orders_are_the_invoices(self):
        """Customers, pieces, amounts and dates are those of the file, read here anew."""
        pieces, amounts, dates, customers = defaultdict(int), defaultdict(Decimal), {}, {}
        with INVOICES.open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                pieces[row["invoice"]] += int(row["quantity"])
                amounts[row["invoice"]] += int(row["quantity"]) * Decimal(row["unit_price"])
                dates[row["invoice"]] = min(row["date"], dates.get(row["invoice"], row["date"]))
                customers[row["invoice"]] = row["customer"]
        made, bad = self._load(INVOICES, LINES)
        self.assertFalse(bad)
        self.assertEqual((made["customers"], made["orders"]), (61, len(pieces)))
        orders = self._orders()
        self.assertEqual(set(orders.mapped("state")), {"sale"})
        self.assertFalse(any(orders.mapped("amount_tax")))
        for order in orders:
            number = order.client_order_ref
            self.assertEqual(order.partner_id.ref, customers[number])
            self.assertEqual(str(order.date_order), dates[number])
            self.assertEqual(sum(order.order_line.mapped("product_uom_qty")), pieces[number])
            self.assertAlmostEqual(order.amount_total, float(amounts[number]), delta=0.05)
            self.assertEqual(order.origin.startswith("Return"), number.startswith("C"))
        self.assertAlmostEqual(
            sum(orders.mapped("amount_total")), float(sum(amounts.values())), delta=1
        )
        codes = orders.order_line.product_id.mapped("default_code")
        with LINES.open(encoding="utf-8") as file:
            self.assertEqual(
                set(codes) - {"GOODS"}, {row["stock_code"] for row in csv.DictReader(file)}
            )

    def test_twice_and_in_any_order_the_same(self):
        self._load(INVOICES, LINES)
        both = self._content()
        made, _bad = self._load(LINES, INVOICES)
        self.assertFalse(any(made.values()), "a second run changes nothing")
        self.assertEqual(self._content(), both)
        for first, second in ((INVOICES, LINES), (LINES, INVOICES)):
            orders = self._orders()
            orders._action_cancel()
            orders.unlink()
            self._load(first)
            self.assertNotEqual(self._content(), both)
            self._load(second)
            self.assertEqual(self._content(), both)
            self.assertFalse(
                self._orders().message_ids.filtered(lambda m: "Extra line" in (m.body or ""))
            )

    def test_interrupted(self):
        """What a batch had made when the loading stopped is neither lost nor made twice."""
        invoices = sample.read_files([INVOICES, LINES], self.fail)
        self._load(INVOICES, LINES)
        whole = self._content()
        self._orders()._action_cancel()
        self._orders().unlink()
        loader = sample.Loader(self.env, commit=False, show=self._stop_at_orders)
        self.patch(sample, "BATCH", 50)
        # not assertRaises: that would roll back, and the batches are committed
        with contextlib.suppress(KeyboardInterrupt):
            loader.load(invoices)
        self.assertEqual(len(self._orders()), 50)
        self._load(INVOICES, LINES)
        self.assertEqual(self._content(), whole)

    @staticmethod
    def _stop_at_orders(what, _done, _count):
        if what == "Orders":
            raise KeyboardInterrupt

    def test_customers(self):
        """Country, region, type and class by the rules; nobody owns a customer."""
        self._load(INVOICES)
        ids = sample.Loader(self.env)._ids("customer")
        partners = self.env["res.partner"].browse(ids.values())
        self.assertFalse(partners.user_id)
        self.assertEqual(len(partners.filtered(lambda p: p.crm_customer_class == "key")), 7)
        french = partners.filtered(lambda p: p.crm_region_id.name == "France")
        self.assertEqual(french.country_id, self.env.ref("base.fr"))
        net = defaultdict(float)
        for order in self._orders():
            net[order.partner_id] += order.amount_total
        key = sorted(net, key=net.get)[-7:]
        self.assertEqual(
            set(partners.browse(p.id for p in key).mapped("crm_customer_class")), {"key"}
        )

    def test_customer_type_by_median(self):
        path = self._write(
            "1,2011-01-01 10:00:00,W,EIRE,400,1",
            "2,2011-01-02 10:00:00,D,France,100,1",
            "3,2011-01-03 10:00:00,D,France,100,1",
            "4,2011-01-03 10:00:00,D,France,9000,1",
            "5,2011-01-03 10:00:00,R,Unspecified,99,1",
            "C6,2011-01-03 10:00:00,X,Atlantis,-900,1",
        )
        _made, told = self._load(path)
        ids = sample.Loader(self.env)._ids("customer")
        codes = {
            number: self.env["res.partner"].browse(ids[number]).crm_customer_type_id.code
            for number in "WDRX"
        }
        self.assertEqual(codes, {"W": "W", "D": "D", "R": "R", "X": "R"})
        self.assertFalse(self.env["res.partner"].browse(ids["R"]).crm_region_id)
        irish = self.env["res.partner"].browse(ids["W"])
        self.assertEqual(irish.country_id, self.env.ref("base.ie"))
        self.assertEqual(irish.crm_region_id.name, "EIRE")
        self.assertEqual(told, ["Odoo knows no country “Atlantis”: its customers have none."])

    def test_owners(self):
        """Equal parts; who owns a customer already keeps it."""
        anna = new_test_user(self.env, "anna", groups="base.group_user")
        ben = new_test_user(self.env, "ben", groups="base.group_user")
        self._load(INVOICES)
        ids = sample.Loader(self.env)._ids("customer")
        partners = self.env["res.partner"].browse(ids.values())
        partners[0].user_id = self.env.user
        made, _bad = self._load(INVOICES, owners=["anna", "ben"])
        self.assertEqual(made["owners"], 60)
        owners = partners.grouped("user_id")
        self.assertEqual([len(owners[anna]), len(owners[ben])], [30, 30])
        self.assertEqual(owners[self.env.user], partners[0])
        with self.assertRaisesRegex(SystemExit, "nemo"):
            self._load(INVOICES, owners=["nemo"])

    def test_bad_rows(self):
        """Each is told with its line and a sentence, and the others are loaded."""
        path = self._write(
            "1,2011-01-01 10:00:00,100,France,4,1.5",
            "2,2011-13-01 10:00:00,100,France,4,1.5",
            "3,2011-01-01 10:00:00,100,France,4.5,1.5",
            "4,2011-01-01 10:00:00,100,France,4,free",
            "5,2011-01-01 10:00:00,100,France,4,-1",
            "6,2011-01-01 10:00:00,,France,4,1",
            "7,2011-01-01 10:00:00,100,France,-4,1",
            "C8,2011-01-01 10:00:00,100,France,4,1",
            "9,2011-01-01 10:00:00,100,France,0,1",
            "10,2011-01-01 10:00:00,100,France,4",
            "11,2011-01-01 10:00:00,100,France,4,1,5",
            "1,2011-01-01 10:00:00,200,France,4,1",
            "12,2011-01-02 10:00:00,100,France,6,2",
        )
        made, bad = self._load(path)
        self.assertEqual([line for _path, line, _why in bad], [*range(3, 13), None])
        self.assertEqual((made["customers"], made["orders"]), (1, 2))
        self.assertEqual(
            [(ref, lines) for ref, _partner, _date, _state, lines in self._content()],
            [("1", [("GOODS", 4, 1.5)]), ("12", [("GOODS", 6, 2)])],
        )
        sentences = " ".join(str(why) for _path, _line, why in bad)
        for part in ("2011-13-01", "4.5", "free", "-1", "customer is missing", "begins with C"):
            self.assertIn(part, sentences)

    def test_unknown_file(self):
        path = self._write()
        path.write_text("name,amount\nx,1\n", encoding="utf-8")
        with self.assertRaisesRegex(SystemExit, "first line must be"):
            self._load(path)
        path.write_bytes(b"\xff\xfe\x00")
        with self.assertRaisesRegex(SystemExit, "cannot be read"):
            self._load(path)
        with self.assertRaisesRegex(SystemExit, "cannot be read"):
            self._load(path.with_name("nothing.csv"))
