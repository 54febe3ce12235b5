import re
from urllib.parse import quote

from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_amount, format_date, format_datetime, format_list

from ..tools.birthdays import next_birthday

BIRTHDAY_DAYS = 30
TEXT_LIMIT = 120
MAP_URL = "https://uri.amap.com/search?keyword=%s"


class CrmVisit(models.Model):
    """What to know of the customer before the visit, on one page and on the phone."""

    _name = "crm.visit"
    _inherit = ["crm.visit"]

    brief = fields.Html(compute="_compute_brief", sanitize=False)

    def _compute_brief(self):
        for visit in self:
            visit.brief = visit._origin.partner_id and self.env["ir.qweb"]._render(
                "crm_visits.crm_visit_brief", {"sections": visit._origin._get_brief_sections()}
            )

    def action_open_brief(self):
        """Everything to know before the visit, to read on the phone."""
        self.ensure_one()
        view = self.env.ref("crm_visits.crm_visit_view_form_brief")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Brief: %s", self.partner_id.display_name),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(view.id, "form")],
            "target": "new",
        }

    def action_print_brief(self):
        """The brief on one sheet of paper."""
        self.check_access("read")
        return self.env.ref("crm_visits.crm_visit_report_brief").report_action(self)

    def _get_brief_sections(self):
        """Sections of the brief that say something, in their order."""
        sections = [section for section in self._prepare_brief_sections() if section]
        return sorted(sections, key=lambda section: section["sequence"])

    def _prepare_brief_sections(self):
        """Sections of the brief; an addon adds its own with ``super()``.

        The reader may read the visit. What the reader has no right to (orders, invoices) is shown
        as number, day and sums only.

        :return: list of dicts made with ``_prepare_brief_section``, or None for nothing to say
        """
        self.ensure_one()
        return [
            self._prepare_brief_customer(),
            self._prepare_brief_contacts(),
            self._prepare_brief_promises(),
            self._prepare_brief_visits(),
            self._prepare_brief_money(),
            self._prepare_brief_orders(),
        ]

    def _prepare_brief_section(self, key, sequence, title, facts=(), columns=(), rows=()):
        """One section of the brief.

        :param str key: stable name
        :param int sequence: place; those of this addon are 10 (customer), 20 (contacts),
            30 (promises), 40 (last visits), 50 (money) and 60 (orders)
        :param facts: pairs of caption and cell; those without a value are left out
        :param columns: captions of the rows; a pair of caption and relative width on paper
            where it is not 1
        :param rows: lists of cells; a cell is a text or the dict of ``_prepare_brief_cell``
        :return: dict
        """
        cells = [(label, self._prepare_brief_cell(value)) for label, value in facts if value]
        return {
            "key": key,
            "sequence": sequence,
            "title": title,
            "facts": [(label, cell) for label, cell in cells if cell["text"]],
            "columns": [column if isinstance(column, tuple) else (column, 1) for column in columns],
            "rows": [[self._prepare_brief_cell(cell) for cell in row] for row in rows],
        }

    def _prepare_brief_cell(self, text, href=False, is_bad=False):
        """:return: dict of ``text``, ``href`` (what a tap opens) and ``is_bad`` (shown in red)"""
        if isinstance(text, dict):
            return text
        return {"text": text or "", "href": href, "is_bad": is_bad}

    def _prepare_brief_phone(self, number):
        href = number and "tel:" + re.sub(r"[^\d+]", "", number)
        return self._prepare_brief_cell(number, href)

    def _prepare_brief_place(self):
        place = self.place or self.partner_id._get_crm_visit_place()
        url = self.env["ir.config_parameter"].sudo().get_param("crm_visits.map_url") or MAP_URL
        return self._prepare_brief_cell(place, place and url.replace("%s", quote(place)))

    def _shorten(self, text):
        text = " ".join((text or "").split())
        return text if len(text) <= TEXT_LIMIT else text[: TEXT_LIMIT - 1] + "…"

    # ------------------------------------------------------------------ who

    def _prepare_brief_customer(self):
        customer = self.commercial_partner_id.with_company(self.company_id)
        classes = dict(customer._fields["crm_customer_class"]._description_selection(self.env))
        kinds = [customer.crm_grade_id.name, classes.get(customer.crm_customer_class)]
        kinds.append(customer.crm_customer_type_id.name)
        facts = [
            (self.env._("Customer"), customer.name),
            (self.env._("Grade, Class, Type"), " · ".join(filter(None, kinds))),
            (self.env._("Appointment"), self._format_brief_date(self.date_scheduled)),
            (self.env._("Phone"), self._prepare_brief_phone(self.phone)),
            (self.env._("Place"), self._prepare_brief_place()),
            (self.env._("QQ"), self.partner_id.crm_qq or customer.crm_qq),
            (self.env._("WeChat"), self.partner_id.crm_wechat or customer.crm_wechat),
            (self.env._("Legal Representative"), customer.crm_legal_representative),
            (self.env._("Person in Charge"), customer.user_id.name),
            (self.env._("Purpose"), self._shorten(self.purpose)),
        ]
        return self._prepare_brief_section("customer", 10, self.env._("Customer"), facts)

    def _format_brief_date(self, date):
        return date and format_datetime(self.env, date, dt_format="yyyy-MM-dd EEE HH:mm")

    def _prepare_brief_contacts(self):
        customer = self.commercial_partner_id
        people = self.partner_id | customer
        people |= customer.child_ids.filtered(lambda partner: partner.type == "contact")
        people = people.filtered(lambda partner: not partner.is_company or partner.crm_birthday)
        columns = [
            self.env._("Name"),
            self.env._("Position"),
            self.env._("Phone"),
            self.env._("WeChat"),
            self.env._("QQ"),
            self.env._("Birthday"),
        ]
        rows = [
            [
                person.name,
                person.function,
                self._prepare_brief_phone(person.phone),
                person.crm_wechat,
                person.crm_qq,
                self._prepare_brief_birthday(person.crm_birthday),
            ]
            for person in people[:6]
        ]
        title = self.env._("Contacts")
        return rows and self._prepare_brief_section("contacts", 20, title, (), columns, rows)

    def _prepare_brief_birthday(self, birthday):
        """The birthday, marked when it comes within the next weeks."""
        if not birthday:
            return ""
        today = fields.Date.context_today(self)
        day = next_birthday(birthday, today)
        is_soon = (day - today).days <= BIRTHDAY_DAYS
        text = format_date(self.env, day, date_format="MM-dd")
        return self._prepare_brief_cell(self.env._("%s (soon)", text) if is_soon else text)

    # ------------------------------------------------------------------ what was said

    def _prepare_brief_promises(self):
        columns = [(self.env._("Promise"), 5), self.env._("Due"), self.env._("Owner")]
        rows = [
            [
                self._shorten(promise.description),
                self._prepare_brief_cell(
                    format_date(self.env, promise.date_deadline, date_format="yyyy-MM-dd"),
                    is_bad=promise.is_overdue,
                ),
                promise.user_id.name,
            ]
            for promise in self.open_promise_ids[:8]
        ]
        title = self.env._("Open Promises")
        return rows and self._prepare_brief_section("promises", 30, title, (), columns, rows)

    def _prepare_brief_visits(self):
        visits = self.search(
            [
                ("commercial_partner_id", "=", self.commercial_partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("state", "in", self._get_done_states()),
                ("date_start", "!=", False),
                ("id", "!=", self.id),
            ],
            order="date_start desc, id desc",
            limit=3,
        )
        columns = [
            self.env._("Date"),
            self.env._("Method"),
            self.env._("Visitors"),
            self.env._("Satisfaction"),
            (self.env._("Opinions and Demands"), 3),
            (self.env._("Promised"), 2),
        ]
        rows = [visit._prepare_brief_visit_row() for visit in visits]
        title = self.env._("Last Visits")
        return rows and self._prepare_brief_section("visits", 40, title, (), columns, rows)

    def _prepare_brief_visit_row(self):
        answer = self.satisfaction_service
        answers = dict(self._fields["satisfaction_service"]._description_selection(self.env))
        people = (self.visitor_ids | self.user_id).mapped("name")
        return [
            format_date(self.env, self.date_start, date_format="yyyy-MM-dd"),
            self.method_id.name,
            format_list(self.env, people),
            self._prepare_brief_cell(answers.get(answer), is_bad=answer in ("poor", "very_poor")),
            self._shorten(self.opinion or self.note or self.result),
            self._shorten(format_list(self.env, self.promise_ids.mapped("description"))),
        ]

    # ------------------------------------------------------------------ money

    def _prepare_brief_money(self):
        """Turnover and what is overdue; sums only, so the reader needs no right to the books."""
        last, before = self._query_turnover()
        currency = self.company_id.currency_id
        facts = [
            (self.env._("Orders of 12 Months"), format_amount(self.env, last, currency)),
            (self.env._("The 12 Months Before"), format_amount(self.env, before, currency)),
        ]
        if before:
            change = 100 * (last - before) / before
            trend = self._prepare_brief_cell(f"{change:+.1f} %", is_bad=change < 0)
            facts.append((self.env._("Trend"), trend))
        count, amount = self._read_overdue()
        if count:
            text = self.env._(
                "%(count)s invoices, %(amount)s",
                count=count,
                amount=format_amount(self.env, amount, currency),
            )
            facts.append((self.env._("Overdue"), self._prepare_brief_cell(text, is_bad=True)))
        title = self.env._("Turnover and Payment")
        is_known = last or before or count
        return is_known and self._prepare_brief_section("money", 50, title, facts)

    def _query_turnover(self):
        """Confirmed orders without tax, in the currency of the company.

        :return: sum of the last twelve months and of the twelve before
        """
        self.env["sale.order"].flush_model()
        end = fields.Datetime.now()
        middle, start = end - relativedelta(months=12), end - relativedelta(months=24)
        (row,) = self.env.execute_query(
            SQL(
                """
                SELECT coalesce(sum(o.amount_untaxed / coalesce(nullif(o.currency_rate, 0), 1))
                                FILTER (WHERE o.date_order >= %(middle)s), 0),
                       coalesce(sum(o.amount_untaxed / coalesce(nullif(o.currency_rate, 0), 1))
                                FILTER (WHERE o.date_order < %(middle)s), 0)
                  FROM sale_order o
                  JOIN res_partner p ON p.id = o.partner_id
                 WHERE o.state = 'sale' AND o.company_id = %(company)s
                   AND p.commercial_partner_id = %(customer)s
                   AND o.date_order >= %(start)s AND o.date_order < %(end)s
                """,
                middle=middle,
                company=self.company_id.id,
                customer=self.commercial_partner_id.id,
                start=start,
                end=end,
            )
        )
        return tuple(map(float, row))

    def _read_overdue(self):
        """:return: number of the customer's overdue invoices and what is open of them"""
        domain = [
            ("commercial_partner_id", "=", self.commercial_partner_id.id),
            ("company_id", "=", self.company_id.id),
            ("move_type", "in", ("out_invoice", "out_refund")),
            ("state", "=", "posted"),
            ("payment_state", "in", ("not_paid", "partial")),
            ("invoice_date_due", "<", fields.Date.context_today(self)),
        ]
        move_model = self.env["account.move"].sudo()
        ((count, amount),) = move_model._read_group(
            domain, [], ["__count", "amount_residual_signed:sum"]
        )
        return count, amount or 0.0

    def _prepare_brief_orders(self):
        is_open = Domain("state", "in", ("draft", "sent")) | Domain(
            [("state", "=", "sale"), ("invoice_status", "!=", "invoiced")]
        )
        orders = self.env["sale.order"].sudo()
        orders = orders.search(
            is_open
            & Domain("partner_id.commercial_partner_id", "=", self.commercial_partner_id.id)
            & Domain("company_id", "=", self.company_id.id),
            order="date_order desc, id desc",
            limit=6,
        )
        states = dict(orders._fields["state"]._description_selection(self.env))
        columns = [
            self.env._("Order"),
            self.env._("Date"),
            self.env._("Amount"),
            self.env._("Status"),
        ]
        rows = [
            [
                order.name,
                format_date(self.env, order.date_order, date_format="yyyy-MM-dd"),
                format_amount(self.env, order.amount_total, order.currency_id),
                states[order.state],
            ]
            for order in orders
        ]
        title = self.env._("Open Orders and Quotations")
        return rows and self._prepare_brief_section("orders", 60, title, (), columns, rows)
