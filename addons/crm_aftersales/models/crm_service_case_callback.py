import logging

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

_logger = logging.getLogger(__name__)


class CrmServiceCase(models.Model):
    """Solved, called back, closed or opened again (E2.R7, E2.R10, D5.R4)."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    callback_id = fields.Many2one("crm.visit", readonly=True, copy=False, index="btree_not_null")
    visit_ids = fields.One2many("crm.visit", "case_id", "Callbacks", readonly=True)
    visit_count = fields.Integer("Callback Count", compute="_compute_visit_count")
    date_callback_due = fields.Datetime(
        "Call Back By", related="callback_id.date_callback_due", store=True
    )
    date_called_back = fields.Datetime("Called Back On", readonly=True, copy=False)
    callback_result = fields.Selection(
        [("satisfied", "Satisfied"), ("dissatisfied", "Not Satisfied")], readonly=True, copy=False
    )
    callback_waived_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    callback_waive_reason = fields.Text("Why No Callback", readonly=True, copy=False)
    callback_state = fields.Selection(
        [
            ("due", "To Call Back"),
            ("overdue", "Callback Overdue"),
            ("satisfied", "Satisfied"),
            ("dissatisfied", "Not Satisfied"),
            ("waived", "No Callback"),
        ],
        compute="_compute_callback_state",
    )
    is_callback_overdue = fields.Boolean(
        compute="_compute_is_callback_overdue", search="_search_is_callback_overdue"
    )

    _satisfied_idx = models.Index(
        "(company_id, date_called_back) "
        "WHERE state = 'solved' AND callback_result = 'satisfied' AND active"
    )
    _callback_due_idx = models.Index(
        "(date_callback_due) WHERE date_called_back IS NULL AND date_callback_due IS NOT NULL"
    )

    @api.depends("visit_ids")
    def _compute_visit_count(self):
        for case in self:
            case.visit_count = len(case.visit_ids)

    @api.depends("date_callback_due", "callback_id", "callback_result", "callback_waived_by_id")
    def _compute_callback_state(self):
        now = fields.Datetime.now()
        for case in self:
            due = case.date_callback_due
            is_overdue = bool(due) and due < now
            if case.callback_waived_by_id:
                state = "waived"
            elif case.callback_result or not case.callback_id:
                state = case.callback_result
            else:
                state = "overdue" if is_overdue else "due"
            case.callback_state = state

    @api.depends("callback_state", "date_callback_due")
    def _compute_is_callback_overdue(self):
        called = self.filtered("date_callback_due")  # few cards on a board
        (self - called).is_callback_overdue = False
        for case in called:
            case.is_callback_overdue = case.callback_state == "overdue"

    def _search_is_callback_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = Domain(
            [
                ("date_called_back", "=", False),
                ("date_callback_due", "<", "now"),
                ("callback_waived_by_id", "=", False),
            ]
        )
        return Domain.OR(overdue if wanted else ~overdue for wanted in value)

    # ------------------------------------------------------------------ what nobody writes

    @api.model
    def _get_callback_fields(self):
        return (
            "callback_id",
            "date_called_back",
            "callback_result",
            "callback_waived_by_id",
            "callback_waive_reason",
        )

    @api.model
    def _get_server_fields(self):
        return {**super()._get_server_fields(), **dict.fromkeys(self._get_callback_fields(), False)}

    @api.model
    def _get_reopen_values(self):
        return {**super()._get_reopen_values(), **dict.fromkeys(self._get_callback_fields(), False)}

    # ------------------------------------------------------------------ solved: a callback

    def _solve(self):
        super()._solve()
        self._create_callbacks()

    def _get_callback_kind(self):
        """The kind of callback that a solved case needs.

        :return: key of ``crm.visit.method.callback_kind``, or ``False`` for none
        """
        self.ensure_one()
        if self._is_valid_complaint():
            return "complaint"
        is_request = self.kind == "request" and not self.is_history
        return "other" if is_request and self.company_id.crm_is_request_called_back else False

    def _create_callbacks(self):
        """A callback for each solved case that needs one; unknown customers cannot be called."""
        for case in self.sudo():
            kind = case.partner_id and case._get_callback_kind()
            if kind:
                visits = self.env["crm.visit"].with_user(SUPERUSER_ID)
                case.callback_id = visits._create_callback(
                    kind, case.partner_id, case.date_solved, **case._prepare_callback_values(kind)
                )
        self._refresh_given_deadlines("callback")

    def _prepare_callback_values(self, kind):
        """Values of the visit, beside partner and time; an addon adds its own.

        :param str kind: of the callback
        :return: dict
        """
        self.ensure_one()
        user = self._get_callback_user()
        return {
            "case_id": self.id,
            "company_id": self.company_id.id,
            "method_id": self._get_callback_method(kind).id,
            "user_id": user.id,
            "visitor_ids": [fields.Command.set(user.ids)],
            "purpose": self.env._("Callback on %s", self.display_name),
        }

    def _get_callback_user(self):
        """Who calls: the area's head for major complaints, else whoever took the case (E2.R7).

        :return: ``res.users``, may be empty
        """
        self.ensure_one()
        takers = (self.first_responder_id + self.user_id).filtered("active")
        if self.severity != "major" or self.kind != "complaint":
            return takers[:1]
        department = self.department_id
        heads = (department.head_id + department.deputy_id).filtered("active")
        return (heads + takers)[:1]

    def _get_callback_method(self, kind):
        """:return: ``crm.visit.method`` of the kind, for the severity before one for all"""
        self.ensure_one()
        methods = self.env["crm.visit.method"].search([("callback_kind", "=", kind)])
        if kind != "complaint":
            return methods[:1]
        own = methods.filtered(lambda method: method.crm_case_severity == self.severity)
        return (own + methods.filtered(lambda method: not method.crm_case_severity))[:1]

    def _cancel_callbacks(self, cause, reason):
        """Callbacks not made yet are not made any more; they count as not made."""
        visits = self.sudo().visit_ids
        planned = visits.filtered(lambda visit: visit.state in ("planned", "in_progress"))
        if planned:
            planned._cancel(cause, reason)

    def _renew_callbacks(self):
        """Cases that became major after they were solved: the head goes, nobody phones."""
        for case in self.sudo():
            if case.state == "solved" and case.callback_id.state in ("planned", "in_progress"):
                case._cancel_callbacks("own", self.env._("Became major"))
                case._create_callbacks()

    def action_create_callback(self):
        """A new callback where the first was cancelled, or the customer is known only now.

        :raise UserError: not solved, made or under way already, or no customer
        """
        self.check_access("write")
        self._check_state(("solved",), self.env._("called back"))
        for case in self.sudo():
            is_open = case.callback_id and case.callback_id.state != "cancelled"
            if is_open or not case.partner_id or not case._get_callback_kind():
                raise UserError(
                    self.env._(
                        "Case %s has its callback, needs none, or its customer is not known.",
                        case.name,
                    )
                )
        self._create_callbacks()

    def action_open_callback(self):
        """The callback of the case."""
        self.ensure_one()
        return self.callback_id._get_records_action()

    def action_open_callbacks(self):
        """All callbacks of the case, also of earlier solutions."""
        self.ensure_one()
        if len(self.visit_ids) == 1:
            return self.visit_ids._get_records_action()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Callbacks"),
            "res_model": "crm.visit",
            "view_mode": "list,form",
            "domain": [("case_id", "=", self.id)],
        }

    def action_waive_callback(self):
        """Ask a supervisor why there is no callback."""
        return self._open_decision("waive", self.env._("Do without a Callback"))

    def _waive_callback(self, reason):
        """A supervisor does without the callback; it counts as not made.

        :param str reason: in words, needed
        :raise AccessError: the user is no supervisor
        :raise UserError: not solved, called back already, or no reason
        """
        self.check_access("write")
        self._check_reason(reason)
        self._check_state(("solved",), self.env._("closed without a callback"))
        if not self._is_supervisor():
            raise AccessError(self.env._("A supervisor decides to do without a callback."))
        if any(case.date_called_back for case in self.sudo()):
            raise UserError(self.env._("The customer was called back already."))
        self.sudo().write({"callback_waived_by_id": self.env.uid, "callback_waive_reason": reason})
        self._cancel_callbacks("own", reason)

    # ------------------------------------------------------------------ what the customer said

    def _on_callback(self, visit):
        """The record of a callback was submitted; called with ``sudo``.

        :param visit: ``crm.visit`` of this case
        """
        self.ensure_one()
        if self.callback_id != visit or self.state not in ("solved", "closed"):
            return
        is_bad = visit.is_callback_bad
        self.write(
            {
                "date_called_back": visit.date_start,
                "callback_result": "dissatisfied" if is_bad else "satisfied",
            }
        )
        self._record_event("called_back", visit.date_start)
        if is_bad:
            self._on_callback_bad(visit)

    def _on_callback_bad(self, visit):
        """The customer is not satisfied: the case is opened again by itself; called with ``sudo``.

        An addon that passes it on to the department in charge does so here.

        :param visit: ``crm.visit``
        """
        self.ensure_one()
        words = visit.callback_shortcoming or visit.opinion or visit.result
        self._reopen(self.env._("the customer is not satisfied: %s", words))
        if owner := self.user_id.filtered("active"):
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=owner.id,
                summary=self.env._("The customer is not satisfied"),
                note=words,
            )

    def _reopen(self, reason):
        super()._reopen(reason)
        self._cancel_callbacks("other", reason)

    # ------------------------------------------------------------------ closing

    def _check_close(self):
        super()._check_close()
        for case in self.sudo():
            is_waiting = case._is_valid_complaint() and not case.callback_waived_by_id
            if is_waiting and case.callback_result != "satisfied":
                raise UserError(
                    self.env._(
                        "The customer of complaint %s has to be called back before it is closed; "
                        "only a supervisor can do without, with a reason.",
                        case.name,
                    )
                )

    @api.model
    def _cron_close_satisfied(self):
        """Close what customers are satisfied with, after the grace time; safe to run again."""
        for company in self.env["res.company"].search([("crm_callback_grace_days", ">=", 0)]):
            days = company.crm_callback_grace_days
            limit = fields.Datetime.subtract(fields.Datetime.now(), days=days)
            domain = [
                ("company_id", "=", company.id),
                ("state", "=", "solved"),
                ("callback_result", "=", "satisfied"),
                ("date_called_back", "<=", limit),
            ]
            for case in self.search(domain, order="date_called_back, id"):
                case.with_context(lang=company._get_crm_lang())._close_by_itself()
                if not self.env["ir.cron"]._commit_progress(1):
                    return

    def _close_by_itself(self):
        try:
            with self.env.cr.savepoint():
                self.action_close()
        except UserError as error:
            _logger.info("Case %s stays solved: %s", self.name, error)
