from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_datetime

from odoo.addons.crm_service_base.tools.state_order import in_order

from ..tools import duty_cover


class CrmDutyRoster(models.Model):
    """值班表: who is on duty over a holiday, approved and announced (C3.R12).

    Shifts name a person and a deputy. Gaps and people in two places are shown; two who both
    agree swap; a leader checks during duty; what is open is handed over.
    """

    _name = "crm.duty.roster"
    _description = "Duty Roster"
    _inherit = ["crm.service.mixin", "crm.approval.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_from desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "title"]
    _mail_post_access = "read"

    _approval_draft_states = ("draft",)
    _approval_pending_state = "submitted"
    _approval_approved_state = "approved"
    _approval_returned_state = "draft"
    _approval_line_fields = ("shift_ids",)

    title = fields.Char("Holiday", required=True)
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date("To", required=True, default=fields.Date.context_today)
    hour_from = fields.Float("Covered From", default=9, required=True)
    hour_to = fields.Float("Covered Until", default=18, required=True)
    team_id = fields.Many2one(
        "crm.service.team",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="Leave empty for all teams.",
    )
    place = fields.Char()
    tasks = fields.Text(help="What is to be watched, whom to tell of faults.")
    note = fields.Text("Remarks", help="Why hours are left without anybody, for instance.")
    shift_ids = fields.One2many("crm.duty.shift", "roster_id", "Shifts", copy=False)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "To Approve"),
            ("approved", "Announced"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    date_announced = fields.Datetime("Announced On", readonly=True, copy=False)
    problems = fields.Text("To Look At", compute="_compute_problems")
    is_over = fields.Boolean(compute="_compute_is_over", search="_search_is_over")

    _dates_in_order = models.Constraint(
        "CHECK(date_to >= date_from AND date_to - date_from <= 60)",
        "A roster begins before it ends, and spans two months at most.",
    )
    _hours_in_order = models.Constraint(
        "CHECK(hour_from >= 0 AND hour_to <= 24 AND hour_to > hour_from)",
        "The hours to cover lie between 0 and 24.",
    )

    # ------------------------------------------------------------------ computes

    @api.depends("name", "title")
    def _compute_display_name(self):
        for roster in self:
            roster.display_name = " · ".join(filter(None, [roster.name, roster.title]))

    @api.depends(
        "date_from",
        "date_to",
        "hour_from",
        "hour_to",
        "shift_ids.date_start",
        "shift_ids.date_end",
        "shift_ids.duty_user_id",
        "shift_ids.deputy_id",
    )
    def _compute_problems(self):
        for roster in self:
            lines = roster._list_gaps() + roster._list_doubles() + roster._list_absences()
            roster.problems = "\n".join(lines)

    @api.depends("date_to")
    def _compute_is_over(self):
        today = fields.Date.context_today(self)
        for roster in self:
            roster.is_over = bool(roster.date_to) and roster.date_to < today

    def _search_is_over(self, operator, value):
        if operator != "in":
            return NotImplemented
        over = Domain("date_to", "<", fields.Date.context_today(self))
        return Domain.OR(over if wanted else ~over for wanted in value)

    # ------------------------------------------------------------------ what to look at

    def _get_zone(self):
        company = self.company_id or self.env.company
        return self.env["crm.service.calendar.day"]._get_working_time(company).zone

    def _find_gaps(self):
        """:return: list of ``(start, end)``, UTC, that nobody covers"""
        self.ensure_one()
        if not self.date_from or not self.date_to or self.date_to < self.date_from:
            return []
        zone = self._get_zone()
        days = (self.date_to - self.date_from).days + 1
        windows = [
            duty_cover.day_window(
                self.date_from + timedelta(days=number), self.hour_from, self.hour_to, zone
            )
            for number in range(min(days, 61))
        ]
        shifts = [
            (shift.date_start, shift.date_end)
            for shift in self.shift_ids
            if shift.date_start and shift.date_end
        ]
        return duty_cover.find_gaps(windows, shifts)

    def _list_gaps(self):
        self.ensure_one()
        return [
            self.env._(
                "Nobody from %(start)s until %(end)s",
                start=self._format(start),
                end=self._format(end),
            )
            for start, end in self._find_gaps()
        ]

    def _format(self, moment):
        return format_datetime(self.env, moment, tz=self._get_zone().zone, dt_format="short")

    def _find_doubles(self):
        """One person in two places, other rosters included.

        :return: list of pairs of shifts
        """
        self.ensure_one()
        own = self.shift_ids.filtered(lambda s: s.date_start and s.date_end and s.duty_user_id)
        shifts = own
        if own:
            shifts |= self.env["crm.duty.shift"].search(
                [
                    ("roster_id", "not in", self.ids),
                    ("roster_id.state", "in", ("submitted", "approved")),
                    ("duty_user_id", "in", own.duty_user_id.ids),
                    ("date_start", "<", max(own.mapped("date_end"))),
                    ("date_end", ">", min(own.mapped("date_start"))),
                ]
            )
        pairs = duty_cover.find_doubles(
            [
                (shift.date_start, shift.date_end, shift.duty_user_id.id, number)
                for number, shift in enumerate(shifts)
            ]
        )
        count = len(own)
        return [(shifts[a], shifts[b]) for a, b in pairs if min(a, b) < count]

    def _list_doubles(self):
        return [
            self.env._(
                "%(user)s is planned twice: %(first)s and %(second)s",
                user=first.duty_user_id.name,
                first=self._format(first.date_start),
                second=self._format(second.date_start),
            )
            for first, second in self._find_doubles()
        ]

    def _list_absences(self):
        lines = []
        for shift in self.shift_ids:
            for user in shift.duty_user_id | shift.deputy_id:
                if shift._find_absence(user):
                    lines.append(
                        self.env._(
                            "%(user)s is absent on %(date)s",
                            user=user.name,
                            date=self._format(shift.date_start),
                        )
                    )
        return lines

    # ------------------------------------------------------------------ approval

    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {"date_announced"}

    def _approval_check_submit(self):
        super()._approval_check_submit()
        for roster in self:
            if not roster.shift_ids:
                raise UserError(self.env._("Plan the shifts of %s first.", roster.title))
            wrong = roster._list_doubles() + roster._list_absences()
            if wrong:
                raise UserError("\n".join(wrong))
            if roster._find_gaps() and not (roster.note or "").strip():
                gaps = roster._list_gaps()
                raise UserError(
                    self.env._("Plan somebody, or say in the remarks why nobody is on duty:")
                    + "\n"
                    + "\n".join(gaps)
                )

    def _approval_on_approved(self):
        super()._approval_on_approved()
        self.write({"date_announced": fields.Datetime.now()})
        self.env.registry.clear_cache()
        for roster in self:
            roster._announce()

    def _announce(self):
        """Everybody on the roster is told their shifts, the department that it stands."""
        users = self.shift_ids.duty_user_id | self.shift_ids.deputy_id
        for user in users.filtered("active"):
            roster = self.with_context(lang=user.lang, tz=user.tz)
            own = self.shift_ids.filtered(lambda s, u=user: u in s.duty_user_id | s.deputy_id)
            lines = [shift._describe() for shift in own.with_env(roster.env)]
            roster.message_notify(
                partner_ids=user.partner_id.ids,
                subject=roster.env._("On duty: %s", self.title),
                body="\n".join(lines),
                notify_author=True,
            )
        others = self.team_id.member_ids | self.team_id.leader_id
        others |= self.department_id._get_recipients() | self.department_id._get_staff()
        others = (others - users).filtered("active")
        if others:
            self.message_notify(
                partner_ids=others.partner_id.ids,
                subject=self.env._("Duty roster announced: %s", self.title),
                body="\n".join(shift._describe() for shift in self.shift_ids),
            )
        self.message_subscribe((users | others).partner_id.ids)

    def _can_file(self):
        is_done = self.state == "cancelled" or (self.state == "approved" and self.is_over)
        return super()._can_file() and is_done

    def action_cancel(self):
        """Nobody is on duty after all; an announced roster by a supervisor only.

        :raise AccessError: an announced roster, and the user is no supervisor
        :raise UserError: with the approver, or cancelled before
        """
        self.check_access("write")
        is_supervisor = self.env.user.has_group("crm_service_base.group_supervisor")
        for roster in self:
            if roster.state not in ("draft", "approved"):
                raise UserError(self.env._("%s is with the approver, or cancelled.", roster.name))
            if roster.state == "approved" and not is_supervisor:
                raise AccessError(self.env._("Only a supervisor cancels an announced roster."))
        announced = self.sudo().filtered(lambda roster: roster.state == "approved")
        self.sudo().write({"state": "cancelled"})
        self.env.registry.clear_cache()
        for roster in announced:
            users = roster.shift_ids.duty_user_id | roster.shift_ids.deputy_id
            roster.message_notify(
                partner_ids=users.filtered("active").partner_id.ids,
                subject=self.env._("Duty roster cancelled: %s", roster.title),
                body=roster.display_name,
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        if any(roster.state != "draft" for roster in self):
            raise UserError(self.env._("Only drafts are deleted; cancel this roster instead."))

    @api.constrains("date_from", "date_to")
    def _check_shifts(self):
        self.shift_ids._check_times()

    def action_open_shifts(self):
        """The shifts on a calendar."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_duty_shift_action"
        )
        action["domain"] = [("roster_id", "=", self.id)]
        action["context"] = {"initial_date": fields.Date.to_string(self.date_from)}
        return action
