from datetime import date

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import groupby, ormcache

from ..tools.working_time import WorkingTime

try:
    import holidays
except ImportError:  # an optional extra: the days are typed in, or come with the addon
    holidays = None

WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]
OFFICE_HOURS = dict.fromkeys(range(5), [(9 * 60, 12 * 60), (13 * 60, 18 * 60)])


class CrmServiceCalendarDay(models.Model):
    """A day that is not as the weekly working hours say: a holiday, or a make-up working day.

    The weekly hours are those of the team or the company (``resource.calendar``), which know
    neither public holidays nor the weekends that are worked for them. The clocks of cases count
    with both.
    """

    _name = "crm.service.calendar.day"
    _description = "Holiday or Make-Up Working Day"
    _order = "date desc, id desc"

    date = fields.Date(required=True, index=True)
    name = fields.Char(required=True, translate=True)
    kind = fields.Selection(
        [("holiday", "Day Off"), ("working", "Working Day")], required=True, default="holiday"
    )
    weekday = fields.Selection(
        WEEKDAYS, "Works Like a", default="0", help="Whose hours are worked on a make-up day."
    )
    country_id = fields.Many2one(
        "res.country",
        index="btree_not_null",
        ondelete="restrict",
        default=lambda self: self._get_country(self.env.company),
        help="For the companies of this country.",
    )
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        help="For this company only; goes before the day of the country.",
    )
    is_filled = fields.Boolean(
        "Filled In by Itself", readonly=True, help="Brought up to date until somebody changes it."
    )

    _date_uniq = models.UniqueIndex(
        "(date, COALESCE(company_id, 0), COALESCE(country_id, 0))", "This day is listed already."
    )
    _working_has_weekday = models.Constraint(
        "CHECK (kind != 'working' OR weekday IS NOT NULL)",
        "Say which weekday's hours are worked on a make-up day.",
    )

    # ------------------------------------------------------------------ create, write, delete

    @api.model_create_multi
    def create(self, vals_list):
        days = super().create(vals_list)
        days._on_days_changed()
        return days

    def write(self, vals):
        if not self.env.su:
            vals = {**vals, "is_filled": False}
        before = self._get_companies()
        res = super().write(vals)
        self._on_days_changed(before)
        return res

    def unlink(self):
        companies = self._get_companies()
        res = super().unlink()
        self._on_days_changed(companies)
        return res

    def _get_companies(self):
        """:return: ``res.company`` for which these days count"""
        companies = self.env["res.company"].sudo().search(Domain.TRUE)
        countries = self.sudo().filtered(lambda day: not day.company_id).country_id
        shared = companies.filtered(lambda company: self._get_country(company) in countries)
        return self.sudo().company_id | shared

    def _on_days_changed(self, companies=None):
        companies = self.exists()._get_companies() | (companies or self.env["res.company"])
        self.env.registry.clear_cache()
        self.env["crm.deadline.clock"]._refresh_working_time(companies)

    # ------------------------------------------------------------------ working time

    @api.model
    def _get_country(self, company):
        """Whose holidays a company keeps: those of its country, of China where it has none."""
        return company.sudo().country_id or self.env.ref("base.cn")

    @api.model
    def _get_working_time(self, company, calendar=None):
        """When people of a company work, in plain Python.

        :param calendar: ``resource.calendar`` of a team; that of the company if None
        :return: :class:`WorkingTime`
        """
        return self._load_working_time(company.id, calendar.id if calendar else False)

    @api.model
    @ormcache("company_id", "calendar_id")
    def _load_working_time(self, company_id, calendar_id):
        # the same for all, whoever asks first
        model = self.with_user(SUPERUSER_ID).with_context({})
        company = model.env["res.company"].browse(company_id)
        calendar = model.env["resource.calendar"].browse(calendar_id or [])
        calendar = calendar or company._get_crm_calendar() or calendar
        country_id = self._get_country(company).id
        days = model.search(
            [
                ("company_id", "in", (False, company_id)),
                "|",
                ("country_id", "in", (False, country_id)),
                ("company_id", "=", company_id),
            ]
        )
        days = days.sorted(lambda day: bool(day.company_id))  # the company's own come last
        exceptions = {
            day.date: None if day.kind == "holiday" else int(day.weekday or 0) for day in days
        }
        # leaves of another company would shift the hours of a shared calendar
        leaves = model.env["resource.calendar.leaves"].search(
            [
                ("resource_id", "=", False),
                ("time_type", "=", "leave"),
                ("calendar_id", "in", (False, *calendar.ids)),
                ("company_id", "in", (False, company_id)),
            ]
        )
        return WorkingTime(
            self._get_weeks(calendar),
            calendar.tz or company._get_crm_timezone(),
            exceptions,
            [(leave.date_from, leave.date_to) for leave in leaves],
        )

    @api.model
    def _get_weeks(self, calendar):
        """:return: one weekly pattern or two, see :class:`WorkingTime`; office hours if none"""
        worked = calendar.attendance_ids.filtered(lambda line: line._is_work_period())
        kinds = ("0", "1") if calendar.two_weeks_calendar else (False,)
        weeks = []
        for kind in kinds:
            lines = worked.filtered(lambda line, kind=kind: not kind or line.week_type == kind)
            week = {}
            for weekday, group in groupby(lines, lambda line: int(line.dayofweek)):
                week[weekday] = [
                    (round(line.hour_from * 60), round(line.hour_to * 60)) for line in group
                ]
            weeks.append(week)
        return weeks if any(weeks) else [OFFICE_HOURS]

    # ------------------------------------------------------------------ filled in by itself

    def action_fill(self):
        """Fill in this and the next year of the company's country.

        :raise UserError: the Python package is missing, or does not know the country
        """
        self.check_access("read")
        self.browse().check_access("create")
        if holidays is None:
            raise UserError(
                self.env._(
                    "The Python package “holidays” is not installed. Type the days in, or ask "
                    "your administrator to install it."
                )
            )
        year = fields.Date.context_today(self).year
        country = self._get_country(self.env.company)
        count, unknown = 0, []
        for number in (year, year + 1):
            filled = self.sudo()._fill(country, number)
            count += len(filled)
            if country.code == "CN" and "working" not in filled.mapped("kind"):
                has_own = self.search_count(
                    [("kind", "=", "working"), *self._get_year_domain(country, number)]
                )
                unknown += [] if has_own else [str(number)]
        message = self.env._("%s days are new.", count)
        if unknown:
            message += " " + self.env._(
                "Make-up working days of %s are not announced yet, or not known here: look again "
                "when the State Council has published them.",
                ", ".join(unknown),
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if unknown else "success",
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _get_year_domain(self, country, year):
        return [
            ("country_id", "=", country.id),
            ("company_id", "=", False),
            ("date", ">=", date(year, 1, 1)),
            ("date", "<=", date(year, 12, 31)),
        ]

    @api.model
    def _fill(self, country, year):
        """Bring the days of a year up to date; what people or the addon wrote stays.

        :return: the new days
        :raise UserError: the package does not know the country
        """
        try:
            language = holidays.country_holidays(country.code).default_language
            known = holidays.country_holidays(country.code, years=year, language=language)
        except NotImplementedError as error:
            raise UserError(
                self.env._("The holidays of %s are not known. Type them in.", country.name)
            ) from error
        wanted = {
            day: {"date": day, "kind": "holiday", "name": name}
            for day, name in known.items()
            if day.year == year
        }
        for day in getattr(known, "weekend_workdays", ()):
            if day.year == year:
                name = self.env._("Make-up working day")
                wanted[day] = {"date": day, "kind": "working", "name": name, "weekday": "0"}
        existing = self.search(self._get_year_domain(country, year))
        for day in existing.filtered("is_filled"):
            if day.kind != wanted.get(day.date, {}).get("kind"):
                day.unlink()
        taken = set(existing.exists().mapped("date"))
        return self.create(
            [
                {**values, "country_id": country.id, "company_id": False, "is_filled": True}
                for day, values in sorted(wanted.items())
                if day not in taken
            ]
        )

    @api.model
    def _cron_fill(self):
        """Look each month whether days of this and the next year became known."""
        if holidays is None:
            return
        companies = self.env["res.company"].search(Domain.TRUE)
        year = fields.Date.today().year
        for country in {self._get_country(company) for company in companies}:
            if country.code in holidays.list_supported_countries():
                for number in (year, year + 1):
                    self._fill(country, number)
            self.env["ir.cron"]._commit_progress()
