from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import SQL


class CrmVisit(models.Model):
    """The appointment: the customer's notice, moves, failed attempts, the calendar (A1.R4)."""

    _inherit = "crm.visit"

    event_id = fields.Many2one(
        "calendar.event", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    # the customer's notice and confirmation (A1.R4)
    date_notice_deadline = fields.Datetime(
        "Tell the Customer By", compute="_compute_date_notice_deadline", store=True, index=True
    )
    date_notified = fields.Datetime("Customer Told On", readonly=True, copy=False)
    notified_by_id = fields.Many2one("res.users", "Told By", readonly=True, copy=False)
    notified_contact = fields.Char("Spoke With", readonly=True, copy=False)
    is_notice_late = fields.Boolean(
        "Late Notice", compute="_compute_is_notice_late", search="_search_is_notice_late"
    )
    confirmation_state = fields.Selection(
        [
            ("none", "Not Asked"),
            ("asked", "Asked"),
            ("confirmed", "Confirmed"),
            ("declined", "Wants Another Time"),
        ],
        "Confirmation",
        required=True,
        default="none",
        readonly=True,
        copy=False,
    )

    attempt_ids = fields.One2many("crm.visit.attempt", "visit_id", "Failed Attempts")
    attempt_count = fields.Integer("Attempts", readonly=True, copy=False)
    is_decision_needed = fields.Boolean(
        "Decision Needed", readonly=True, copy=False, help="Enough attempts failed: decide."
    )
    change_ids = fields.One2many("crm.visit.change", "visit_id", "Changes", readonly=True)

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | {
            "date_notified",
            "notified_by_id",
            "notified_contact",
            "confirmation_state",
            "attempt_count",
            "is_decision_needed",
            "event_id",
            "change_ids",
        }

    def _approval_free_fields(self):
        return super()._approval_free_fields() | {"attempt_ids"}

    @api.depends("date_scheduled", "method_id", "is_history")
    def _compute_date_notice_deadline(self):
        for visit in self:
            days = 0 if visit.is_history else visit.method_id.notice_days
            start = visit.date_scheduled
            visit.date_notice_deadline = start - timedelta(days=days) if days and start else False

    @api.depends("date_notice_deadline", "date_notified")
    def _compute_is_notice_late(self):
        now = fields.Datetime.now()
        for visit in self:
            deadline = visit.date_notice_deadline
            told = visit.date_notified or (now if visit.state == "planned" else visit.date_start)
            visit.is_notice_late = bool(deadline and told and told > deadline)

    def _search_is_notice_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        told_late = Domain.custom(
            to_sql=lambda model, alias, query: model._notice_late_sql(alias, query)
        )
        waiting = Domain(
            [
                ("date_notified", "=", False),
                ("date_notice_deadline", "<", "now"),
                ("state", "=", "planned"),
            ]
        )
        never = Domain(
            [
                ("date_notified", "=", False),
                ("date_notice_deadline", "!=", False),
                ("date_start", "!=", False),
            ]
        )
        late = told_late | waiting | never
        return Domain.OR(late if wanted else ~late for wanted in value)

    def _notice_late_sql(self, alias, query):
        return SQL(
            "%s > %s",
            self._field_to_sql(alias, "date_notified", query),
            self._field_to_sql(alias, "date_notice_deadline", query),
        )

    # ------------------------------------------------------------------ notice (A1.R4)

    def action_notify(self):
        """Note that the customer was told, and what was agreed."""
        self.ensure_one()
        self.check_access("read")
        return self._open_wizard("crm.visit.notify", self.env._("Agree with the Customer"))

    def action_reschedule(self):
        """Move the visit and say why."""
        self.check_access("read")
        return self._open_wizard("crm.visit.reschedule", self.env._("Reschedule"))

    def action_cancel(self):
        """Cancel the visit and say why."""
        self.check_access("read")
        return self._open_wizard("crm.visit.cancel", self.env._("Cancel Visit"))

    def _open_wizard(self, model, title):
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": model,
            "view_mode": "form",
            "target": "new",
            "context": {"default_visit_ids": [Command.set(self.ids)]},
        }

    def _notify(self, contact, confirmation):
        """The customer was told now.

        :param str contact: who was spoken with
        :param str confirmation: ``asked``, ``confirmed`` or ``declined``
        :raise UserError: the visit is not planned any more
        """
        self.check_access("write")
        for visit in self:
            visit._check_state(("planned",), self.env._("agreed"))
        values = {"notified_contact": contact, "confirmation_state": confirmation}
        self.sudo().write(values)
        self.filtered(lambda visit: not visit.date_notified).sudo().write(
            {"date_notified": fields.Datetime.now(), "notified_by_id": self.env.uid}
        )
        if confirmation != "declined":
            self._clear_notice()

    def _schedule_notice(self):
        """The activity that reminds the visitor to tell the customer, raised by itself.

        Quick update: a plan of hundreds of visits is no reason for hundreds of e-mails.
        """
        activity_type = self.env.ref("crm_visits.mail_activity_type_notice")
        model_id = self.env["ir.model"]._get_id(self._name)
        self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": activity_type.id,
                    "res_model_id": model_id,
                    "res_id": visit.id,
                    "user_id": visit.user_id.id or self.env.uid,
                    "summary": visit.partner_id.display_name,
                    "date_deadline": fields.Datetime.context_timestamp(
                        visit, visit.date_notice_deadline
                    ).date(),
                }
                for visit in self
                if visit.date_notice_deadline and visit.user_id.active
            ]
        )

    def _clear_notice(self):
        """The reminders are done: the customer was told, or the visit is over."""
        activity_type = self.env.ref("crm_visits.mail_activity_type_notice")
        activities = (
            self.env["mail.activity"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("activity_type_id", "=", activity_type.id),
                ]
            )
        )
        if activities:
            activities.action_done()

    # ------------------------------------------------------------------ moved, cancelled

    def _reschedule(self, date, place, cause, reason):
        """Move visits; the change is kept with its reason, the customer is told again.

        :param datetime date: new appointment, UTC
        :param str place: new place; empty to keep it
        :param str cause: key of ``crm.visit.change.cause``
        :param str reason: in words
        :raise UserError: a visit is not planned any more
        """
        self.check_access("write")
        changes = []
        for visit in self:
            visit._check_state(("planned",), self.env._("moved"))
            changes.append(
                {
                    **visit._prepare_change_values("reschedule", cause, reason),
                    "date_to": date,
                    "place_to": place or visit.place,
                }
            )
        self.env["crm.visit.change"].sudo().create(changes)
        values = {
            "date_scheduled": date,
            "confirmation_state": "none",
            "date_notified": False,
            "notified_by_id": False,
            "notified_contact": False,
            "is_decision_needed": False,
            "attempt_count": 0,
        }
        self.sudo().write({**values, "place": place} if place else values)
        self._clear_notice()
        self._schedule_notice()

    def _cancel(self, cause, reason):
        """Cancel visits that did not take place.

        :param str cause: key of ``crm.visit.change.cause``
        :param str reason: in words
        :raise UserError: a visit took place already
        """
        self.check_access("write")
        for visit in self:
            visit._check_state(("planned", "in_progress"), self.env._("cancelled"))
        self.env["crm.visit.change"].sudo().create(
            [visit._prepare_change_values("cancel", cause, reason) for visit in self]
        )
        self.sudo().write({"state": "cancelled", "is_decision_needed": False})
        self._clear_notice()
        self.sudo().plan_id._close_finished()

    def _prepare_change_values(self, kind, cause, reason):
        self.ensure_one()
        return {
            "visit_id": self.id,
            "kind": kind,
            "cause": cause,
            "reason": reason,
            "date_from": self.date_scheduled,
            "place_from": self.place,
            "user_id": self.env.uid,
        }

    # ------------------------------------------------------------------ attempts

    def action_no_answer(self):
        """The customer was not reached: one attempt more."""
        self.env["crm.visit.attempt"].create([{"visit_id": visit.id} for visit in self])

    def _check_attempt(self):
        for visit in self:
            visit._check_state(("planned", "in_progress"), self.env._("tried again"))

    def _after_attempt(self):
        """Count; after the method's limit somebody has to decide."""
        for visit in self.sudo():
            count = visit.attempt_count + 1
            limit = visit.method_id.max_attempts
            needed = bool(limit) and count >= limit
            asked = visit.is_decision_needed
            visit.write({"attempt_count": count, "is_decision_needed": needed})
            if needed and not asked:
                visit._ask_decision()

    def _ask_decision(self):
        head = self.department_id.head_id or self.user_id
        self.activity_schedule(
            "crm_visits.mail_activity_type_decision",
            user_id=head.id,
            summary=self.env._("%s was not reached", self.partner_id.display_name),
            note=self.env._(
                "%s attempts failed: move the visit, change the method or cancel it.",
                self.attempt_count,
            ),
        )

    # ------------------------------------------------------------------ calendar

    def _sync_event(self):
        """One calendar entry a planned visit, with everybody who goes."""
        event_model = (
            self.env["calendar.event"]
            .sudo()
            .with_context(no_mail_to_attendees=True, mail_create_nolog=True, mail_notrack=True)
        )
        new = self.sudo().browse()
        for visit in self.sudo():
            if visit.state == "cancelled":
                event_model.browse(visit.event_id.id).unlink()
            elif visit.state == "planned" and visit.date_scheduled and not visit.is_history:
                if visit.event_id:
                    event_model.browse(visit.event_id.id).write(visit._prepare_event_values())
                else:
                    new |= visit
        events = event_model.create([visit._prepare_event_values() for visit in new])
        for visit, event in zip(new, events, strict=True):
            visit.write({"event_id": event.id})

    def _prepare_event_values(self):
        """Values of the visit's calendar entry.

        :return: dict for ``calendar.event``
        """
        self.ensure_one()
        people = self.visitor_ids | self.user_id
        return {
            "name": f"{self.method_id.name} · {self.partner_id.display_name}",
            "start": self.date_scheduled,
            "stop": self.date_end_scheduled,
            "location": self.place,
            "user_id": (self.user_id or people[:1]).id,
            "partner_ids": [Command.set(people.partner_id.ids)],
            "description": self.purpose,
        }
