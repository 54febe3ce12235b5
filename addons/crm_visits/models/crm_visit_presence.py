from datetime import UTC, datetime, timedelta
from math import isfinite

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..tools import geo

ANSWER_MINUTES = 15
FORGET_BATCH = 5000


class CrmVisitPresence(models.Model):
    """That somebody pressed Start or Finish of a visit, when, and where, if the phone told.

    Rows are made by the buttons and added to once, by the answer of the phone and the reason for
    being elsewhere; nobody has a right to write. Read by the visitor, the head of the department,
    service managers and the auditor. Positions are in no log, hash, form or portal page, and are
    forgotten after the days of the company; what stays is whether somebody was there.
    """

    _name = "crm.visit.presence"
    _description = "Presence at a Visit"
    _order = "date desc, id desc"
    _rec_name = "visit_id"

    visit_id = fields.Many2one(
        "crm.visit", required=True, readonly=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(related="visit_id.partner_id")
    user_id = fields.Many2one(
        "res.users", "Visitor", required=True, readonly=True, index=True, ondelete="restrict"
    )
    department_id = fields.Many2one("crm.service.department", readonly=True, index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    kind = fields.Selection(
        [("start", "Start of the Visit"), ("finish", "End of the Visit")],
        required=True,
        readonly=True,
    )
    date = fields.Datetime("Time of the Server", required=True, readonly=True, index=True)
    status = fields.Selection(
        [
            ("pending", "Device Has Not Answered"),
            ("taken", "Taken"),
            ("denied", "Not Allowed on the Device"),
            ("unavailable", "Not Available"),
            ("declined", "Without Position"),
        ],
        "Position Taken",
        required=True,
        readonly=True,
        default="pending",
    )
    latitude = fields.Float(digits=(10, 7), readonly=True, aggregator=None)
    longitude = fields.Float(digits=(10, 7), readonly=True, aggregator=None)
    accuracy = fields.Float("Accuracy (m)", digits=(10, 0), readonly=True, aggregator=None)
    date_device = fields.Datetime("Time of the Device", readonly=True)
    distance = fields.Float("Distance (m)", digits=(10, 0), readonly=True, aggregator="avg")
    range_state = fields.Selection(
        [("within", "At the Customer"), ("outside", "Elsewhere"), ("unknown", "Unknown")],
        "Presence",
        required=True,
        readonly=True,
        default="unknown",
    )
    reason = fields.Char(readonly=True)
    date_forgotten = fields.Datetime("Position Deleted On", readonly=True)

    _date_kept_idx = models.Index("(company_id, date) WHERE latitude IS NOT NULL")

    # ------------------------------------------------------------------ what the phone tells

    def action_record_position(self, answer):
        """Add what the phone answered; once, by who pressed the button, soon after it.

        :param dict answer: ``status`` (taken, denied, unavailable or declined) and, where taken,
            ``latitude`` and ``longitude`` in degrees, ``accuracy`` in metres, ``timestamp`` in
            milliseconds since 1970
        :return: action that asks why one is elsewhere, or False
        :raise AccessError: not the user's own
        :raise UserError: answered already, or too late
        """
        self.ensure_one()
        self._check_own()
        presence = self.sudo()
        limit = fields.Datetime.now() - timedelta(minutes=ANSWER_MINUTES)
        if presence.status != "pending" or presence.date < limit:
            raise UserError(self.env._("The position of this visit can no longer be recorded."))
        presence.write(presence._prepare_position_values(answer))
        return presence.range_state == "outside" and self._ask_reason()

    def _check_own(self):
        self.check_access("read")
        if self.user_id != self.env.user:
            raise AccessError(self.env._("Only the visitor records where a visit took place."))

    def _prepare_position_values(self, answer):
        answer = answer if isinstance(answer, dict) else {}
        status = answer.get("status")
        latitude, longitude = answer.get("latitude"), answer.get("longitude")
        if status != "taken" or not geo.is_position(latitude, longitude):
            known = ("denied", "declined")
            return {"status": status if status in known else "unavailable"}
        accuracy = self._clean_number(answer.get("accuracy"), 10_000_000)
        away = self._get_distance(latitude, longitude)
        return {
            "status": "taken",
            "latitude": latitude,
            "longitude": longitude,
            "accuracy": accuracy,
            "date_device": self._clean_time(answer.get("timestamp")),
            "distance": away,
            "range_state": self._get_range_state(away, accuracy),
        }

    @api.model
    def _clean_number(self, value, limit):
        is_number = isinstance(value, int | float) and isfinite(value)
        return min(max(value, 0), limit) if is_number else 0

    @api.model
    def _clean_time(self, value):
        milliseconds = self._clean_number(value, 4_000_000_000_000)
        if not milliseconds:
            return False
        time = datetime.fromtimestamp(milliseconds // 1000, UTC)
        return time.replace(tzinfo=None)

    def _get_distance(self, latitude, longitude):
        """:return: metres to the customer's address, None where its position is not known"""
        visit = self.visit_id
        for partner in (visit.partner_id, visit.commercial_partner_id):
            place = (partner.partner_latitude, partner.partner_longitude)
            if geo.is_position(*place):
                return geo.distance(latitude, longitude, *place)
        return None

    def _get_range_state(self, away, accuracy):
        """The inaccuracy of the phone counts for the visitor."""
        if away is None:
            return "unknown"
        allowed = self.visit_id.method_id.position_range or self.company_id.crm_position_range
        return "within" if away - accuracy <= allowed else "outside"

    def _ask_reason(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Not at the customer's address"),
            "res_model": "crm.visit.presence.explain",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_presence_id": self.id},
        }

    def _explain(self, reason):
        """Add why the visitor was elsewhere; once.

        :raise UserError: there is a reason already, or none is needed
        """
        self.ensure_one()
        self._check_own()
        presence = self.sudo()
        if presence.range_state != "outside" or presence.reason:
            raise UserError(self.env._("There is nothing to explain here any more."))
        presence.reason = reason

    # ------------------------------------------------------------------ the notice

    @api.model
    def _get_notice(self):
        """What a person is told before the first position is asked for.

        :return: text, or False where the person acknowledged it as it is today
        """
        user, days = self.env.user.sudo(), self.env.company.sudo().crm_position_days
        if user.crm_date_position_notice and user.crm_position_notice_days == days:
            return False
        return self.env._(
            "When you press Start or Finish, this page asks your device for its position, to show "
            "that the visit took place at the customer. It is asked for at no other time.\n\n"
            "You, the head of your department, the service managers and the auditor can see it. "
            "Colleagues and customers cannot. The position is deleted after %s days; what stays is "
            "whether you were at the customer.\n\n"
            "You can work without it: the visit then shows that no position was taken.",
            days,
        )

    @api.model
    def action_acknowledge_notice(self):
        """The user has read what positions are for.

        :raise AccessError: the user is not of customer service
        """
        self.browse().check_access("read")
        self.env.user.sudo().write(
            {
                "crm_date_position_notice": fields.Datetime.now(),
                "crm_position_notice_days": self.env.company.sudo().crm_position_days,
            }
        )
        return True

    # ------------------------------------------------------------------ forgotten

    @api.model
    def _cron_forget_positions(self):
        """Delete positions older than the days of their company; safe to run again."""
        domain = [("crm_position_days", ">", 0)]
        for company in self.env["res.company"].sudo().search(domain):
            limit = fields.Datetime.now() - timedelta(days=company.crm_position_days)
            while count := self._forget_positions(company, limit):
                if not self.env["ir.cron"]._commit_progress(count):
                    return

    @api.model
    def _forget_positions(self, company, limit):
        """:return: number of rows whose position was deleted, at most one batch"""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE crm_visit_presence
                   SET latitude = NULL, longitude = NULL, accuracy = NULL, distance = NULL,
                       date_device = NULL, date_forgotten = %(now)s
                 WHERE id IN (SELECT id FROM crm_visit_presence
                               WHERE company_id = %(company)s AND date < %(limit)s
                                 AND latitude IS NOT NULL
                               LIMIT %(batch)s)
             RETURNING id
                """,
                now=fields.Datetime.now(),
                company=company.id,
                limit=limit,
                batch=FORGET_BATCH,
            )
        )
        self.invalidate_model()
        return len(rows)
