from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..tools import lunar

BATCH = 500


class CrmCareOccasion(models.Model):
    """When customers are cared for and how: birthdays, holidays, anniversaries (B3.R2, D7.R1)."""

    _name = "crm.care.occasion"
    _description = "Care Occasion"
    _inherit = ["crm.audience.mixin"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, help="Empty: for every company.")
    kind = fields.Selection(
        [
            ("birthday", "Birthday of a Person"),
            ("holiday", "Holiday"),
            ("founding", "Founding Day of the Customer"),
            ("cooperation", "Anniversary of the Cooperation"),
        ],
        required=True,
        default="holiday",
    )
    calendar = fields.Selection(
        [("solar", "Solar Date"), ("lunar", "Lunar Date"), ("qingming", "Qingming")],
        required=True,
        default="solar",
    )
    month = fields.Integer(default=1)
    day = fields.Integer(default=1, help="The 30th of a lunar month is its last day.")
    year = fields.Integer("Only In", help="A year, for what comes once; 0 for every year.")
    date_next = fields.Date("Next Date", compute="_compute_date_next")
    days_ahead = fields.Integer(default=7, help="Care is prepared this many days ahead.")
    channel = fields.Selection(
        [
            ("email", "Greeting by E-Mail"),
            ("phone", "Phone Call"),
            ("visit", "Visit"),
            ("gift", "Gift"),
        ],
        "How",
        required=True,
        default="email",
    )
    subject = fields.Char(translate=True)
    greeting = fields.Text(
        translate=True,
        help="Words in braces are filled in: {name}, {company}, {occasion}, {date}, {years}, "
        "{sender}.",
    )
    is_released = fields.Boolean(
        "Send Without Further Check",
        help="Greetings go out on the day without anybody reading them first.",
    )
    news_id = fields.Many2one(
        "crm.customer.news",
        "Offer Told Along",
        ondelete="restrict",
        domain="[('state', 'in', ('approved', 'sent'))]",
        help="Goes along with the greeting while it may be told; who got it is kept.",
    )
    responsible = fields.Selection(
        [
            ("owner", "Owner of the Customer"),
            ("visitor", "Who Visited Last"),
            ("fixed", "A Fixed Person"),
        ],
        required=True,
        default="owner",
    )
    user_id = fields.Many2one(
        "res.users",
        "Person",
        ondelete="restrict",
        domain="[('share', '=', False)]",
        help="Who does it, and where a customer has no owner.",
    )
    gift = fields.Char(translate=True)
    gift_product_id = fields.Many2one("product.product", ondelete="restrict")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    gift_budget = fields.Monetary("Budget a Gift")
    task_ids = fields.One2many("crm.care.task", "occasion_id", "Care")
    task_count = fields.Integer(compute="_compute_task_count")

    @api.depends("kind", "calendar", "month", "day", "year")
    def _compute_date_next(self):
        today = fields.Date.context_today(self)
        for occasion in self:
            dates = occasion._get_holiday_dates(today, today + timedelta(days=400))
            occasion.date_next = dates[0][1] if dates else False

    @api.depends("company_id")
    def _compute_currency_id(self):
        for occasion in self:
            occasion.currency_id = (occasion.company_id or self.env.company).currency_id

    def _compute_task_count(self):
        counts = dict(
            self.env["crm.care.task"]._read_group(
                [("occasion_id", "in", self.ids)], ["occasion_id"], ["__count"]
            )
        )
        for occasion in self:
            occasion.task_count = counts.get(occasion, 0)

    @api.constrains("kind", "calendar", "month", "day", "days_ahead")
    def _check_date(self):
        for occasion in self:
            lengths = {"lunar": [30] * 12}.get(
                occasion.calendar, [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            )
            month, day = occasion.month, occasion.day
            if not (1 <= month <= 12 and 1 <= day <= lengths[month - 1]):
                raise ValidationError(
                    self.env._(
                        "Occasion “%(occasion)s”: there is no day %(day)s of month %(month)s.",
                        occasion=occasion.name,
                        day=day,
                        month=month,
                    )
                )
            if not 0 <= occasion.days_ahead <= 60:
                raise ValidationError(
                    self.env._("Care is prepared between 0 and 60 days ahead: change the days.")
                )

    def action_open_tasks(self):
        """The care this occasion brought."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_visits.crm_care_task_action")
        action["domain"] = [("occasion_id", "=", self.id)]
        action["context"] = {}
        return action

    # ------------------------------------------------------------------ dates

    def _get_holiday_dates(self, date_from, date_to):
        """Days of a holiday in a period.

        :return: list of ``(year of its calendar, date)`` in order; empty for other kinds
        """
        self.ensure_one()
        if self.kind != "holiday":
            return []
        found = []
        for year in range(date_from.year - 1, date_to.year + 1):
            day = self._get_holiday_date(year)
            if day and date_from <= day <= date_to and self.year in (0, year):
                found.append((year, day))
        return found

    def _get_holiday_date(self, year):
        if self.calendar == "solar":
            return lunar.solar(year, self.month, self.day)
        if not lunar.FIRST_YEAR < year < lunar.LAST_YEAR:
            return None
        if self.calendar == "qingming":
            return lunar.qingming(year)
        return lunar.to_solar(year, self.month, self.day)

    @api.model
    def _get_yearly_dates(self, born, is_lunar, date_from, date_to):
        """When a day of somebody's life comes again in a period.

        :param date born: the first time; the same day is no anniversary
        :return: list of ``(year of its calendar, date)``
        """
        first = lunar.from_solar(born) if is_lunar else (born.year, born.month, born.day)
        if not first:
            return []
        found = []
        for year in range(date_from.year - 1, date_to.year + 1):
            if is_lunar and not lunar.FIRST_YEAR <= year <= lunar.LAST_YEAR:
                continue
            # who was born in a leap month celebrates in the ordinary month of that number
            day = (lunar.to_solar if is_lunar else lunar.solar)(year, *first[1:3])
            if date_from <= day <= date_to and year > first[0]:
                found.append((year, day))
        return found

    # ------------------------------------------------------------------ making care

    def _get_due(self, date_from, date_to):
        """Whom to care for in a period.

        :return: list of ``(res.partner, year, date, years since)``
        """
        self.ensure_one()
        if self.kind == "holiday":
            days = self._get_holiday_dates(date_from, date_to)
            targets = self._get_targets() if days else ()
            return [(partner, year, day, 0) for year, day in days for partner in targets]
        field = self._get_date_field()
        partners = self._get_dated_partners(field)
        return [
            (partner, year, day, year - partner[field].year)
            for partner in partners
            for year, day in self._get_yearly_dates(
                partner[field],
                self.kind == "birthday" and partner.crm_birthday_calendar == "lunar",
                date_from,
                date_to,
            )
        ]

    def _get_date_field(self):
        return {
            "birthday": "crm_birthday",
            "founding": "crm_founding_date",
            "cooperation": "crm_agreement_date",
        }[self.kind]

    def _get_dated_partners(self, field):
        partners = self.env["res.partner"].with_company(self.company_id or self.env.company)
        targets = self._get_target_domain()
        if self.kind == "birthday":
            targets = Domain("is_company", "=", False) & Domain(
                "commercial_partner_id", "any", targets
            )
        return partners.search_fetch(
            targets & Domain(field, "!=", False), [field, "crm_birthday_calendar"], order="id"
        )

    @api.model
    def _cron_prepare_care(self):
        """Prepare care so many days ahead; killed at any point, the next run does the rest."""
        today = self.env.company._get_crm_today()
        for occasion in self.sudo().search([], order="id"):  # pylint: disable=no-search-all
            occasion._prepare_care(today)
        self.env["crm.gift.campaign"]._prepare_gifts(today)

    def _prepare_care(self, today):
        due = self._get_due(today, today + timedelta(days=self.days_ahead))
        known = self._get_known({year for _partner, year, _day, _years in due})
        new = [
            (partner, year, day, years)
            for partner, year, day, years in due
            if (partner.id, year) not in known and not partner._is_crm_opted_out()
        ]
        for start in range(0, len(new), BATCH):
            rows = new[start : start + BATCH]
            self.env["crm.care.task"]._prepare([self._prepare_task_values(*row) for row in rows])
            self.env["ir.cron"]._commit_progress(len(rows))

    def _get_known(self, years):
        """:return: set of ``(partner id, year)`` that have their care already"""
        groups = self.env["crm.care.task"]._read_group(
            [("occasion_id", "=", self.id), ("year", "in", list(years))], ["partner_id", "year"]
        )
        return {(partner.id, year) for partner, year in groups}

    def _prepare_task_values(self, partner, year, day, years):
        """Care for one customer or person.

        :param int years: since the first time, 0 for holidays
        :return: dict for ``crm.care.task``
        """
        user = self._get_responsible(partner)
        company = self._get_task_company(partner, user)
        if company not in user.company_ids:
            user = user.browse()
        occasion = self.with_context(lang=partner.lang or self.env.lang)
        return {
            "occasion_id": self.id,
            "year": year,
            "name": self.with_context(lang=user.lang or company.partner_id.lang).name,
            "partner_id": partner.id,
            "company_id": company.id,
            "user_id": user.id,
            "date": day,
            "channel": self.channel,
            "is_released": self.channel == "email" and self.is_released,
            "subject": occasion._fill_in(occasion.subject, partner, day, years, user, company),
            "greeting": occasion._fill_in(occasion.greeting, partner, day, years, user, company),
            "news_id": self.news_id._filter_current(company).id,
            "gift": occasion.gift,
            "gift_product_id": self.gift_product_id.id,
            "gift_quantity": 1 if self.gift or self.gift_product_id else 0,
            "gift_budget": self.gift_budget,
        }

    def _get_task_company(self, partner, user):
        customer = partner.commercial_partner_id
        return self.company_id or customer.company_id or user.company_id or self.env.company

    def _get_responsible(self, partner):
        owner = self._get_owner(partner)
        if self.responsible == "fixed":
            owner = self.user_id or owner
        elif self.responsible == "visitor":
            last = self.env["crm.visit"].search(
                [
                    ("commercial_partner_id", "=", partner.commercial_partner_id.id),
                    ("date_start", "!=", False),
                    ("user_id.active", "=", True),
                ],
                order="date_start desc",
                limit=1,
            )
            owner = last.user_id or owner
        return owner or self.user_id

    @api.model
    def _get_owner(self, partner):
        owner = partner.user_id or partner.commercial_partner_id.user_id
        return owner.filtered(lambda user: user.active and not user.share)

    def _fill_in(self, text, partner, day, years, user, company):
        """The text with its words in braces filled in; anything else in braces stays."""
        customer = partner.commercial_partner_id
        words = {
            "name": partner.name or customer.name,
            "company": customer.name,
            "occasion": self.name,
            "date": fields.Date.to_string(day),
            "years": str(years or ""),
            "sender": user.name or company.name,
        }
        text = text or ""
        for word, value in words.items():
            text = text.replace(f"{{{word}}}", value or "")
        return text
