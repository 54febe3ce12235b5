from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_list

from odoo.addons.crm_service_base.tools.state_order import in_order

from ..tools import month

# who reads all commitments; sales reads what customers are told
STAFF = (
    "crm_service_base.group_specialist,crm_service_base.group_director,"
    "crm_service_base.group_general_manager,crm_service_base.group_auditor"
)
# a commitment that held before it was entered here is counted so far back
HISTORY_MONTHS = 12
CONDITIONS = (
    "condition_case_category_ids",
    "condition_product_category_ids",
    "condition_grade_ids",
    "condition_type_ids",
)


class CrmServiceCommitment(models.Model):
    """What the company binds itself to towards its customers, or departments to each other.

    Drafted by the service department, in force once the general manager approved it (A4.R3). What
    is in force is not rewritten: a new version replaces it on its first day, and the old one stays
    as it was approved. An implicit one is kept among colleagues and may hold a compensation plan
    (A4.R10); an internal one binds departments to each other (A4.R12).
    """

    _name = "crm.service.commitment"
    _description = "Service Commitment"
    _inherit = ["crm.service.mixin", "crm.approval.mixin", "crm.colleague.thread"]
    _order = "sequence, title, version desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "title"]

    _approval_draft_states = ("draft",)
    _approval_pending_state = "submitted"
    _approval_approved_state = "in_force"
    _approval_returned_state = "draft"
    _approval_line_fields = ("ground_ids", "item_ids", "rule_ids")

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
        group_expand=in_order,
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
    condition_case_category_ids = fields.Many2many(
        "crm.case.category",
        "crm_commitment_case_category_rel",
        "commitment_id",
        "category_id",
        "Kinds of Matters",
        ondelete="restrict",
        groups=STAFF,
    )
    condition_product_category_ids = fields.Many2many(
        "product.category",
        "crm_commitment_product_category_rel",
        "commitment_id",
        "category_id",
        "Products",
        ondelete="restrict",
        groups=STAFF,
    )
    condition_grade_ids = fields.Many2many(
        "crm.customer.grade",
        "crm_commitment_grade_rel",
        "commitment_id",
        "grade_id",
        "Customer Grades",
        ondelete="restrict",
        groups=STAFF,
    )
    condition_type_ids = fields.Many2many(
        "crm.customer.type",
        "crm_commitment_type_rel",
        "commitment_id",
        "type_id",
        "Customer Types",
        ondelete="restrict",
        groups=STAFF,
    )
    condition_text = fields.Text("Holds For", compute="_compute_condition_text", compute_sudo=True)

    # what it is made of
    item_ids = fields.One2many("crm.commitment.item", "commitment_id", "Measured By", copy=True)
    ground_ids = fields.One2many(
        "crm.commitment.ground", "commitment_id", "Grounds", copy=True, groups=STAFF
    )
    rule_ids = fields.One2many(
        "crm.compensation.rule", "commitment_id", "Compensation Plan", copy=True, groups=STAFF
    )
    benefit = fields.Text(
        "What the Customer Gains", help="The expectation it meets, the convenience it brings."
    )
    is_about_matter = fields.Boolean(
        "Set for the Matter, Not for a Person",
        help="It holds whoever serves and whoever the customer is.",
    )
    is_simple = fields.Boolean("Simple and Easy to Understand")
    checklist = fields.Html(
        "Points of the Rule", compute="_compute_checklist", sanitize=False, groups=STAFF
    )
    date_from = fields.Date("In Force From", default=fields.Date.context_today, copy=False)
    date_to = fields.Date("In Force Until", copy=False)
    date_retired = fields.Date(
        "Last Day", readonly=True, copy=False, help="On which it was retired or will be replaced."
    )
    retired_kind = fields.Selection(
        [("replaced", "Replaced"), ("withdrawn", "Withdrawn"), ("expired", "Expired")],
        "Retired Because",
        readonly=True,
        copy=False,
    )
    retired_reason = fields.Text("Reason of Withdrawal", readonly=True, copy=False)
    retired_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    version = fields.Integer(default=1, readonly=True, copy=False)
    previous_id = fields.Many2one(
        "crm.service.commitment",
        "Replaces",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    root_id = fields.Many2one(
        "crm.service.commitment",
        "First Version",
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
    promise_count = fields.Integer(
        "Promises", compute="_compute_promise_count", compute_sudo=True, groups=STAFF
    )

    _dates_in_order = models.Constraint(
        "CHECK(date_to >= date_from)", "A commitment cannot end before it begins."
    )
    _current_idx = models.Index("(company_id, date_from) WHERE state = 'in_force'")

    @api.depends("title", "version")
    def _compute_display_name(self):
        for commitment in self:
            name = commitment.title or ""
            commitment.display_name = f"{name} (V{commitment.version})" if name else ""

    @api.depends("state", "date_from", "date_to", "date_retired", "audience", "scope")
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
            & (Domain("date_retired", "=", False) | Domain("date_retired", ">=", day))
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

    @api.depends("extent", "conditions", *CONDITIONS)
    @api.depends_context("lang")
    def _compute_condition_text(self):
        """The condition in words, as colleagues and customers read it (A4.R11)."""
        for commitment in self:
            lines = []
            for name in CONDITIONS:
                if values := commitment[name]:
                    label = self._fields[name]._description_string(self.env)
                    names = format_list(self.env, values.mapped("display_name"), "or")
                    lines.append(self.env._("%(what)s: %(names)s", what=label, names=names))
            if (commitment.conditions or "").strip():
                lines.append(commitment.conditions.strip())
            is_specific = commitment.extent == "specific"
            commitment.condition_text = "\n".join(lines) if is_specific else False

    def _compute_checklist(self):
        for commitment in self:
            commitment.checklist = Markup("<ul class='list-unstyled mb-0'>%s</ul>") % Markup(
                ""
            ).join(
                Markup("<li><i class='fa fa-fw %s'></i> %s</li>")
                % ("fa-check text-success" if is_met else "fa-times text-danger", text)
                for text, is_met in commitment._get_checklist()
            )

    def _get_checklist(self):
        """The points of the rule a commitment is checked against (A4.R4), measured where it can be.

        :return: list of pairs of the point in words and whether it is met
        """
        self.ensure_one()
        aspects = set(self.item_ids.mapped("aspect"))
        points = [
            (self.env._("Turned to the customer: it says what he gains"), self._has(self.benefit)),
            (self.env._("Set for the matter, not for a person"), self.is_about_matter),
            (self.env._("Simple and easy to understand"), self.is_simple),
            (self.env._("Its grounds are written down"), bool(self.ground_ids)),
        ]
        if self._is_plan():
            return points[1:]
        return [
            (self.env._("Concrete: metric, target and unit"), bool(self.item_ids)),
            (
                self.env._("About what we do and what comes of it"),
                aspects == {"activity", "result"},
            ),
            *points,
            (
                self.env._("A little above what is done today as measured, or the reason is given"),
                bool(self.item_ids) and all(self.item_ids.mapped(self._is_ambition_answered)),
            ),
        ]

    @api.model
    def _is_ambition_answered(self, item):
        return item.ambition == "above" or bool(item.ambition and self._has(item.note))

    @api.model
    def _has(self, text):
        return bool((text or "").strip())

    def _is_plan(self):
        """Whether it is nothing but a compensation plan: measured by nothing, told to nobody."""
        return self.audience == "implicit" and bool(self.rule_ids) and not self.item_ids

    @api.constrains("extent", "conditions", *CONDITIONS)
    def _check_conditions(self):
        for commitment in self:
            is_said = self._has(commitment.conditions) or any(commitment[n] for n in CONDITIONS)
            if commitment.extent == "specific" and not is_said:
                raise ValidationError(
                    self.env._("Say under which conditions “%s” holds.", commitment.title)
                )

    @api.constrains("audience", "rule_ids")
    def _check_plan_is_implicit(self):
        self.rule_ids._check_implicit()

    # ------------------------------------------------------------------ what it is about

    def _get_condition_domain(self):
        """:return: ``Domain`` on cases for whom and for what it holds"""
        self.ensure_one()
        domain = self._get_customer_domain("commercial_partner_id")
        if self.extent == "specific" and self.condition_case_category_ids:
            domain &= Domain("category_id", "child_of", self.condition_case_category_ids.ids)
        if self.extent == "specific" and self.condition_product_category_ids:
            ids = self.condition_product_category_ids.ids
            domain &= Domain("product_id.categ_id", "child_of", ids)
        return domain

    def _get_order_domain(self):
        """:return: ``Domain`` on sales orders for whom and for what it holds"""
        self.ensure_one()
        domain = self._get_customer_domain("partner_id.commercial_partner_id")
        if self.extent == "specific" and self.condition_product_category_ids:
            ids = self.condition_product_category_ids.ids
            domain &= Domain("order_line.product_id.categ_id", "child_of", ids)
        return domain

    def _get_service_order_domain(self):
        """:return: ``Domain`` on service orders for whom and for what it holds"""
        self.ensure_one()
        domain = self._get_customer_domain("commercial_partner_id")
        if self.extent == "specific" and self.condition_case_category_ids:
            ids = self.condition_case_category_ids.ids
            domain &= Domain("case_id.category_id", "child_of", ids)
        if self.extent == "specific" and self.condition_product_category_ids:
            ids = self.condition_product_category_ids.ids
            domain &= Domain("product_id.categ_id", "child_of", ids)
        return domain

    def _get_customer_domain(self, path):
        domain = Domain.TRUE
        if self.extent == "specific" and self.condition_grade_ids:
            domain &= Domain(f"{path}.crm_grade_id", "in", self.condition_grade_ids.ids)
        if self.extent == "specific" and self.condition_type_ids:
            domain &= Domain(f"{path}.crm_customer_type_id", "in", self.condition_type_ids.ids)
        return domain

    def _get_versions(self):
        """:return: all versions of these commitments, with ``sudo``"""
        roots = self.sudo().root_id | self.sudo().filtered(lambda c: not c.root_id)
        domain = Domain("id", "in", roots.ids) | Domain("root_id", "in", roots.ids)
        return self.sudo().with_context(active_test=False).search(domain)

    def _get_first_month(self):
        """:return: first day of the first month it held in full; at most a year before approval"""
        self.ensure_one()
        approved = (self.date_approved or fields.Datetime.now()).date()
        day = max(self.date_from or approved, month.before(approved, HISTORY_MONTHS))
        return day if day.day == 1 else month.following(day)

    def _get_end_month(self, today):
        """:return: first day of the month from which on nothing is counted any more"""
        self.ensure_one()
        last = min(filter(None, [self.date_retired, self.date_to]), default=None)
        return month.first_day(fields.Date.add(last, days=1)) if last else month.following(today)

    # ------------------------------------------------------------------ approval

    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {
            "state",
            "version",
            "previous_id",
            "root_id",
            "date_retired",
            "retired_kind",
            "retired_reason",
            "retired_by_id",
            "next_ids",
        }

    def _approval_check_submit(self):
        super()._approval_check_submit()
        for commitment in self:
            told = commitment.audience == "explicit" and commitment.scope == "external"
            if told and not self._has(commitment.statement):
                raise UserError(
                    self.env._("Write what customers are told of “%s”.", commitment.title)
                )
            commitment._check_points()

    def action_measure(self):
        """Measure how well it is done today, to set a target a little above that (A4.R4).

        :raise UserError: it is no draft
        """
        self.check_access("write")
        self._check_approval_draft()
        self.sudo().item_ids._measure_baseline()

    def _check_points(self):
        """:raise UserError: a point of the checklist that is not met (A4.R4)"""
        self.item_ids._measure_baseline()
        self.item_ids._check_ambition()
        missing = [text for text, is_met in self._get_checklist() if not is_met]
        if missing:
            raise UserError(
                self.env._(
                    "“%(title)s” does not meet the rule yet:\n%(points)s",
                    title=self.title,
                    points="\n".join(f"· {text}" for text in missing),
                )
            )

    def _approval_on_approved(self):
        """The version before ends where this one begins."""
        super()._approval_on_approved()
        for commitment in self:
            previous = commitment.previous_id
            if previous.state == "in_force":
                previous._replace(commitment.date_from or fields.Date.context_today(self))

    def _replace(self, day):
        """Retired from a day on, on which the next version begins."""
        if day <= fields.Date.context_today(self):
            self._retire("replaced")
        else:
            self.sudo().write(
                {"date_retired": fields.Date.subtract(day, days=1), "retired_kind": "replaced"}
            )

    def _retire(self, kind, reason=False):
        today = fields.Date.context_today(self)
        for commitment in self.sudo():
            ends = [commitment.date_retired, commitment.date_to, today]
            commitment.write(
                {
                    "state": "retired",
                    "date_retired": min(filter(None, ends)),
                    "retired_kind": commitment.retired_kind or kind,
                    "retired_reason": reason,
                    "retired_by_id": kind == "withdrawn" and self.env.uid,
                }
            )

    def action_retire(self):
        """Ask why it holds no longer.

        :raise AccessError: the user is neither general manager nor service manager
        """
        self._check_may_withdraw()
        return self._open_note("withdraw", self.env._("Withdraw Commitment"))

    def _check_may_withdraw(self):
        """:raise AccessError: not one's office; :raise UserError: not in force"""
        self.check_access("read")
        groups = ("crm_service_base.group_manager", "crm_service_base.group_general_manager")
        if not any(self.env.user.has_group(group) for group in groups):
            raise AccessError(
                self.env._("Commitments are retired by the service manager or general manager.")
            )
        for commitment in self:
            if commitment.state != "in_force":
                raise UserError(self.env._("“%s” is not in force.", commitment.title))

    def _withdraw(self, reason):
        """It holds no longer, and why.

        :param str reason: in words, needed
        :raise AccessError: the user is neither general manager nor service manager
        :raise UserError: it is not in force, or no words
        """
        self._check_may_withdraw()
        self._check_note(reason)
        today = fields.Date.context_today(self)
        for commitment in self.sudo():
            previous = commitment.previous_id
            if commitment.date_from and commitment.date_from > today and previous:
                # it never held: the version before goes on
                previous.filtered(lambda c: c.state == "in_force").write(
                    {"date_retired": False, "retired_kind": False}
                )
        self.sudo().write({"retired_kind": False})
        self._retire("withdrawn", reason)
        for commitment in self.sudo():
            commitment._message_log(body=self.env._("Withdrawn: %s", reason))

    def _check_note(self, note):
        if not self._has(note):
            raise UserError(self.env._("Write it in words: it stays with the document."))

    def _open_note(self, kind, title, **context):
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "crm.commitment.note",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_kind": kind,
                "default_commitment_ids": self.ids,
                **context,
            },
        }

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
        draft.sudo().write(
            {
                "version": self.version + 1,
                "previous_id": self.id,
                "root_id": (self.root_id or self).id,
            }
        )
        return draft._get_records_action()

    @api.model
    def _retire_ended(self):
        """Retire what ended: replaced on the first day of the next version, or expired."""
        today = self.env.company._get_crm_today()
        ended = self.search(
            Domain("state", "=", "in_force")
            & (Domain("date_retired", "<", today) | Domain("date_to", "<", today))
        )
        ended._retire("expired")

    def action_open_promises(self):
        """What was promised to customers out of it."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_visits.crm_customer_promise_action"
        )
        action["domain"] = [("commitment_id", "=", self.id)]
        action["context"] = {}
        return action
