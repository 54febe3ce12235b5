from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

from odoo.addons.crm_service_base.tools.state_order import in_order


class CrmCustomerEvent(models.Model):
    """A salon, launch or seminar that customers are invited to (D7.R1)."""

    _name = "crm.customer.event"
    _description = "Customer Event"
    _inherit = [
        "crm.service.mixin",
        "crm.approval.mixin",
        "crm.audience.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date_start desc, id desc"
    _check_company_auto = True

    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "To Approve"),
            ("approved", "Approved"),
            ("held", "Held"),
            ("closed", "Closed"),
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
    subject = fields.Char(required=True)
    kind = fields.Selection(
        [
            ("salon", "Customer Salon"),
            ("launch", "Product Launch"),
            ("seminar", "Seminar"),
            ("factory", "Visit to the Factory"),
            ("other", "Other"),
        ],
        required=True,
        default="salon",
    )
    date_start = fields.Datetime("Begins", required=True, copy=False, index=True)
    date_end = fields.Datetime("Ends", required=True, copy=False)
    date_answer = fields.Date("Answer By", copy=False)
    place = fields.Char()
    host_id = fields.Many2one(
        "res.users",
        ondelete="restrict",
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    agenda = fields.Text()
    note = fields.Text("Internal Remarks")
    currency_id = fields.Many2one(related="company_id.currency_id")
    budget = fields.Monetary()
    seats = fields.Integer(help="0 for any number of guests.")
    guest_ids = fields.One2many("crm.customer.event.guest", "event_id", "Guests", copy=False)

    # afterwards
    cost = fields.Monetary(copy=False)
    result = fields.Text("What Came of It", copy=False)
    task_ids = fields.One2many("crm.care.task", "event_id", "Follow-Up", copy=False)

    guest_count = fields.Integer("Number of Guests", compute="_compute_counts")
    accepted_count = fields.Integer("Persons Expected", compute="_compute_counts")
    attended_count = fields.Integer("Persons Attended", compute="_compute_counts")
    task_count = fields.Integer("Follow-Ups", compute="_compute_task_count")

    _dates_in_order = models.Constraint(
        "CHECK(date_end >= date_start)", "An event cannot end before it begins."
    )
    _numbers_positive = models.Constraint(
        "CHECK(budget >= 0 AND cost >= 0 AND seats >= 0)",
        "Budget, cost and seats cannot be negative.",
    )

    @api.depends("guest_ids.state", "guest_ids.is_attended", "guest_ids.person_count")
    def _compute_counts(self):
        for event in self:
            guests = event.guest_ids
            event.guest_count = len(guests)
            event.accepted_count = sum(
                guests.filtered(lambda guest: guest.state == "accepted").mapped("person_count")
            )
            event.attended_count = sum(guests.filtered("is_attended").mapped("person_count"))

    def _compute_task_count(self):
        counts = dict(
            self.env["crm.care.task"]._read_group(
                [("event_id", "in", self.ids)], ["event_id"], ["__count"]
            )
        )
        for event in self:
            event.task_count = counts.get(event, 0)

    @api.depends("subject")
    def _compute_display_name(self):
        for event in self:
            event.display_name = event.subject or event.name

    # ------------------------------------------------------------------ approval

    def _approval_after_fields(self):
        return super()._approval_after_fields() | {
            "guest_ids",
            "task_ids",
            "cost",
            "result",
            "note",
        }

    def _approval_document_author(self):
        return super()._approval_document_author() | self.host_id

    def _approval_check_submit(self):
        super()._approval_check_submit()
        for event in self:
            if not (event.place and event.agenda):
                raise UserError(self.env._("%s: write place and agenda first.", event.display_name))
            if event.date_start <= fields.Datetime.now():
                raise UserError(self.env._("%s lies in the past.", event.display_name))

    def write(self, vals):
        if not self.env.su and not {"cost", "result", "note"}.isdisjoint(vals):
            closed = self.sudo().filtered(lambda event: event.state in ("closed", "cancelled"))
            if closed:
                raise UserError(self.env._("%s is closed.", closed[0].display_name))
        return super().write(vals)

    def _can_file(self):
        return super()._can_file() and self.state in ("closed", "cancelled")

    # ------------------------------------------------------------------ invitations

    def _check_open(self):
        self.check_access("write")
        for event in self:
            if event.state in ("closed", "cancelled"):
                raise UserError(self.env._("%s is closed.", event.display_name))

    def action_fill_guests(self):
        """Put the customers meant on the list of guests; who is on it already stays."""
        self._check_open()
        for event in self:
            targets = event._get_targets() - event.guest_ids.commercial_partner_id
            self.env["crm.customer.event.guest"].create(
                [{"event_id": event.id, "partner_id": partner.id} for partner in targets]
            )

    def action_invite(self):
        """Write to every guest who was not invited yet and may be written to.

        :raise UserError: not approved, over, or nobody to write to
        """
        self.check_access("write")
        for event in self:
            if event.state != "approved" or event.date_end < fields.Datetime.now():
                raise UserError(self.env._("%s is not approved, or over.", event.display_name))
        guests = self.guest_ids.filtered(lambda guest: guest.state == "new")
        reachable = guests.filtered(lambda guest: guest.partner_id._get_crm_mail_partner())
        if not reachable:
            raise UserError(
                self.env._(
                    "There is nobody left to write to: fill the list of guests, add e-mail "
                    "addresses, or invite the others by phone."
                )
            )
        reachable._send_invitations()

    def _hold_seats(self):
        """Let one guest after the other answer.

        The row changes, so that who began before the last answer begins anew and counts it.

        :raise LockError: somebody answers at this moment
        """
        try:
            self.lock_for_update(allow_referencing=True)
        except LockError:
            raise LockError(self.env._("Please try again in a moment.")) from None
        self.env.cr.execute(
            SQL("UPDATE crm_customer_event SET seats = seats WHERE id IN %s", tuple(self.ids))
        )

    # ------------------------------------------------------------------ afterwards

    def action_hold(self):
        """The event took place.

        :raise UserError: not approved, or not begun yet
        """
        self.check_access("write")
        for event in self:
            if event.state != "approved" or event.date_start > fields.Datetime.now():
                raise UserError(
                    self.env._("%s is not approved, or did not begin yet.", event.display_name)
                )
        self.sudo().write({"state": "held"})

    def action_close(self):
        """Close the event; what it cost and brought is written down first.

        :raise UserError: not held, or no result
        """
        self.check_access("write")
        for event in self:
            if event.state != "held" or not (event.result or "").strip():
                raise UserError(
                    self.env._(
                        "%s: it must have been held, and its result be written down.",
                        event.display_name,
                    )
                )
        self.sudo().write({"state": "closed"})

    def action_cancel(self):
        """Call the event off; an approved one by a supervisor.

        :raise AccessError: approved, and the user is no supervisor
        :raise UserError: being approved, held or closed
        """
        self.check_access("write")
        for event in self:
            if event.state not in ("draft", "approved"):
                raise UserError(
                    self.env._("%s cannot be called off in its present state.", event.display_name)
                )
            if event.state == "approved" and not self.env.user.has_group(
                "crm_service_base.group_supervisor"
            ):
                raise AccessError(self.env._("Only a supervisor calls off an approved event."))
        self.sudo().write({"state": "cancelled"})

    def action_open_guests(self):
        """The list of guests, to tick who came."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_visits.crm_customer_event_guest_action"
        )
        action["domain"] = [("event_id", "=", self.id)]
        action["context"] = {"default_event_id": self.id}
        return action

    def action_open_tasks(self):
        """Follow-up of the event."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_visits.crm_care_task_action")
        action["domain"] = [("event_id", "=", self.id)]
        action["context"] = {}
        return action

    def _format_time(self):
        """Begin and end in words of the host's zone."""
        self.ensure_one()
        zone = self.host_id.tz or self.user_id.tz or self.company_id._get_crm_timezone()
        start = format_datetime(self.env, self.date_start, zone, "yyyy-MM-dd EEEE HH:mm")
        same_day = self.date_end - self.date_start < timedelta(hours=12)
        end_format = "HH:mm" if same_day else "yyyy-MM-dd HH:mm"
        return f"{start} – {format_datetime(self.env, self.date_end, zone, end_format)}"

    @api.model
    def _get_portal_domain(self):
        """Events whose guests may look at their invitation."""
        return Domain("state", "in", ("approved", "held", "closed", "cancelled")) & Domain(
            "active", "=", True
        )
