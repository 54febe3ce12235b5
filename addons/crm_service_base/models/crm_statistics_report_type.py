import logging
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.base.models.res_partner import _tz_get

from ..tools.periods import due_periods, period_before, period_of
from ..tools.statistics_table import column, percent, table

_logger = logging.getLogger(__name__)

# how many periods the scheduled action goes back when it did not run for a while
CATCH_UP = {"daily": 7, "weekly": 8, "monthly": 12, "quarterly": 4, "yearly": 2}


class CrmStatisticsReportType(models.Model):
    """A kind of statistical report: what it counts, when it is made, who gets it (A2.R9).

    The figures come from a method that an addon supplies. It adds its key to ``method`` and::

        def _crm_statistics_growth(self, company, date_from, date_to):
            columns = [column("name", self.env._("Customer")), column("n", "n", "integer", True)]
            return [table("growth", self.env._("Growth"), columns, rows)]

    with :func:`column` and :func:`table` of ``tools/statistics_table.py``. It runs with ``sudo``
    in the language of the report: it filters by company itself, and takes the bounds of the
    period from :meth:`_get_bounds`. A report about one person each (``_get_personal_methods``)
    takes ``user`` as well, and ``_crm_statistics_persons_<key>(company, date_from, date_to)``
    tells whom reports are made about.
    """

    _name = "crm.statistics.report.type"
    _description = "Type of Statistical Report"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    method = fields.Selection(
        [("evaluation", "Quarterly evaluation of service")],
        "Figures",
        help="Where the figures come from.",
    )
    schedule = fields.Selection(
        [
            ("daily", "Every day"),
            ("weekly", "Every week"),
            ("monthly", "Every month"),
            ("quarterly", "Every quarter"),
            ("yearly", "Every year"),
            ("none", "On demand"),
        ],
        required=True,
        default="monthly",
    )
    weekday_end = fields.Selection(
        [
            ("0", "Monday"),
            ("1", "Tuesday"),
            ("2", "Wednesday"),
            ("3", "Thursday"),
            ("4", "Friday"),
            ("5", "Saturday"),
            ("6", "Sunday"),
        ],
        "Week Ends On",
        required=True,
        default="6",
    )
    days_after = fields.Integer(
        "Made After (days)", default=1, help="Days from the last day of the period to the report."
    )
    date_start = fields.Date(
        "First Made For",
        required=True,
        default=fields.Date.context_today,
        help="No report is made for periods that end before this day.",
    )
    tz = fields.Selection(
        _tz_get,
        "Time Zone",
        required=True,
        default=lambda self: self.env.user.tz or "Asia/Shanghai",
        help="A day of the report begins and ends at midnight of this time zone.",
    )
    company_id = fields.Many2one(
        "res.company", index=True, help="Leave empty to serve every company with departments."
    )
    department_id = fields.Many2one(
        "crm.service.department",
        "Department in Charge",
        index="btree_not_null",
        ondelete="restrict",
        help="Its head reviews the report; in another company that of who prepares it.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Prepared By",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('share', '=', False)]",
        help="Checks the figures and submits them; is told when a report was made.",
    )
    user_ids = fields.Many2many(
        "res.users",
        "crm_statistics_report_type_user_rel",
        "type_id",
        "user_id",
        "Goes To",
        domain="[('share', '=', False)]",
    )
    department_ids = fields.Many2many(
        "crm.service.department",
        "crm_statistics_report_type_department_rel",
        "type_id",
        "department_id",
        "Goes To Departments",
        help="Head and recipients of copies of these departments.",
    )
    is_head_informed = fields.Boolean(
        "Goes To the Head of Its Department", help="The department of the report or its person."
    )
    is_task_created = fields.Boolean(
        "Task for Each Department", help="The head gets a to-do to act on the report."
    )
    is_issued_on_approval = fields.Boolean(
        "Issued at Once", help="Issued and handed out with the last signature."
    )
    is_plan_required = fields.Boolean(
        "Improvement Plan Needed", help="Cannot be submitted without an improvement plan."
    )
    print_report_id = fields.Many2one(
        "ir.actions.report",
        "Printed Form",
        ondelete="set null",
        domain="[('model', '=', 'crm.statistics.report')]",
    )
    note = fields.Text("Explanation", translate=True)
    report_count = fields.Integer(compute="_compute_report_count")

    _code_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "There is a report type with this code already."
    )
    _days_after_positive = models.Constraint(
        "CHECK(days_after >= 0)", "A report cannot be made before its period is over."
    )

    def _compute_report_count(self):
        counts = dict(
            self.env["crm.statistics.report"]._read_group(
                [("type_id", "in", self.ids)], ["type_id"], ["__count"]
            )
        )
        for report_type in self:
            report_type.report_count = counts.get(report_type, 0)

    def action_open_reports(self):
        """The reports of this type."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_service_base.crm_statistics_report_action"
        )
        action["domain"] = [("type_id", "=", self.id)]
        return action

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    @api.model
    def _get_personal_methods(self):
        """Keys of the methods that report about one person each; addons add theirs.

        :return: set of str
        """
        return set()

    def _is_personal(self):
        self.ensure_one()
        return self.method in self._get_personal_methods()

    def _compute_tables(self, company, date_from, date_to, user):
        """The figures of a period.

        :param user: ``res.users`` the report is about, empty for most types
        :return: list of tables, see ``tools/statistics_table.py``
        :raise UserError: no addon supplies the figures
        """
        self.ensure_one()
        method = getattr(self, f"_crm_statistics_{self.method}", None)
        if not self.method or method is None:
            raise UserError(
                self.env._("Report type “%s” has no figures: choose their source.", self.name)
            )
        lang = (self.user_id or user).lang or company.partner_id.lang or self.env.lang
        method = getattr(self.with_context(lang=lang).sudo(), f"_crm_statistics_{self.method}")
        if self._is_personal():
            return method(company, date_from, date_to, user)
        return method(company, date_from, date_to)

    def _get_bounds(self, date_from, date_to):
        """The period in UTC.

        :return: datetimes ``(first moment, first moment after)``
        """
        zone = pytz.timezone(self.tz)
        days = (date_from, date_to + timedelta(days=1))
        return tuple(
            zone.localize(datetime.combine(day, time.min)).astimezone(pytz.utc).replace(tzinfo=None)
            for day in days
        )

    def _get_local_time(self, value):
        """A UTC datetime in the time zone of the type, or None."""
        zone = pytz.timezone(self.tz)
        return value and pytz.utc.localize(value).astimezone(zone).replace(tzinfo=None)

    def _get_today(self):
        return self._get_local_time(fields.Datetime.now()).date()

    def _get_period(self, day):
        """:return: ``(date_from, date_to)`` of the period a day lies in"""
        self.ensure_one()
        if self.schedule == "none":
            return day, day
        return period_of(self.schedule, day, int(self.weekday_end))

    # ------------------------------------------------------------------
    # Quarterly evaluation (D8.R1)
    # ------------------------------------------------------------------

    def _crm_statistics_evaluation(self, company, date_from, date_to):
        before = period_before(self.schedule, date_from, date_to)
        rows = self._get_crm_service_evaluation_rows(company, date_from, date_to)
        old_rows = self._get_crm_service_evaluation_rows(company, *before)
        old = {row["key"]: row["value"] for row in old_rows}
        columns = [
            column("indicator", self.env._("Indicator"), width=3),
            column("area", self.env._("Area"), width=2),
            column("value", self.env._("This Period"), "number"),
            column("unit", self.env._("Unit")),
            column("before", self.env._("Period Before"), "number", is_compared=False),
            column("change", self.env._("Change"), "number", is_compared=False),
        ]
        values = [self._prepare_evaluation_row(row, old.get(row["key"])) for row in rows]
        return [table("evaluation", self.env._("Indicators"), columns, values, is_summary=True)]

    def _prepare_evaluation_row(self, row, before):
        value = row["value"]
        change = None if value is None or before is None else value - before
        return [row["name"], row["area"], value, row["unit"], before, change]

    def _get_crm_service_evaluation_rows(self, company, date_from, date_to):
        """Indicators of the quarterly evaluation (D8.R1); addons add theirs with ``super()``.

        :return: list of dicts with ``key`` (stable), ``area`` (satisfaction, handling efficiency,
            churn; translated), ``name``, ``value`` (number, or None where nothing is known),
            ``unit`` (``%``, days …)
        """
        return [
            self._prepare_contact_row(company, date_from, date_to),
            self._prepare_silent_row(company, date_from, date_to),
        ]

    def _prepare_contact_row(self, company, date_from, date_to):
        return {
            "key": "contacted",
            "area": self.env._("Handling Efficiency"),
            "name": self.env._("Customers contacted"),
            "value": len(self._get_contacted_ids(company, date_from, date_to)),
            "unit": self.env._("customers"),
        }

    def _prepare_silent_row(self, company, date_from, date_to):
        before = period_before(self.schedule, date_from, date_to)
        known = self._get_contacted_ids(company, *before)
        silent = known - self._get_contacted_ids(company, date_from, date_to)
        return {
            "key": "silent",
            "area": self.env._("Churn"),
            "name": self.env._("Customers of the period before without any contact"),
            "value": percent(len(silent), len(known)),
            "unit": "%",
        }

    def _get_contacted_ids(self, company, date_from, date_to):
        """:return: set of ids of the commercial partners there was a contact with"""
        start, end = self._get_bounds(date_from, date_to)
        groups = self.env["crm.service.contact"]._read_group(
            [("date", ">=", start), ("date", "<", end), ("company_id", "in", [company.id, False])],
            ["commercial_partner_id"],
        )
        return {partner.id for (partner,) in groups}

    # ------------------------------------------------------------------
    # Making reports
    # ------------------------------------------------------------------

    def _generate(self, company, date_from, date_to, user=None):
        """The report of a period: the one there is, else a new one with its figures frozen.

        :param company: ``res.company``
        :param user: ``res.users`` a personal report is about
        :return: ``crm.statistics.report`` with ``sudo``
        """
        self.ensure_one()
        reports = self.env["crm.statistics.report"].sudo()
        user = user if user and self._is_personal() else self.env["res.users"]
        known = reports._find(self, company, date_from, date_to, user)
        if known:
            return known
        tables = self._compute_tables(company, date_from, date_to, user)
        values = self.sudo()._prepare_report_values(company, date_from, date_to, user)
        report = reports.with_company(company).create({**values, "data": {"tables": tables}})
        report._schedule_preparation()
        return report

    def _prepare_report_values(self, company, date_from, date_to, user):
        values = {
            "type_id": self.id,
            "company_id": company.id,
            "date_from": date_from,
            "date_to": date_to,
            "subject_id": user.id,
            "user_id": user.id or self.user_id.id,
            "improvement_user_id": self.user_id.id,
        }
        if self.department_id.company_id == company:
            values["department_id"] = self.department_id.id
        return values

    def _get_companies(self):
        """Companies the scheduled action makes reports of: that of the type, else those served."""
        self.ensure_one()
        if self.company_id:
            return self.company_id
        groups = self.env["crm.service.department"].sudo()._read_group([], ["company_id"])
        return self.env["res.company"].union(*(company for (company,) in groups))

    def _get_due_work(self, company):
        """What the scheduled action has to make, the oldest first.

        :return: list of ``(date_from, date_to, res.users)``
        """
        self.ensure_one()
        periods = due_periods(
            self.schedule,
            self.date_start,
            self._get_today(),
            self.days_after,
            CATCH_UP[self.schedule],
            int(self.weekday_end),
        )
        done = self.env["crm.statistics.report"].sudo()._get_known(self, company)
        return [
            (date_from, date_to, user)
            for date_from, date_to in periods
            for user in self._get_persons(company, date_from, date_to)
            if (date_from, date_to, user) not in done
        ]

    def _get_persons(self, company, date_from, date_to):
        if not self._is_personal():
            return [self.env["res.users"]]
        method = getattr(self.sudo(), f"_crm_statistics_persons_{self.method}")
        return list(method(company, date_from, date_to))

    @api.model
    def _cron_generate(self):
        """Make every report that is due; killed at any point, the next run does the rest."""
        types = self.sudo().search([("schedule", "!=", "none"), ("method", "!=", False)])
        for report_type in types:
            for company in report_type._get_companies():
                for date_from, date_to, user in report_type._get_due_work(company):
                    report_type._generate_one(company, date_from, date_to, user)
                    self.env["ir.cron"]._commit_progress(1)

    def _generate_one(self, company, date_from, date_to, user):
        """One report for the scheduled action: what fails is logged, and tried again next time."""
        try:
            with self.env.cr.savepoint():
                self._generate(company, date_from, date_to, user)
        except Exception:
            _logger.exception("Statistical report %s of %s was not made", self.code, date_from)
