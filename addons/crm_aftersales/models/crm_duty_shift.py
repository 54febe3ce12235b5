from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_datetime, ormcache


class CrmDutyShift(models.Model):
    """One person on duty for some hours, with a deputy (C3.R12).

    Who was planned is approved with the roster; a swap that both agreed to changes who comes.
    """

    _name = "crm.duty.shift"
    _description = "Shift on Duty"
    _inherit = "crm.approval.line.mixin"
    _order = "date_start, id"
    _rec_name = "duty_user_id"
    _approval_parent_field = "roster_id"

    roster_id = fields.Many2one("crm.duty.roster", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="roster_id.company_id", store=True, index=True)
    team_id = fields.Many2one(
        related="roster_id.team_id", store=True, index="btree_not_null", ondelete="restrict"
    )
    roster_state = fields.Selection(related="roster_id.state", string="Status of the Roster")
    date_start = fields.Datetime("From", required=True, index=True)
    date_end = fields.Datetime("Until", required=True)
    user_id = fields.Many2one(
        "res.users",
        "Planned Person",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    deputy_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    phone = fields.Char(compute="_compute_phone", store=True, readonly=False, precompute=True)
    place = fields.Char(compute="_compute_from_roster", store=True, readonly=False, precompute=True)
    tasks = fields.Text(compute="_compute_from_roster", store=True, readonly=False, precompute=True)
    swap_user_id = fields.Many2one(
        "res.users", "Comes Instead", readonly=True, copy=False, ondelete="restrict"
    )
    duty_user_id = fields.Many2one(
        "res.users",
        "On Duty",
        compute="_compute_duty_user_id",
        store=True,
        index=True,
        ondelete="restrict",
    )
    swap_ids = fields.One2many("crm.duty.swap", "shift_id", "Swaps", readonly=True)
    check_ids = fields.One2many("crm.duty.check", "shift_id", "Checks", readonly=True)
    handover_ids = fields.One2many("crm.duty.handover", "shift_id", "Hand-Overs", readonly=True)
    is_now = fields.Boolean("On Duty Now", compute="_compute_is_now", search="_search_is_now")
    is_mine = fields.Boolean(compute="_compute_is_mine")
    is_checker = fields.Boolean(compute="_compute_is_mine")

    _times_in_order = models.Constraint(
        "CHECK(date_end > date_start AND date_end - date_start <= interval '3 days')",
        "A shift begins before it ends and lasts three days at most.",
    )

    # ------------------------------------------------------------------ computes

    @api.depends("user_id")
    def _compute_phone(self):
        for shift in self:
            shift.phone = shift.user_id.sudo().phone or shift.phone

    @api.depends("roster_id")
    def _compute_from_roster(self):
        for shift in self:
            shift.place = shift.place or shift.roster_id.place
            shift.tasks = shift.tasks or shift.roster_id.tasks

    @api.depends("user_id", "swap_user_id")
    def _compute_duty_user_id(self):
        for shift in self:
            shift.duty_user_id = shift.swap_user_id or shift.user_id

    @api.depends("duty_user_id", "date_start")
    def _compute_display_name(self):
        for shift in self:
            parts = [shift.duty_user_id.name, shift._format(shift.date_start)]
            shift.display_name = " · ".join(filter(None, parts))

    @api.depends("date_start", "date_end", "roster_id.state")
    def _compute_is_now(self):
        now = fields.Datetime.now()
        for shift in self:
            times = shift.date_start and shift.date_end
            is_on = bool(times) and shift.date_start <= now < shift.date_end
            shift.is_now = is_on and shift.roster_id.state == "approved"

    def _search_is_now(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = Domain(
            [
                ("date_start", "<=", "now"),
                ("date_end", ">", "now"),
                ("roster_id.state", "=", "approved"),
            ]
        )
        return Domain.OR(now if wanted else ~now for wanted in value)

    @api.depends("duty_user_id", "roster_id.department_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for shift in self:
            shift.is_mine = shift.duty_user_id == self.env.user
            shift.is_checker = self.env.user in shift._get_leaders()

    # ------------------------------------------------------------------ checks

    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {
            "swap_user_id",
            "swap_ids",
            "check_ids",
            "handover_ids",
        }

    @api.constrains("date_start", "date_end", "roster_id")
    def _check_times(self):
        for shift in self:
            roster = shift.roster_id
            zone = roster._get_zone().zone
            local = shift.with_context(tz=zone)
            day = fields.Datetime.context_timestamp(local, shift.date_start).date()
            if not roster.date_from <= day <= roster.date_to:
                raise ValidationError(
                    self.env._(
                        "The shift of %(user)s on %(day)s lies outside the days of the roster.",
                        user=shift.user_id.name,
                        day=fields.Date.to_string(day),
                    )
                )

    @api.constrains("user_id", "deputy_id", "date_start", "date_end")
    def _check_people(self):
        for shift in self:
            if shift.user_id == shift.deputy_id:
                raise ValidationError(
                    self.env._("%s cannot be their own deputy.", shift.user_id.name)
                )
            for user in shift.user_id | shift.deputy_id:
                shift._check_present(user)

    def _check_present(self, user):
        """:raise ValidationError: the person is registered as absent then"""
        if absence := self._find_absence(user):
            raise ValidationError(
                self.env._(
                    "%(user)s is absent from %(start)s until %(end)s: plan somebody else.",
                    user=user.name,
                    start=self._format(absence.date_from),
                    end=self._format(absence.date_to),
                )
            )

    def _find_absence(self, user):
        """:return: ``crm.approval.absence`` of a person during the shift, may be empty"""
        company = self.roster_id.company_id
        return self._search_absence(user, self.date_start, self.date_end, company)

    @api.model
    def _search_absence(self, user, start, end, company):
        absences = self.env["crm.approval.absence"].sudo()
        if not user or not start or not end:
            return absences
        return absences.search(
            [
                ("user_id", "=", user.id),
                ("date_from", "<", end),
                ("date_to", ">", start),
                ("company_id", "in", (False, company.id)),
            ],
            limit=1,
        )

    def _format(self, moment):
        if not moment:
            return ""
        zone = self.roster_id._get_zone().zone
        return format_datetime(self.env, moment, tz=zone, dt_format="short")

    def _describe(self):
        """A shift in one line, for notices and prints."""
        return self.env._(
            "%(start)s – %(end)s: %(user)s (deputy: %(deputy)s), %(place)s",
            start=self._format(self.date_start),
            end=self._format(self.date_end),
            user=self.duty_user_id.name,
            deputy=self.deputy_id.name or "–",
            place=self.place or "–",
        )

    def _get_leaders(self):
        """Who checks the duty: head and deputy, leader of the team, supervisors; never oneself.

        :return: ``res.users``
        """
        self.ensure_one()
        roster = self.sudo().roster_id
        leaders = roster.department_id.head_id | roster.department_id.deputy_id
        leaders |= roster.team_id.leader_id
        group = self.env.ref("crm_service_base.group_supervisor").sudo()
        leaders |= group.all_user_ids.filtered(lambda u: roster.company_id in u.company_ids)
        return leaders - self.duty_user_id

    # ------------------------------------------------------------------ on duty

    @api.model
    @ormcache("company_id")
    def _get_duty_table(self, company_id):
        """Announced shifts of a company that were not long ago: so that no new case asks the
        database who is on duty.

        :return: tuple of ``(start, end, user id, team id, shift id)`` in order
        """
        shifts = (
            self.sudo()
            .with_context({})
            .search(
                [
                    ("company_id", "=", company_id),
                    ("roster_id.state", "=", "approved"),
                    ("roster_id.active", "=", True),
                    ("date_end", ">", fields.Datetime.subtract(fields.Datetime.now(), days=7)),
                ],
                order="date_start, id",
            )
        )
        return tuple(
            (shift.date_start, shift.date_end, shift.duty_user_id.id, shift.team_id.id, shift.id)
            for shift in shifts
        )

    @api.model
    def _find_on_duty(self, company_id, team_id, moment):
        """Who is on duty: for the team first, else for all.

        :param datetime moment: UTC
        :return: tuple ``(user id, shift id)``, or None
        """
        now = [row for row in self._get_duty_table(company_id) if row[0] <= moment < row[1]]
        for wanted in (team_id, False):
            for _start, _end, user_id, row_team, shift_id in now:
                if row_team == wanted:
                    return user_id, shift_id
        return None

    # ------------------------------------------------------------------ actions

    def action_swap(self):
        """Ask a colleague to come instead, or to change shifts."""
        self.ensure_one()
        self.check_access("read")
        return self._open_dialog(self.env._("Swap"), "crm.duty.swap")

    def action_check(self):
        """A leader notes what a check during duty found."""
        self.ensure_one()
        self.check_access("read")
        return self._open_dialog(self.env._("Check of the Duty"), "crm.duty.check")

    def action_hand_over(self):
        """Whoever is on duty writes down what is open for the next one."""
        self.ensure_one()
        self.check_access("read")
        return self._open_dialog(self.env._("Hand Over"), "crm.duty.handover")

    def _open_dialog(self, title, model):
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": model,
            "view_mode": "form",
            "target": "new",
            "context": {"default_shift_id": self.id},
        }

    def _set_person(self, user):
        """Who really comes after a swap; called with ``sudo``."""
        self.ensure_one()
        self.swap_user_id = user if user != self.user_id else False
        self.env.registry.clear_cache()

    def _check_swappable(self):
        """:raise UserError: not announced, or begun already"""
        for shift in self:
            if shift.sudo().roster_id.state != "approved":
                raise UserError(self.env._("Only shifts of an announced roster are swapped."))
            if shift.date_start <= fields.Datetime.now():
                raise UserError(self.env._("This shift has begun: hand it over instead."))

    def _check_on_duty_now(self):
        """:raise UserError: the roster is not announced, or the shift is not running"""
        now = fields.Datetime.now()
        for shift in self.sudo():
            is_on = shift.date_start <= now < shift.date_end
            if shift.roster_id.state != "approved" or not is_on:
                raise UserError(self.env._("This is done while the shift is running."))

    def _check_free(self, user, without):
        """Whether somebody can come: neither absent nor on duty elsewhere.

        :param without: ``crm.duty.shift`` that the person gives away
        :raise UserError: absent, or on another shift then
        """
        self.ensure_one()
        self._check_present(user)
        other = self.sudo().search(
            [
                ("id", "not in", (self | without).ids),
                ("duty_user_id", "=", user.id),
                ("roster_id.state", "in", ("submitted", "approved")),
                ("date_start", "<", self.date_end),
                ("date_end", ">", self.date_start),
            ],
            limit=1,
        )
        if other:
            raise UserError(
                self.env._(
                    "%(user)s is on duty then already: %(shift)s",
                    user=user.name,
                    shift=other.display_name,
                )
            )
        if user == self.deputy_id:
            raise UserError(
                self.env._("%s is the deputy of this shift: nobody would be left.", user.name)
            )

    def _check_leader(self):
        """:raise AccessError: the user does not lead who is on duty"""
        for shift in self:
            if self.env.user not in shift._get_leaders():
                raise AccessError(self.env._("The duty is checked by a leader who is not on it."))
