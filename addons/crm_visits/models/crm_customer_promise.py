from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.crm_service_base.tools.state_order import in_order

OUTCOMES = [("kept", "Kept"), ("broken", "Broken"), ("withdrawn", "Withdrawn")]


class CrmCustomerPromise(models.Model):
    """Something promised to a customer: by whom, until when, and what became of it.

    Made on a visit or on its own. It outlives the record of the visit, which gets locked: it ends
    with a result in words, and is neither deleted nor rewritten unseen. Whether it was kept in
    time is measured by the day the customer was told first, however often it is moved.
    """

    _name = "crm.customer.promise"
    _description = "Promise to a Customer"
    _inherit = ["crm.service.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_deadline, id"
    _check_company_auto = True
    _rec_names_search = ["name", "description"]

    partner_id = fields.Many2one(
        required=True,
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    user_id = fields.Many2one(required=True, tracking=True)
    visit_id = fields.Many2one(
        "crm.visit",
        "Made at Visit",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
    )
    description = fields.Text("Promise", required=True, tracking=True)
    date_promised = fields.Date("Promised On", required=True, default=fields.Date.context_today)
    promised_by_id = fields.Many2one(
        "res.users",
        required=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
        help="Who gave the customer this word; the owner sees that it is kept.",
    )
    contact = fields.Char("Promised To", help="The person at the customer who was told.")
    date_deadline = fields.Date("Due", required=True, index=True, tracking=True)
    date_deadline_first = fields.Date("First Due", readonly=True, copy=False, index=True)
    state = fields.Selection(
        [("open", "To Keep"), *OUTCOMES],
        required=True,
        default="open",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    is_overdue = fields.Boolean(compute="_compute_is_overdue", search="_search_is_overdue")
    is_moved = fields.Boolean(compute="_compute_is_moved", search="_search_is_moved")

    is_editable = fields.Boolean(compute="_compute_is_editable")
    is_tellable = fields.Boolean(compute="_compute_is_editable")

    # what became of it
    result = fields.Text(readonly=True, copy=False)
    date_closed = fields.Datetime("Closed On", readonly=True, copy=False)
    closed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    is_in_time = fields.Boolean("Kept in Time", readonly=True, copy=False)
    date_told = fields.Datetime("Customer Told On", readonly=True, copy=False)
    told_by_id = fields.Many2one("res.users", "Customer Told By", readonly=True, copy=False)
    date_reminded = fields.Date("Reminded For", readonly=True, copy=False)
    date_escalated = fields.Datetime("Reported to the Head On", readonly=True, copy=False)

    _open_idx = models.Index("(commercial_partner_id, date_deadline) WHERE state = 'open'")
    _deadline_after_promise = models.Constraint(
        "CHECK(date_deadline >= date_promised)", "A promise cannot be due before it was made."
    )

    @api.depends("visit_id")
    def _compute_partner_id(self):
        for promise in self:
            if not promise.partner_id:
                promise.partner_id = promise.visit_id.partner_id

    @api.depends("state", "date_deadline")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for promise in self:
            deadline = promise.date_deadline
            promise.is_overdue = promise.state == "open" and bool(deadline) and deadline < today

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        overdue = Domain("state", "=", "open") & Domain("date_deadline", "<", today)
        return Domain.OR(overdue if wanted else ~overdue for wanted in value)

    @api.depends("state", "user_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_editable(self):
        """Whose buttons the forms show: open or closed, and the user's; the server checks again."""
        allowed = self._origin._filtered_access("write")
        for promise in self:
            saved = promise._origin
            is_open = promise.state in (False, "open")
            promise.is_editable = is_open and (not saved or saved in allowed)
            promise.is_tellable = not is_open and not promise.date_told and saved in allowed

    @api.depends("date_deadline", "date_deadline_first")
    def _compute_is_moved(self):
        for promise in self:
            first = promise.date_deadline_first
            promise.is_moved = bool(first) and first != promise.date_deadline

    def _search_is_moved(self, operator, value):
        if operator != "in":
            return NotImplemented
        moved = Domain.custom(
            to_sql=lambda model, alias, query: model._is_moved_sql(alias, query),
        )
        return Domain.OR(moved if wanted else ~moved for wanted in value)

    def _is_moved_sql(self, alias, query):
        return SQL(
            "%s != %s",
            self._field_to_sql(alias, "date_deadline", query),
            self._field_to_sql(alias, "date_deadline_first", query),
        )

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for promise in self:
            promise.display_name = " · ".join(filter(None, [promise.partner_id.name, promise.name]))

    @api.constrains("visit_id", "partner_id")
    def _check_visit(self):
        for promise in self:
            visit = promise.visit_id.sudo()
            if visit and visit.commercial_partner_id != promise.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "Promise %(promise)s is to another customer than visit %(visit)s.",
                        promise=promise.name,
                        visit=visit.name,
                    )
                )

    # ------------------------------------------------------------------ create, write, delete

    @api.model
    def _get_server_fields(self):
        """Fields that only the buttons and the scheduled action write.

        :return: dict of field name to the value a new promise starts with
        """
        return {
            "state": "open",
            **dict.fromkeys(
                (
                    "date_deadline_first",
                    "result",
                    "date_closed",
                    "closed_by_id",
                    "is_in_time",
                    "date_told",
                    "told_by_id",
                    "date_reminded",
                    "date_escalated",
                ),
                False,
            ),
        }

    @api.model
    def _get_open_fields(self):
        """Fields that may be written of a closed promise: its log, its activities, its archiving.

        :return: set of field names
        """
        mixins = self.env["mail.thread"]._fields.keys() | self.env["mail.activity.mixin"]._fields
        return mixins - self.env["base"]._fields.keys() | {"active"}

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [{**vals, **self._get_server_fields()} for vals in vals_list]
        promises = super().create(vals_list)
        for promise in promises.sudo():
            promise.date_deadline_first = promise.date_deadline_first or promise.date_deadline
        promises._fill_department()
        promises.filtered(lambda promise: promise.state == "open")._schedule_promise()
        return promises

    def write(self, vals):
        if not self.env.su:
            self._check_promise_write(vals)
        res = super().write(vals)
        if not vals.get("department_id", True):
            self._fill_department()
        if not vals.keys().isdisjoint(("date_deadline", "user_id")):
            is_moved = "date_deadline" in vals
            self.filtered(lambda promise: promise.state == "open")._reschedule_promise(is_moved)
        return res

    def _fill_department(self):
        """No promise is without the owner's department: its head is told when it is late."""
        for promise in self.sudo().filtered(lambda promise: not promise.department_id):
            department = promise.department_id._get_user_department(
                promise.user_id, promise.company_id
            )
            if department:
                promise.department_id = department

    def _check_promise_write(self, vals):
        if self._get_server_fields().keys() & vals.keys():
            raise AccessError(
                self.env._("A promise is closed with its buttons, and with a result in words.")
            )
        if not self._get_open_fields().issuperset(vals):
            closed = self.sudo().filtered(lambda promise: promise.state != "open")
            if closed:
                raise UserError(
                    self.env._(
                        "Promise %s is closed and stays as it was. Make a new one instead.",
                        closed[0].name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_never(self):
        raise UserError(
            self.env._(
                "What a customer was promised is not deleted: withdraw it, and say what the "
                "customer was told."
            )
        )

    # ------------------------------------------------------------------ kept, broken, withdrawn

    def action_keep(self):
        """Note that the promise was kept, and how."""
        return self._open_close("kept")

    def action_break(self):
        """Note that the promise was not kept, and why."""
        return self._open_close("broken")

    def action_withdraw(self):
        """Take the promise back, and say what the customer was told."""
        return self._open_close("withdrawn")

    def _open_close(self, outcome):
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Close Promise"),
            "res_model": "crm.customer.promise.close",
            "view_mode": "form",
            "target": "new",
            "context": {"default_promise_ids": self.ids, "default_outcome": outcome},
        }

    def _close(self, outcome, result, is_told):
        """End promises with a result.

        :param str outcome: ``kept``, ``broken`` or ``withdrawn``
        :param str result: in words, needed
        :param bool is_told: whether the customer knows
        :raise UserError: a promise is not open any more, or the result is missing
        """
        self.check_access("write")
        if not (result or "").strip():
            raise UserError(self.env._("Write in a sentence what became of the promise."))
        for promise in self:
            if promise.state != "open":
                raise UserError(self.env._("Promise %s is closed already.", promise.name))
        now = fields.Datetime.now()
        values = {
            "state": outcome,
            "result": result,
            "date_closed": now,
            "closed_by_id": self.env.uid,
            "date_told": is_told and now,
            "told_by_id": is_told and self.env.uid,
        }
        for promise in self.sudo():
            in_time = outcome == "kept" and promise._get_today() <= promise.date_deadline_first
            promise.write({**values, "is_in_time": in_time})
        self._get_promise_activities().action_feedback(feedback=result)

    def action_tell(self):
        """Note that the customer now knows what became of the promise.

        :raise UserError: the promise is still open, or the customer was told before
        """
        self.check_access("write")
        for promise in self:
            if promise.state == "open" or promise.date_told:
                raise UserError(
                    self.env._("Promise %s is open, or its customer was told.", promise.name)
                )
        self.sudo().write({"date_told": fields.Datetime.now(), "told_by_id": self.env.uid})

    def action_reopen(self):
        """Open a promise again that was closed by mistake; what was noted stays in the log.

        :raise AccessError: the user is no supervisor
        :raise UserError: the promise is open
        """
        self.check_access("write")
        if not self.env.user.has_group("crm_service_base.group_supervisor"):
            raise AccessError(self.env._("Please ask your supervisor to open a promise again."))
        for promise in self:
            if promise.state == "open":
                raise UserError(self.env._("Promise %s is still open.", promise.name))
            promise._message_log(
                body=self.env._("Opened again; the result was: %s", promise.result)
            )
        kept = {"date_deadline_first", "date_reminded", "date_escalated"}
        initial = self._get_server_fields()
        self.sudo().write({name: initial[name] for name in initial.keys() - kept})
        self._schedule_promise()

    def _show_overdue(self):
        """:return: action that shows these promises in a dialog, with their buttons"""
        view = self.env.ref("crm_visits.crm_customer_promise_view_list_dialog")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Overdue with this customer: what was said about it?"),
            "res_model": self._name,
            "views": [(view.id, "list")],
            "domain": [("id", "in", self.ids)],
            "context": {"create": False},
            "target": "new",
        }

    def action_open_visit(self):
        """The visit at which this was promised."""
        self.ensure_one()
        return self.visit_id._get_records_action()

    # ------------------------------------------------------------------ reminders

    def _schedule_promise(self):
        """The activity of the owner, raised by itself."""
        activity_type = self.env.ref("crm_visits.mail_activity_type_promise")
        model_id = self.env["ir.model"]._get_id(self._name)
        self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": activity_type.id,
                    "res_model_id": model_id,
                    "res_id": promise.id,
                    "user_id": promise.user_id.id,
                    "summary": promise.partner_id.display_name,
                    "note": promise.description,
                    "date_deadline": promise.date_deadline,
                }
                for promise in self
                if promise.user_id.active
            ]
        )

    def _reschedule_promise(self, is_moved):
        for promise in self.sudo():
            activities = promise._get_promise_activities()
            activities.write(
                {"date_deadline": promise.date_deadline, "user_id": promise.user_id.id}
            )
        if is_moved:
            self.sudo().write({"date_reminded": False, "date_escalated": False})

    def _get_promise_activities(self):
        activity_type = self.env.ref("crm_visits.mail_activity_type_promise")
        return self.sudo().activity_ids.filtered(lambda a: a.activity_type_id == activity_type)

    @api.model
    def _cron_follow_up(self):
        """Remind owners on the day, tell the head once of what is overdue; safe to run again."""
        tomorrow = fields.Date.add(self.env.company._get_crm_today(), days=1)
        domain = [
            ("state", "=", "open"),
            ("date_deadline", "<=", tomorrow),
            ("date_escalated", "=", False),
        ]
        promises = self.search(domain, order="date_deadline, id")
        self.env["ir.cron"]._crm_each(promises, lambda promise: promise._follow_up())

    def _follow_up(self):
        today = self._get_today()
        if self.date_deadline < today:
            self._escalate()
        elif self.date_deadline == today and self.date_reminded != today:
            self._remind()

    def _get_today(self):
        """:return: date where the owner is, who lives by it"""
        self.ensure_one()
        zone = self.user_id.tz or self.env.user.tz
        return fields.Date.context_today(self.with_context(tz=zone))

    def _remind(self):
        self.ensure_one()
        self.date_reminded = self.date_deadline
        self._notify_promise(
            self.user_id, self.env._("Due today: your promise to %s", self.partner_id.display_name)
        )

    def _escalate(self):
        self.ensure_one()
        self.date_escalated = fields.Datetime.now()
        self._notify_promise(
            self._get_escalation_users(),
            self.env._("Overdue: a promise to %s", self.partner_id.display_name),
        )

    def _get_escalation_users(self):
        """Who is told once that a promise is overdue; an addon can name others.

        :return: ``res.users``: the first head, from the department upwards, who is not the owner
        """
        self.ensure_one()
        department = self.department_id
        while department and department.head_id in (self.user_id, self.env["res.users"]):
            department = department.parent_id
        return department.head_id

    def _notify_promise(self, users, subject):
        users = users.filtered("active")
        if users:
            self.message_notify(
                partner_ids=users.partner_id.ids, subject=subject, body=self.description
            )
