from markupsafe import Markup

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import (
    email_normalize,
    email_normalize_all,
    format_datetime,
    html2plaintext,
    plaintext2html,
)

from odoo.addons.crm_service_base.tools.plain_text import clean_text

from ..tools import upload
from .crm_service_case import KINDS

TEXT_LIMIT = 5000
SUBJECT_LIMIT = 120
ENDED = ("closed", "cancelled")
# letters that go by themselves say what the page says anyway
SHOWN_TYPES = ("comment", "email", "email_outgoing")
DOUBLE_MINUTES = 10
# clocks of which the customer waits for the end
CUSTOMER_TARGETS = ("acknowledge", "progress", "first_solution", "solve", "arrive")


class CrmServiceCase(models.Model):
    """What the customer does with a case in the portal: files it, follows it, writes, signs, rates.

    Customers have no access rights on cases at all. The portal shows them what
    ``_prepare_portal_values`` names, and the methods here check who acts. The link in a mail lets
    its reader do with that one case what its customer may do, and nothing with any other.
    """

    _name = "crm.service.case"
    _inherit = ["crm.portal.mixin", "crm.service.case", "crm.signature.mixin"]

    _portal_path = "/my/cases"
    _portal_days_parameter = "crm_aftersales.portal_link_days"
    _portal_holder_fields = ("partner_id", "email")

    # what the customer reads and signs
    _signature_fields = ("name", "partner_id", "subject", "description", "solution", "date_solved")
    _signature_states = ("solved", "closed")

    @api.model
    def _get_server_fields(self):
        return {**super()._get_server_fields(), "signature_ids": False}

    def _get_portal_holder(self):
        return self.partner_id, email_normalize(self.email) or self.partner_id.email_normalized

    # ------------------------------------------------------------------ signature

    def _get_signature_name(self):
        partner = self.partner_id
        return ("" if partner.is_company else partner.name or self.contact_name) or ""

    def _on_signed(self, signature):
        super()._on_signed(signature)
        channels = dict(signature._fields["channel"]._description_selection(self.env))
        self._message_log(
            body=self.env._(
                "Signed by %(name)s that it is solved: %(channel)s.",
                name=signature.name,
                channel=channels[signature.channel],
            )
        )

    # ------------------------------------------------------------------ who comes in

    def _check_colleague(self):
        """Core lets whoever got one message of a thread write to it and notify whom they like.

        :raise AccessError: customers use the page of the case
        """
        if self.env.user.share and not self.env.su:
            raise AccessError(self.env._("Please write to us on the page of the case."))

    def message_post(self, **kwargs):
        """:raise AccessError: see :meth:`_check_colleague`"""
        self._check_colleague()
        return super().message_post(**kwargs)

    def message_notify(self, **kwargs):
        """:raise AccessError: see :meth:`_check_colleague`"""
        self._check_colleague()
        return super().message_notify(**kwargs)

    @api.model
    def _get_portal_domain(self, user):
        return (
            super()._get_portal_domain(user)
            & Domain("state", "!=", "cancelled")
            & Domain("is_history", "=", False)
        )

    def _is_portal_link_alive(self):
        is_kept = self.active and self.state != "cancelled" and any(self._get_portal_holder())
        return is_kept and super()._is_portal_link_alive()

    def _get_portal_end(self):
        return self.date_closed

    def _get_portal_name(self):
        return super()._get_portal_name() or self.contact_name or ""

    # ------------------------------------------------------------------ what is shown

    def _prepare_portal_summary(self):
        """A case in the customer's list.

        :return: dict of plain values for the portal's templates
        """
        self.ensure_one()
        case = self.sudo()
        state = case._get_portal_state()
        return {
            "id": case.id,
            "number": case.name,
            "subject": case.subject,
            "kind": dict(self._fields["kind"]._description_selection(self.env))[case.kind],
            "date": case._format_portal_date(case.date_opened),
            "state": state,
            "state_label": self._get_portal_states()[state],
            "deadline": case._get_portal_deadline(),
        }

    def _prepare_portal_values(self):
        """What the customer sees of a case, and nothing else.

        :return: dict of plain values for the portal's templates
        """
        self.ensure_one()
        case = self.sudo()
        is_solved = case.state in case._signature_states
        return case._prepare_portal_summary() | {
            "company": case.company_id.name,
            "product": case.product_id.display_name or "",
            "description": case.description or "",
            "solution": is_solved and case.solution or "",
            "date_solved": case._format_portal_date(case.date_solved),
            "messages": case._prepare_portal_messages(),
            "is_writable": case.state not in ENDED,
            "is_reopenable": case.state == "solved",
            "is_signable": case._is_signature_wanted(),
            "is_appealable": case._is_appealable(),
            "is_ratable": case._is_ratable(),
            "digest": case._get_signature_digest(),
            "signature": case._prepare_portal_signature(),
            "signer": case._get_signature_name(),
            "rating": case._prepare_portal_rating(),
        }

    @api.model
    def _get_portal_states(self):
        """States in the customer's words."""
        return {
            "new": self.env._("Received"),
            "open": self.env._("In progress"),
            "waiting": self.env._("Waiting for your answer"),
            "solved": self.env._("Solved: please confirm"),
            "done": self.env._("Solved"),
            "closed": self.env._("Closed"),
            "cancelled": self.env._("Cancelled"),
        }

    def _get_portal_state(self):
        match self.state:
            case "open" if self.stage_id.waiting == "customer":
                return "waiting"
            case "open":
                return "open" if self.user_id else "new"
            case "solved":
                return "done" if self.signature_state == "valid" else "solved"
            case state:
                return state

    def _get_portal_deadline(self):
        """By when the customer hears of us, where clocks run; terms among colleagues do not count.

        :return: str, empty when none runs
        """
        if self.state != "open" or "clock_ids" not in self._fields:
            return ""
        running = self["clock_ids"].filtered(
            lambda clock: clock.state == "running" and clock.target in CUSTOMER_TARGETS
        )
        dates = list(filter(None, running.mapped("date_deadline")))
        return self._format_portal_date(min(dates)) if dates else ""

    def _format_portal_date(self, date):
        """A time in the zone of who looks, else of the case's owner."""
        zone = self.env.context.get("tz") or self._get_signature_timezone()
        return format_datetime(self.env, date, zone, "yyyy-MM-dd HH:mm") if date else ""

    def _prepare_portal_signature(self):
        signature = self._get_current_signature("customer")
        if not signature:
            return False
        return {
            "name": signature.name,
            "date": self._format_portal_date(signature.date),
            "is_differing": self.signature_state != "valid",
        }

    def _prepare_portal_rating(self):
        rating = self._get_current_rating()
        return rating and {"rate": int(rating.rating), "comment": rating.feedback or ""}

    # ------------------------------------------------------------------ messages

    def _get_portal_messages(self):
        """Messages of the case that its customer wrote or got; notes and what was said to others
        are not among them.

        :return: ``mail.message`` with ``sudo``, the oldest first
        """
        self.ensure_one()
        comment = self.env.ref("mail.mt_comment")
        messages = self.env["mail.message"].sudo()
        found = messages.search(
            [
                ("model", "=", self._name),
                ("res_id", "=", self.id),
                ("message_type", "in", SHOWN_TYPES),
                ("subtype_id", "=", comment.id),
                ("is_internal", "=", False),
            ],
            order="id",
        )
        addresses = self._get_customer_emails()
        notes = self.env["mail.notification"].sudo().search([("mail_message_id", "in", found.ids)])
        told = {message.id: set() for message in found}
        for note in notes:
            told[note.mail_message_id.id].add(
                self._is_customer_person(note.res_partner_id)
                or note.mail_email_address in addresses
            )
        return found.filtered(
            lambda message: True in told[message.id] or self._is_of_customer(message, addresses)
        )

    def _is_of_customer(self, message, addresses):
        """Whether the customer wrote a message, or had it by a mail that was copied to us."""
        written_to = email_normalize_all(
            f"{message.incoming_email_to or ''},{message.incoming_email_cc or ''}"
        )
        if message.author_id.partner_share or not message.author_id:
            is_own = message.author_id and self._is_customer_person(message.author_id)
            return is_own or email_normalize(message.email_from) in addresses
        return bool(addresses & set(written_to))

    def _prepare_portal_messages(self):
        addresses = self._get_customer_emails()
        messages = (
            self._prepare_portal_message(message, addresses)
            for message in self._get_portal_messages()
        )
        return [message for message in messages if message["body"] or message["files"]]

    def _prepare_portal_message(self, message, addresses):
        author = message.author_id
        is_colleague = author and not author.partner_share
        is_description = html2plaintext(message.body).split() == (self.description or "").split()
        return {
            "author": author.name or message.email_from,
            "is_own": not is_colleague and self._is_of_customer(message, addresses),
            "date": self._format_portal_date(message.create_date),
            # what stands above already is not said twice
            "body": "" if is_description else message.body,
            "files": [
                {
                    "id": attachment.id,
                    "name": attachment.name,
                    "is_picture": attachment.mimetype in upload.PICTURE_TYPES,
                }
                for attachment in message.attachment_ids
            ],
        }

    def _get_portal_attachment(self, attachment_id):
        """A file of a message that the customer sees.

        :return: ``ir.attachment`` with ``sudo``, may be empty
        """
        self.ensure_one()
        files = self.sudo()._get_portal_messages().attachment_ids
        return files.filtered(lambda attachment: attachment.id == attachment_id)

    def action_open_portal(self):
        """The page of the case as its customer sees it; without the customer's link."""
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": self.access_url, "target": "new"}

    # ------------------------------------------------------------------ what the customer does

    @api.model
    def _portal_file(self, user, values, files):
        """A customer's user files a case.

        :param user: ``res.users`` of the request
        :param dict values: ``kind``, ``subject``, ``description`` and ``previous`` of the form
        :param files: pairs of name and content
        :return: ``crm.service.case``
        :raise UserError: something is missing, or a file cannot be taken
        """
        if not user.sudo()._is_portal():
            raise UserError(self.env._("Only customers file a case in the portal."))
        partner = user.sudo().partner_id
        subject = clean_text(values.get("subject"), SUBJECT_LIMIT)
        text = clean_text(values.get("description"), TEXT_LIMIT)
        kind = values.get("kind")
        if not subject or not text:
            raise UserError(self.env._("Please write what it is about and what happened."))
        if kind not in dict(KINDS):
            raise UserError(self.env._("Please choose what kind of matter it is."))
        attachments = self._check_portal_files(files)
        cases = self.sudo()
        if double := cases._find_portal_double(partner, subject, text):
            return double
        company = user.sudo().company_id
        team = self.env["crm.service.team"].sudo()._get_company_team(company)
        case = cases.create(
            {
                "kind": kind,
                "channel": "portal",
                "subject": subject,
                "description": text,
                "partner_id": partner.id,
                "user_id": False,
                "first_responder_id": False,
                "team_id": team.id,
                "company_id": company.id,
                "previous_id": cases._find_portal_previous(user, values.get("previous")).id,
            }
        )
        opening = case.with_context(crm_case_opening=True)
        opening._post_portal_message({"partner_id": partner.id}, text, attachments)
        return case

    @api.model
    def _find_portal_double(self, partner, subject, text):
        """A second tap on the button is no second case."""
        domain = [
            ("partner_id", "=", partner.id),
            ("channel", "=", "portal"),
            ("subject", "=", subject),
            ("description", "=", text),
            ("create_date", ">", f"now -{DOUBLE_MINUTES}M"),
        ]
        return self.search(domain, limit=1)

    @api.model
    def _find_portal_previous(self, user, number):
        """The closed case that a new one follows, if it is the customer's own."""
        if not isinstance(number, str) or not number.isdecimal() or len(number) > 9:
            return self.browse()
        domain = self._get_portal_domain(user) & Domain("state", "=", "closed")
        return self.search(domain & Domain("id", "=", int(number)), limit=1)

    @api.model
    def _check_portal_files(self, files):
        """:return: attachments of ``message_post``; :raise UserError: too many or large, other"""
        files = [(name, data) for name, data in files if data]
        if len(files) > upload.MAX_FILES:
            raise UserError(self.env._("Please send %s files at most.", upload.MAX_FILES))
        return [self._check_portal_file(name, data) for name, data in files]

    @api.model
    def _check_portal_file(self, name, data):
        try:
            return upload.check_file(name, data)[0], data
        except ValueError as error:
            if str(error) == "size":
                raise UserError(
                    self.env._("“%s” is too large: 10 MB and 50 megapixels are the most.", name)
                ) from None
            raise UserError(
                self.env._("“%s” cannot be taken: send photos (JPEG, PNG) or a PDF.", name)
            ) from None

    def _post_portal_message(self, actor, text, attachments=()):
        """What the customer writes, as a message of the customer."""
        self.ensure_one()
        partner = self.env["res.partner"].browse(actor["partner_id"] or [])
        return self.message_post(
            body=Markup(plaintext2html(text)) if text else "",
            author_id=partner.id,
            email_from=partner.email_formatted or self.email,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            attachments=list(attachments),
        )

    def _portal_write(self, user, text, files):
        """The customer writes to us.

        :param user: ``res.users`` of the request, which may see the case
        :param str text: may be empty with files
        :param files: pairs of name and content
        :raise UserError: nothing written, a closed case, a file that cannot be taken
        """
        actor = self._get_portal_actor(user)
        text = clean_text(text, TEXT_LIMIT)
        attachments = self._check_portal_files(files)
        if not text and not attachments:
            raise UserError(self.env._("Please write something, or add a photo."))
        case = self._signature_enter()
        if case.state in ENDED:
            raise UserError(
                self.env._("This case is closed. Please open a new one; it will refer to this one.")
            )
        case._post_portal_message(actor, text, attachments)

    def _portal_reopen(self, user, text):
        """The customer says that it is not solved.

        :param user: ``res.users`` of the request, which may see the case
        :param str text: what is still wrong
        :raise UserError: nothing written, or not solved
        """
        actor = self._get_portal_actor(user)
        text = clean_text(text, TEXT_LIMIT)
        if not text:
            raise UserError(self.env._("Please write what is still wrong."))
        case = self._signature_enter()
        if case.state != "solved":
            raise UserError(self.env._("This case is not in a state to be reopened."))
        case._reopen(text)
        case._post_portal_message(actor, text)

    def _portal_rate(self, user, rate, comment):
        """The customer rates the case, once each time it is solved.

        :param user: ``res.users`` of the request, which may see the case
        :param str rate: ``"1"`` to ``"5"``
        :raise UserError: see ``_rate``
        """
        actor = self._get_portal_actor(user)
        case = self._signature_enter()
        stars = int(rate) if isinstance(rate, str) and rate in "12345" and len(rate) == 1 else 0
        partner = self.env["res.partner"].browse(actor["partner_id"] or [])
        case._rate(partner, stars, clean_text(comment, TEXT_LIMIT))

    def _is_appealable(self):
        """Whether the customer may appeal: the process of complaints says how."""
        self.ensure_one()
        is_complaint = self.kind == "complaint" and self.state in ("solved", "closed")
        return is_complaint and hasattr(self, "_appeal")

    def _portal_appeal(self, user, text):
        """The customer does not accept what was decided.

        :param user: ``res.users`` of the request, which may see the case
        :param str text: why
        :raise UserError: nothing written, or no appeal is possible
        """
        self._get_portal_actor(user)
        text = clean_text(text, TEXT_LIMIT)
        if not text:
            raise UserError(self.env._("Please write why you do not agree."))
        case = self._signature_enter()
        if not case._is_appealable():
            raise UserError(self.env._("No appeal is possible in this case."))
        case._appeal(text)
