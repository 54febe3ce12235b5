"""Loads files of real invoices into a database, through Odoo's import and ORM doors.

bin/sample runs it.  Two kinds of CSV files are known by their first line:

    invoice,date,customer,country,quantity,unit_price
    invoice,date,customer,country,stock_code,description,quantity,unit_price

Where the files are silent, these rules speak:

* A customer is a company called "Customer NUMBER" with the number as its reference.  Country and
  region are those of its latest invoice.
* Customer type by the median of pieces per purchase: 400 and more a wholesaler, 100 and more a
  dealer, fewer a retailer.  The tenth of the customers with the highest net amount are key
  customers, the others ordinary ones.
* Nobody owns a customer, unless --owners names users: then the customers nobody owns are shared
  among them in equal parts, by country and number.
* An invoice is a confirmed sales order of its date (taken as UTC), in the company's currency and
  without tax.  A return, whose number begins with C, is an order with negative quantities, and its
  source document says "Return".
* Rows of one invoice are one order.  The lines file holds only some of an invoice's lines: what
  they do not cover stays in a line "Goods", so that pieces and amount are those of the invoice.

What is there already, known by its external ID, is left as it is.  Each batch is a transaction of
its own, so that the loading can be interrupted at any point and started again.
"""

import argparse
import csv
import datetime
import re
import statistics
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path

INVOICE_COLUMNS = ["invoice", "date", "customer", "country", "quantity", "unit_price"]
LINE_COLUMNS = [*INVOICE_COLUMNS[:4], "stock_code", "description", *INVOICE_COLUMNS[4:]]
PREFIX = "online_retail"
BATCH = 500
# Names of the files that are not Odoo's; None: no country of its own.
COUNTRIES = {
    "EIRE": "Ireland",
    "USA": "United States",
    "RSA": "South Africa",
    "Channel Islands": None,
    "European Community": None,
    "Unspecified": None,
}
# Codes that are no goods: postage, discount, manual entries, charges.
SERVICES = {"POST", "DOT", "D", "M", "C2", "CRUK", "BANK CHARGES", "AMAZONFEE"}


@dataclass
class Row:
    """A row of a file that can be used; ``code`` is empty in an invoices file."""

    invoice: str
    date: datetime.datetime
    customer: str
    country: str
    quantity: int
    price: Decimal
    code: str = ""
    description: str = ""

    @property
    def amount(self):
        return self.quantity * self.price


@dataclass
class Invoice:
    """The rows of one invoice, from both kinds of files."""

    number: str
    customer: str
    date: datetime.datetime
    goods: list[Row] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)

    @property
    def is_return(self):
        return self.number.startswith("C")

    @property
    def rows(self):
        """The rows that make the invoice's total."""
        return self.goods or self.lines


# --- reading ---------------------------------------------------------------------------------


class BadRow(Exception):
    """A sentence that says what is wrong with a row."""


def parse_row(values):
    """One row of a file.

    :param dict values: texts by column
    :return: Row
    :raise BadRow: the row cannot be used
    """
    if None in values or None in values.values():
        raise BadRow("it does not have as many columns as the first line")
    values = {name: value.strip() for name, value in values.items()}
    for name in ("invoice", "customer"):
        if not values[name]:
            raise BadRow(f"the {name} is missing")
    if "stock_code" in values and not values["stock_code"]:
        raise BadRow("the stock code is missing")
    try:
        date = datetime.datetime.strptime(values["date"], "%Y-%m-%d %H:%M:%S")
    except ValueError:
        raise BadRow(f"“{values['date']}” is no date and time like 2011-12-09 12:50:00")
    try:
        quantity = int(values["quantity"])
    except ValueError:
        raise BadRow(f"the quantity “{values['quantity']}” is no whole number")
    try:
        price = Decimal(values["unit_price"])
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite() or price < 0:
        raise BadRow(f"the unit price “{values['unit_price']}” is no number from 0 up")
    if not quantity:
        raise BadRow("the quantity is 0")
    if (quantity < 0) != values["invoice"].startswith("C"):
        raise BadRow(
            "returns, and only they, have a number that begins with C and a quantity below 0"
        )
    return Row(
        values["invoice"],
        date,
        values["customer"],
        values["country"],
        quantity,
        price,
        values.get("stock_code", ""),
        values.get("description", ""),
    )


def read_file(path, tell_bad):
    """The usable rows of a file.

    :param path: where it is
    :param tell_bad: function (file name, line number, sentence)
    :raise SystemExit: the file cannot be read, or is of no known kind
    """
    rows = []
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if reader.fieldnames not in (INVOICE_COLUMNS, LINE_COLUMNS):
                sys.exit(
                    f"{path} is no file that bin/sample knows.  Its first line must be one of:\n"
                    f"  {','.join(INVOICE_COLUMNS)}\n  {','.join(LINE_COLUMNS)}"
                )
            for values in reader:
                try:
                    rows.append(parse_row(values))
                except BadRow as error:
                    tell_bad(path, reader.line_num, error)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        sys.exit(f"{path} cannot be read: {error}")
    return rows


def read_files(paths, tell_bad):
    """The invoices of all files.

    :return: dict of invoice number to Invoice, in the order of their dates
    """
    invoices = {}
    for path in paths:
        for row in read_file(path, tell_bad):
            invoice = invoices.setdefault(row.invoice, Invoice(row.invoice, row.customer, row.date))
            if row.customer != invoice.customer:
                tell_bad(
                    path,
                    None,
                    f"invoice {row.invoice} names customer {row.customer} beside "
                    f"{invoice.customer}, who has its rows now",
                )
                continue
            invoice.date = min(invoice.date, row.date)
            (invoice.lines if row.code else invoice.goods).append(row)
    return dict(sorted(invoices.items(), key=lambda item: (item[1].date, item[0])))


def total(rows):
    """Pieces and amount of rows."""
    return sum(row.quantity for row in rows), sum(row.amount for row in rows)


def rest(pieces, amount):
    """What a "Goods" line holds.

    :return: (quantity, unit price), or None when nothing is left
    """
    if pieces:
        return pieces, amount / pieces
    if abs(amount) >= Decimal("0.005"):
        # The lines cover all pieces, not the amount: the difference is a line of its own.
        return (1, amount) if amount > 0 else (-1, -amount)
    return None


def describe_customers(invoices):
    """What the files say of each customer, by the rules above.

    :return: dict of customer number to dict with country, type and class
    """
    by_customer = defaultdict(list)
    for invoice in invoices.values():
        by_customer[invoice.customer].append(invoice)
    net = {
        number: sum(total(invoice.rows)[1] for invoice in theirs)
        for number, theirs in by_customer.items()
    }
    ranking = sorted(net, key=lambda number: (-net[number], number))
    key = set(ranking[: -(-len(ranking) // 10)])
    return {
        number: {
            "country": theirs[-1].rows[-1].country,
            "type": _type_of(theirs),
            "class": "key" if number in key else "ordinary",
        }
        for number, theirs in sorted(by_customer.items())
    }


def _type_of(invoices):
    pieces = [total(invoice.rows)[0] for invoice in invoices if not invoice.is_return]
    usual = statistics.median(pieces) if pieces else 0
    return "wholesaler" if usual >= 400 else "dealer" if usual >= 100 else "retail"


# --- loading ---------------------------------------------------------------------------------


class Found(dict):
    """Database IDs by number, code or name; an external ID holds neither spaces nor dots."""

    @staticmethod
    def key(text):
        return re.sub(r"[^\w-]", "-", text)

    def __getitem__(self, text):
        return super().__getitem__(self.key(text))

    def __contains__(self, text):
        return super().__contains__(self.key(text))


class Loader:
    """Loads invoices into the database of an environment; see the top of the file.

    :param env: Odoo environment of the superuser
    :param tell: function (sentence), for what a person should know
    :param show: function (what, done, count), called after each batch
    :param commit: whether each batch is committed
    """

    def __init__(self, env, tell=print, show=lambda *args: None, commit=True):
        # The context of Odoo's import dialog, and no mail to anybody.
        self.env = env(
            context={
                **env.context,
                "lang": "en_US",
                "tz": "UTC",
                "import_file": True,
                "tracking_disable": True,
                "mail_auto_subscribe_no_notify": True,
                "mail_create_nosubscribe": True,
                "no_reset_password": True,
            }
        )
        self.tell, self.show, self.commit = tell, show, commit

    def load(self, invoices, owners=()):
        """Load what is not there yet.

        :param invoices: as ``read_files`` returns them
        :param owners: logins
        :return: dict of what was made, to its count
        """
        facts = describe_customers(invoices)
        users = self._find_owners(owners)
        made = {"customers": self._load_customers(facts)}
        if users:
            made["owners"] = self._share_customers(facts, users)
        made["products"] = self._load_products(invoices)
        made["orders"] = self._load_orders(invoices)
        made["orders completed"] = self._complete_orders(invoices)
        return made

    def _ids(self, kind):
        """What was loaded before.

        :param str kind: customer, region, product or order
        :return: Found
        """
        prefix = f"{PREFIX}_{kind}_"
        rows = self.env["ir.model.data"].search_read(
            [("module", "=", "__import__"), ("name", "=like", prefix.replace("_", r"\_") + "%")],
            ["name", "res_id"],
        )
        return Found((row["name"].removeprefix(prefix), row["res_id"]) for row in rows)

    def _xml_id(self, kind, text):
        return f"__import__.{PREFIX}_{kind}_{Found.key(text)}"

    def _batches(self, what, items):
        """Slices of a list; after each the work on it is kept, and shown."""
        for start in range(0, len(items), BATCH):
            batch = items[start : start + BATCH]
            yield batch
            if self.commit:
                self.env.cr.commit()
            self.env.invalidate_all()
            self.show(what, start + len(batch), len(items))

    def _import(self, model, rows):
        """Through the door of Odoo's import dialog.

        :param rows: list of dicts with the same keys: columns of the import
        """
        columns = list(rows[0])
        result = self.env[model].load(columns, [[row[name] for name in columns] for row in rows])
        if not result["ids"]:
            sys.exit("\n".join(message["message"] for message in result["messages"]))

    # customers

    def _find_owners(self, logins):
        users = self.env["res.users"].search([("login", "in", list(logins))])
        unknown = set(logins) - set(users.mapped("login"))
        if unknown:
            sys.exit(f"Nobody logs in as {', '.join(sorted(unknown))}: correct --owners.")
        return users.sorted(lambda user: list(logins).index(user.login))

    def _load_customers(self, facts):
        there = self._ids("customer")
        new = [number for number in facts if number not in there]
        if not new:
            return 0
        countries = self._load_countries({facts[number]["country"] for number in new})
        for batch in self._batches("Customers", new):
            self._import(
                "res.partner",
                [self._prepare_customer(number, facts[number], countries) for number in batch],
            )
        return len(new)

    def _prepare_customer(self, number, fact, countries):
        country, region = countries[fact["country"]]
        return {
            "id": self._xml_id("customer", number),
            "name": f"Customer {number}",
            "ref": number,
            "is_company": "1",
            "country_id/.id": country and str(country),
            "crm_region_id/.id": region and str(region),
            "crm_customer_type_id/id": f"crm_service_base.customer_type_{fact['type']}",
            "crm_customer_class": fact["class"],
        }

    def _load_countries(self, names):
        """Country and region of each name in the files.

        :return: dict of name to (country id or "", region id or "")
        """
        known = {country.name: country.id for country in self.env["res.country"].search([])}
        regions = self._ids("region")
        found = {}
        for name in sorted(names):
            country = known.get(COUNTRIES.get(name, name), "")
            if not country and name not in COUNTRIES:
                self.tell(f"Odoo knows no country “{name}”: its customers have none.")
            region = ""
            if name not in ("", "Unspecified"):
                region = self._load_region(name, regions)
            found[name] = country, region
        return found

    def _load_region(self, name, regions):
        if name in regions:
            return regions[name]
        return (
            self.env["crm.service.region"]
            ._load_records([{"xml_id": self._xml_id("region", name), "values": {"name": name}}])
            .id
        )

    def _share_customers(self, facts, users):
        """Give the customers nobody owns to users, in equal parts by country and number."""
        ids = self._ids("customer")
        numbers = sorted(facts, key=lambda number: (facts[number]["country"], number))
        partners = self.env["res.partner"].browse(ids[number] for number in numbers)
        free = partners.filtered(lambda partner: not partner.user_id)
        for index, user in enumerate(users):
            start, end = (len(free) * (index + step) // len(users) for step in (0, 1))
            for batch in self._batches(f"Customers of {user.name}", free[start:end]):
                batch.write({"user_id": user.id})
        return len(free)

    # products

    def _load_products(self, invoices):
        there = self._ids("product")
        latest = {"GOODS": None}
        for invoice in invoices.values():
            latest.update((row.code, row) for row in invoice.lines)
        new = [code for code in latest if code not in there]
        for batch in self._batches("Products", new):
            self._import(
                "product.product", [self._prepare_product(code, latest[code]) for code in batch]
            )
        return len(new)

    def _prepare_product(self, code, row):
        return {
            "id": self._xml_id("product", code),
            "name": row.description or code if row else "Goods",
            "default_code": code,
            "type": "service" if code in SERVICES else "consu",
            "list_price": str(row.price) if row else "0",
            "taxes_id/.id": "",
        }

    # orders

    def _load_orders(self, invoices):
        there = self._ids("order")
        new = [number for number in invoices if number not in there]
        self.products, self.customers = self._ids("product"), self._ids("customer")
        for batch in self._batches("Orders", new):
            self._load_order_batch([invoices[number] for number in batch])
        return len(new)

    def _load_order_batch(self, invoices):
        owners = {
            partner.id: partner.user_id.id
            for partner in self.env["res.partner"].browse(
                self.customers[invoice.customer] for invoice in invoices
            )
        }
        orders = self.env["sale.order"]._load_records(
            [
                {
                    "xml_id": self._xml_id("order", invoice.number),
                    "values": self._prepare_order(invoice, owners),
                }
                for invoice in invoices
            ]
        )
        self._confirm(orders, [invoice.date for invoice in invoices])

    def _confirm(self, orders, dates):
        """Confirm, and put the date back that confirming sets to now."""
        orders.action_confirm()
        for order, date in zip(orders, dates, strict=True):
            order.date_order = date
        self.env.flush_all()

    def _prepare_order(self, invoice, owners):
        customer = self.customers[invoice.customer]
        return {
            "partner_id": customer,
            "user_id": owners[customer],
            "date_order": invoice.date,
            "client_order_ref": invoice.number,
            "origin": f"{'Return' if invoice.is_return else 'Invoice'} {invoice.number}",
            "order_line": [(0, 0, values) for values in self._prepare_order_lines(invoice)],
        }

    def _prepare_order_lines(self, invoice, goods=None, stock=None):
        """The lines of a new order, or those that an order lacks.

        :param goods: (pieces, amount) of the order's lines "Goods", None where it has none
        :param stock: the same for its lines with a stock code, which stay
        :return: list of dicts
        """
        lines = [] if stock else [self._prepare_stock_line(row) for row in invoice.lines]
        if invoice.goods or goods:
            pieces, amount = total(invoice.goods) if invoice.goods else goods
            covered, paid = stock or total(invoice.lines)
            left = rest(pieces - covered, amount - paid)
            if left:
                lines.append(self._prepare_goods_line(*left))
        return lines

    def _prepare_stock_line(self, row):
        return {
            "product_id": self.products[row.code],
            "name": row.description or row.code,
            "product_uom_qty": row.quantity,
            "price_unit": float(row.price),
            "tax_ids": [(6, 0, [])],
        }

    def _prepare_goods_line(self, quantity, price):
        return {
            "product_id": self.products["GOODS"],
            "name": "Goods",
            "product_uom_qty": quantity,
            "price_unit": float(price),
            "tax_ids": [(6, 0, [])],
        }

    def _complete_orders(self, invoices):
        """Orders loaded from one kind of file get what the other kind adds.

        They are quotations again meanwhile: a confirmed order would note each change.  Orders that
        were invoiced or cancelled are left alone.
        """
        ids = self._ids("order")
        free = self.env["sale.order"].search(
            [("id", "in", list(ids.values())), ("state", "=", "sale"), ("invoice_ids", "=", False)]
        )
        open_ids = set(free.filtered(lambda order: not order.locked).ids)
        goods, stock = self._total_lines(open_ids)
        waiting = [
            (order_id, invoice)
            for number, invoice in invoices.items()
            if (order_id := ids[number]) in open_ids
            and self._is_incomplete(invoice, goods.get(order_id), stock.get(order_id))
        ]
        for batch in self._batches("Orders completed", waiting):
            orders = self.env["sale.order"].browse(order_id for order_id, _invoice in batch)
            dates = [
                min(order.date_order, invoice.date)
                for order, (_id, invoice) in zip(orders, batch, strict=True)
            ]
            orders._action_cancel()
            orders.action_draft()
            orders.order_line.filtered(lambda line: self._is_goods(line)).unlink()
            self.env["sale.order.line"].create(
                [
                    {"order_id": order_id, **values}
                    for order_id, invoice in batch
                    for values in self._prepare_order_lines(
                        invoice, goods.get(order_id), stock.get(order_id)
                    )
                ]
            )
            self._confirm(orders, dates)
        return len(waiting)

    def _is_goods(self, line):
        return line.product_id.id == self.products["GOODS"]

    def _total_lines(self, order_ids):
        """Totals of the orders' lines.

        :return: (dict of order id to (pieces, amount) of the lines "Goods", the same of the others)
        """
        goods, stock = defaultdict(lambda: (0, 0)), defaultdict(lambda: (0, 0))
        lines = self.env["sale.order.line"].search_fetch(
            [("order_id", "in", list(order_ids))],
            ["order_id", "product_id", "product_uom_qty", "price_unit"],
        )
        for line in lines:
            totals = goods if self._is_goods(line) else stock
            pieces, amount = totals[line.order_id.id]
            quantity = int(line.product_uom_qty)
            price = Decimal(repr(line.price_unit))
            totals[line.order_id.id] = pieces + quantity, amount + quantity * price
        return goods, stock

    def _is_incomplete(self, invoice, goods, stock):
        """Whether the files say more of an invoice than its order.

        :param goods: (pieces, amount) of the order's "Goods", None where it has no such line
        :param stock: the same for the lines with a stock code
        """
        if invoice.lines and not stock:
            return True
        if invoice.goods and not goods:
            pieces, amount = total(invoice.goods)
            return rest(pieces - stock[0], amount - stock[1]) is not None
        return False


# --- the command -----------------------------------------------------------------------------


def show_progress(what, done, count):
    """On a terminal one line that moves; else a line for each tenth."""
    if sys.stdout.isatty():
        print(f"\r{what}: {done} of {count}", end="\n" if done == count else "", flush=True)
    elif done == count or done * 10 // count > (done - BATCH) * 10 // count:
        print(f"{what}: {done} of {count}", flush=True)


def main(arguments):
    parser = argparse.ArgumentParser(prog="bin/sample", description="Loads files of invoices.")
    parser.add_argument("--config", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--database", "-d", required=True)
    parser.add_argument("--owners", default="")
    parser.add_argument("files", nargs="+")
    options = parser.parse_args(arguments)

    bad = []

    def tell_bad(path, line, sentence):
        bad.append(sentence)
        print(f"{path}{f', line {line}' if line else ''}: {sentence}; it is left out.", flush=True)

    invoices = read_files(options.files, tell_bad)

    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(
        ["-c", options.config, "-d", options.database, "--log-level", "warn"], setup_logging=True
    )
    with Registry(options.database).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        if "crm.visit" not in env:
            sys.exit(f"The addons are not installed in {options.database}: bin/run does that.")
        loader = Loader(env, show=show_progress)
        made = loader.load(invoices, [login for login in options.owners.split(",") if login])
    print("New: " + ", ".join(f"{count} {what}" for what, count in made.items()) + ".")
    if bad:
        print(f"{len(bad)} rows were left out; see above.")


if __name__ == "__main__":
    main(sys.argv[1:])
