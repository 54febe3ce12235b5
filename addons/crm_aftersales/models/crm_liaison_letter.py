from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.crm_service_base.tools.state_order import in_order

WAITING = ("sent", "received")


class CrmLiaisonLetter(models.Model):
    """工作联系函: one department asks another to do something within a term (E2.F025).

    The other department signs for it, answers with measures, and the sender checks what was done.
    In an emergency the matter is solved first and the letter is filed afterwards (C3.R16).
    Recipients need no role of customer service: they read what was sent to their department and
    answer through the buttons, which check who they are.
    """

    _name = "crm.liaison.letter"
    _description = "Liaison Letter"
    _inherit = ["crm.service.paper.mixin"]
    _order = "date_due, id desc"
    _check_company_auto = True

    _stamps = (
        "date_sent",
        "sent_by_id",
        "date_due_first",
        "date_received",
        "received_by_id",
        "date_answered",
        "answered_by_id",
        "answer",
        "measures",
        "date_checked",
        "checked_by_id",
        "conclusion",
        "date_overdue_told",
    )
    _paper_dialog_field = "letter_ids"

    user_id = fields.Many2one(string="Sender", required=True)
    department_id = fields.Many2one(string="From Department")
    department_to_id = fields.Many2one(
        "crm.service.department",
        "To Department",
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('company_id', '=', company_id)]",
    )
    copy_department_ids = fields.Many2many(
        "crm.service.department",
        "crm_liaison_letter_copy_rel",
        "letter_id",
        "department_id",
        "Copies To",
        ondelete="restrict",
        domain="[('company_id', '=', company_id)]",
    )
    description = fields.Text(
        "Details", help="What happened, and what the department is asked for."
    )
    date_due = fields.Datetime("To Be Done By", tracking=True)
    case_id = fields.Many2one(
        "crm.service.case",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    case_reference = fields.Char(
        "About Case",
        compute="_compute_case_reference",
        compute_sudo=True,
        help="Number and subject, for those who may not open the case.",
    )
    visit_id = fields.Many2one(
        "crm.visit",
        "Callback",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )

    # solved first, written afterwards
    is_retroactive = fields.Boolean(
        "Filed Afterwards", help="An emergency: it was solved first, and the letter follows."
    )
    date_emergency = fields.Datetime("Done First On")
    emergency_action = fields.Text("What Was Done First")
    emergency_reason = fields.Text("Why It Could Not Wait")

    # where it stands
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("sent", "Sent"),
            ("received", "Received"),
            ("answered", "Answered"),
            ("done", "Done"),
            ("cancelled", "Withdrawn"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    date_sent = fields.Datetime("Sent On", readonly=True, copy=False, index="btree_not_null")
    sent_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    date_due_first = fields.Datetime("First Term", readonly=True, copy=False)
    date_received = fields.Datetime("Signed For On", readonly=True, copy=False)
    received_by_id = fields.Many2one("res.users", "Signed For By", readonly=True, copy=False)
    date_answered = fields.Datetime("Answered On", readonly=True, copy=False)
    answered_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    answer = fields.Text(readonly=True, copy=False)
    measures = fields.Text(readonly=True, copy=False)
    date_checked = fields.Datetime("Checked On", readonly=True, copy=False)
    checked_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    conclusion = fields.Text("Completion", readonly=True, copy=False)
    return_count = fields.Integer("Sent Back", readonly=True, copy=False)
    date_overdue_told = fields.Datetime("Reported Overdue On", readonly=True, copy=False)
    is_overdue = fields.Boolean(compute="_compute_is_overdue", search="_search_is_overdue")
    is_late = fields.Boolean("Answered Late", compute="_compute_is_late", store=True)
    is_receiver = fields.Boolean(compute="_compute_is_mine")

    _overdue_idx = models.Index(
        "(date_due) WHERE state IN ('sent', 'received') AND date_overdue_told IS NULL"
    )

    # ------------------------------------------------------------------ computes

    @api.depends("case_id")
    def _compute_case_reference(self):
        for letter in self:
            letter.case_reference = letter.case_id.display_name

    @api.depends("state", "date_due")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for letter in self:
            due = letter.date_due
            letter.is_overdue = letter.state in WAITING and bool(due) and due < now

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = Domain([("state", "in", WAITING), ("date_due", "<", "now")])
        return Domain.OR(overdue if wanted else ~overdue for wanted in value)

    @api.depends("date_answered", "date_due_first")
    def _compute_is_late(self):
        """By the term the department was given first, however often it was moved."""
        for letter in self:
            term, answered = letter.date_due_first, letter.date_answered
            letter.is_late = bool(term and answered) and answered > term

    @api.depends("state", "department_to_id")
    def _compute_is_mine(self):
        super()._compute_is_mine()
        for letter in self:
            letter.is_receiver = self.env.user in letter.department_to_id._get_staff()

    # ------------------------------------------------------------------ create, write, delete

    @api.model
    def _get_server_fields(self):
        return {**super()._get_server_fields(), "return_count": 0}

    def write(self, vals):
        res = super().write(vals)
        if "date_due" in vals:
            self._follow_term()
        return res

    def _check_content_write(self, names, vals):
        """A letter that waits for its answer can be given another term."""
        for letter in self.sudo():
            is_term = names == {"date_due"} and letter.state in WAITING
            if letter.state != "draft" and not (is_term and vals["date_due"]):
                raise UserError(
                    self.env._(
                        "Letter %s was sent and stays as it is; only its term can be moved, until "
                        "it is answered.",
                        letter.name,
                    )
                )

    def _follow_term(self):
        """A moved term: the to-do moves along, and lateness is told anew."""
        for letter in self.sudo().filtered(lambda letter: letter.state in WAITING):
            letter.date_overdue_told = False
            activities = letter._get_letter_activities()
            activities.date_deadline = letter._get_due_day()

    # ------------------------------------------------------------------ sending

    def action_send(self):
        """Send letters to their departments; copies are told.

        :raise UserError: something is missing, or the letter was sent before
        """
        self.check_access("write")
        self._check_state(("draft",))
        for letter in self:
            letter._check_send()
        now = fields.Datetime.now()
        for letter in self.sudo():
            letter.write(
                {
                    "state": "sent",
                    "date_sent": now,
                    "sent_by_id": self.env.uid,
                    "date_due_first": letter.date_due,
                }
            )
            letter._tell_department()
            letter._note_on_case(self.env._("Liaison letter sent to %s", letter._get_to_name()))

    def _check_send(self):
        """:raise UserError: a sentence that names what is missing"""
        department = self.department_to_id
        if not department:
            raise UserError(self.env._("Choose the department the letter goes to."))
        if department == self.department_id:
            raise UserError(self.env._("A letter goes to another department than one's own."))
        if not department._get_first_hands():
            raise UserError(
                self.env._(
                    "%s has neither a head nor members: nobody could sign for the letter.",
                    department.name,
                )
            )
        if not (self.description or "").strip():
            raise UserError(self.env._("Describe the matter in detail."))
        if self.is_retroactive:
            self._check_emergency()
        elif not self.date_due or self.date_due <= fields.Datetime.now():
            raise UserError(self.env._("Set a term that lies ahead."))

    def _check_emergency(self):
        texts = (self.emergency_action, self.emergency_reason)
        if not self.date_emergency or not all((text or "").strip() for text in texts):
            raise UserError(
                self.env._(
                    "A letter filed afterwards says what was done first, when, and why it could "
                    "not wait."
                )
            )
        if self.date_emergency > fields.Datetime.now():
            raise UserError(self.env._("What was done first lies in the past."))

    def _tell_department(self):
        """To-do for whoever opens the letters there, a notice to the others and the copies."""
        department = self.department_to_id
        hands = department._get_first_hands()
        for user in hands:
            self.activity_schedule(
                "crm_aftersales.mail_activity_type_letter",
                date_deadline=self._get_due_day(),
                user_id=user.id,
                summary=self.subject,
                note=self.description,
            )
        told = department._get_recipients() | self.copy_department_ids._get_recipients()
        told = told.filtered("active")
        self.message_subscribe((told | hands | self.user_id).partner_id.ids)
        self._tell(
            told - hands - self.env.user,
            self.env._("Liaison letter: %s", self.display_name),
            self.description,
        )

    def _get_due_day(self):
        """:return: date of the term where the receiving department is, else today"""
        zone = self.department_to_id._get_first_hands()[:1].tz or self.env.user.tz
        letter = self.with_context(tz=zone)
        if not self.date_due:
            return fields.Date.context_today(letter)
        return fields.Datetime.context_timestamp(letter, self.date_due).date()

    def _get_letter_activities(self):
        activity_type = self.env.ref("crm_aftersales.mail_activity_type_letter")
        return self.sudo().activity_ids.filtered(lambda a: a.activity_type_id == activity_type)

    def _get_to_name(self):
        return self.department_to_id.sudo().name

    def _note_on_case(self, text):
        """What became of the letter stands in the log of its case."""
        for letter in self.sudo().filtered("case_id"):
            letter.case_id._message_log(body=f"{text}: {letter.display_name}")

    # ------------------------------------------------------------------ the receiving department

    def action_receive(self):
        """Sign for letters as a member of the receiving department.

        :raise AccessError: the user is not of the department
        :raise UserError: not sent, or signed for before
        """
        self._check_receiver()
        self._check_state(("sent",))
        self._receive()

    def _receive(self):
        self.sudo().write(
            {
                "state": "received",
                "date_received": fields.Datetime.now(),
                "received_by_id": self.env.uid,
            }
        )

    def action_answer(self):
        """Ask for answer and measures of the receiving department."""
        self._check_receiver()
        self._check_state(WAITING)
        return self._open_note("answer", self.env._("Answer"))

    def _answer(self, answer, measures):
        """The department answers; a letter nobody signed for is signed for with it.

        :param str answer: in words, needed
        :param str measures: what is done about it; needed unless it was done before the letter
        :raise AccessError: the user is not of the department
        :raise UserError: not waiting for an answer, or words are missing
        """
        self._check_receiver()
        self._check_state(WAITING)
        is_done_first = all(letter.is_retroactive for letter in self)
        if not (answer or "").strip() or not ((measures or "").strip() or is_done_first):
            raise UserError(self.env._("Fill in the answer and the measures."))
        self.filtered(lambda letter: letter.state == "sent")._receive()
        self.sudo().write(
            {
                "state": "answered",
                "answer": answer,
                "measures": measures,
                "date_answered": fields.Datetime.now(),
                "answered_by_id": self.env.uid,
            }
        )
        for letter in self.sudo():
            letter._get_letter_activities().action_feedback(feedback=answer)
            letter._tell_sender()
            letter._note_on_case(self.env._("%s answered", letter._get_to_name()))

    def _tell_sender(self):
        if self.user_id.active:
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=self.user_id.id,
                summary=self.env._("Answered: check what was done"),
                note=self.answer,
            )

    def _check_receiver(self):
        """:raise AccessError: the user does not work in the receiving department"""
        self.check_access("read")
        for letter in self:
            if self.env.user not in letter.department_to_id._get_staff():
                raise AccessError(
                    self.env._(
                        "Only the head and the members of %s sign for the letter and answer it.",
                        letter._get_to_name(),
                    )
                )

    # ------------------------------------------------------------------ the sender

    def action_check(self):
        """The sender notes that the matter was carried out."""
        return self._open_note("check", self.env._("Carried Out"))

    def action_return(self):
        """The sender sends an answer back that does not settle the matter."""
        return self._open_note("return", self.env._("Send Back"))

    def action_withdraw(self):
        """The sender takes a letter back."""
        return self._open_note("withdraw", self.env._("Withdraw"))

    def _check_done(self, conclusion):
        """The sender saw that it was carried out.

        :param str conclusion: in words, needed
        :raise AccessError: no right on the letter, or one's own answer
        :raise UserError: not answered, or no words
        """
        self.check_access("write")
        self._check_note(conclusion)
        self._check_state(("answered",))
        if any(letter.answered_by_id == self.env.user for letter in self.sudo()):
            raise AccessError(self.env._("What one answered for oneself, another checks."))
        self.sudo().write(
            {
                "state": "done",
                "conclusion": conclusion,
                "date_checked": fields.Datetime.now(),
                "checked_by_id": self.env.uid,
            }
        )
        self.sudo().activity_feedback(["mail.mail_activity_data_todo"], feedback=conclusion)
        self._note_on_case(self.env._("Carried out: %s", conclusion))

    def _return(self, reason):
        """The sender wants another answer; the log keeps the first.

        :param str reason: in words, needed
        :raise UserError: not answered, or no words
        """
        self.check_access("write")
        self._check_note(reason)
        self._check_state(("answered",))
        for letter in self.sudo():
            letter._message_log(
                body=self.env._(
                    "Sent back: %(reason)s. The answer of %(who)s was: %(answer)s",
                    reason=reason,
                    who=letter.answered_by_id.name,
                    answer=letter.answer,
                )
            )
            forgotten = ("date_answered", "answered_by_id", "answer", "measures")
            letter.write(
                {
                    "state": "received",
                    "return_count": letter.return_count + 1,
                    **dict.fromkeys(forgotten, False),
                }
            )
            letter._tell_department()
        self.sudo().activity_unlink(["mail.mail_activity_data_todo"])

    def _withdraw(self, reason):
        """The sender takes letters back that are not answered.

        :param str reason: in words, needed
        :raise UserError: answered already, or no words
        """
        self.check_access("write")
        self._check_note(reason)
        self._check_state(("draft", *WAITING))
        self.sudo().write({"state": "cancelled"})
        for letter in self.sudo():
            letter._message_log(body=self.env._("Withdrawn: %s", reason))
            letter._get_letter_activities().unlink()
        self._note_on_case(self.env._("Withdrawn: %s", reason))

    # ------------------------------------------------------------------ scheduled

    @api.model
    def _cron_report_overdue(self):
        """Tell the heads once of letters that were not answered in time; safe to run again."""
        domain = [
            ("state", "in", WAITING),
            ("date_due", "<", fields.Datetime.now()),
            ("date_overdue_told", "=", False),
        ]
        letters = self.search(domain, order="date_due, id")
        self.env["ir.cron"]._crm_each(letters, lambda letter: letter._report_overdue())

    def _report_overdue(self):
        self.date_overdue_told = fields.Datetime.now()
        department = self.department_to_id
        self._tell(
            department._get_head_above(self.env["res.users"]) | self.user_id,
            self.env._(
                "Overdue in %(department)s: liaison letter %(letter)s",
                department=department.name,
                letter=self.display_name,
            ),
            self.description,
        )

    @api.model
    def _cron_file_documents(self):
        """File letters that were finished long ago."""
        self._file_finished(("done", "cancelled"), self._get_filing_limit())
