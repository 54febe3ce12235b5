from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

# who writes what, while it is there to be written
DESK_FIELDS = {"content", "date_due"}
DEPARTMENT_FIELDS = {"analysis", "measures", "responsible_id", "date_promised"}
OPEN_STATES = ("sent", "received", "answered", "done")


class CrmCaseReferral(models.Model):
    """The complaint form on its way to a department, 客户投诉处置表 (E2.R4, E2.R6, E2.F028).

    The staff of the department may be plain users without a role of customer service: they read
    the referral, not the case, and answer it. The answer is the signature of who gives it.
    """

    _name = "crm.case.referral"
    _description = "Complaint Referred to a Department"
    _inherit = ["crm.access.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_sent desc, id desc"
    _check_company_auto = True

    case_id = fields.Many2one(
        "crm.service.case", required=True, index=True, ondelete="restrict", check_company=True
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    kind = fields.Selection(
        [("department", "Department Concerned"), ("upgrade", "Upgraded")],
        required=True,
        default="department",
        help="An upgraded complaint goes with its full content to a department or above, and is "
        "followed (E2.R6).",
    )
    department_id = fields.Many2one(
        "crm.service.department",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('company_id', '=', company_id)]",
    )
    content = fields.Text(
        "Complaint and Wishes",
        compute="_compute_content",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    date_due = fields.Date(
        "Term",
        required=True,
        default=lambda self: fields.Date.add(fields.Date.context_today(self), days=1),
    )
    state = fields.Selection(
        [
            ("sent", "Sent"),
            ("received", "Received"),
            ("answered", "Answered"),
            ("done", "Carried Out"),
            ("verified", "Verified"),
            ("cancelled", "Withdrawn"),
        ],
        required=True,
        default="sent",
        readonly=True,
        index=True,
        tracking=True,
    )
    user_id = fields.Many2one("res.users", "Sent by", readonly=True, index=True)
    date_sent = fields.Datetime("Sent On", readonly=True)
    date_received = fields.Datetime("Signed For On", readonly=True)
    received_by_id = fields.Many2one("res.users", readonly=True)

    # the answer
    analysis = fields.Text()
    measures = fields.Text("Handling and Measures")
    responsible_id = fields.Many2one("res.users", "Carried Out by", ondelete="restrict")
    date_promised = fields.Date("Done by")
    date_answered = fields.Datetime("Answered On", readonly=True)
    answered_by_id = fields.Many2one("res.users", "Answered and Signed by", readonly=True)
    result = fields.Text(readonly=True)
    date_done = fields.Datetime("Carried Out On", readonly=True)
    done_by_id = fields.Many2one("res.users", "Reported Done by", readonly=True)
    verification = fields.Text(readonly=True)
    date_verified = fields.Datetime("Verified On", readonly=True)
    verified_by_id = fields.Many2one("res.users", readonly=True)
    return_count = fields.Integer("Sent Back", readonly=True)

    # what the department sees of the case
    case_number = fields.Char(related="case_id.name", string="Complaint")
    case_subject = fields.Char(related="case_id.subject", string="Subject")
    customer_name = fields.Char(related="case_id.commercial_partner_id.name", string="Customer")
    contact_name = fields.Char(related="case_id.contact_name")
    phone = fields.Char(related="case_id.phone")
    severity = fields.Selection(related="case_id.severity")
    urgency = fields.Selection(related="case_id.urgency")
    date_opened = fields.Datetime(related="case_id.date_opened", string="Complained On")
    is_overdue = fields.Boolean(compute="_compute_is_overdue", search="_search_is_overdue")
    is_department = fields.Boolean(compute="_compute_rights")
    is_desk = fields.Boolean(compute="_compute_rights")

    # ------------------------------------------------------------------ computes

    @api.depends("case_id")
    def _compute_content(self):
        for referral in self:
            if not referral.content:
                referral.content = referral.case_id._get_complaint_text()

    @api.depends("case_number", "department_id")
    def _compute_display_name(self):
        for referral in self:
            referral.display_name = " · ".join(
                filter(None, [referral.case_number, referral.department_id.name])
            )

    @api.depends("date_due", "state")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for referral in self:
            is_open = referral.state in ("sent", "received", "answered")
            referral.is_overdue = is_open and bool(referral.date_due) and referral.date_due < today

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        overdue = Domain("date_due", "<", today)
        overdue &= Domain("state", "in", ("sent", "received", "answered"))
        return Domain.OR(overdue if wanted else ~overdue for wanted in value)

    @api.depends("department_id", "case_id")
    @api.depends_context("uid")
    def _compute_rights(self):
        """Whose boxes and buttons the form shows; the server checks again."""
        for referral in self:
            referral.is_department = self.env.user in referral._get_department_users()
            referral.is_desk = referral._is_desk()

    def _get_department_users(self):
        """Who answers for the department: head, deputy and members.

        :return: ``res.users``
        """
        self.ensure_one()
        department = self.sudo().department_id
        return department.head_id | department.deputy_id | department.member_ids

    def _is_desk(self):
        """Whether the user works on the case, and so sends, verifies and withdraws."""
        self.ensure_one()
        case = self.case_id
        return bool(case) and case.has_access("write")

    # ------------------------------------------------------------------ create, write, delete

    @api.model
    def _get_server_fields(self):
        return {
            "state",
            "user_id",
            "date_sent",
            "date_received",
            "received_by_id",
            "date_answered",
            "answered_by_id",
            "result",
            "date_done",
            "done_by_id",
            "verification",
            "date_verified",
            "verified_by_id",
            "return_count",
        }

    @api.model_create_multi
    def create(self, vals_list):
        """Creating a referral sends it."""
        sent = {"state": "sent", "user_id": self.env.uid, "date_sent": fields.Datetime.now()}
        if self.env.su:
            vals_list = [{**sent, **vals} for vals in vals_list]
        else:
            closed = dict.fromkeys(self._get_server_fields() | DEPARTMENT_FIELDS, False)
            vals_list = [{**vals, **closed, **sent} for vals in vals_list]
        referrals = super().create(vals_list)
        referrals._send()
        return referrals

    def write(self, vals):
        if not self.env.su:
            self._check_referral_write(vals.keys())
        return super().write(vals)

    def _check_referral_write(self, names):
        """Desk and department each fill their own boxes, while these are open.

        :raise AccessError: a box of somebody else; :raise UserError: it is past
        """
        names = set(names) - self._get_open_fields()
        if names - DESK_FIELDS - DEPARTMENT_FIELDS:
            raise AccessError(self.env._("This part of a referral is written by its buttons."))
        for referral in self:
            if names & DESK_FIELDS and not referral._is_desk():
                raise AccessError(self.env._("Only who handles the case changes what is asked."))
            if names & DEPARTMENT_FIELDS:
                referral._check_department()
            if names and referral.sudo().state not in ("sent", "received"):
                raise UserError(
                    self.env._("%s was answered and stays as it is.", referral.display_name)
                )

    @api.model
    def _get_open_fields(self):
        mixins = self.env["mail.thread"]._fields.keys() | self.env["mail.activity.mixin"]._fields
        return mixins - self.env["base"]._fields.keys()

    def _check_department(self):
        for referral in self:
            if self.env.user not in referral._get_department_users():
                raise AccessError(
                    self.env._(
                        "Only the head and the members of %s answer for the department.",
                        referral.department_id.sudo().name,
                    )
                )

    def _check_desk(self):
        for referral in self:
            if not referral._is_desk():
                raise AccessError(self.env._("This is done by who handles the case."))

    def _check_state(self, states, done):
        for referral in self.sudo():
            if referral.state not in states:
                labels = dict(self._fields["state"]._description_selection(self.env))
                raise UserError(
                    self.env._(
                        "%(referral)s is “%(state)s” and cannot be %(done)s.",
                        referral=referral.display_name,
                        state=labels[referral.state],
                        done=done,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_never(self):
        raise UserError(self.env._("Referrals are kept with their case: withdraw it instead."))

    # ------------------------------------------------------------------ from desk to department

    def _send(self):
        """The form goes out: the department is told, the clock of its answer starts."""
        cases = self.case_id
        if not self.env.su:
            cases.check_access("write")
        cases._check_state(("open",), self.env._("referred"))
        for referral in self:
            if referral.kind == "upgrade":
                referral.case_id._check_upgrade()
            referral._tell_department()
        cases._on_referred(self)
        cases._record_event("referred", self[:1].date_sent)

    def _get_tasked_users(self):
        """Who gets a task for it: the head, else the deputy, else the members.

        :return: ``res.users``
        """
        self.ensure_one()
        department = self.sudo().department_id
        head = department.head_id.filtered("active") or department.deputy_id.filtered("active")
        return head or department.member_ids.filtered("active")

    def _tell_department(self):
        self.ensure_one()
        referral = self.sudo()
        users = referral._get_tasked_users()
        summary = self.env._("A complaint to answer: %s", referral.case_subject)
        for user in users:
            referral.with_context(mail_activity_quick_update=True).activity_schedule(
                "crm_aftersales.mail_activity_type_referral",
                user_id=user.id,
                summary=summary,
                date_deadline=referral.date_due,
            )
        if told := users | referral._get_department_copies():
            referral.message_notify(
                partner_ids=told.partner_id.ids, subject=summary, body=referral.content
            )

    def _get_department_copies(self):
        """Who reads along: recipients of copies, and for upgraded complaints the heads above.

        :return: ``res.users``
        """
        self.ensure_one()
        department = self.sudo().department_id
        users = department.copy_user_ids
        if self.kind == "upgrade":
            users |= department.parent_id.head_id
        return users.filtered("active")

    def action_receive(self):
        """A member of the department signs for the form."""
        self.check_access("read")
        self._check_department()
        self._check_state(("sent",), self.env._("received"))
        self.sudo().write(
            {
                "state": "received",
                "date_received": fields.Datetime.now(),
                "received_by_id": self.env.uid,
            }
        )

    def action_answer(self):
        """Sign the answer: analysis and measures are complete (E2.R4).

        Where nobody is named, who signs carries the measures out, within the term.

        :raise AccessError: the user does not belong to the department
        :raise UserError: answered before, or something is missing
        """
        self.check_access("read")
        self._check_department()
        self._check_state(("sent", "received"), self.env._("answered"))
        now = fields.Datetime.now()
        for referral in self.sudo():
            referral._check_answer()
            referral.write(
                {
                    "state": "answered",
                    "date_answered": now,
                    "answered_by_id": self.env.uid,
                    "responsible_id": referral.responsible_id.id or self.env.uid,
                    "date_promised": referral.date_promised or referral.date_due,
                    "date_received": referral.date_received or now,
                    "received_by_id": referral.received_by_id.id or self.env.uid,
                }
            )
        self._record_case_event("department_answered", now)
        self._tell_desk(self.env._("The department answered"))
        self.sudo().activity_feedback(["crm_aftersales.mail_activity_type_referral"])

    def _record_case_event(self, event, date):
        """The case as the server sees it: the department has no rights on it."""
        self.sudo().case_id._record_event(event, date)

    def _check_answer(self):
        if not (self.analysis or "").strip() or not (self.measures or "").strip():
            raise UserError(self.env._("Fill in analysis and measures before you sign."))
        if self.responsible_id - self._get_department_users():
            raise UserError(self.env._("Measures are carried out by somebody of the department."))

    def _tell_desk(self, summary):
        for referral in self.sudo():
            owner = (referral.case_id.user_id or referral.user_id).filtered("active")
            if owner:
                referral.case_id.activity_schedule(
                    "mail.mail_activity_data_todo",
                    user_id=owner.id,
                    summary=summary,
                    note=referral.display_name,
                )

    def action_done(self):
        """The department reports what was carried out."""
        return self._open_note("done", self.env._("What Was Done"))

    def action_verify(self):
        """The desk notes how it verified the work."""
        return self._open_note("verify", self.env._("Verify"))

    def action_return(self):
        """The desk sends an answer back."""
        return self._open_note("return", self.env._("Send Back"))

    def action_cancel(self):
        """The desk withdraws the form."""
        return self._open_note("cancel", self.env._("Withdraw"))

    def _open_note(self, kind, title):
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "crm.case.referral.note",
            "view_mode": "form",
            "target": "new",
            "context": {"default_kind": kind, "default_referral_ids": self.ids},
        }

    def _check_note(self, note):
        if not (note or "").strip():
            raise UserError(self.env._("Write a sentence: it stays with the form."))

    def _done(self, result):
        """The measures were carried out.

        :param str result: in words, needed
        """
        self.check_access("read")
        self._check_note(result)
        self._check_department()
        self._check_state(("answered",), self.env._("carried out"))
        self.sudo().write(
            {
                "state": "done",
                "result": result,
                "date_done": fields.Datetime.now(),
                "done_by_id": self.env.uid,
            }
        )
        self._tell_desk(self.env._("The department carried out its measures"))

    def _verify(self, verification):
        """The desk found the measures carried out; not by who did it.

        :param str verification: how it was verified, needed
        """
        self.check_access("read")
        self._check_note(verification)
        self._check_desk()
        self._check_state(("answered", "done"), self.env._("verified"))
        for referral in self.sudo():
            if self.env.user in referral.answered_by_id | referral.done_by_id:
                raise AccessError(self.env._("What one answered for oneself, another verifies."))
        self.sudo().write(
            {
                "state": "verified",
                "verification": verification,
                "date_verified": fields.Datetime.now(),
                "verified_by_id": self.env.uid,
            }
        )

    def _return(self, reason):
        """The desk sends an answer back; the department answers anew, the log keeps the first.

        :param str reason: in words, needed
        """
        self.check_access("read")
        self._check_note(reason)
        self._check_desk()
        self._check_state(("answered", "done"), self.env._("sent back"))
        for referral in self.sudo():
            referral._message_log(
                body=self.env._(
                    "Sent back: %(reason)s. The answer of %(who)s was: %(measures)s",
                    reason=reason,
                    who=referral.answered_by_id.name,
                    measures=referral.measures,
                )
            )
            referral.write(
                {
                    "state": "sent",
                    "return_count": referral.return_count + 1,
                    **dict.fromkeys(
                        (
                            "date_received",
                            "received_by_id",
                            "date_answered",
                            "answered_by_id",
                            "result",
                            "date_done",
                            "done_by_id",
                        ),
                        False,
                    ),
                }
            )
            referral._tell_department()
        self._record_case_event("referred", fields.Datetime.now())

    def _cancel(self, reason):
        """The desk withdraws the form.

        :param str reason: in words, needed
        """
        self.check_access("read")
        self._check_note(reason)
        self._check_desk()
        self._check_state(("sent", "received"), self.env._("withdrawn"))
        for referral in self.sudo():
            referral._message_log(body=self.env._("Withdrawn: %s", reason))
        self.sudo().write({"state": "cancelled"})
        self.sudo().activity_unlink(["crm_aftersales.mail_activity_type_referral"])

    def action_open(self):
        """The form itself, with its buttons, from the list of a case."""
        self.ensure_one()
        self.check_access("read")
        return self._get_records_action()

    def action_open_case(self):
        """The case, for who may read it."""
        self.ensure_one()
        self.case_id.check_access("read")
        return self.case_id._get_records_action()
