from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain


class CrmServiceCommitment(models.Model):
    """What the company binds itself to towards its customers, or departments to each other.

    Drafted by the service department, in force once the general manager approved it (A4.R3). What
    is in force is not rewritten: a new version replaces it on its first day.
    """

    _name = "crm.service.commitment"
    _description = "Service Commitment"
    _inherit = ["crm.service.mixin", "crm.approval.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "sequence, title, version desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "title"]

    _approval_draft_states = ("draft",)
    _approval_pending_state = "submitted"
    _approval_approved_state = "in_force"
    _approval_returned_state = "draft"

    sequence = fields.Integer(default=10)
    title = fields.Char(required=True, index="trigram")
    statement = fields.Text(
        "What Customers Are Told", help="In words that may be said and printed as they are."
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "To Approve"),
            ("in_force", "In Force"),
            ("retired", "Retired"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    audience = fields.Selection(
        [
            ("explicit", "Explicit: said to customers"),
            ("implicit", "Implicit: we hold ourselves to"),
        ],
        required=True,
        default="explicit",
    )
    scope = fields.Selection(
        [("external", "External"), ("internal", "Internal: between departments")],
        required=True,
        default="external",
    )
    extent = fields.Selection(
        [("full", "Without Conditions"), ("specific", "Under Conditions")],
        required=True,
        default="full",
    )
    conditions = fields.Text(help="For whom, for what and when it holds.")
    metric = fields.Char("Measured By", help="For instance: time from the call to the answer.")
    target = fields.Float()
    unit = fields.Selection(
        [
            ("minutes", "Minutes"),
            ("hours", "Hours"),
            ("working_hours", "Working Hours"),
            ("days", "Days"),
            ("working_days", "Working Days"),
            ("percent", "%"),
            ("times", "Times"),
        ],
        "Measured In",
    )
    date_from = fields.Date("In Force From", default=fields.Date.context_today, copy=False)
    date_to = fields.Date("In Force Until", copy=False)
    date_retired = fields.Date("Retired On", readonly=True, copy=False)
    version = fields.Integer(default=1, readonly=True, copy=False)
    previous_id = fields.Many2one(
        "crm.service.commitment",
        "Replaces",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    next_ids = fields.One2many(
        "crm.service.commitment", "previous_id", "Replaced By", readonly=True
    )
    is_current = fields.Boolean(
        "Holds Today", compute="_compute_is_current", search="_search_is_current"
    )
    is_tellable = fields.Boolean(
        "May Be Promised", compute="_compute_is_current", search="_search_is_tellable"
    )
    promise_count = fields.Integer("Promises", compute="_compute_promise_count")

    _dates_in_order = models.Constraint(
        "CHECK(date_to >= date_from)", "A commitment cannot end before it begins."
    )
    _current_idx = models.Index("(company_id, date_from) WHERE state = 'in_force'")

    @api.depends("title", "version")
    def _compute_display_name(self):
        for commitment in self:
            name = commitment.title or ""
            commitment.display_name = f"{name} (V{commitment.version})" if name else ""

    @api.depends("state", "date_from", "date_to", "audience", "scope")
    def _compute_is_current(self):
        current = self.filtered_domain(self._get_current_domain())
        tellable = current.filtered_domain(self._get_tellable_domain())
        for commitment in self:
            commitment.is_current = commitment in current
            commitment.is_tellable = commitment in tellable

    def _compute_promise_count(self):
        groups = self.env["crm.customer.promise"]._read_group(
            [("commitment_id", "in", self.ids)], ["commitment_id"], ["__count"]
        )
        counts = {commitment.id: count for commitment, count in groups}
        for commitment in self:
            commitment.promise_count = counts.get(commitment._origin.id, 0)

    @api.model
    def _get_current_domain(self, day=None):
        """:return: ``Domain`` of what is in force on a day (today)"""
        day = day or fields.Date.context_today(self)
        return (
            Domain("state", "=", "in_force")
            & Domain("active", "=", True)
            & (Domain("date_from", "=", False) | Domain("date_from", "<=", day))
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", day))
        )

    @api.model
    def _get_tellable_domain(self, day=None):
        """What may be promised to customers: implicit and internal ones are kept, not told."""
        return (
            self._get_current_domain(day)
            & Domain("audience", "=", "explicit")
            & Domain("scope", "=", "external")
        )

    def _search_is_current(self, operator, value):
        return self._search_flag(operator, value, self._get_current_domain())

    def _search_is_tellable(self, operator, value):
        return self._search_flag(operator, value, self._get_tellable_domain())

    def _search_flag(self, operator, value, domain):
        if operator != "in":
            return NotImplemented
        return Domain.OR(domain if wanted else ~domain for wanted in value)

    @api.constrains("extent", "conditions")
    def _check_conditions(self):
        for commitment in self:
            if commitment.extent == "specific" and not (commitment.conditions or "").strip():
                raise ValidationError(
                    self.env._("Say under which conditions “%s” holds.", commitment.title)
                )

    # ------------------------------------------------------------------ approval

    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {
            "state",
            "version",
            "previous_id",
            "date_retired",
            "next_ids",
        }

    def _approval_check_submit(self):
        super()._approval_check_submit()
        for commitment in self:
            told = commitment.audience == "explicit" and commitment.scope == "external"
            if told and not (commitment.statement or "").strip():
                raise UserError(
                    self.env._("Write what customers are told of “%s”.", commitment.title)
                )

    def _approval_on_approved(self):
        """The version before ends where this one begins."""
        super()._approval_on_approved()
        for commitment in self:
            previous = commitment.previous_id
            if previous.state == "in_force":
                previous._retire()

    def _retire(self):
        self.sudo().write({"state": "retired", "date_retired": fields.Date.context_today(self)})

    def action_retire(self):
        """It holds no longer.

        :raise AccessError: the user is neither general manager nor service manager
        :raise UserError: it is not in force
        """
        self.check_access("read")
        groups = ("crm_service_base.group_manager", "crm_service_base.group_general_manager")
        if not any(self.env.user.has_group(group) for group in groups):
            raise AccessError(
                self.env._("Commitments are retired by the service manager or general manager.")
            )
        for commitment in self:
            if commitment.state != "in_force":
                raise UserError(self.env._("“%s” is not in force.", commitment.title))
        self._retire()

    def action_new_version(self):
        """Draft the next version; this one holds until that is approved.

        :raise UserError: it is a draft, or the next version exists
        """
        self.ensure_one()
        self.check_access("read")
        self.check_access("create")
        if self.state not in ("in_force", "retired") or self.next_ids:
            raise UserError(
                self.env._("Of “%s” there is a newer version, or it is a draft.", self.title)
            )
        draft = self.copy({"user_id": self.env.uid, "company_id": self.company_id.id})
        draft.sudo().write({"version": self.version + 1, "previous_id": self.id})
        return draft._get_records_action()

    def action_open_promises(self):
        """What was promised to customers out of it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_visits.crm_customer_promise_action"
        )
        action["domain"] = [("commitment_id", "=", self.id)]
        action["context"] = {}
        return action
