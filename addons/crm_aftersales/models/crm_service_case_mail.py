from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import email_normalize, email_normalize_all, formataddr, html2plaintext
from odoo.tools.mail import parse_contact_from_email

from ..tools import mail_kind

ENDED = ("closed", "cancelled")
DESCRIPTION_LIMIT = 20_000
SUBJECT_LIMIT = 120


class CrmServiceCase(models.Model):
    """Mail: what comes in becomes a case or goes to one, what goes out is an answer (D6.R1)."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    _mail_thread_customer = True

    previous_id = fields.Many2one(
        "crm.service.case",
        "Follows",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="The customer wrote again after that case was closed.",
    )
    next_ids = fields.One2many("crm.service.case", "previous_id", "Followed By")

    @api.model
    def _get_server_fields(self):
        return {**super()._get_server_fields(), "previous_id": False}

    # ------------------------------------------------------------------ whose case it is

    def _get_customer_emails(self):
        """Addresses under which the customer of the case is known, normalised.

        :return: set of str
        """
        self.ensure_one()
        case = self.sudo()
        addresses = {email_normalize(case.email), case.partner_id.email_normalized}
        return addresses - {False, None, ""}

    def _is_customer_person(self, partner):
        """Whether somebody belongs to the customer of the case.

        :param partner: ``res.partner``
        """
        self.ensure_one()
        case, partner = self.sudo(), partner.sudo()
        if not partner or not partner.partner_share:
            return False
        customer = case.commercial_partner_id
        is_family = bool(customer) and partner.commercial_partner_id == customer
        return is_family or partner.email_normalized in case._get_customer_emails()

    def _is_mail_correspondent(self, address):
        """Whether mail from an address belongs to this case: its customer, who stood in copy, who
        was written to from it, and colleagues.  A reference that was guessed is not enough.

        :param str address: normalised
        """
        self.ensure_one()
        case = self.sudo()
        if address in case._get_customer_emails() | set(email_normalize_all(case.email_cc or "")):
            return True
        partners = self.env["res.partner"].sudo().search([("email_normalized", "=", address)])
        if any(not p.partner_share or case._is_customer_person(p) for p in partners):
            return True
        if partners & case.message_partner_ids:
            return True
        heard = Domain("mail_email_address", "=", address)
        heard |= Domain("res_partner_id", "in", partners.ids)
        of_case = Domain("mail_message_id.model", "=", self._name)
        of_case &= Domain("mail_message_id.res_id", "=", case.id)
        return bool(self.env["mail.notification"].sudo().search_count(heard & of_case, limit=1))

    def _get_mail_partner(self, address, company):
        """The customer behind an address; colleagues are no customers.

        :param str address: normalised
        :param company: ``res.company`` of the case
        :return: ``res.partner``, may be empty
        """
        if not address:
            return self.env["res.partner"]
        domain = [
            ("email_normalized", "=", address),
            ("partner_share", "=", True),
            ("company_id", "in", [False, company.id]),
        ]
        # a person before a company: the company is known through the person
        return self.env["res.partner"].sudo().search(domain, order="is_company, id", limit=1)

    # ------------------------------------------------------------------ coming in

    @api.model
    def _get_mail_route(self, message_dict, route, kind):
        """Where mail really goes: to the case it answers, to a new one, or nowhere.

        Mail of strangers who know a reference, and of customers whose case is closed, opens a case
        of its own; absence notes and our own addresses open none.

        :param dict message_dict: parsed mail, see ``mail.thread.message_parse``
        :param tuple route: model, id, values, user id, alias
        :param str kind: see :func:`mail_kind.mail_kind`
        :return: a route, or None
        """
        model, case_id, values, user_id, alias = route
        address = email_normalize(message_dict.get("email_from"))
        case = self.browse(case_id or []).exists()
        if case:
            is_own = case._is_mail_correspondent(address)
            is_staff = self._is_staff_address(address)
            if is_own and (case.state not in ENDED or kind == "auto_reply" or is_staff):
                return route
            values = {
                "team_id": case.team_id.id,
                "company_id": case.company_id.id,
                "previous_id": case.id if is_own else False,
                "stranger_to_id": False if is_own else case.id,
            }
            message_dict.pop("parent_id", None)
            message_dict.pop("is_internal", None)
        else:
            values = self._clean_alias_values(values)
        if kind == "auto_reply" or not address or self._is_our_address(address):
            return None
        return (model, 0, values, user_id, alias)

    @api.model
    def _clean_alias_values(self, values):
        """What an alias says of new cases: no state, no owner, no other company than the team's.

        :param dict values: defaults of an alias, or None
        """
        guarded = self._get_server_fields().keys() | {"stage_id", "is_history", "user_id"}
        values = {name: value for name, value in (values or {}).items() if name not in guarded}
        if team := self.env["crm.service.team"].sudo().browse(values.get("team_id")).exists():
            values["company_id"] = team.company_id.id
        return values

    @api.model
    def _is_our_address(self, address):
        return bool(self.env["mail.alias.domain"].sudo()._find_aliases([address]))

    @api.model
    def _is_staff_address(self, address):
        domain = [("email_normalized", "=", address), ("partner_share", "=", False)]
        return bool(self.env["res.partner"].sudo().search_count(domain, limit=1))

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """A case out of a mail: nobody owns it yet; alias and route say team and company."""
        values = dict(custom_values or {})
        stranger_to = self.browse(values.pop("stranger_to_id", False) or [])
        name, address = parse_contact_from_email(msg_dict.get("email_from") or "")
        company = self.env["res.company"].browse(values.get("company_id")) or self.env.company
        partner = self._get_mail_partner(address, company)
        text = html2plaintext(msg_dict.get("body") or "", include_references=False).strip()
        values = {
            "kind": "inquiry",
            "channel": "email",
            "user_id": False,
            "first_responder_id": False,
            "subject": self._get_mail_subject(msg_dict.get("subject"), text),
            "description": text[:DESCRIPTION_LIMIT],
            "partner_id": partner.id,
            "contact_name": partner.name or name or address,
            **values,
        }
        case = super().message_new({**msg_dict, "email_from": address}, values)
        if stranger_to:
            case._message_log(
                body=self.env._(
                    "The mail refers to case %s, with which its sender has nothing to do: it was "
                    "registered as a case of its own.",
                    stranger_to.sudo().name,
                )
            )
        return case.with_context(crm_case_opening=True)

    @api.model
    def _get_mail_subject(self, subject, text):
        subject = mail_kind.plain_subject(subject) or next(iter(text.splitlines()), "")
        return subject[:SUBJECT_LIMIT] or self.env._("(no subject)")

    def _get_customer_information(self):
        """What is known of an unknown customer, when a reply makes a contact of the address."""
        infos = super()._get_customer_information()
        for case in self.sudo():
            if address := email_normalize(case.email):
                infos.setdefault(address, {}).update(
                    name=case.contact_name or address, phone=case.phone
                )
        return infos

    def _message_post_after_hook(self, message, msg_values):
        super()._message_post_after_hook(message, msg_values)
        if self.env.context.get("crm_case_opening"):
            self.with_context(crm_case_opening=False)._acknowledge(message)
        elif self._is_customer_message(message):
            self.sudo()._receive_customer_message(message)
            if owner := self.sudo()._get_responsible_user():
                recipients = {*(msg_values.get("partner_ids") or ()), owner.partner_id.id}
                msg_values["partner_ids"] = list(recipients)
        else:
            self._link_new_contact(message)

    def _is_customer_message(self, message):
        """Whether the customer wrote a message, by mail or in the portal; absence notes and what
        colleagues say among themselves do not count."""
        message = message.sudo()
        if message.message_type not in ("email", "comment") or self._is_note(message):
            return False
        if self.env.context.get("crm_mail_kind") == "auto_reply":
            return False
        if message.author_id:
            return self._is_customer_person(message.author_id)
        return email_normalize(message.email_from) in self._get_customer_emails()

    @api.model
    def _is_note(self, message):
        return message.is_internal or message.subtype_id != self.env.ref("mail.mt_comment")

    def _receive_customer_message(self, message):
        """The customer wrote: what waited for it goes on, what was solved may not be."""
        self._record_event("written", message=message)
        if self.state == "open" and self.stage_id.waiting == "customer":
            self.stage_id = self._get_working_stage()
        elif self.state == "solved":
            case = self._in_language_of_responsible()
            case._schedule_for_responsible(
                case.env._("The customer wrote after the case was solved"),
                case.env._("Read it; if the matter is not solved, press “Reopen”."),
            )

    def _message_receive_bounce(self, email, partner):
        super()._message_receive_bounce(email, partner)
        for case in self.sudo():
            case = case._in_language_of_responsible()
            case._schedule_for_responsible(
                case.env._("A mail did not arrive"),
                case.env._("%s cannot be reached: call, or correct the address.", email),
            )

    def _get_working_stage(self):
        """Where work goes on after waiting: the last stage before that waits for nothing.

        :return: ``crm.service.case.stage``
        """
        stages = self.env["crm.service.case.stage"].sudo()
        teams = Domain("team_ids", "=", False) | Domain("team_ids", "in", self.team_id.ids)
        working = Domain("state", "=", "open") & Domain("waiting", "=", False) & teams
        before = working & Domain("sequence", "<=", self.stage_id.sequence)
        return stages.search(before, order="sequence desc, id desc", limit=1) or stages.search(
            working, limit=1
        )

    def _get_responsible_user(self):
        """Who is told what happens to the case: its owner, else the leader of the team, else the
        head of the department.

        :return: ``res.users``, may be empty
        """
        people = (self.user_id, self.team_id.leader_id, self.department_id.head_id)
        return next((user for user in people if user.active), self.env["res.users"])

    def _in_language_of_responsible(self):
        """The case, whose texts are then in the language of who is told of it."""
        user = self._get_responsible_user()
        return self.with_context(lang=user.lang) if user.lang else self

    def _schedule_for_responsible(self, summary, note, user=None):
        """An activity, unless the same is still open."""
        self.ensure_one()
        user = user or self._get_responsible_user()
        open_ones = self.activity_ids.filtered(lambda a: a.summary == summary and a.user_id == user)
        if user and not open_ones:
            self.activity_schedule(
                "mail.mail_activity_data_todo", user_id=user.id, summary=summary, note=note
            )

    def _link_new_contact(self, message):
        """A reply made a contact of an unknown customer's address: the case is that contact's."""
        if self.sudo().partner_id or not message.sudo().partner_ids:
            return
        address = email_normalize(self.sudo().email)
        found = message.sudo().partner_ids.filtered(
            lambda partner: (
                address
                and partner.email_normalized == address
                and partner.partner_share
                and partner.company_id in (self.company_id.browse(), self.company_id)
            )
        )
        if found:
            self.sudo().partner_id = found[0]

    # ------------------------------------------------------------------ going out

    def _notify_thread(self, message, msg_vals=False, **kwargs):
        is_later = self._is_notification_scheduled(kwargs.get("scheduled_date"))
        recipients = super()._notify_thread(message, msg_vals=msg_vals, **kwargs)
        if len(self) == 1 and not is_later and self._is_answer(message, recipients):
            self._record_event("answered", message=message)
        return recipients

    def _is_answer(self, message, recipients):
        """Whether a message that went out is an answer to the customer.

        :param message: ``mail.message``
        :param recipients: as of ``_notify_get_recipients``
        """
        message = message.sudo()
        author = message.author_id
        if (
            message.message_type not in ("comment", "email", "email_outgoing")
            or self._is_note(message)
            or not author
            or author.partner_share
        ):
            return False
        people = self.env["res.partner"].browse([r["id"] for r in recipients or () if r["id"]])
        addresses = {r["email_normalized"] for r in recipients or ()}
        addresses.update(email_normalize_all(message.incoming_email_to or ""))
        addresses.update(email_normalize_all(message.incoming_email_cc or ""))
        return bool(addresses & self._get_customer_emails()) or any(
            partner.email_normalized and self._is_customer_person(partner) for partner in people
        )

    def _notify_get_reply_to(self, default=None, author_id=False):
        """Replies go to the address of the team."""
        teams = self.sudo().team_id.filtered("alias_name")
        addresses = teams._notify_get_reply_to(default=default, author_id=author_id)
        result = {case.id: addresses.get(case.team_id.id) for case in self.sudo()}
        other = self.filtered(lambda case: not result[case.id])
        if other or not self:
            result |= super(CrmServiceCase, other)._notify_get_reply_to(
                default=default, author_id=author_id
            )
        return result

    def _notify_get_recipients_groups(self, message, model_description, msg_vals=False):
        """The button in the customer's mail opens the case without a login; the log has no link."""
        groups = super()._notify_get_recipients_groups(
            message, model_description, msg_vals=msg_vals
        )
        if len(self) != 1:
            return groups
        addresses, base = self._get_customer_emails(), self.get_base_url()
        title = self.env._("Open Your Case")
        for name, _function, values in groups:
            if name == "portal":
                values["button_access"] = {"url": base + self.access_url, "title": title}
        customer = (
            "crm_case_customer",
            lambda data: data["type"] != "user" and data["email_normalized"] in addresses,
            {
                "active": True,
                "has_button_access": True,
                "button_access": {"url": base + self.sudo().get_portal_url(), "title": title},
            },
        )
        return [customer, *(group for group in groups if group[0] != "portal_customer")]

    def _get_mail_recipient(self):
        """Whom a letter about the case goes to.

        :return: dict for ``message_post``, empty without an address
        """
        self.ensure_one()
        case = self.sudo()
        partner, address = case.partner_id, email_normalize(case.email)
        if not address:
            address = partner.email_normalized
        if not address:
            return {}
        if partner.email_normalized == address:
            return {"partner_ids": partner.ids}
        return {"outgoing_email_to": formataddr((case.contact_name or "", address))}

    def _post_letter(self, template):
        """Queue a letter to the customer of each case; the log keeps what it said.

        :param template: ``mail.template`` of cases
        :return: ``mail.message``, one for each case with an address
        """
        messages = self.env["mail.message"]
        cases = self.sudo().filtered(lambda case: template and case._get_mail_recipient())
        if not cases:
            return messages
        letters = template.sudo()._generate_template(
            cases.ids, ("subject", "body_html", "email_from")
        )
        for case in cases.with_context(mail_notify_force_send=False, mail_post_autofollow=False):
            letter = letters[case.id]
            messages |= case.message_post(
                **case._get_mail_recipient(),
                subject=letter["subject"],
                body=Markup(letter["body_html"] or ""),
                author_id=case.company_id.partner_id.id,
                email_from=letter["email_from"] or case.company_id.email_formatted,
                message_type="auto_comment",
                subtype_xmlid="mail.mt_comment",
                notify_skip_followers=True,
                mail_headers={
                    "Auto-Submitted": "auto-generated",
                    "X-Auto-Response-Suppress": "All",
                },
            )
        return messages

    # ------------------------------------------------------------------ automatic letters

    def _acknowledge(self, message):
        """Tell who wrote that the case is registered, once; never machines and our own people."""
        self.ensure_one()
        case = self.sudo()
        address = email_normalize(case.email)
        if (
            self.env.context.get("crm_mail_kind", "personal") != "personal"
            or not address
            or mail_kind.is_silent_address(address)
            or self._is_staff_address(address)
            or self._is_our_address(address)
        ):
            return
        case._post_letter(case.team_id.acknowledgement_template_id)

    def _record_event(self, event, date=None, message=None):
        super()._record_event(event, date=date, message=message)
        if event == "solved":
            self.filtered(lambda case: not case.is_history)._tell_solution()

    def _tell_solution(self):
        """Tell the customer the result (C2.R12, C2.R14): that is an answer."""
        for case in self:
            if message := case._post_letter(case.sudo().team_id.solved_template_id):
                case._record_event("answered", message=message)
