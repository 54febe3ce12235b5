import uuid
from urllib.parse import urlencode

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, LockError, UserError
from odoo.fields import Domain
from odoo.tools import consteq

OPEN_STATES = ("draft", "asked")
# paper that comes in late, and who is called late, count as well
FILLABLE_STATES = (*OPEN_STATES, "expired")
ANSWERED_STATES = ("answered", "reviewed")
# what comes in on paper is typed in by us, with the paper beside it
PAPER_CHANNELS = ("letter", "fax", "on_site")


class CrmServiceOpinionMixin(models.AbstractModel):
    """What a customer says about our service: asked once, answered once, by whom and how is known.

    The customer answers by a link that ends, in the portal, or on the phone while a colleague
    types; what comes on paper is typed in with its scan. A colleague never gets the link, never
    answers about the own work, and changes nothing of an answer.

    A model has ``state`` with draft, asked, answered, expired and cancelled.
    """

    _name = "crm.service.opinion.mixin"
    _inherit = ["crm.service.moved.mixin"]
    _description = "Opinion of a Customer"
    _mail_post_access = "read"

    _stamps = (
        "date_asked",
        "date_deadline",
        "date_answered",
        "filled_by_id",
        "respondent_id",
        "answered_via",
    )
    _editable_states = FILLABLE_STATES

    partner_id = fields.Many2one(required=True)
    contact_name = fields.Char(
        "Customer Name", compute="_compute_contact", store=True, readonly=False, precompute=True
    )
    phone = fields.Char(compute="_compute_contact", store=True, readonly=False, precompute=True)
    case_id = fields.Many2one(
        "crm.service.case",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
    )
    visit_id = fields.Many2one(
        "crm.visit",
        "Callback",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
    )
    category_id = fields.Many2one(
        related="case_id.category_id", string="Service", store=True, index="btree_not_null"
    )
    service_user_id = fields.Many2one(
        "res.users",
        "Service Person",
        compute="_compute_service_user_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Whose work the customer speaks about; never types the answers in.",
    )
    channel = fields.Selection(
        "_selection_channel", "Asked Through", required=True, default="phone", index=True
    )
    date_asked = fields.Datetime(
        "Customer Asked On", readonly=True, copy=False, index="btree_not_null"
    )
    date_deadline = fields.Datetime("Answer By", readonly=True, copy=False)
    date_answered = fields.Datetime(
        "Answered On", readonly=True, copy=False, index="btree_not_null"
    )
    filled_by_id = fields.Many2one(
        "res.users",
        "Typed In By",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="The colleague who took the answers; empty where the customer answered.",
    )
    respondent_id = fields.Many2one(
        "res.partner", "Answered By", readonly=True, copy=False, ondelete="restrict"
    )
    answered_via = fields.Selection(
        "_selection_answered_via", "Answered Through", readonly=True, copy=False
    )
    scan = fields.Binary("Scan of the Paper", attachment=True, copy=False)
    scan_name = fields.Char(copy=False)
    access_token = fields.Char(groups=fields.NO_ACCESS, copy=False)
    is_fillable = fields.Boolean(compute="_compute_is_editable")

    @api.model
    def _selection_channel(self):
        return [
            ("phone", self.env._("Phone")),
            ("email", self.env._("E-mail")),
            ("portal", self.env._("Portal")),
            ("letter", self.env._("Letter")),
            ("fax", self.env._("Fax")),
            ("on_site", self.env._("On Site")),
        ]

    @api.model
    def _selection_answered_via(self):
        return [
            ("link", self.env._("Customer, by link")),
            ("portal", self.env._("Customer, in the portal")),
            ("phone", self.env._("Phone, typed in by a colleague")),
            ("paper", self.env._("Paper, typed in by a colleague")),
        ]

    # ------------------------------------------------------------------ computes

    @api.depends("partner_id")
    def _compute_contact(self):
        for opinion in self:
            partner = opinion.partner_id
            opinion.contact_name = partner.name
            opinion.phone = partner.phone or partner.commercial_partner_id.phone

    @api.depends("case_id", "visit_id")
    def _compute_service_user_id(self):
        for opinion in self:
            case = opinion.case_id or opinion.visit_id.case_id
            worker = case.solved_by_id or case.user_id
            opinion.service_user_id = worker or opinion.service_user_id

    @api.depends("state", "user_id", "service_user_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_editable(self):
        super()._compute_is_editable()
        for opinion in self:
            opinion.is_fillable = (
                bool(opinion._origin)
                and opinion.is_editable
                and opinion.service_user_id != self.env.user
                and opinion.channel not in ("email", "portal")
            )

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for opinion in self:
            names = [opinion.name, opinion.partner_id.display_name]
            opinion.display_name = " · ".join(filter(None, names))

    # ------------------------------------------------------------------ create, write, delete

    @api.model_create_multi
    def create(self, vals_list):
        opinions = super().create(vals_list)
        if not self.env.su:
            opinions._check_sources()
        return opinions

    def write(self, vals):
        result = super().write(vals)
        if not self.env.su and not {"case_id", "visit_id", "partner_id"}.isdisjoint(vals):
            self._check_sources()
        return result

    def _check_field_write(self, vals):
        super()._check_field_write(vals)
        moved = {"partner_id", "company_id", "channel", "case_id", "visit_id"} & vals.keys()
        if moved and any(opinion.state != "draft" for opinion in self.sudo()):
            raise UserError(self.env._("The customer was asked already: cancel it and ask anew."))
        if "service_user_id" in vals and not self._is_supervisor():
            if any(opinion.service_user_id for opinion in self.sudo()):
                raise AccessError(
                    self.env._("Only a supervisor changes whose work the customer speaks about.")
                )

    def _check_sources(self):
        """:raise UserError: a case or callback of another customer"""
        for opinion in self.sudo():
            for source in (opinion.case_id, opinion.visit_id):
                if source and source.commercial_partner_id != opinion.commercial_partner_id:
                    raise UserError(
                        self.env._(
                            "%(document)s is not about %(customer)s.",
                            document=source.display_name,
                            customer=opinion.partner_id.display_name,
                        )
                    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_asked(self):
        if any(opinion.state != "draft" for opinion in self):
            raise UserError(self.env._("What customers were asked is not deleted. Cancel it."))

    def _get_refusal(self, state):
        return self.env._(
            "%(name)s is “%(state)s”: that cannot be done any more.", name=self.name, state=state
        )

    def _can_file(self):
        return super()._can_file() and self.state in (*ANSWERED_STATES, "expired", "cancelled")

    # ------------------------------------------------------------------ asking

    def _get_answer_days(self):
        """:return: int, days (wall-clock) the customer has for the answer"""
        return int(
            self.env["ir.config_parameter"].sudo().get_param("crm_aftersales.opinion_days", 14)
        )

    def action_ask(self):
        """Ask the customers: by e-mail with a link, in the portal, else by the colleague in charge.

        :raise UserError: asked already, or no address
        """
        self.check_access("write")
        self._check_state(("draft",))
        for opinion in self.sudo():
            if opinion.channel == "email" and not opinion._get_mail_address():
                raise UserError(
                    self.env._(
                        "%s has no e-mail address. Enter one with the customer, or ask by phone.",
                        opinion.partner_id.display_name,
                    )
                )
        self._ask()

    def action_ask_again(self):
        """Send the link once more, with new time to answer; a lost or expired one ends.

        :raise UserError: not asked by e-mail, or answered
        """
        self.check_access("write")
        self._check_state(("asked", "expired"))
        if any(opinion.channel != "email" for opinion in self):
            raise UserError(self.env._("Only who is asked by e-mail gets a link."))
        self._ask()

    def _ask(self):
        now = fields.Datetime.now()
        for opinion in self.sudo():
            deadline = fields.Datetime.add(now, days=opinion._get_answer_days())
            opinion.write(
                {
                    "state": "asked",
                    "date_asked": now,
                    "date_deadline": deadline,
                    "access_token": False,
                }
            )
            if opinion.channel == "email":
                opinion._send_link()

    def action_ask_by_phone(self):
        """Call instead: the link that was sent ends.

        :raise UserError: answered, or not asked by e-mail or in the portal
        """
        self.check_access("write")
        self._check_state(FILLABLE_STATES)
        self._check_not_own()
        if any(opinion.channel not in ("email", "portal") for opinion in self):
            raise UserError(self.env._("Only who was to answer by itself is called instead."))
        self.sudo().write(
            {"channel": "phone", "state": "draft", "access_token": False, "date_deadline": False}
        )

    def _get_mail_address(self):
        """:return: str, where the link goes"""
        return self.partner_id.email_formatted or self.commercial_partner_id.email_formatted

    def _get_invitation_template(self):
        """The letter with the link; a model says which.

        :return: ``mail.template``, may be empty
        """
        return self.env["mail.template"]

    def _send_link(self, is_reminder=False):
        """Queue the letter with the link.

        The letter hangs on no document and comes from nobody's account: colleagues find the link
        neither in the log nor in a message.
        """
        self.ensure_one()
        template = self._get_invitation_template()
        address = self._get_mail_address()
        if not template or not address:
            return self.env["mail.mail"]
        rendered = template.sudo().with_context(
            crm_link=self._get_link(), crm_is_reminder=is_reminder
        )
        letter = rendered._generate_template(self.ids, ("subject", "body_html", "email_from"))
        values = letter[self.id]
        mail = (
            self.env["mail.mail"]
            .with_user(SUPERUSER_ID)
            .create(
                {
                    "subject": values["subject"],
                    "body_html": values["body_html"],
                    "email_from": values["email_from"] or self.company_id.email_formatted,
                    "email_to": address,
                    "author_id": self.company_id.partner_id.id,
                    "auto_delete": True,
                    "headers": repr({"Auto-Submitted": "auto-generated"}),
                }
            )
        )
        text = self.env._("Reminded by e-mail.") if is_reminder else self.env._("Asked by e-mail.")
        self._message_log(body=text)
        return mail

    def _get_link(self):
        """:return: str, the address in the letter; for the customer's mailbox only"""
        if not self.access_token:
            self.access_token = uuid.uuid4().hex
        query = urlencode({"access_token": self.access_token})
        return f"{self.get_base_url()}{self._get_portal_path()}?{query}"

    def _get_portal_path(self):
        """:return: str, the path of the customer's page; a model says where"""
        return f"/my/opinions/{self.id}"

    def action_cancel(self):
        """The customer is not asked after all.

        :raise UserError: answered already
        """
        self.check_access("write")
        self._check_state(FILLABLE_STATES)
        self._check_not_own()
        self.sudo().write({"state": "cancelled", "access_token": False})

    def _check_not_own(self):
        """What customers were asked about one's own work is not called off by oneself.

        :raise AccessError: it was
        """
        user = self.env.user
        if any(o.service_user_id == user and o.state != "draft" for o in self.sudo()):
            raise AccessError(
                self.env._("The customer was asked about your own work: a colleague does this.")
            )

    @api.model
    def _expire(self):
        """Who did not answer in time is not waited for; safe to run again."""
        domain = [("state", "=", "asked"), ("date_deadline", "<", "now")]
        while late := self.sudo().search(domain, limit=1000, order="id"):
            late.write({"state": "expired"})
            if not self.env["ir.cron"]._commit_progress(len(late)):
                break

    # ------------------------------------------------------------------ who comes in

    @api.model
    def _get_portal_domain(self, user):
        """What a customer's user finds in the portal.

        :param user: ``res.users``
        """
        customer = user.sudo().partner_id.commercial_partner_id
        return Domain("commercial_partner_id", "=", customer.id) & Domain(
            "state", "in", ("asked", *ANSWERED_STATES)
        )

    def _is_portal_open(self, user, token):
        """Whether a person may open the customer's page.

        :param user: ``res.users`` of the request
        :param str token: what came with the address
        :return: bool
        """
        self.ensure_one()
        opinion = self.sudo()
        own = opinion.access_token
        if own and token and consteq(own.encode(), str(token).encode()):
            return opinion._is_link_alive()
        if user._is_internal():
            return self.with_user(user).has_access("read")
        return opinion._is_portal_customer(user)

    def _is_link_alive(self):
        """An answered form is shown by its link until the time to answer is over."""
        is_over = self.date_deadline and self.date_deadline < fields.Datetime.now()
        is_answered = self.state in ANSWERED_STATES
        return self.active and self.state != "cancelled" and not (is_answered and is_over)

    def _is_portal_customer(self, user):
        found = self.active and self.filtered_domain(self._get_portal_domain(user))
        return bool(found) and not user._is_public()

    def _is_answerable(self):
        """Whether the customer may answer now."""
        opinion = self.sudo()
        end = opinion.date_deadline
        return opinion.state == "asked" and (not end or end > fields.Datetime.now())

    def _get_answer_enter(self):
        """The record with ``sudo`` and its row locked: of two answers one comes second.

        :raise UserError: somebody is just answering
        """
        self.ensure_one()
        opinion = self.sudo()
        try:
            opinion.lock_for_update(allow_referencing=True)
        except LockError:
            raise UserError(
                self.env._("Somebody is just answering it. Please try again.")
            ) from None
        opinion.invalidate_recordset()
        return opinion

    def _check_answerable(self):
        """:raise UserError: answered, ended or withdrawn"""
        if self.state in ANSWERED_STATES:
            raise UserError(self.env._("Thank you, this was answered already."))
        if not self._is_answerable():
            raise UserError(self.env._("Thank you, but the time to answer is over."))

    def _check_filler(self):
        """Whether the user may type in what the customer says.

        :raise AccessError: one's own work, or no right
        :raise UserError: not the channel for it
        """
        self.ensure_one()
        self.check_access("write")
        self._check_state(FILLABLE_STATES)
        opinion = self.sudo()
        if opinion.service_user_id == self.env.user:
            raise AccessError(
                self.env._("It is about your own work: a colleague takes the customer's answers.")
            )
        if opinion.channel in ("email", "portal"):
            raise UserError(
                self.env._("The customer answers by itself. Press “Ask by Phone” to call instead.")
            )

    def _check_fillable(self):
        """:raise UserError: see :meth:`_check_filler`, or the paper is missing"""
        self._check_filler()
        opinion = self.sudo()
        if opinion.channel in PAPER_CHANNELS and not opinion.scan:
            raise UserError(self.env._("Add the scan of the paper first."))

    def _prepare_answer_values(self, user):
        """How and by whom the answer came.

        :param user: ``res.users`` who sent it
        :return: dict of values
        """
        self.ensure_one()
        now = fields.Datetime.now()
        values = {
            "state": "answered",
            "date_asked": self.date_asked or now,
            "date_answered": now,
        }
        if user._is_internal():
            via = "paper" if self.channel in PAPER_CHANNELS else "phone"
            return values | {"filled_by_id": user.id, "answered_via": via}
        if self._is_portal_customer(user):
            partner = user.sudo().partner_id
            return values | {"respondent_id": partner.id, "answered_via": "portal"}
        return values | {"answered_via": "link"}

    def _tell_head(self, document, summary, note):
        """A to-do for the head of the service person's department, or of ours.

        :param document: record with activities
        """
        departments = self.env["crm.service.department"].sudo()
        person = self.service_user_id
        department = person and departments._get_user_department(person, self.company_id)
        department = department or self.department_id
        people = (department.head_id + department.deputy_id).filtered("active") - person
        for head in people[:1]:
            document.activity_schedule(
                "mail.mail_activity_data_todo", user_id=head.id, summary=summary, note=note
            )

    @api.model
    def _format_date(self, value):
        """A day in the zone of who looks."""
        if not value:
            return ""
        return fields.Datetime.context_timestamp(self, value).strftime("%Y-%m-%d")
