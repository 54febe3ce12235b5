from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.crm_service_base.tools.plain_text import clean_text
from odoo.addons.crm_service_base.tools.state_order import in_order

TEXT_LIMIT = 500
MAX_PERSONS = 20


class CrmCustomerEventGuest(models.Model):
    """A customer invited to an event: the invitation, the answer, the attendance (D7.R1)."""

    _name = "crm.customer.event.guest"
    _description = "Guest of a Customer Event"
    _inherit = ["crm.portal.mixin", "crm.customer.mixin"]
    _order = "event_id, id"
    _rec_name = "partner_id"
    _check_company_auto = True

    _portal_path = "/my/invitations"
    _portal_days = 30

    event_id = fields.Many2one(
        "crm.customer.event", "Customer Event", required=True, index=True, ondelete="cascade"
    )
    event_state = fields.Selection(related="event_id.state", string="Event Status")
    date_start = fields.Datetime(related="event_id.date_start", store=True)
    is_attendable = fields.Boolean(compute="_compute_is_attendable")
    company_id = fields.Many2one(related="event_id.company_id", store=True, index=True)
    phone = fields.Char(compute="_compute_phone")
    state = fields.Selection(
        [
            ("new", "To Invite"),
            ("invited", "Invited"),
            ("accepted", "Accepted"),
            ("declined", "Declined"),
        ],
        "Reply",
        required=True,
        readonly=True,
        default="new",
        copy=False,
        index=True,
        group_expand=in_order,
    )
    person_count = fields.Integer("Persons", default=1)
    comment = fields.Char("Guest's Words", readonly=True, copy=False)
    note = fields.Char("Remarks")
    date_invited = fields.Datetime("Invited On", readonly=True, copy=False)
    date_answered = fields.Datetime("Answered On", readonly=True, copy=False)
    is_attended = fields.Boolean("Attended", readonly=True, copy=False)
    date_attended = fields.Datetime("Ticked On", readonly=True, copy=False)
    attended_by_id = fields.Many2one(
        "res.users", "Ticked By", readonly=True, copy=False, ondelete="restrict"
    )

    _partner_uniq = models.UniqueIndex(
        "(event_id, partner_id)", "This customer is on the list of guests already."
    )
    _persons_positive = models.Constraint(
        "CHECK(person_count BETWEEN 1 AND 500)", "At least one person comes: mend the number."
    )

    @api.depends("event_id.state", "event_id.date_start")
    def _compute_is_attendable(self):
        """Attendance is ticked on the day: not weeks ahead."""
        tomorrow = fields.Datetime.now() + timedelta(days=1)
        for guest in self:
            event = guest.event_id
            is_on = event.state in ("approved", "held")
            guest.is_attendable = is_on and event.date_start <= tomorrow

    @api.depends("partner_id")
    def _compute_phone(self):
        for guest in self:
            guest.phone = guest.partner_id.phone or guest.commercial_partner_id.phone

    # ------------------------------------------------------------------ create, write, delete

    @api.model
    def _get_server_fields(self):
        """Fields that only the buttons, the scheduled actions and the portal write."""
        return {
            "state",
            "comment",
            "date_invited",
            "date_answered",
            "is_attended",
            "date_attended",
            "attended_by_id",
        }

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            clean = dict.fromkeys(self._get_server_fields(), False) | {"state": "new"}
            vals_list = [vals | clean for vals in vals_list]
        guests = super().create(vals_list)
        if not self.env.su:
            guests.event_id._check_open()
        return guests

    def write(self, vals):
        if not self.env.su:
            if self._get_server_fields() & vals.keys():
                raise AccessError(
                    self.env._("Answers and attendance are written by the buttons of the guest.")
                )
            if not {"event_id", "partner_id"}.isdisjoint(vals):
                raise UserError(
                    self.env._("A guest stays who it is: remove the row and add another.")
                )
            self.event_id._check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_invited(self):
        for guest in self:
            if guest.state != "new" or guest.is_attended:
                raise UserError(
                    self.env._("%s was invited and stays on the list.", guest.display_name)
                )

    # ------------------------------------------------------------------ answers and attendance

    def _send_invitations(self):
        template = self.env.ref("crm_visits.mail_template_invitation").sudo()
        template.send_mail_batch(self.ids)
        self.sudo().write({"state": "invited", "date_invited": fields.Datetime.now()})

    def action_invite_by_phone(self):
        """The guest was invited by other means than our e-mail."""
        self._check_answerable()
        for guest in self:
            if guest.state != "new":
                raise UserError(self.env._("%s was invited already.", guest.display_name))
        self.sudo().write({"state": "invited", "date_invited": fields.Datetime.now()})

    def action_accept(self):
        """The guest comes; told us otherwise than in the portal."""
        self._check_answerable()
        self._answer("accepted")

    def action_decline(self):
        """The guest does not come; told us otherwise than in the portal."""
        self._check_answerable()
        self._answer("declined")

    def _check_answerable(self):
        self.check_access("write")
        self.event_id._check_open()
        for guest in self:
            if guest.event_id.state != "approved":
                raise UserError(
                    self.env._(
                        "Guests are invited and answer once %s is approved, and before it is held.",
                        guest.event_id.display_name,
                    )
                )

    def _answer(self, state, **values):
        now = fields.Datetime.now()
        for guest in self.sudo():
            invited = guest.date_invited or now
            guest.write({"state": state, "date_answered": now, "date_invited": invited, **values})

    def action_attend(self):
        """Tick that the guest is here; pressed again, the tick goes.

        :raise UserError: the event is not on
        """
        self.check_access("write")
        self.event_id._check_open()
        for guest in self:
            if not guest.is_attendable:
                event = guest.event_id.display_name
                raise UserError(self.env._("Attendance is ticked on the day: %s is not on.", event))
        now = fields.Datetime.now()
        came = self.filtered(lambda guest: not guest.is_attended)
        (self - came).sudo().write(
            {"is_attended": False, "date_attended": False, "attended_by_id": False}
        )
        came.sudo().write(
            {"is_attended": True, "date_attended": now, "attended_by_id": self.env.uid}
        )

    def action_follow_up(self):
        """Care for the guests after the event: a call each, in their owners' lists."""
        self.check_access("write")
        tasks = self.env["crm.care.task"].sudo()
        for guest in self:
            if not tasks.search_count(guest._get_follow_up_domain(), limit=1):
                tasks.create(guest._prepare_follow_up_values())
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_visits.crm_care_task_action")
        return {**action, "domain": [("event_id", "in", self.event_id.ids)], "context": {}}

    def _get_follow_up_domain(self):
        return [
            ("event_id", "=", self.event_id.id),
            ("partner_id", "=", self.partner_id.id),
            ("state", "=", "due"),
        ]

    def _prepare_follow_up_values(self):
        """The call after the event.

        :return: dict for ``crm.care.task``
        """
        self.ensure_one()
        owner = self.env["crm.care.occasion"]._get_owner(self.partner_id)
        event = self.event_id
        user = owner if event.company_id in owner.company_ids else self.env.user
        return {
            "event_id": event.id,
            "name": event.subject,
            "partner_id": self.partner_id.id,
            "company_id": event.company_id.id,
            "user_id": user.id,
            "channel": "phone",
            "date": fields.Date.add(fields.Date.context_today(self), days=7),
        }

    # ------------------------------------------------------------------ portal

    def _mail_group_by_operation_for_mail_message_operation(self, message_operation):
        """Letters hold the guest's link: who may read the guest does not read the letters."""
        return {}

    @api.model
    def _get_portal_domain(self, user):
        """Invitations to the guest itself, or to its company."""
        partner = user.sudo().partner_id
        return (
            Domain("partner_id", "in", (partner | partner.commercial_partner_id).ids)
            & Domain("state", "!=", "new")
            & Domain("event_id", "any", self.env["crm.customer.event"]._get_portal_domain())
        )

    def _is_portal_link_alive(self):
        event = self.event_id
        is_shown = bool(event.filtered_domain(event._get_portal_domain()))
        return is_shown and super()._is_portal_link_alive()

    def _get_portal_end(self):
        return self.event_id.date_end

    def _is_portal_answerable(self):
        event = self.event_id
        today = fields.Date.context_today(self)
        return (
            event.state == "approved"
            and event.date_start > fields.Datetime.now()
            and (not event.date_answer or event.date_answer >= today)
        )

    def _prepare_portal_values(self):
        """What the guest sees of the event, and nothing else.

        :return: dict of plain values for the portal's templates
        """
        self.ensure_one()
        guest = self.sudo()
        event = guest.event_id
        return {
            "id": guest.id,
            "subject": event.subject,
            "kind": dict(event._fields["kind"]._description_selection(self.env))[event.kind],
            "company": event.company_id.name,
            "date": event._format_time(),
            "place": event.place or "",
            "agenda": event.agenda or "",
            "host": event.host_id.name or "",
            "answer_by": event.date_answer,
            "is_cancelled": event.state == "cancelled",
            "guest": guest.partner_id.name,
            "state": guest.state,
            "state_label": dict(self._fields["state"]._description_selection(self.env))[
                guest.state
            ],
            "persons": guest.person_count,
            "comment": guest.comment or "",
            "is_answerable": guest._is_portal_answerable(),
        }

    def _portal_answer(self, user, is_accepted, persons=None, comment=None):
        """The guest accepts or declines in the portal.

        :param user: ``res.users`` of the request, which may see the invitation
        :raise UserError: a colleague, too late, too many persons, or no seats left
        """
        self._get_portal_actor(user)
        guest = self.sudo()
        guest.event_id._hold_seats()
        if not guest._is_portal_answerable():
            raise UserError(self.env._("It is too late for an answer here. Please call us."))
        values = {"comment": clean_text(comment, TEXT_LIMIT)}
        if is_accepted:
            values["person_count"] = guest._read_persons(persons)
            guest._check_seats(values["person_count"])
        guest._answer("accepted" if is_accepted else "declined", **values)

    def _read_persons(self, persons):
        text = str(persons or "1").strip()
        number = int(text) if text.isdecimal() and len(text) < 5 else 0
        if not 1 <= number <= MAX_PERSONS:
            raise UserError(
                self.env._("Please give a number of persons from 1 to %s.", MAX_PERSONS)
            )
        return number

    def _check_seats(self, persons):
        event = self.event_id
        others = event.guest_ids.filtered(lambda g: g.state == "accepted") - self
        taken = sum(others.mapped("person_count"))
        if event.seats and taken + persons > event.seats:
            raise UserError(
                self.env._(
                    "There are only %s seats left. Please call us.", max(event.seats - taken, 0)
                )
            )
