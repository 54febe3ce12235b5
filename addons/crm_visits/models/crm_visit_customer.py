from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import consteq, format_datetime

from odoo.addons.crm_service_base.tools import approval_hash
from odoo.addons.crm_service_base.tools.plain_text import clean_text

from .crm_visit import SATISFACTION

TEXT_LIMIT = 2000
BAD_ANSWERS = ("poor", "very_poor")


class CrmVisit(models.Model):
    """What the customer does with a visit: confirm it, sign its record, rate it (A1.F2, A1.R4).

    Customers have no access rights on visits at all. The portal shows them what
    ``_prepare_portal_values`` names, and the methods here check who acts.
    """

    _name = "crm.visit"
    _inherit = ["crm.visit", "crm.signature.mixin", "portal.mixin"]

    # what the customer reads in the portal and on the phone, and what is signed
    _signature_fields = (
        "name",
        "partner_id",
        "method_id",
        "date_start",
        "date_end",
        "place",
        "visitor_ids",
        "purpose",
        "satisfaction_service",
        "satisfaction_product",
        "satisfaction_complaint",
        "product_opinion",
        "product_expectation",
        "service_opinion",
        "service_expectation",
        "opinion",
    )
    _signature_line_fields = {"answer_ids": ("question", "answer")}
    _signature_states = ("done", "submitted", "reviewed")

    access_token = fields.Char(groups=fields.NO_ACCESS)
    customer_satisfaction_service = fields.Selection(
        SATISFACTION, "Service, Rated by the Customer", readonly=True, copy=False
    )
    customer_satisfaction_product = fields.Selection(
        SATISFACTION, "Products, Rated by the Customer", readonly=True, copy=False
    )
    customer_comment = fields.Text("Customer's Comment", readonly=True, copy=False)
    date_customer_rated = fields.Datetime("Rated by the Customer On", readonly=True, copy=False)

    # ------------------------------------------------------------------ locks

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | {
            "signature_ids",
            "customer_satisfaction_service",
            "customer_satisfaction_product",
            "customer_comment",
            "date_customer_rated",
        }

    def write(self, vals):
        # a link that was sent belongs to the customer it was sent to
        if "partner_id" in vals:
            moved = self.filtered(lambda visit: visit.partner_id.id != vals["partner_id"])
            moved.sudo().filtered("access_token").access_token = False
        return super().write(vals)

    # ------------------------------------------------------------------ signature

    def _get_signature_staff(self):
        return self.user_id | self.visitor_ids

    def _get_signature_name(self):
        partner = self.partner_id
        return self.notified_contact or ("" if partner.is_company else partner.name) or ""

    def _get_signature_lines(self):
        lines = super()._get_signature_lines()
        return lines + [(line.question, line.answer) for line in self.answer_ids if line.answer]

    def _on_signed(self, signature):
        super()._on_signed(signature)
        channels = dict(signature._fields["channel"]._description_selection(self.env))
        self._message_log(
            body=self.env._(
                "Signed by %(name)s: %(channel)s.",
                name=signature.name,
                channel=channels[signature.channel],
            )
        )

    def _get_visitor_signatures(self):
        """Box 回访人签名: what was signed by hand, else who submitted the record."""
        drawn = self._get_printed_signatures("staff")
        submitted = [s for s in self._approval_signatures() if s["kind"] == "submit"]
        return [s for s in drawn if not s["is_differing"]] or submitted

    # ------------------------------------------------------------------ who comes in

    def _compute_access_url(self):
        for visit in self:
            visit.access_url = f"/my/visits/{visit.id}"

    def _portal_ensure_token(self):
        # the field itself is read by nobody: the link is for the customer's mailbox
        return super(CrmVisit, self.sudo())._portal_ensure_token()

    def get_portal_url(self, *args, **kwargs):
        """Core hands the link to whoever calls: only who may read the visit gets it."""
        self.check_access("read")
        return super().get_portal_url(*args, **kwargs)

    @api.model
    def _get_thread_with_access(self, thread_id, *, hash=None, pid=None, token=None, **kwargs):  # noqa: A002
        """The chatter is for colleagues: no link and no signed address opens it."""
        return super()._get_thread_with_access(thread_id, **kwargs)

    @api.model
    def _get_portal_domain(self, user):
        """Visits that a customer's user finds in the portal.

        :param user: ``res.users``
        """
        customer = user.sudo().partner_id.commercial_partner_id
        return (
            Domain("commercial_partner_id", "=", customer.id)
            & Domain("date", "!=", False)
            & Domain("state", "not in", ("history", "cancelled"))
        )

    def _is_portal_open(self, user, token):
        """Whether a person may see the visit in the portal.

        :param user: ``res.users`` of the request
        :param str token: what came with the address
        :return: bool
        """
        self.ensure_one()
        visit = self.sudo()
        if visit._is_portal_token(token) and visit._is_portal_link_alive():
            return True
        if user._is_internal():
            return self.with_user(user).has_access("read")
        return visit._is_portal_customer(user)

    def _is_portal_token(self, token):
        own = self.access_token
        return bool(own and token) and consteq(own.encode(), str(token).encode())

    def _is_portal_customer(self, user):
        found = self.active and self.filtered_domain(self._get_portal_domain(user))
        return bool(found) and not user._is_public()

    def _is_portal_link_alive(self):
        """The link ends some days after the visit; then customers log in.

        The days (wall-clock) are the system parameter ``crm_visits.portal_link_days``.
        """
        days = int(self.env["ir.config_parameter"].get_param("crm_visits.portal_link_days", 90))
        last = self.date_end or self.date_scheduled or self.create_date
        return self.active and last + timedelta(days=days) > fields.Datetime.now()

    def _get_portal_actor(self, user):
        """Who acts in the portal.

        :param user: ``res.users`` of the request
        :return: dict with ``channel``, ``user_id``, ``partner_id`` and ``name``
        :raise UserError: a colleague, who must not act for the customer
        """
        self.ensure_one()
        if user._is_internal():
            raise UserError(
                self.env._("You are logged in as staff: only the customer does this in the portal.")
            )
        visit = self.sudo()
        partner = visit.partner_id
        if visit._is_portal_customer(user):
            partner = user.sudo().partner_id
            actor = {"channel": "portal", "user_id": user.id}
        else:
            actor = {"channel": "link", "user_id": not user._is_public() and user.id}
        return actor | {"partner_id": partner.id, "name": partner.name}

    # ------------------------------------------------------------------ what is shown

    def _prepare_portal_summary(self):
        """A visit in the customer's list.

        :return: dict of plain values for the portal's templates
        """
        self.ensure_one()
        visit = self.sudo()
        state = visit._get_portal_state()
        return {
            "id": visit.id,
            "number": visit.name,
            "method": visit.method_id.name,
            "date": visit._format_portal_date(visit.date),
            "visitors": visit.visitor_ids.mapped("name"),
            "state": state,
            "state_label": visit._get_portal_states()[state],
        }

    def _prepare_portal_values(self):
        """What the customer sees of a visit, and nothing else.

        :return: dict of plain values for the portal's templates
        """
        self.ensure_one()
        visit = self.sudo()
        is_written = visit.state in visit._signature_states
        return visit._prepare_portal_summary() | {
            "company": visit.company_id.name,
            "place": visit.place or "",
            "purpose": visit.purpose or "",
            "is_confirmable": visit._is_portal_confirmable(),
            "is_confirmed": visit.confirmation_state == "confirmed",
            "appointment": visit._get_appointment_key(),
            "lines": visit._get_signature_lines() if is_written else [],
            "is_signable": visit._is_signature_wanted(),
            "digest": visit._get_signature_digest(),
            "signature": visit._prepare_portal_signature(),
            "signer": visit._get_signature_name(),
            "is_ratable": visit._is_portal_ratable(),
            "rating": visit._prepare_portal_rating(),
            "choices": visit._fields["satisfaction_service"]._description_selection(visit.env),
            "is_printable": visit._is_portal_printable(),
        }

    @api.model
    def _get_portal_states(self):
        return {
            "asked": self.env._("Please confirm"),
            "declined": self.env._("Another time asked for"),
            "confirmed": self.env._("Confirmed"),
            "planned": self.env._("Planned"),
            "today": self.env._("Under way"),
            "sign": self.env._("Please sign"),
            "done": self.env._("Took place"),
            "cancelled": self.env._("Cancelled"),
        }

    def _get_portal_state(self):
        match self.state:
            case "planned" if not self._is_portal_confirmable():
                return "planned"
            case "planned":
                state = self.confirmation_state
                return state if state in ("confirmed", "declined") else "asked"
            case "in_progress":
                return "today"
            case "cancelled":
                return "cancelled"
            case _:
                return "sign" if self._is_signature_wanted() else "done"

    def _format_portal_date(self, date):
        """A time in words of the visitor's zone, with the day of the week."""
        zone = self._get_signature_timezone()
        return format_datetime(self.env, date, zone, "yyyy-MM-dd EEEE HH:mm") if date else ""

    def _prepare_portal_signature(self):
        signature = self._get_current_signature("customer")
        if not signature:
            return False
        return {
            "name": signature.name,
            "date": self._format_portal_date(signature.date),
            "image": signature.with_context(bin_size=False).image,
            "is_differing": self.signature_state != "valid",
        }

    def _prepare_portal_rating(self):
        if not self.date_customer_rated:
            return False
        labels = dict(self._fields["satisfaction_service"]._description_selection(self.env))
        return {
            "service": labels.get(self.customer_satisfaction_service),
            "product": labels.get(self.customer_satisfaction_product),
            "comment": self.customer_comment or "",
        }

    def _is_portal_confirmable(self):
        self.ensure_one()
        start = self.date_scheduled
        return self.state == "planned" and bool(start) and start > fields.Datetime.now()

    def _is_portal_ratable(self):
        return self.state in self._signature_states and not self.date_customer_rated

    def _is_portal_printable(self):
        """Whether the customer may have the record as a PDF: once it is signed or reviewed."""
        self.ensure_one()
        return self.state in self._signature_states and (
            self.state == "reviewed" or self.signature_state == "valid"
        )

    def _get_appointment_key(self):
        """What the customer agrees to: who presses a button on an old page is told so."""
        self.ensure_one()
        visit = self.sudo()
        key = [visit.id, fields.Datetime.to_string(visit.date_scheduled), visit.place or None]
        return approval_hash.digest(approval_hash.canonical(key))[:16]

    # ------------------------------------------------------------------ what the customer does

    def _portal_confirm(self, user, appointment):
        """The customer agrees to time and place (A1.R4).

        :param user: ``res.users`` of the request, which may see the visit
        :param str appointment: key of the appointment that was shown
        :raise UserError: not planned any more, or moved in the meantime
        """
        actor = self._get_portal_actor(user)
        visit = self._portal_enter(appointment)
        values = {"confirmation_state": "confirmed", "notified_contact": actor["name"]}
        if not visit.date_notified:
            values["date_notified"] = fields.Datetime.now()
        visit.write(values)
        visit._clear_notice()
        visit._message_log(
            body=self.env._("%s confirmed time and place in the portal.", actor["name"])
        )

    def _portal_decline(self, user, appointment, message):
        """The customer asks for another time.

        :param user: ``res.users`` of the request, which may see the visit
        :param str appointment: key of the appointment that was shown
        :param str message: which time would do
        :raise UserError: not planned any more, moved in the meantime, asked before, no message
        """
        actor = self._get_portal_actor(user)
        text = self._clean_portal_text(message)
        if not text:
            raise UserError(self.env._("Please write which time would suit you."))
        visit = self._portal_enter(appointment)
        if visit.confirmation_state == "declined":
            raise UserError(self.env._("Thank you, your wish has reached us already."))
        visit.write({"confirmation_state": "declined", "notified_contact": actor["name"]})
        visit._message_log(
            body=self.env._(
                "%(name)s asks for another time: %(text)s", name=actor["name"], text=text
            )
        )
        visit._schedule_for_owner(self.env._("The customer asks for another time"), text)

    def _portal_enter(self, appointment):
        visit = self._signature_enter()
        if not visit._is_portal_confirmable():
            raise UserError(self.env._("This visit cannot be confirmed any more."))
        if visit._get_appointment_key() != appointment:
            raise UserError(
                self.env._("Time or place were changed meanwhile. Please look once more.")
            )
        return visit

    def _portal_sign(self, user, digest, name, image, ip_address):
        """The customer signs the record in the portal.

        :param user: ``res.users`` of the request, which may see the visit
        :param str digest: of the record that was shown
        :raise UserError: see ``_sign``
        """
        actor = self._get_portal_actor(user)
        values = {
            "role": "customer",
            "channel": actor["channel"],
            "user_id": actor["user_id"],
            "partner_id": actor["partner_id"],
            "name": name if isinstance(name, str) else "",
            "image": image if isinstance(image, str) else "",
            "ip_address": ip_address,
        }
        return self._sign(values, digest)

    def _portal_rate(self, user, service, product, comment):
        """The customer rates service and products, once a visit.

        :param user: ``res.users`` of the request, which may see the visit
        :param str service: key of the five steps of the paper
        :param str product: the same
        :raise UserError: nothing chosen, not the time for it, rated before
        """
        actor = self._get_portal_actor(user)
        visit = self._signature_enter()
        if not visit._is_portal_ratable():
            raise UserError(self.env._("Thank you, this visit cannot be rated now."))
        if not {service, product} <= dict(SATISFACTION).keys():
            raise UserError(self.env._("Please choose how satisfied you are."))
        visit.write(
            {
                "customer_satisfaction_service": service,
                "customer_satisfaction_product": product,
                "customer_comment": self._clean_portal_text(comment) or False,
                "date_customer_rated": fields.Datetime.now(),
            }
        )
        visit._message_log(body=self.env._("%s rated the visit in the portal.", actor["name"]))
        if {service, product} & set(BAD_ANSWERS):
            text = visit.customer_comment or ""
            visit._schedule_for_owner(self.env._("The customer is not satisfied"), text)

    @api.model
    def _clean_portal_text(self, text):
        return clean_text(text, TEXT_LIMIT)

    def _schedule_for_owner(self, summary, note):
        self.ensure_one()
        users = (self.user_id | self.visitor_ids | self.department_id.head_id).filtered("active")
        if users:
            self.activity_schedule(
                "mail.mail_activity_data_todo", user_id=users[0].id, summary=summary, note=note
            )

    # ------------------------------------------------------------------ mail

    def action_ask_confirmation(self):
        """Ask the customer by e-mail to confirm time and place; counts as told (A1.R4).

        :raise UserError: not planned, no appointment, or no e-mail address
        """
        self.check_access("write")
        for visit in self:
            visit._check_state(("planned",), self.env._("confirmed"))
            if not visit._is_portal_confirmable():
                raise UserError(
                    self.env._("Visit %s needs an appointment in the future.", visit.name)
                )
        self._mail_customer("crm_visits.mail_template_visit_confirm")
        for visit in self:
            visit._notify(visit._get_mail_partner().email, "asked")

    def action_thank_customer(self):
        """Thank the customer by e-mail and ask for signature and rating.

        :raise UserError: the visit did not take place yet, or no e-mail address
        """
        self.check_access("write")
        for visit in self:
            visit._check_state(self._signature_states, self.env._("signed"))
        self._mail_customer("crm_visits.mail_template_visit_thanks")

    def _mail_customer(self, template):
        """Queue a letter to the customer of each visit; the log keeps no link."""
        for visit in self:
            if not visit._get_mail_partner():
                raise UserError(
                    self.env._(
                        "Fill in an e-mail address of %s first.", visit.partner_id.display_name
                    )
                )
        self.env.ref(template).sudo().send_mail_batch(self.ids)
        for visit in self.sudo():
            visit._message_log(
                body=self.env._("The customer was written to: %s", visit._get_mail_partner().email)
            )

    def _get_mail_partner(self):
        """:return: ``res.partner`` with an e-mail address: contact or company, may be empty"""
        self.ensure_one()
        return (self.partner_id | self.commercial_partner_id).filtered("email")[:1]

    @api.model
    def _cron_ask_confirmation(self):
        """Ask by e-mail where the method says so, a day before it is late; safe to run again."""
        domain = [
            ("state", "=", "planned"),
            ("method_id.is_notice_mailed", "=", True),
            ("confirmation_state", "=", "none"),
            ("date_notified", "=", False),
            ("date_notice_deadline", "<=", "now +1d"),
            ("date_scheduled", ">", "now"),
            "|",
            ("partner_id.email", "!=", False),
            ("commercial_partner_id.email", "!=", False),
        ]
        visits = self.search(domain, order="date_scheduled, id")
        self.env["ir.cron"]._commit_progress(remaining=len(visits))
        for visit in visits:
            lang = visit.company_id._get_crm_lang()
            visit.with_context(lang=lang).action_ask_confirmation()
            if not self.env["ir.cron"]._commit_progress(1):
                break
