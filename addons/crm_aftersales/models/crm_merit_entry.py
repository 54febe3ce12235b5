from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_amount, format_list

from odoo.addons.crm_service_base.tools.state_order import in_order

KINDS = [
    ("reward", "Reward"),
    ("criticism", "Criticism"),
    ("deduction", "Deduction"),
    ("transfer", "Transfer to Another Post"),
    ("judicial", "Handed to the Authorities"),
]
SOURCES = [
    ("daily", "Daily Supervision"),
    ("customer", "Complaint of a Customer"),
    ("sales", "Complaint of a Salesperson"),
    ("colleague", "Complaint of a Colleague"),
    ("passing", "Passing a Case Around"),
    ("commitment", "Service Commitment"),
    ("evaluation", "Evaluation"),
]
COMPLAINTS = ("customer", "sales", "colleague")
STATES = [
    ("draft", "To Examine"),
    ("submitted", "In Approval"),
    ("in_force", "In Effect"),
    ("objected", "Objected To"),
    ("withdrawn", "Revoked"),
    ("cancelled", "Not Pursued"),
]
COUNTED = ("in_force", "objected", "withdrawn")
SIGNS = {"reward": 1, "deduction": -1}
# who decides objections
OFFICES = ("manager", "director", "general_manager")
DOCUMENTS = ("case_id", "visit_id", "letter_id", "adjudication_id")
# what nobody changes of a proposal of the system
PROPOSED = {"person_id", "company_id", "source", "case_id", "active"}
# what only the server writes
STAMPS = (
    "complainant_id",
    "is_proposal",
    "date_acknowledged",
    "objection",
    "date_objected",
    "objection_result",
    "objection_reason",
    "objection_decided_by_id",
    "date_objection_decided",
    "withdraw_reason",
    "withdrawn_by_id",
    "date_withdrawn",
    "date_objection_until",
)


class CrmMeritEntry(models.Model):
    """奖惩登记: what a member of staff is rewarded or held to account for (A4.R9, C1.R12).

    In force with its approval, and never changed afterwards: what was wrong is withdrawn with a
    reason, by somebody who may decide so, and counts back in the month of the withdrawal. The
    person is told, and may object once; somebody who had no part in it decides.
    """

    _name = "crm.merit.entry"
    _description = "Merit Entry"
    _inherit = ["crm.service.mixin", "crm.approval.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "person_id"]
    _mail_post_access = "read"

    _approval_draft_states = ("draft",)
    _approval_pending_state = "submitted"
    _approval_approved_state = "in_force"
    _approval_returned_state = "draft"

    person_id = fields.Many2one(
        "res.users",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id), ('id', '!=', uid)]",
        help="Whose merit or fault it is.",
    )
    user_id = fields.Many2one(string="Proposed By")
    department_id = fields.Many2one(readonly=True, help="Of the person; its head sees the entry.")
    kind = fields.Selection(KINDS, required=True, default="deduction", index=True)
    source = fields.Selection(SOURCES, "Comes From", required=True, default="daily")
    severity_id = fields.Many2one(
        "crm.merit.severity",
        "Degree",
        compute="_compute_severity_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('kind', '=', kind), ('company_id', 'in', (company_id, False))]",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(compute="_compute_amount", store=True, readonly=False, precompute=True)
    amount_signed = fields.Monetary(
        "Net Amount", compute="_compute_amount_signed", store=True, help="Deductions are negative."
    )
    date = fields.Date("Happened On", required=True, default=fields.Date.context_today, index=True)
    grounds = fields.Text(
        "Facts and Reason", help="What happened, by which rule; the person reads it."
    )
    department_to_id = fields.Many2one(
        "crm.service.department",
        "Transferred To",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    authority = fields.Char(help="To which authority the matter is handed, with its reference.")

    # the documents it stands on
    case_id = fields.Many2one(
        "crm.service.case", index="btree_not_null", ondelete="restrict", check_company=True
    )
    visit_id = fields.Many2one(
        "crm.visit",
        "Visit or Callback",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    letter_id = fields.Many2one(
        "crm.liaison.letter",
        "Liaison Letter",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    adjudication_id = fields.Many2one(
        "crm.adjudication", index="btree_not_null", ondelete="restrict", check_company=True
    )
    document_text = fields.Char(
        "Related Document", compute="_compute_document_text", compute_sudo=True
    )
    complainant_id = fields.Many2one(
        "res.users",
        "Complaint By",
        readonly=True,
        copy=False,
        ondelete="restrict",
        groups="crm_service_base.group_supervisor,crm_service_base.group_director,"
        "crm_service_base.group_general_manager,crm_service_base.group_auditor",
    )
    is_proposal = fields.Boolean("Proposed by the System", readonly=True, copy=False)

    state = fields.Selection(
        STATES,
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )

    # what the person says to it
    date_acknowledged = fields.Datetime("Read by the Person On", readonly=True, copy=False)
    date_objection_until = fields.Date("May Object Until", readonly=True, copy=False)
    objection = fields.Text(readonly=True, copy=False)
    date_objected = fields.Datetime("Objected On", readonly=True, copy=False)
    objection_result = fields.Selection(
        [("upheld", "The Entry Stands"), ("granted", "The Entry Is Withdrawn")],
        "Decision on the Objection",
        readonly=True,
        copy=False,
    )
    objection_reason = fields.Text("Why", readonly=True, copy=False)
    objection_decided_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    date_objection_decided = fields.Datetime("Objection Decided On", readonly=True, copy=False)
    withdraw_reason = fields.Text("Why Revoked", readonly=True, copy=False)
    withdrawn_by_id = fields.Many2one(
        "res.users", "Revoked By", readonly=True, copy=False, ondelete="restrict"
    )
    date_withdrawn = fields.Datetime("Revoked On", readonly=True, copy=False)

    is_own = fields.Boolean("About Me", compute="_compute_is_own", search="_search_is_own")
    is_objectable = fields.Boolean(compute="_compute_is_own")
    is_objection_mine = fields.Boolean("Objection for Me to Decide", compute="_compute_is_own")
    is_withdrawable = fields.Boolean(compute="_compute_is_own")

    _force_idx = models.Index("(company_id, date_approved) WHERE date_approved IS NOT NULL")
    _withdrawn_idx = models.Index("(company_id, date_withdrawn) WHERE date_withdrawn IS NOT NULL")
    _proposal_uniq = models.UniqueIndex(
        "(case_id, person_id, source) WHERE is_proposal AND case_id IS NOT NULL",
        "This case has proposed an entry about this person already.",
    )
    _amount_positive = models.Constraint(
        "CHECK(amount >= 0)", "Amounts are positive: the kind says whether they are deducted."
    )

    # ------------------------------------------------------------------ computes

    @api.depends("name", "person_id", "kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for entry in self:
            parts = [entry.name, entry.person_id.sudo().name, kinds.get(entry.kind)]
            entry.display_name = " · ".join(filter(None, parts))

    @api.depends("person_id", "company_id")
    def _compute_department_id(self):
        """The department is that of the person, whoever writes it down."""
        departments = self.env["crm.service.department"]
        for entry in self:
            entry.department_id = (
                departments._get_user_department(entry.person_id, entry.company_id)
                if entry.person_id
                else departments
            )

    @api.depends("kind")
    def _compute_severity_id(self):
        for entry in self:
            if entry.severity_id.kind != entry.kind:
                entry.severity_id = False

    @api.depends("severity_id", "kind")
    def _compute_amount(self):
        for entry in self:
            entry.amount = entry.severity_id.amount if entry.kind in SIGNS else 0

    @api.depends("amount", "kind")
    def _compute_amount_signed(self):
        for entry in self:
            entry.amount_signed = SIGNS.get(entry.kind, 0) * entry.amount

    @api.depends(*DOCUMENTS)
    def _compute_document_text(self):
        """In words, for a person who does not read the documents themselves."""
        for entry in self:
            names = [entry[name].display_name for name in DOCUMENTS if entry[name]]
            entry.document_text = format_list(self.env, names) if names else False

    @api.depends("state", "person_id", "date_objected", "date_objection_until")
    @api.depends_context("uid")
    def _compute_is_own(self):
        """Whose buttons the form shows; the server checks again."""
        user, today = self.env.user, fields.Date.context_today(self)
        for entry in self:
            limit = entry.date_objection_until
            entry.is_own = entry.person_id == user
            entry.is_objectable = (
                entry.is_own
                and entry.state == "in_force"
                and not entry.date_objected
                and bool(limit)
                and limit >= today
            )
            is_open = entry.state == "objected"
            entry.is_objection_mine = is_open and user in entry._get_objection_deciders()
            entry.is_withdrawable = entry.state == "in_force" and entry._can_withdraw()

    def _search_is_own(self, operator, value):
        if operator != "in":
            return NotImplemented
        mine = Domain("person_id", "=", self.env.uid)
        return Domain.OR(mine if wanted else ~mine for wanted in value)

    # ------------------------------------------------------------------ what holds for all

    @api.constrains("person_id", "user_id")
    def _check_person_id(self):
        for entry in self:
            if entry.person_id.share:
                raise ValidationError(self.env._("Merits and faults are those of our own staff."))
            if entry.person_id == entry.user_id:
                raise ValidationError(
                    self.env._("Nobody proposes an entry about himself: ask your supervisor to.")
                )

    @api.constrains("kind", "severity_id", "amount", "company_id")
    def _check_amount(self):
        for entry in self:
            severity = entry.severity_id
            if entry.kind not in SIGNS and entry.amount:
                raise ValidationError(self.env._("Only rewards and deductions have an amount."))
            if not severity:
                continue
            if severity.kind != entry.kind:
                raise ValidationError(
                    self.env._("“%s” is no severity for this kind of entry.", severity.name)
                )
            if severity.company_id not in (entry.company_id, self.env["res.company"]):
                raise ValidationError(
                    self.env._("“%s” is a severity of another company.", severity.name)
                )
            if entry.currency_id.compare_amounts(entry.amount, severity.amount_min) < 0:
                raise ValidationError(
                    self.env._(
                        "“%(severity)s” is %(amount)s at least.",
                        severity=severity.name,
                        amount=entry._format(severity.amount_min),
                    )
                )
            limit = severity.amount_max
            if limit and entry.currency_id.compare_amounts(entry.amount, limit) > 0:
                raise ValidationError(
                    self.env._(
                        "“%(severity)s” is %(amount)s at most: choose a graver one.",
                        severity=severity.name,
                        amount=entry._format(limit),
                    )
                )

    def _format(self, amount):
        return format_amount(self.env, amount, self.currency_id)

    # ------------------------------------------------------------------ approval

    @api.model
    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | set(STAMPS)

    @api.model_create_multi
    def create(self, vals_list):
        entries = super().create(vals_list)
        if not self.env.su:
            entries._check_not_own()
            entries._check_documents()
        return entries

    def write(self, vals):
        res = super().write(vals)
        if not self.env.su and not {"person_id", "company_id"}.isdisjoint(vals):
            self._check_not_own()
        if not self.env.su and not set(DOCUMENTS).isdisjoint(vals):
            self._check_documents()
        return res

    def _check_approval_write(self, names):
        """A proposal stays about whom and what it is: pursued or not, with a reason."""
        super()._check_approval_write(names)
        if not PROPOSED.isdisjoint(names) and any(self.sudo().mapped("is_proposal")):
            raise UserError(
                self.env._(
                    "A proposal of the system is submitted or not pursued; whom it is about, and "
                    "where it comes from, stay as they are."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_proposal(self):
        if any(self.sudo().mapped("is_proposal")):
            raise UserError(
                self.env._(
                    "A proposal of the system is not deleted: do not pursue it, and say why."
                )
            )

    def _check_documents(self):
        """:raise AccessError: an entry about a document that the user may not read"""
        for name in DOCUMENTS:
            if documents := self.sudo()[name].sudo(False):
                documents.check_access("read")

    def _check_not_own(self):
        """:raise AccessError: somebody writes about himself, or about another's department"""
        if any(entry.person_id == self.env.user for entry in self):
            raise AccessError(
                self.env._("Nobody proposes an entry about himself: ask your supervisor to.")
            )
        self.check_access("write")

    def _approval_check_submit(self):
        super()._approval_check_submit()
        today = fields.Date.context_today(self)
        for entry in self:
            if self.env.user == entry.person_id:
                raise AccessError(self.env._("Nobody decides about himself."))
            if not (entry.grounds or "").strip():
                raise UserError(self.env._("Write down the grounds: the person reads them."))
            if entry.date > today:
                raise UserError(self.env._("What is not yet past is no merit and no fault."))
            if entry.kind in SIGNS and not entry.severity_id:
                raise UserError(self.env._("Choose a severity: it sets the amount."))
            if entry.kind == "transfer" and not entry.department_to_id:
                raise UserError(self.env._("Say where the person is transferred to."))
            if entry.kind == "judicial" and not (entry.authority or "").strip():
                raise UserError(self.env._("Name the authority the matter is handed to."))

    def _approval_document_author(self):
        """Who never decides: the person himself, who complained, and who proposed it."""
        return super()._approval_document_author() | self.person_id | self.complainant_id

    def _approval_on_submitted(self):
        super()._approval_on_submitted()
        self.activity_unlink(["crm_aftersales.mail_activity_type_merit"])

    def _approval_on_approved(self):
        """It counts from now on, and the person hears it."""
        super()._approval_on_approved()
        today = fields.Date.context_today(self)
        for entry in self:
            days = entry.company_id.crm_merit_objection_days
            entry.date_objection_until = fields.Date.add(today, days=days)
            entry._tell_person()
            entry._tell_complainant(self.env._("Your complaint was found right: %s", entry.name))

    def _tell_person(self):
        self.ensure_one()
        if not self.person_id.active:
            return
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        parts = [kinds[self.kind]]
        if self.amount:
            parts.append(self._format(self.amount))
        body = self.env._(
            "%(what)s. Grounds: %(grounds)s. You may object once until %(date)s.",
            what=" · ".join(parts),
            grounds=self.grounds,
            date=fields.Date.to_string(self.date_objection_until),
        )
        title = self.env._("Merit entry about you: %s", self.name)
        self._notify_people(self.person_id, title, body)
        self.activity_schedule(
            "crm_aftersales.mail_activity_type_merit_read",
            date_deadline=self.date_objection_until,
            user_id=self.person_id.id,
            summary=self.env._("Read the entry about you, and object if it is wrong"),
        )

    def _tell_complainant(self, subject):
        for entry in self.filtered("complainant_id"):
            entry._notify_people(entry.complainant_id, subject, subject, is_linked=False)

    def _notify_people(self, users, subject, body, is_linked=True):
        """:param bool is_linked: whether they may open the entry itself"""
        users = users.filtered("active")
        if users:
            document = self if is_linked else self.env["mail.thread"]
            document.message_notify(partner_ids=users.partner_id.ids, subject=subject, body=body)

    def _can_file(self):
        return super()._can_file() and self.state in ("in_force", "withdrawn", "cancelled")

    @api.model
    def _cron_file_documents(self):
        """File what is finished, objections done or over (A1.R10)."""
        self._file_finished(("in_force", "withdrawn", "cancelled"), self._get_filing_limit())

    # ------------------------------------------------------------------ the person's side

    def action_acknowledge(self):
        """The person has read it.

        :raise AccessError: it is about somebody else
        """
        self._check_own()
        self._check_state(COUNTED)
        unread = self.sudo().filtered(lambda entry: not entry.date_acknowledged)
        unread.write({"date_acknowledged": fields.Datetime.now()})
        unread.activity_feedback(["crm_aftersales.mail_activity_type_merit_read"])

    def action_object(self):
        """The person objects; a dialog asks why."""
        self._check_own()
        return self._open_note("object", self.env._("Raise an Objection"))

    def _object(self, objection):
        """Object once, in time.

        :param str objection: in words, needed
        :raise AccessError: it is about somebody else
        :raise UserError: not in force, objected to before, or too late
        """
        self._check_own()
        self._check_note(objection)
        self._check_state(("in_force",))
        for entry in self.sudo():
            if entry.date_objected:
                raise UserError(
                    self.env._("You objected to %s before: it was decided then.", entry.name)
                )
            if entry.date_objection_until < fields.Date.context_today(self):
                raise UserError(
                    self.env._(
                        "The time to object to %(entry)s was over on %(date)s.",
                        entry=entry.name,
                        date=fields.Date.to_string(entry.date_objection_until),
                    )
                )
        now = fields.Datetime.now()
        self.sudo().write({"state": "objected", "objection": objection, "date_objected": now})
        self.action_acknowledge()
        for entry in self.sudo():
            for user in entry._get_objection_deciders():
                entry.activity_schedule(
                    "crm_aftersales.mail_activity_type_merit_objection",
                    user_id=user.id,
                    summary=self.env._("Decide the objection"),
                    note=objection,
                )

    def _check_own(self):
        self.check_access("read")
        if any(entry.person_id != self.env.user for entry in self.sudo()):
            raise AccessError(self.env._("Only the person whom the entry is about does this."))

    # ------------------------------------------------------------------ deciding the objection

    def _get_objection_deciders(self):
        """Who may decide the objection: service managers, the director, the general manager who
        had no part in the entry.

        :return: ``res.users``
        """
        self.ensure_one()
        entry = self.sudo()
        return self._get_office_users(entry.company_id, *OFFICES) - entry._get_involved()

    def _get_involved(self):
        """:return: ``res.users`` who proposed, approved, complained, or whom it is about"""
        requests = self.approval_request_ids
        decided = requests.decision_ids.filtered(lambda d: d.kind in ("submit", "approve"))
        return self._approval_document_author() | decided.user_id | requests.user_id

    @api.model
    def _get_office_users(self, company, *names):
        """:return: ``res.users`` of a company who hold one of the offices"""
        groups = self.env["res.groups"]
        for name in names:
            groups |= self.env.ref(f"crm_service_base.group_{name}")
        return groups.sudo().all_user_ids.filtered(
            lambda user: user.active and not user.share and company in user.company_ids
        )

    def action_decide_objection(self):
        """Decide the objection; a dialog asks how and why."""
        self._check_decider()
        return self._open_note("decide", self.env._("Decide the Objection"))

    def _decide_objection(self, result, reason):
        """The entry stands, or it is withdrawn.

        :param str result: ``upheld`` or ``granted``
        :param str reason: in words, needed
        :raise AccessError: the user had a part in the entry, or does not hold such an office
        :raise UserError: there is no open objection
        """
        self._check_decider()
        self._check_note(reason)
        self._check_state(("objected",))
        if result not in dict(self._fields["objection_result"].selection):
            raise UserError(self.env._("Choose whether the entry stands or is withdrawn."))
        now = fields.Datetime.now()
        self.sudo().write(
            {
                "objection_result": result,
                "objection_reason": reason,
                "objection_decided_by_id": self.env.uid,
                "date_objection_decided": now,
                "state": "in_force",
            }
        )
        self.sudo().activity_unlink(["crm_aftersales.mail_activity_type_merit_objection"])
        if result == "granted":
            self._withdraw_now(reason)
        for entry in self.sudo():
            texts = dict(entry._fields["objection_result"]._description_selection(self.env))
            entry._notify_people(
                entry.person_id | entry.user_id,
                self.env._("Objection decided: %s", entry.name),
                f"{texts[result]}: {reason}",
            )

    def _check_decider(self):
        self.check_access("read")
        for entry in self:
            if self.env.user not in entry._get_objection_deciders():
                raise AccessError(
                    self.env._(
                        "An objection is decided by a service manager, the director or the general "
                        "manager who had no part in the entry."
                    )
                )

    # ------------------------------------------------------------------ withdrawn, not pursued

    def _can_withdraw(self):
        """Whether the user may withdraw an entry that is in force: a service manager, of a grave
        one the general manager; never about himself.

        :return: bool for a single record
        """
        self.ensure_one()
        names = ["general_manager"] if self._is_grave() else ["manager", "general_manager"]
        held = any(self.env.user.has_group(f"crm_service_base.group_{name}") for name in names)
        return held and self.sudo().person_id != self.env.user

    def _is_grave(self):
        """:return: bool for a single record: whether the general manager approves it"""
        entry = self.sudo()
        return entry.kind in ("transfer", "judicial") or entry.severity_id.is_grave

    def action_withdraw(self):
        """Withdraw what is in force; a dialog asks why."""
        self.check_access("read")
        return self._open_note("withdraw", self.env._("Revoke the Entry"))

    def _withdraw(self, reason):
        """It was wrong: it counts back in this month's statement.

        :param str reason: in words, needed
        :raise AccessError: not the user's to decide
        :raise UserError: it is not in force
        """
        self.check_access("read")
        self._check_note(reason)
        self._check_state(("in_force",))
        if not all(entry._can_withdraw() for entry in self):
            raise AccessError(
                self.env._(
                    "An entry is withdrawn by a service manager, a grave one by the general "
                    "manager, and by nobody about himself."
                )
            )
        self._withdraw_now(reason)
        for entry in self.sudo():
            entry._notify_people(
                entry.person_id, self.env._("Revoked: %s", entry.display_name), reason
            )

    def _withdraw_now(self, reason):
        self.sudo().write(
            {
                "state": "withdrawn",
                "withdraw_reason": reason,
                "withdrawn_by_id": self.env.uid,
                "date_withdrawn": fields.Datetime.now(),
            }
        )
        self.sudo().activity_unlink(["crm_aftersales.mail_activity_type_merit_read"])

    def action_cancel(self):
        """Do not pursue a proposal; a dialog asks why."""
        self.check_access("write")
        return self._open_note("cancel", self.env._("Do Not Pursue"))

    def _cancel(self, reason):
        """A proposal leads to nothing; it stays, with the reason.

        :param str reason: in words, needed
        :raise UserError: it is no proposal any more
        """
        self.check_access("write")
        self._check_not_own()
        self._check_note(reason)
        self._check_state(("draft",))
        self._cancel_now(reason)

    def _cancel_now(self, reason):
        entries = self.sudo()
        entries.write({"state": "cancelled", "withdraw_reason": reason})
        entries.activity_unlink(["crm_aftersales.mail_activity_type_merit"])
        for entry in entries:
            entry._message_log(body=self.env._("Not pursued: %s", reason))
            entry._tell_complainant(self.env._("Your complaint is not pursued: %s", entry.name))

    def _open_note(self, kind, title):
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "crm.merit.entry.note",
            "view_mode": "form",
            "target": "new",
            "context": {"default_kind": kind, "default_entry_ids": self.ids},
        }

    def _check_note(self, note):
        if not (note or "").strip():
            raise UserError(self.env._("Write it in words: it stays with the entry."))

    def _check_state(self, states):
        names = dict(self._fields["state"]._description_selection(self.env))
        for entry in self.sudo():
            if entry.state not in states:
                raise UserError(
                    self.env._(
                        "%(document)s is “%(state)s”: this cannot be done now.",
                        document=entry.name,
                        state=names[entry.state],
                    )
                )

    # ------------------------------------------------------------------ proposals

    @api.model
    def _propose(self, person, company, **values):
        """An entry that waits for the head of the person's department to submit it.

        :param person: ``res.users`` of staff whom it is about
        :param company: ``res.company``
        :return: ``crm.merit.entry`` with ``sudo``
        """
        departments = self.env["crm.service.department"]
        department = departments._get_user_department(person, company)
        reviewer = department._get_head_above(person)
        offices = self._get_office_users(company, "manager", "general_manager")
        reviewer = (reviewer.filtered("active") or offices - person)[:1]
        # the system proposes: who judged a case or complained is not the author
        entries = self.with_user(SUPERUSER_ID).with_company(company)
        basics = {"person_id": person.id, "company_id": company.id, "user_id": reviewer.id}
        entry = entries.create({**basics, **values})
        if reviewer:
            entry.activity_schedule(
                "crm_aftersales.mail_activity_type_merit",
                user_id=reviewer.id,
                summary=self.env._("Examine the proposal, submit it or do not pursue it"),
                note=entry.grounds,
            )
        return entry
