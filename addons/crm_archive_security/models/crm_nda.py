from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date, format_list

from odoo.addons.crm_service_base.tools.state_order import in_order


class CrmNda(models.Model):
    """保密协议: what staff, customers and others signed about customers' information (B6.R3).

    Whether one holds is a matter of dates, not of a scheduled action: on the day after its end
    nobody is granted anything under it.
    """

    _name = "crm.nda"
    _description = "Confidentiality Agreement"
    _inherit = ["crm.service.moved.mixin"]
    _order = "date_to, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "signatory_id.name", "partner_id.name"]

    _stamps = ("date_warned", "date_terminated", "terminated_by_id")

    kind = fields.Selection(
        [("staff", "Staff"), ("customer", "Customer"), ("outside", "Other Outside Party")],
        "Signed With",
        required=True,
        default="staff",
        index=True,
    )
    signatory_id = fields.Many2one(
        "res.users",
        "Staff Member",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    partner_id = fields.Many2one(string="Customer or Party")
    user_id = fields.Many2one(string="Kept By", required=True)
    state = fields.Selection(
        [("draft", "Draft"), ("in_force", "Signed"), ("terminated", "Terminated")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    scope = fields.Text(
        "Information Covered", required=True, default=lambda self: self._default_scope()
    )
    liability = fields.Text(
        "Liability for Breach", required=True, default=lambda self: self._default_liability()
    )
    is_mutual = fields.Boolean("Binds Both Sides", default=True)
    date_signed = fields.Date("Signed On", default=fields.Date.context_today, copy=False)
    date_from = fields.Date(
        "Valid From", required=True, default=fields.Date.context_today, copy=False
    )
    date_to = fields.Date("Valid Until", copy=False, help="Empty: without end.")
    months_after = fields.Integer(
        "Duty Continues (Months)",
        default=24,
        help="For how many months secrecy goes on after the end of employment or business.",
    )
    document = fields.Binary("Signed Document", attachment=True, copy=False)
    document_name = fields.Char(copy=False)
    note = fields.Text("Remarks")
    termination_reason = fields.Text(copy=False)
    date_terminated = fields.Datetime("Terminated On", readonly=True, copy=False)
    terminated_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    date_warned = fields.Datetime("Expiry Warned On", readonly=True, copy=False)
    is_valid = fields.Boolean("Holds Today", compute="_compute_is_valid", search="_search_is_valid")
    is_expired = fields.Boolean("Expired", compute="_compute_is_valid", search="_search_is_expired")
    is_expiring = fields.Boolean(
        "Expires Soon", compute="_compute_is_valid", search="_search_is_expiring"
    )

    _dates_in_order = models.Constraint(
        "CHECK(date_to >= date_from)", "An agreement cannot end before it begins."
    )
    _months_positive = models.Constraint(
        "CHECK(months_after >= 0)", "The duty after the end is not counted in negative months."
    )
    _one_side = models.Constraint(
        "CHECK((kind = 'staff' AND signatory_id IS NOT NULL AND partner_id IS NULL) "
        "OR (kind != 'staff' AND partner_id IS NOT NULL AND signatory_id IS NULL))",
        "Name the staff member, or for the others the customer or party: one of the two.",
    )
    _expiry_idx = models.Index("(date_to) WHERE state = 'in_force'")

    @api.model
    def _default_scope(self):
        return self.env._(
            "All information on customers: names, contacts, needs, prices, transactions, "
            "archives, and what was learned about them on duty."
        )

    @api.model
    def _default_liability(self):
        return self.env._(
            "Whoever breaks this agreement stops at once, reports it, makes good the damage and "
            "bears the consequences under company rules and the law."
        )

    @api.depends("name", "signatory_id", "partner_id")
    def _compute_display_name(self):
        for agreement in self:
            party = agreement.signatory_id.name or agreement.partner_id.display_name
            agreement.display_name = " · ".join(filter(None, [agreement.name, party]))

    @api.depends("state", "date_from", "date_to")
    def _compute_is_valid(self):
        today = fields.Date.context_today(self)
        valid = self.filtered_domain(self._get_valid_domain(today))
        expired = self.filtered_domain(self._get_expired_domain(today))
        expiring = self.filtered_domain(self._get_expiring_domain(today, self.env.company))
        for agreement in self:
            agreement.is_valid = agreement in valid
            agreement.is_expired = agreement in expired
            agreement.is_expiring = agreement in expiring

    def _search_is_valid(self, operator, value):
        return self._search_flag(operator, value, self._get_valid_domain())

    def _search_is_expired(self, operator, value):
        return self._search_flag(operator, value, self._get_expired_domain())

    def _search_is_expiring(self, operator, value):
        today = fields.Date.context_today(self)
        return self._search_flag(
            operator, value, self._get_expiring_domain(today, self.env.company)
        )

    def _search_flag(self, operator, value, domain):
        if operator != "in":
            return NotImplemented
        return Domain.OR(domain if wanted else ~domain for wanted in value)

    @api.model
    def _get_valid_domain(self, day=None):
        """:return: ``Domain`` of the agreements that hold on a day (today)"""
        day = day or fields.Date.context_today(self)
        return (
            Domain("state", "=", "in_force")
            & Domain("date_from", "<=", day)
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", day))
        )

    @api.model
    def _get_expired_domain(self, day=None):
        day = day or fields.Date.context_today(self)
        return Domain("state", "=", "in_force") & Domain("date_to", "<", day)

    @api.model
    def _get_expiring_domain(self, day, company):
        limit = day + relativedelta(days=company.sudo().crm_nda_warning_days)
        return self._get_valid_domain(day) & Domain("date_to", "<=", limit)

    # ------------------------------------------------------------------ delete, buttons

    @api.ondelete(at_uninstall=False)
    def _unlink_except_signed(self):
        if any(agreement.state != "draft" for agreement in self):
            raise UserError(self.env._("Signed agreements are kept: terminate them instead."))

    def _get_open_fields(self):
        return super()._get_open_fields() | {"note", "termination_reason"}

    def action_sign(self):
        """The agreement is signed: from its first day on it holds.

        :raise UserError: no draft, or the signed document is missing
        """
        self.check_access("write")
        self._check_keeper()
        self._lock()
        self._check_state(("draft",))
        for agreement in self:
            if not agreement.document or not agreement.date_signed:
                raise UserError(
                    self.env._(
                        "Attach the signed document of %s and enter when it was signed.",
                        agreement.display_name,
                    )
                )
        self.sudo().state = "in_force"

    def action_terminate(self):
        """End an agreement before its time; with its reason.

        :raise UserError: not in force, or no reason
        """
        self.check_access("write")
        self._check_keeper()
        self._lock()
        self._check_state(("in_force",))
        for agreement in self:
            agreement._check_note(agreement.termination_reason)
        self.sudo().write(
            {
                "state": "terminated",
                "date_terminated": fields.Datetime.now(),
                "terminated_by_id": self.env.uid,
            }
        )

    def _check_keeper(self):
        """Nobody declares an agreement of his own signed, nor takes it out of force."""
        own = self.sudo().filtered(lambda agreement: agreement.signatory_id == self.env.user)
        if own:
            raise AccessError(
                self.env._("%s is your own agreement: a colleague files it.", own[0].name)
            )

    # ------------------------------------------------------------------ for those who grant

    @api.model
    def _get_holders(self, records, company, day=None):
        """Who of these is bound by an agreement that holds; the door and the grants ask.

        :param records: ``res.users`` or ``res.partner``; a partner is bound by the agreement of
            the company behind it as well
        :param company: ``res.company`` the agreement was signed with
        :return: those of the records, possibly none
        """
        day = day or company._get_crm_today()
        domain = self._get_valid_domain(day) & Domain("company_id", "=", company.id)
        model = self.sudo().with_context({})  # pylint: disable=context-overridden
        if records._name == "res.users":
            found = model.search(domain & Domain("signatory_id", "in", records.ids))
            return records & found.signatory_id.with_env(records.env)
        parties = records.sudo() | records.sudo().commercial_partner_id
        found = model.search(domain & Domain("partner_id", "in", parties.ids)).partner_id
        return records.filtered(
            lambda partner: (partner.sudo() | partner.sudo().commercial_partner_id) & found
        )

    @api.model
    def _check_agreement(self, records, company, day=None):
        """Refuse whoever is bound by no agreement (B6.R3).

        :param records: see :meth:`_get_holders`
        :raise UserError: names who has to sign one first
        """
        missing = records - self._get_holders(records, company, day)
        if missing:
            raise UserError(
                self.env._(
                    "No confidentiality agreement holds for %s: have one signed and filed first.",
                    format_list(self.env, missing.sudo().mapped("name")),
                )
            )

    # ------------------------------------------------------------------ scheduled

    @api.model
    def _cron_warn_expiry(self):
        """Warn keeper and signatory once of agreements that end soon; safe to run again."""
        due = self.browse()
        for company in self.env["res.company"].search(Domain.TRUE):
            domain = self._get_expiring_domain(company._get_crm_today(), company)
            domain &= Domain("company_id", "=", company.id) & Domain("date_warned", "=", False)
            due |= self.search(domain, order="date_to, id")
        self.env["ir.cron"]._crm_each(due, lambda rows: rows._warn_expiry())

    def _warn_expiry(self):
        for agreement in self:
            agreement.date_warned = fields.Datetime.now()
            day = format_date(self.env, agreement.date_to)
            summary = self.env._("%(name)s ends on %(day)s", name=agreement.name, day=day)
            agreement.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=agreement.date_to,
                summary=summary,
                user_id=agreement.user_id.id,
            )
            agreement._tell(
                agreement.user_id | agreement.signatory_id,
                summary,
                self.env._("Have a new agreement signed: without one nothing is granted."),
            )
