from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date, format_datetime

from odoo.addons.phone_validation.models.mail_thread_phone import PHONE_REGEX_PATTERN

from ..tools.phone_key import phone_key

MATCHES = 8
LAST_CASES = 5


class CrmServiceCase(models.Model):
    """Taking a call: number or name in, customer and what is open with him out, in one look.

    The screen is a client action; what it asks stands here. Everything is read and written as the
    user.
    """

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    # ------------------------------------------------------------------ who is it

    @api.model
    @api.readonly
    def get_call_matches(self, query):
        """Customers, contacts and earlier callers by number or by name.

        :param str query: as typed, or as the telephone shows it
        :return: dict of ``key`` (the number compared), ``partners`` and ``callers``, lists of
            dicts of what a line shows
        """
        self.check_access("read")
        text = (query or "").strip()
        if len(text) < 2:
            return {"key": "", "partners": [], "callers": []}
        key = phone_key(text)
        partners = self._find_call_partners(text, key)
        return {
            "key": key,
            "partners": [self._prepare_call_partner(partner) for partner in partners],
            "callers": self._find_callers(text, key),
        }

    def _find_call_partners(self, text, key):
        partners = self.env["res.partner"]
        company = Domain("company_id", "in", [False, *self.env.companies.ids])
        if key:
            return partners.search(company & self._get_phone_domain(key), limit=MATCHES)
        fields_ = ("complete_name", "crm_short_name")
        names = Domain.OR(Domain(name, "ilike", text) for name in fields_)
        return partners.search(company & names, limit=MATCHES)

    @api.model
    def _get_phone_domain(self, key):
        """Partners whose number holds these digits, through the index the core keeps."""
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "regexp_replace(%s::text, %s, '', 'g') LIKE %s",
                model._field_to_sql(alias, "phone", query),
                PHONE_REGEX_PATTERN,
                f"%{key}%",
            )
        )

    def _find_callers(self, text, key):
        """People who are no contacts yet: the latest case of each."""
        unknown = Domain("partner_id", "=", False)
        if key:
            unknown &= Domain("phone_key", "=", key) | Domain("phone", "ilike", text)
        else:
            unknown &= Domain("contact_name", "ilike", text)
        cases = self.search(unknown, limit=30, order="id desc")
        callers = {}
        for case in cases:
            callers.setdefault((case.phone_key, case.contact_name), case)
        return [
            {
                "case_id": case.id,
                "name": case.contact_name or self.env._("Unknown Caller"),
                "phone": case.phone or "",
                "detail": case.display_name,
            }
            for case in list(callers.values())[:MATCHES]
        ]

    @api.model
    def _prepare_call_partner(self, partner):
        company = partner.commercial_partner_id
        detail = [company.name if company != partner else False, partner.function, partner.city]
        return {
            "id": partner.id,
            "name": partner.name or partner.display_name,
            "phone": partner.phone or "",
            "detail": " · ".join(filter(None, detail)),
            "grade": company.crm_grade_id.name or "",
            "color": company.crm_grade_id.color,
        }

    # ------------------------------------------------------------------ what is open with him

    @api.model
    @api.readonly
    def get_call_context(self, partner_id=False, phone=False):
        """What to know while the caller speaks.

        :param int partner_id: the customer or contact, if known
        :param str phone: the caller's number
        :return: dict of ``partner``, ``facts`` (pairs), ``open`` and ``last`` cases, ``promises``
        """
        self.check_access("read")
        partner = self.env["res.partner"].browse(partner_id or [])
        partner.check_access("read")
        cases = self._find_call_cases(partner, phone_key(phone))
        open_cases = cases.filtered(lambda case: case.state == "open")
        return {
            "partner": self._prepare_call_partner(partner) if partner else False,
            "facts": self._prepare_call_facts(partner) if partner else [],
            "open": [case._prepare_call_case() for case in open_cases],
            "last": [case._prepare_call_case() for case in (cases - open_cases)[:LAST_CASES]],
            "promises": self._prepare_call_promises(partner),
        }

    def _find_call_cases(self, partner, key):
        who = Domain.FALSE
        if partner:
            who |= Domain("commercial_partner_id", "=", partner.commercial_partner_id.id)
        if key:
            who |= Domain("phone_key", "=", key)
        alive = Domain("state", "=", "open")
        order = "date_opened desc, id desc"
        cases = self.search(who & alive, limit=2 * MATCHES, order=order)
        ended = Domain("state", "in", ("solved", "closed"))
        return cases | self.search(who & ended, limit=LAST_CASES, order=order)

    def _prepare_call_case(self):
        self.ensure_one()
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        return {
            "id": self.id,
            "name": self.name,
            "subject": self.subject,
            "kind": kinds[self.kind],
            "is_complaint": self.kind == "complaint",
            "stage": self.stage_id.name,
            "owner": self.user_id.name or "",
            "date": format_datetime(self.env, self.date_opened, dt_format="short"),
            "contacts": self.contact_number,
        }

    @api.model
    def _prepare_call_facts(self, partner):
        """What the caller's company is and likes; an addon adds its own with ``super()``.

        :return: list of pairs of caption and text; what is empty is not shown
        """
        company = partner.commercial_partner_id
        visits = self.env["crm.visit"].search(
            [
                ("commercial_partner_id", "=", company.id),
                ("date_start", "!=", False),
                ("state", "!=", "cancelled"),
            ],
            order="date_start desc",
            limit=1,
        )
        last = visits and " · ".join(
            filter(
                None,
                [
                    format_date(self.env, visits.date_start),
                    visits.method_id.name,
                    visits.user_id.name,
                ],
            )
        )
        facts = [
            (self.env._("Customer Type"), company.crm_customer_type_id.name),
            (self.env._("Salesperson"), company.user_id.name),
            (self.env._("Last Visit"), last),
        ]
        return [(caption, text) for caption, text in facts if text]

    def _prepare_call_promises(self, partner):
        promises = self.env["crm.customer.promise"].search(
            [
                ("commercial_partner_id", "=", partner.commercial_partner_id.id),
                ("commercial_partner_id", "!=", False),
                ("state", "=", "open"),
            ],
            limit=MATCHES,
        )
        return [
            {
                "id": promise.id,
                "description": promise.description,
                "date": format_date(self.env, promise.date_deadline),
                "owner": promise.user_id.name,
                "is_overdue": promise.is_overdue,
            }
            for promise in promises
        ]

    @api.model
    @api.readonly
    def get_call_choices(self):
        """What the screen offers to choose from.

        :return: dict of lists of pairs: ``kinds``, ``channels``, ``urgencies``, ``categories``
        """
        self.check_access("create")
        selections = {
            plural: self._fields[name]._description_selection(self.env)
            for name, plural in (
                ("kind", "kinds"),
                ("channel", "channels"),
                ("urgency", "urgencies"),
            )
        }
        categories = self.env["crm.case.category"].search([], limit=200)
        return {
            **selections,
            "categories": [(category.id, category.display_name) for category in categories],
        }

    # ------------------------------------------------------------------ writing it down

    @api.model
    def register_call(self, values):
        """Register what the caller wants.

        :param dict values: ``partner_id``, ``contact_name``, ``phone``, ``kind``, ``channel``,
            ``subject``, ``description``, ``urgency``, ``category_id``; others are ignored
        :return: int, the case
        :raise UserError: nothing is said about the matter
        """
        names = (
            "partner_id",
            "contact_name",
            "phone",
            "kind",
            "channel",
            "subject",
            "description",
            "urgency",
            "category_id",
        )
        values = {name: values[name] for name in names if values.get(name)}
        if not (values.get("subject") or "").strip():
            raise UserError(self.env._("Write in a few words what it is about."))
        return self.create([values]).id

    def note_repeat(self, text, phone=False):
        """The caller asks about a matter that is open: noted there, no second case is opened.

        Whoever takes the call may do it, also on a colleague's case: the customer shall not have
        to call again.

        :param str text: what was said
        :param str phone: the number the caller used
        :raise UserError: the case is over
        """
        self.ensure_one()
        self.check_access("read")
        self.env[self._name].check_access("create")
        self._check_state(("open",), self.env._("added to"))
        parts = [self.env._("The customer called about this again."), phone, (text or "").strip()]
        self._note_contact(fields.Datetime.now(), "\n".join(filter(None, parts)))
