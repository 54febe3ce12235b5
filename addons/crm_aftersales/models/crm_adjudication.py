from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.crm_service_base.tools.state_order import in_order

WATCHED = ("requested", "decided")


class CrmAdjudication(models.Model):
    """裁决: departments disagree, the office decides, and its decision binds them (C3.R10).

    Each department gives its opinion; somebody of the office who belongs to none of them decides
    by a deadline, and sees to it that the decision is carried out.
    """

    _name = "crm.adjudication"
    _description = "Adjudication"
    _inherit = ["crm.service.paper.mixin"]
    _order = "date_due, id desc"
    _check_company_auto = True

    _stamps = (
        "office_id",
        "opinion_ids",
        "date_requested",
        "requested_by_id",
        "decision",
        "date_execute_due",
        "date_decided",
        "decided_by_id",
        "execution",
        "date_done",
        "checked_by_id",
        "date_overdue_told",
    )
    _paper_dialog_field = "adjudication_ids"

    user_id = fields.Many2one(string="Requested By", required=True)
    case_id = fields.Many2one(
        "crm.service.case", index="btree_not_null", ondelete="restrict", check_company=True
    )
    letter_id = fields.Many2one(
        "crm.liaison.letter", index="btree_not_null", ondelete="restrict", check_company=True
    )
    case_reference = fields.Char("About Case", compute="_compute_case_reference", compute_sudo=True)
    letter_reference = fields.Char(
        "About Letter", compute="_compute_case_reference", compute_sudo=True
    )
    description = fields.Text("Disagreement", help="What the departments do not agree on.")
    department_ids = fields.Many2many(
        "crm.service.department",
        "crm_adjudication_department_rel",
        "adjudication_id",
        "department_id",
        "Departments",
        ondelete="restrict",
        domain="[('company_id', '=', company_id)]",
        help="Each gives its opinion, and is bound by the decision.",
    )
    date_due = fields.Datetime("Decide By")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("requested", "To Decide"),
            ("decided", "To Carry Out"),
            ("done", "Carried Out"),
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
    date_requested = fields.Datetime("Requested On", readonly=True, copy=False)
    requested_by_id = fields.Many2one("res.users", "Sent By", readonly=True, copy=False)
    office_id = fields.Many2one(
        "crm.service.department",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Decides. Where none is set for the company, the customer director or the general "
        "manager does; where all of it are parties, the general manager.",
    )
    opinion_ids = fields.One2many(
        "crm.adjudication.opinion", "adjudication_id", "Opinions", readonly=True, copy=False
    )
    decision = fields.Text(readonly=True, copy=False)
    date_execute_due = fields.Datetime("Carry Out By", readonly=True, copy=False)
    date_decided = fields.Datetime("Decided On", readonly=True, copy=False)
    decided_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    execution = fields.Text(readonly=True, copy=False)
    date_done = fields.Datetime("Carried Out On", readonly=True, copy=False)
    checked_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    date_watch = fields.Datetime(
        "Next Deadline", compute="_compute_date_watch", store=True, help="To decide or carry out."
    )
    date_overdue_told = fields.Datetime("Reported Overdue On", readonly=True, copy=False)
    is_overdue = fields.Boolean(compute="_compute_is_overdue", search="_search_is_overdue")
    is_party = fields.Boolean(compute="_compute_is_mine")
    is_decider = fields.Boolean(compute="_compute_is_mine")

    _overdue_idx = models.Index(
        "(date_watch) WHERE state IN ('requested', 'decided') AND date_overdue_told IS NULL"
    )

    # ------------------------------------------------------------------ computes

    @api.depends("case_id", "letter_id")
    def _compute_case_reference(self):
        for document in self:
            document.case_reference = document.case_id.display_name
            document.letter_reference = document.letter_id.display_name

    @api.depends("state", "date_due", "date_execute_due")
    def _compute_date_watch(self):
        for document in self:
            is_decided = document.state == "decided"
            document.date_watch = document.date_execute_due if is_decided else document.date_due

    @api.depends("state", "date_watch")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for document in self:
            due = document.date_watch
            document.is_overdue = document.state in WATCHED and bool(due) and due < now

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = Domain([("state", "in", WATCHED), ("date_watch", "<", "now")])
        return Domain.OR(overdue if wanted else ~overdue for wanted in value)

    @api.depends("state", "department_ids", "office_id")
    def _compute_is_mine(self):
        super()._compute_is_mine()
        for document in self:
            document.is_party = self.env.user in document.department_ids._get_staff()
            document.is_decider = self.env.user in document._get_deciders()

    def _get_deciders(self):
        """Who may decide: the office, without the departments that disagree and who asked.

        Where nobody of the office is left, as in a small company, the general manager is.

        :return: ``res.users``
        """
        self.ensure_one()
        document = self.sudo()
        asking = document.user_id | document.create_uid | document.requested_by_id
        parties = document.department_ids._get_staff() | asking
        if deciders := document.office_id._get_staff() - parties:
            return deciders
        offices = ("general_manager",) if document.office_id else ("director", "general_manager")
        return document._get_officers(offices) - parties

    def _get_officers(self, offices):
        """:return: ``res.users`` of the company who hold an office, such as general manager"""
        groups = self.env["res.groups"]
        for office in offices:
            groups |= self.env.ref(f"crm_service_base.group_{office}")
        return groups.sudo().all_user_ids.filtered(
            lambda user: user.active and self.company_id in user.company_ids
        )

    # ------------------------------------------------------------------ create, write, delete

    # ------------------------------------------------------------------ asked

    def action_request(self):
        """Ask the departments for their opinions and the office to decide.

        :raise UserError: something is missing, or it was asked before
        """
        self.check_access("write")
        self._check_state(("draft",))
        for document in self:
            document._check_request()
        for document in self.sudo():
            document.write(
                {
                    "state": "requested",
                    "date_requested": fields.Datetime.now(),
                    "requested_by_id": self.env.uid,
                    "office_id": document.company_id.crm_adjudication_department_id.id,
                    "opinion_ids": [
                        fields.Command.create({"department_id": department.id})
                        for department in document.department_ids
                    ],
                }
            )
            if not document._get_deciders():
                raise UserError(
                    self.env._(
                        "Nobody can decide: name an office in the settings that is none of these "
                        "departments."
                    )
                )
            document._tell_request()

    def _check_request(self):
        """:raise UserError: a sentence that names what is missing"""
        if len(self.department_ids) < 2:
            raise UserError(self.env._("Name the departments that disagree, two at least."))
        for department in self.department_ids:
            if not department._get_first_hands():
                raise UserError(self.env._("%s has nobody to give its opinion.", department.name))
        if not (self.description or "").strip():
            raise UserError(self.env._("Describe what the departments do not agree on."))
        if not self.date_due or self.date_due <= fields.Datetime.now():
            raise UserError(self.env._("Set a deadline for the decision that lies ahead."))

    def _tell_request(self):
        for department in self.department_ids:
            self._schedule("opinion", department._get_first_hands(), self.date_due)
        hands = self.office_id._get_first_hands() if self.office_id else self._get_deciders()
        deciders = (hands & self._get_deciders()) or self._get_deciders()
        self._schedule("adjudicate", deciders, self.date_due)
        self._note_on_case(self.env._("A decision was asked for"))

    def _schedule(self, kind, users, date):
        for user in users:
            document = self.with_context(tz=user.tz)
            self.activity_schedule(
                f"crm_aftersales.mail_activity_type_{kind}",
                date_deadline=fields.Datetime.context_timestamp(document, date).date(),
                user_id=user.id,
                summary=self.subject,
            )
        self.message_subscribe(users.partner_id.ids)

    def _note_on_case(self, text):
        """What became of it stands in the log of case and letter."""
        for document in self.sudo():
            body = f"{text}: {document.display_name}"
            for origin in (document.case_id, document.letter_id):
                if origin:
                    origin._message_log(body=body)

    # ------------------------------------------------------------------ opinions

    def action_opinion(self):
        """Give the opinion of one's department."""
        self._check_party()
        return self._open_note("opinion", self.env._("Opinion of the Department"))

    def _give_opinion(self, opinion):
        """Note the opinion of the user's department; a later one replaces it, the log keeps both.

        :param str opinion: in words, needed
        :raise AccessError: the user is of none of the departments
        :raise UserError: not asked for, or decided already
        """
        self._check_party()
        self._check_note(opinion)
        self._check_state(("requested",))
        activity_type = self.env.ref("crm_aftersales.mail_activity_type_opinion")
        for document in self.sudo():
            own = document.opinion_ids.filtered(
                lambda line: self.env.user in line.department_id._get_staff()
            )
            own.write({"opinion": opinion, "user_id": self.env.uid, "date": fields.Datetime.now()})
            for department in own.department_id:
                document._message_log(
                    body=self.env._(
                        "Opinion of %(department)s: %(opinion)s",
                        department=department.name,
                        opinion=opinion,
                    )
                )
            staff = own.department_id._get_staff()
            document.activity_ids.filtered(
                lambda a, staff=staff: a.activity_type_id == activity_type and a.user_id in staff
            ).action_feedback(feedback=opinion)

    def _check_party(self):
        self.check_access("read")
        for document in self:
            if self.env.user not in document.department_ids._get_staff():
                raise AccessError(
                    self.env._("Only the departments that disagree give their opinions.")
                )

    # ------------------------------------------------------------------ decided, carried out

    def action_decide(self):
        """The office writes its decision."""
        self._check_decider()
        return self._open_note("decide", self.env._("Decision"))

    def _decide(self, decision, date_execute_due):
        """The office decides; its decision binds the departments.

        :param str decision: in words, needed
        :param datetime date_execute_due: UTC, until when it is carried out
        :raise AccessError: the user is not of the office, or of a department that disagrees
        :raise UserError: an opinion is missing before the deadline, or words are
        """
        self._check_decider()
        self._check_note(decision)
        self._check_state(("requested",))
        now = fields.Datetime.now()
        if not date_execute_due or date_execute_due <= now:
            raise UserError(self.env._("Say until when it is carried out."))
        for document in self.sudo():
            document._check_opinions(now)
        self.sudo().write(
            {
                "state": "decided",
                "decision": decision,
                "date_execute_due": date_execute_due,
                "date_decided": now,
                "decided_by_id": self.env.uid,
                "date_overdue_told": False,
            }
        )
        for document in self.sudo():
            document._close_activities(("opinion", "adjudicate"))
            for department in document.department_ids:
                document._schedule("carry_out", department._get_first_hands(), date_execute_due)
            document._tell(
                document.user_id | document.department_ids._get_recipients(),
                self.env._("Decided: %s", document.display_name),
                decision,
            )
        self._note_on_case(self.env._("Decided: %s", decision))

    def _check_opinions(self, now):
        """Both sides are heard, unless one lets the deadline pass."""
        silent = self.opinion_ids.filtered(lambda line: not line.date).department_id
        if silent and self.date_due > now:
            raise UserError(
                self.env._(
                    "%s has not given its opinion yet; without it you can decide after the "
                    "deadline.",
                    silent[0].name,
                )
            )

    def action_done(self):
        """The office notes that its decision was carried out."""
        self._check_decider()
        return self._open_note("done", self.env._("Carried Out"))

    def _done(self, execution):
        """The decision was carried out, as the office saw.

        :param str execution: in words, needed
        :raise AccessError: the user is not of the office
        :raise UserError: not decided, or no words
        """
        self._check_decider()
        self._check_note(execution)
        self._check_state(("decided",))
        self.sudo().write(
            {
                "state": "done",
                "execution": execution,
                "date_done": fields.Datetime.now(),
                "checked_by_id": self.env.uid,
            }
        )
        self._close_activities(("carry_out",))
        self._note_on_case(self.env._("Carried out: %s", execution))

    def _check_decider(self):
        self.check_access("read")
        for document in self:
            if self.env.user not in document._get_deciders():
                raise AccessError(
                    self.env._(
                        "The office decides: somebody who neither asked nor works in one of the "
                        "departments."
                    )
                )

    def action_withdraw(self):
        """Take the request back."""
        return self._open_note("withdraw", self.env._("Withdraw"))

    def _withdraw(self, reason):
        """The departments agreed by themselves.

        :param str reason: in words, needed
        :raise UserError: decided already, or no words
        """
        self.check_access("write")
        self._check_note(reason)
        self._check_state(("draft", "requested"))
        self.sudo().write({"state": "cancelled"})
        for document in self.sudo():
            document._message_log(body=self.env._("Withdrawn: %s", reason))
        self._close_activities(("opinion", "adjudicate"))
        self._note_on_case(self.env._("Withdrawn: %s", reason))

    def _close_activities(self, kinds):
        self.sudo().activity_unlink([f"crm_aftersales.mail_activity_type_{kind}" for kind in kinds])

    # ------------------------------------------------------------------ scheduled

    @api.model
    def _cron_report_overdue(self):
        """Tell once who is late in deciding or carrying out; safe to run again."""
        domain = [
            ("state", "in", WATCHED),
            ("date_watch", "<", fields.Datetime.now()),
            ("date_overdue_told", "=", False),
        ]
        documents = self.search(domain, order="date_watch, id")
        self.env["ir.cron"]._crm_each(documents, lambda document: document._report_overdue())

    def _report_overdue(self):
        self.date_overdue_told = fields.Datetime.now()
        users = self._get_deciders() | self.user_id
        if self.state == "decided":
            for department in self.department_ids:
                users |= department._get_first_hands()
        self._tell(
            users, self.env._("Overdue: %s", self.display_name), self.decision or self.description
        )
