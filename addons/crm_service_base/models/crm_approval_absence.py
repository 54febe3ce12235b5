from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

# what the engine keeps
ENGINE_FIELDS = {"is_begun", "is_over"}


class CrmApprovalAbsence(models.Model):
    """Who decides in somebody's place for some time, in approvals.

    The absent person may still decide. Rows that began are history: only their end can move. The
    right to decide follows from the rows themselves, no scheduled action has to run for it.
    """

    _name = "crm.approval.absence"
    _inherit = ["crm.access.mixin", "mail.thread"]
    _description = "Absence of an Approver"
    _order = "date_from desc, id desc"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users",
        "Absent",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        tracking=True,
    )
    deputy_id = fields.Many2one(
        "res.users",
        "Stand-in",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('share', '=', False), ('id', '!=', user_id)]",
        help="Decides in the name of the absent person. Never about a document that the deputy "
        "wrote or submitted.",
        tracking=True,
    )
    date_from = fields.Datetime("From", required=True, default=fields.Datetime.now, tracking=True)
    date_to = fields.Datetime("Until", required=True, index=True, tracking=True)
    reason = fields.Char(required=True)
    company_id = fields.Many2one(
        "res.company", index=True, ondelete="restrict", help="Leave empty for all companies."
    )
    state = fields.Selection(
        [("upcoming", "Upcoming"), ("current", "Current"), ("over", "Over")],
        compute="_compute_state",
    )
    is_begun = fields.Boolean("Beginning Told", readonly=True, copy=False)
    is_over = fields.Boolean("End Told", readonly=True, copy=False)

    _dates_ordered = models.Constraint(
        "CHECK (date_from <= date_to)", "The end of an absence must be after its beginning."
    )
    _deputy_other = models.Constraint(
        "CHECK (user_id != deputy_id)", "Nobody is their own deputy. Choose a colleague."
    )

    @api.depends("date_from", "date_to")
    def _compute_state(self):
        for absence in self:
            absence.state = absence._get_state()

    @api.depends("user_id", "deputy_id")
    def _compute_display_name(self):
        for absence in self:
            absence.display_name = self.env._(
                "%(absent)s, deputy %(deputy)s",
                absent=absence.user_id.name or "",
                deputy=absence.deputy_id.name or "",
            )

    @api.constrains("user_id", "date_from", "date_to", "company_id")
    def _check_overlap(self):
        self.sudo().user_id._take_turns()
        for absence in self.sudo():
            domain = Domain("id", "!=", absence.id) & Domain("user_id", "=", absence.user_id.id)
            domain &= Domain("date_from", "<", absence.date_to)
            domain &= Domain("date_to", ">", absence.date_from)
            if absence.company_id:
                domain &= Domain("company_id", "in", (False, absence.company_id.id))
            if self.sudo().search_count(domain, limit=1):
                raise ValidationError(
                    self.env._(
                        "%s has an absence in this time already. Change that one, or choose "
                        "other days.",
                        absence.user_id.name,
                    )
                )

    @api.constrains("user_id", "deputy_id", "company_id")
    def _check_people(self):
        for absence in self.sudo():
            users = absence.user_id | absence.deputy_id
            company = absence.company_id
            common = absence.user_id.company_ids & absence.deputy_id.company_ids
            if any(users.mapped("share")) or not absence.deputy_id.active or not common:
                raise ValidationError(
                    self.env._(
                        "Choose as deputy an active colleague who works in a company of %s.",
                        absence.user_id.name,
                    )
                )
            if company and company not in common:
                raise ValidationError(
                    self.env._(
                        "%(user)s and the deputy must both work in %(company)s.",
                        user=absence.user_id.name,
                        company=company.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        now = fields.Datetime.now()
        if not self.env.su:
            vals_list = [
                {name: value for name, value in vals.items() if name not in ENGINE_FIELDS}
                for vals in vals_list
            ]
        # explicit, for the context and for a user's own ir.default
        blank = dict.fromkeys(ENGINE_FIELDS, False)
        absences = super().create([{**blank, **vals} for vals in vals_list])
        if not self.env.su:
            absences._check_authority()
            if any(absence.date_to <= now for absence in absences):
                raise ValidationError(self.env._("The end of an absence must be in the future."))
            # rights never begin before they are given
            for absence in absences.sudo().filtered(lambda a: a.date_from < now):
                absence.date_from = now
        absences._tell()
        absences.sudo()._apply()
        return absences

    def write(self, vals):
        if not self.env.su:
            self._check_write(vals)
        result = super().write(vals)
        if not self.env.su:
            self._check_authority()
            self.sudo().filtered("is_begun").write({"is_over": False})
            self.sudo()._apply()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_begun(self):
        begun = self.sudo().filtered(lambda absence: absence._get_state() != "upcoming")
        if begun:
            raise UserError(
                self.env._(
                    "The absence of %s began and is kept as evidence. End it instead.",
                    begun[0].user_id.name,
                )
            )

    def _get_state(self):
        """The state of this very moment: the field keeps it for the time of a request."""
        now = fields.Datetime.now()
        if self.date_from and self.date_from > now:
            return "upcoming"
        return "over" if self.date_to and self.date_to <= now else "current"

    def _check_write(self, vals):
        if not ENGINE_FIELDS.isdisjoint(vals):
            raise AccessError(self.env._("The system keeps this, nobody writes it."))
        now = fields.Datetime.now()
        fixed = {"user_id", "deputy_id", "date_from", "company_id", "reason"} & vals.keys()
        for absence in self.sudo():
            state = absence._get_state()
            is_over = state == "over" and not vals.keys().isdisjoint(self._own_fields())
            if is_over or (state == "current" and fixed):
                raise UserError(
                    self.env._(
                        "The absence of %s began and is kept as evidence: only its end can be "
                        "changed. Record a new one if something else changes.",
                        absence.user_id.name,
                    )
                )
        earliest = now - timedelta(minutes=1)
        for name in ("date_from", "date_to"):
            moment = fields.Datetime.to_datetime(vals.get(name) or None)
            if moment and moment < earliest:
                raise UserError(self.env._("Choose a time in the future."))

    @api.model
    def _own_fields(self):
        return {"user_id", "deputy_id", "date_from", "date_to", "company_id", "reason"}

    def _check_authority(self):
        """Own absences are everybody's, those of others the service manager's.

        A manager who records it for somebody else cannot become the deputy that way, nor give
        rights in companies that are not theirs.
        """
        user = self.env.user
        is_manager = self.env["crm.approval.mixin"]._is_approval_manager()
        for absence in self.sudo():
            if absence.user_id == user:
                continue
            if not is_manager:
                raise AccessError(
                    self.env._("Only service managers record the absence of somebody else.")
                )
            if absence.deputy_id == user:
                raise AccessError(
                    self.env._(
                        "You cannot name yourself deputy of %s. They do it themselves, or another "
                        "service manager does.",
                        absence.user_id.name,
                    )
                )
            companies = absence.company_id or absence.user_id.company_ids
            if companies - user.company_ids:
                raise AccessError(
                    self.env._(
                        "%s also works in other companies. Choose one of yours for this absence.",
                        absence.user_id.name,
                    )
                )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_end(self):
        """End absences now: the deputies stop deciding at once."""
        self.write({"date_to": fields.Datetime.now()})
        return True

    # ------------------------------------------------------------------
    # Who stands in for whom
    # ------------------------------------------------------------------

    @api.model
    def _get_deputies(self, at=None):
        """The absences of a moment.

        :param at: datetime, default: now
        :return: dict ``{user id: [(company id or False, deputy id)]}``
        """
        begun = Domain("date_from", "<=", at or fields.Datetime.now())
        running = Domain("date_to", ">=", at) if at else Domain("date_to", ">", "now")
        deputies = {}
        for absence in self.sudo().search(begun & running, order="id"):
            entry = (absence.company_id.id, absence.deputy_id.id)
            deputies.setdefault(absence.user_id.id, []).append(entry)
        return deputies

    @api.model
    def _get_stand_ins(self, user, company, at=None, deputies=None):
        """The deputy of an absent person; where that one is absent too, also theirs, and so on.

        :param user: ``res.users``, absent or not
        :param company: ``res.company`` of the document, may be empty
        :param at: datetime, default: now
        :param deputies: answer of :meth:`_get_deputies`, when at hand
        :return: ``res.users`` in order, without the person; each once, so a circle ends
        """
        deputies = self._get_deputies(at) if deputies is None else deputies
        chain, current = [], user.id
        while current in deputies:
            fitting = [
                deputy
                for company_id, deputy in deputies[current]
                if not company_id or company_id == company.id
            ]
            if not fitting or fitting[0] in (user.id, *chain):
                break
            current = fitting[0]
            chain.append(current)
        return self.env["res.users"].browse(chain)

    def _tell(self):
        """Tell the deputy, and the absent person where somebody else recorded it."""
        for absence in self.sudo().filtered(lambda a: a._get_state() != "over"):
            people = (absence.deputy_id | absence.user_id) - self.env.user
            if people:
                absence.message_notify(
                    partner_ids=people.partner_id.ids,
                    subject=self.env._("Deputy in approvals"),
                    body=self.env._(
                        "From %(date_from)s until %(date_to)s %(deputy)s decides about approvals "
                        "for %(absent)s. Recorded by %(user)s.",
                        date_from=self._get_local(absence.date_from),
                        date_to=self._get_local(absence.date_to),
                        deputy=absence.deputy_id.name,
                        absent=absence.user_id.name,
                        user=self.env.user.name,
                    ),
                    force_send=False,
                )

    @api.model
    def _get_local(self, moment):
        local = fields.Datetime.context_timestamp(self, moment)
        return local.strftime("%Y-%m-%d %H:%M")

    def _apply(self):
        """Move the reminders of open steps to the deputies, or back, when it is time."""
        self.env["crm.approval.step"].invalidate_model(["is_mine", "is_asked", "deputy_ids"])
        moved = self.filtered(
            lambda absence: (
                (absence._get_state() == "current" and not absence.is_begun)
                or (absence._get_state() == "over" and not absence.is_over)
            )
        )
        if moved:
            steps = self.env["crm.approval.step"].search(
                [("pending_user_ids", "in", moved._get_chained_users().ids)]
            )
            for requests in steps.request_id.grouped("res_model").values():
                requests._notify_open_steps()
        for absence in moved:
            absence.write({"is_begun": True, "is_over": absence._get_state() == "over"})

    def _get_chained_users(self):
        """The absent people, and those they stand in for themselves."""
        users = self.user_id
        deputies = self._get_deputies()
        for user in self.env["res.users"].browse(deputies):
            chain = {deputy for _company, deputy in deputies[user.id]}
            if chain & set(users.ids):
                users |= user
        return users

    @api.model
    def _cron_apply(self, batch=200):
        """Absences that began or ended since the last run, for the reminders only."""
        now = fields.Datetime.now()
        domain = Domain("date_from", "<=", now) & Domain("is_begun", "=", False)
        domain |= Domain("date_to", "<=", now) & Domain("is_over", "=", False)
        self.env["ir.cron"]._commit_progress(remaining=self.search_count(domain))
        last = 0
        while absences := self.search(domain & Domain("id", ">", last), order="id", limit=batch):
            absences._apply()
            last = absences[-1].id
            if not self.env["ir.cron"]._commit_progress(len(absences)):
                break
