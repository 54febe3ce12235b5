from odoo import api, fields, models
from odoo.exceptions import UserError

from .crm_case_level import LEVELS

# what is solved at a level; suggestions and praise are not
LEVEL_KINDS = ("inquiry", "request", "complaint")


class CrmServiceCase(models.Model):
    """Hotline, remote, on site: what is not solved at one level moves on to the next (C3.R15)."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    next_target = fields.Selection(
        selection_add=[("level", "Solve or Move On"), ("fault", "Pass a Major Fault On")]
    )
    support_level = fields.Selection(
        LEVELS, required=True, default="hotline", readonly=True, copy=False
    )
    date_level = fields.Datetime(
        "At This Level Since", readonly=True, copy=False, help="Empty: since it was received."
    )
    level_ids = fields.One2many(
        "crm.case.level", "case_id", "Levels of Support", readonly=True, copy=False
    )
    authorization_ids = fields.One2many(
        "crm.case.authorization", "case_id", "Remote Access", readonly=True, copy=False
    )
    remote_state = fields.Selection(
        [("none", "Not Authorized"), ("valid", "Authorized"), ("over", "Expired or Revoked")],
        "Remote Access Now",
        compute="_compute_remote_state",
    )

    @api.depends("authorization_ids.is_valid")
    def _compute_remote_state(self):
        for case in self:
            entries = case.sudo().authorization_ids
            is_valid = any(entries.mapped("is_valid"))
            case.remote_state = "valid" if is_valid else "over" if entries else "none"

    @api.model
    def _get_server_fields(self):
        return {**super()._get_server_fields(), "support_level": "hotline", "date_level": False}

    @api.model
    def _get_clock_events(self):
        """What is not solved at a level by its time moves on; on site somebody arrives by a time
        of its own. A major fault is passed on upwards by the manager, or by the escalation."""
        events = super()._get_clock_events()
        arrive = events["arrive"]
        return {
            **events,
            "level": (("opened", "moved_on", "reopened"), ("solved", "moved_on"), ()),
            "arrive": ((*arrive[0], "moved_on"), *arrive[1:]),
            "fault": (("fault",), ("fault_passed",), ()),
        }

    # ------------------------------------------------------------------ moving on

    def action_move_level(self):
        """Ask what was tried and found, and where it goes on."""
        self.ensure_one()
        following = {"hotline": "remote", "remote": "site"}
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Move to Another Level"),
            "res_model": "crm.service.case.move",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_case_id": self.id,
                "default_level": following.get(self.support_level, "remote"),
            },
        }

    def _move_level(self, level, tried, found):
        """What could not be solved here is worked on at another level.

        :param str level: of ``LEVELS``
        :param str tried: what was tried at the level so far, needed
        :param str found: what was found, needed
        :raise UserError: not open, the same level, words missing, or remote access is not
            authorized
        """
        self.check_access("write")
        self._check_state(("open",), self.env._("moved"))
        if not (tried or "").strip() or not (found or "").strip():
            raise UserError(self.env._("Write what was tried at this level and what was found."))
        for case in self.sudo():
            case._check_level(level)
        now = fields.Datetime.now()
        self._log_level("moved", now, level_next=level, tried=tried, found=found)
        self.sudo().write({"support_level": level, "date_level": now})
        self._record_event("moved_on", now)
        if level == "site":
            for case in self:
                case._send_on_site(tried, found)

    def _check_level(self, level):
        """Whether a case may go on at a level; an addon extends it.

        :param str level: of ``LEVELS``
        :raise UserError: a sentence that says what is missing
        """
        self.ensure_one()
        if self.kind not in LEVEL_KINDS:
            raise UserError(self.env._("Suggestions and praise have no level of support."))
        if self.support_level == level:
            raise UserError(self.env._("Case %s is at this level already.", self.name))
        if level == "site":
            self._check_customer()
        if level == "remote" and self.remote_state != "valid":
            raise UserError(
                self.env._(
                    "Nobody connects to a customer's system without being allowed to: record the "
                    "customer's authorization on case %s first.",
                    self.name,
                )
            )

    def _send_on_site(self, tried, found):
        """Somebody goes there: a service order, unless one is on its way.

        :return: ``crm.service.order``
        """
        self.ensure_one()
        orders = self.sudo().service_order_ids.with_env(self.env)
        alive = orders.filtered(lambda order: order.sudo().state not in ("done", "cancelled"))
        if alive:
            return alive[0]
        note = self.env._("Tried so far: %(tried)s\nFound: %(found)s", tried=tried, found=found)
        values = {**self._prepare_service_order_values(), "note": note}
        order = self.env["crm.service.order"].create([values])
        self._message_log(body=self.env._("Service order: %s", order._get_html_link()))
        return order

    def _log_level(self, outcome, date, **values):
        """The level ends: what came of it stays.

        :param str outcome: of ``crm.case.level``
        :param datetime date: when, UTC
        """
        calendars = self.env["crm.service.calendar.day"]
        entries = []
        for case in self.sudo():
            start = min(case.date_level or case.date_opened, date)
            working = calendars._get_working_time(
                case.company_id, case.team_id.resource_calendar_id
            )
            entries.append(
                {
                    "case_id": case.id,
                    "company_id": case.company_id.id,
                    "level": case.support_level,
                    "outcome": outcome,
                    "date_start": start,
                    "date_end": date,
                    "hours": working.minutes_between(start, date) / 60,
                    "solved_share": 100 if outcome == "solved" else 0,
                    "user_id": self.env.uid,
                    "team_id": case.team_id.id,
                    "category_id": case.category_id.id,
                    "kind": case.kind,
                    **values,
                }
            )
        self.env["crm.case.level"].sudo().create(entries)

    def _record_event(self, event, date=None, message=None):
        super()._record_event(event, date, message)
        if event not in ("solved", "cancelled", "reopened"):
            return
        moment = date or fields.Datetime.now()
        cases = self.sudo().filtered(lambda c: not c.is_history and c.kind in LEVEL_KINDS)
        if event == "cancelled":  # what was solved ended there
            cases = cases.filtered(lambda case: not case.date_solved)
        if event == "reopened":
            cases.date_level = moment
        elif cases:
            cases.with_env(self.env)._log_level(event, moment)

    # ------------------------------------------------------------------ remote access

    def action_authorize_remote(self):
        """Record that the customer allows remote access."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Remote Access"),
            "res_model": "crm.case.authorization",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_case_id": self.id,
                "default_contact": self.contact_name,
                "default_date_until": fields.Datetime.add(fields.Datetime.now(), days=1),
            },
        }
