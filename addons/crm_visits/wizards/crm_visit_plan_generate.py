from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import groupby

from ..tools.schedule import due_dates, spread


class CrmVisitPlanGenerate(models.TransientModel):
    """Draft plans from the cadence rules: one a visitor, spread over the working days (B3.R1)."""

    _name = "crm.visit.plan.generate"
    _description = "Plan Visits by Cadence"
    _inherit = ["crm.access.mixin"]

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        "From", required=True, default=lambda self: fields.Date.context_today(self)
    )
    date_to = fields.Date(
        "To",
        required=True,
        default=lambda self: fields.Date.add(fields.Date.context_today(self), months=1, days=-1),
    )
    user_ids = fields.Many2many(
        "res.users",
        "crm_visit_plan_generate_user_rel",
        string="Visitors",
        required=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Each gets a plan with the customers they own; customers nobody owns are "
        "shared among them.",
    )
    partner_ids = fields.Many2many(
        "res.partner",
        "crm_visit_plan_generate_partner_rel",
        string="Only These Customers",
        help="Empty: every customer the rules find due.",
    )
    cadence_ids = fields.Many2many(
        "crm.visit.cadence",
        "crm_visit_plan_generate_cadence_rel",
        string="Only These Rules",
    )
    method_id = fields.Many2one(
        "crm.visit.method", help="Empty: the one the rule names, else the first method."
    )
    purpose = fields.Text(
        required=True, default=lambda self: self.env._("Regular visit according to the cadence")
    )
    visits_per_day = fields.Integer("Visits a Day", required=True, default=6)
    hour_from = fields.Float("First Visit At", required=True, default=9.0)
    hour_to = fields.Float("Last Visit Ends At", required=True, default=17.0)
    is_once = fields.Boolean(
        "Once Each", help="One visit a customer, even when the rule asks for more in the period."
    )

    @api.constrains("date_from", "date_to", "visits_per_day", "hour_from", "hour_to")
    def _check_values(self):
        for wizard in self:
            if wizard.date_to < wizard.date_from:
                raise UserError(self.env._("The period ends before it begins."))
            if wizard.visits_per_day < 1:
                raise UserError(self.env._("Plan at least one visit a day."))
            if not 0 <= wizard.hour_from < wizard.hour_to <= 24:
                raise UserError(
                    self.env._("The first visit must come before the end of the last one.")
                )

    def action_generate(self):
        """Make the draft plans and show them.

        :raise UserError: nobody is due in the period, or it has no working day
        """
        self.ensure_one()
        plans, left = self._generate()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_visits.crm_visit_plan_action")
        action["domain"] = [("id", "in", plans.ids)]
        action["context"] = {}
        if len(plans) == 1:
            action.update(view_mode="form", views=[(False, "form")], res_id=plans.id)
        if not left:
            return action
        return self._warn(left, action)

    def _warn(self, left, action):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "message": self.env._(
                    "%s visits found no room in the period: allow more visits a day, a longer "
                    "period or more visitors.",
                    left,
                ),
                "next": action,
            },
        }

    def _generate(self):
        """Draft plans, one a visitor who has visits.

        :return: (``crm.visit.plan`` records, number of visits that found no room)
        """
        days = self._get_working_days()
        values, left = [], 0
        for user, wishes in self._get_wishes().items():
            placed, without_room = spread(wishes, days, self.visits_per_day)
            left += len(without_room)
            if placed:
                values.append(self._prepare_plan_values(user, placed))
        if not values:
            raise UserError(
                self.env._(
                    "No customer of these visitors is due between %(start)s and %(end)s.",
                    start=self.date_from,
                    end=self.date_to,
                )
            )
        return self.env["crm.visit.plan"].create(values), left

    def _get_working_days(self):
        calendar = self.company_id.resource_calendar_id
        start = datetime.combine(self.date_from, time.min)
        end = datetime.combine(self.date_to, time.max)
        unusual = (
            calendar._get_unusual_days(
                pytz.utc.localize(start), pytz.utc.localize(end), self.company_id
            )
            if calendar
            else {}
        )
        count = (self.date_to - self.date_from).days + 1
        days = [self.date_from + timedelta(days=index) for index in range(count)]
        working = [day for day in days if not unusual.get(fields.Date.to_string(day))]
        if not working:
            raise UserError(self.env._("There is no working day in this period."))
        return working

    def _get_coverage_domain(self):
        """Rows of the coverage board that the plan is made from; addons narrow it.

        :return: domain on ``crm.visit.coverage``
        """
        domain = [
            ("company_id", "=", self.company_id.id),
            ("user_id", "in", [False, *self.user_ids.ids]),
        ]
        if self.partner_ids:
            domain.append(("partner_id", "in", self.partner_ids.commercial_partner_id.ids))
        if self.cadence_ids:
            domain.append(("cadence_id", "in", self.cadence_ids.ids))
        return domain

    def _get_wishes(self):
        """Who is to see whom and when they are due.

        :return: dict of user to a list of (date, coverage row)
        """
        rows = self.env["crm.visit.coverage"].search(
            self._get_coverage_domain(), order="region_id, date_due, id"
        )
        users = list(self.user_ids)
        wishes = {user: [] for user in users}
        owned = rows.filtered("user_id")
        for user, user_rows in groupby(owned, lambda row: row.user_id):
            for row in user_rows:
                wishes[user] += self._get_row_wishes(row)
        free = rows - owned
        share = -(-len(free) // len(users)) or 1
        for position, row in enumerate(free):
            wishes[users[position // share]] += self._get_row_wishes(row)
        return wishes

    def _get_row_wishes(self, row):
        interval = row.cadence_id._get_interval()
        first = row.date_due
        if row.date_planned:
            first = fields.Date.add(row.date_planned, **interval)
        dates = due_dates(max(first, self.date_from), interval, self.date_to, fields.Date.add)
        return [(day, row) for day in (dates[:1] if self.is_once else dates)]

    def _prepare_plan_values(self, user, placed):
        """Values of a visitor's plan.

        :param user: ``res.users``
        :param placed: list of (day, coverage row), sorted by day
        :return: dict for ``crm.visit.plan``
        """
        default = self.method_id or self.env["crm.visit.method"].search(
            [("is_plan_required", "=", True)], limit=1
        )
        lines = []
        for day, group in groupby(placed, lambda item: item[0]):
            for slot, (_day, row) in enumerate(group):
                values = self._prepare_line_values(user, day, slot, row, default)
                lines.append(Command.create(values))
        return {
            "company_id": self.company_id.id,
            "user_id": user.id,
            "visitor_ids": [Command.set(user.ids)],
            "method_id": default.id,
            "date_from": self.date_from,
            "date_to": self.date_to,
            "purpose": self.purpose,
            "line_ids": lines,
        }

    def _prepare_line_values(self, user, day, slot, row, default_method):
        timezone = pytz.timezone(
            user.tz or self.company_id.resource_calendar_id.tz or self.env.tz.zone
        )
        minutes = (self.hour_to - self.hour_from) * 60 / self.visits_per_day
        start = datetime.combine(day, time.min) + timedelta(
            minutes=self.hour_from * 60 + int(minutes * slot)
        )
        return {
            "partner_id": row.partner_id.id,
            "order_id": row.order_id.id,
            "cadence_id": row.cadence_id.id,
            "method_id": (self.method_id or row.cadence_id.method_id or default_method).id,
            "date_planned": timezone.localize(start).astimezone(pytz.utc).replace(tzinfo=None),
            "purpose": self.purpose,
            "visitor_ids": [Command.set(user.ids)],
        }
