from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..tools import duty_cover


class CrmDutyRosterMake(models.TransientModel):
    """A roster out of a holiday of the service calendar: people take turns (C3.R12)."""

    _name = "crm.duty.roster.make"
    _description = "Make a Duty Roster"
    _inherit = ["crm.access.mixin"]

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    day_id = fields.Many2one(
        "crm.service.calendar.day",
        "Holiday",
        domain="[('kind', '=', 'holiday'), ('date', '>=', 'today')]",
        help="Any of its days; the days off around it belong to it.",
    )
    title = fields.Char(compute="_compute_from_day", store=True, readonly=False)
    date_from = fields.Date("From", compute="_compute_from_day", store=True, readonly=False)
    date_to = fields.Date("To", compute="_compute_from_day", store=True, readonly=False)
    hour_from = fields.Float("Covered From", default=9)
    hour_to = fields.Float("Covered Until", default=18)
    team_id = fields.Many2one("crm.service.team", check_company=True)
    user_ids = fields.Many2many(
        "res.users",
        string="People in Turn",
        compute="_compute_user_ids",
        store=True,
        readonly=False,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    place = fields.Char()
    tasks = fields.Text()

    @api.depends("day_id", "company_id")
    def _compute_from_day(self):
        """The whole stretch of days off around the chosen day."""
        calendar = self.env["crm.service.calendar.day"]
        for dialog in self:
            day = dialog.day_id.date
            if not day:
                continue
            working = calendar._get_working_time(dialog.company_id)
            first = last = day
            while (day - first).days < 20 and not working.is_working_day(first - timedelta(1)):
                first -= timedelta(1)
            while (last - day).days < 20 and not working.is_working_day(last + timedelta(1)):
                last += timedelta(1)
            dialog.title = dialog.day_id.name
            dialog.date_from = first
            dialog.date_to = last

    @api.depends("team_id")
    def _compute_user_ids(self):
        for dialog in self:
            if dialog.team_id:
                dialog.user_ids = dialog.team_id.member_ids

    def action_make(self):
        """Draft the roster: a shift a day, the people in turn, the next one as deputy; whoever is
        absent is passed over.

        :raise UserError: no days or no people chosen
        """
        self.ensure_one()
        self.env["crm.duty.roster"].check_access("create")
        if not self.date_from or not self.date_to or self.date_to < self.date_from:
            raise UserError(self.env._("Choose a holiday, or the days to cover."))
        if not self.user_ids:
            raise UserError(self.env._("Choose the people who take turns."))
        roster = self.env["crm.duty.roster"].create(
            {
                "title": self.title or self.env._("Duty"),
                "company_id": self.company_id.id,
                "date_from": self.date_from,
                "date_to": self.date_to,
                "hour_from": self.hour_from,
                "hour_to": self.hour_to,
                "team_id": self.team_id.id,
                "place": self.place,
                "tasks": self.tasks,
                "shift_ids": [Command.create(values) for values in self._prepare_shifts()],
            }
        )
        return roster._get_records_action()

    def _prepare_shifts(self):
        shifts = self.env["crm.duty.shift"]
        zone = self.env["crm.service.calendar.day"]._get_working_time(self.company_id).zone
        people, turn, result = list(self.user_ids), 0, []
        for number in range(min((self.date_to - self.date_from).days + 1, 61)):
            day = self.date_from + timedelta(days=number)
            start, end = duty_cover.day_window(day, self.hour_from, self.hour_to, zone)
            order = [people[(turn + step) % len(people)] for step in range(len(people))]
            free = [
                user
                for user in order
                if not shifts._search_absence(user, start, end, self.company_id)
            ]
            if not free:
                continue
            turn = people.index(free[0]) + 1
            result.append(
                {
                    "date_start": start,
                    "date_end": end,
                    "user_id": free[0].id,
                    "deputy_id": free[1].id if len(free) > 1 else False,
                }
            )
        return result
