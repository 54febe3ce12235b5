from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from odoo.addons.crm_service_base.tools.state_order import in_order

FIGURES = {
    "grade_current_id",
    "grade_computed_id",
    "score_id",
    "date_from",
    "date_to",
    "quantity_year",
    "amount_year",
    "order_count_year",
    "credit_total",
    "credit_current",
    "overdue_count",
}


class CrmGradeDeclaration(models.Model):
    """客户等级申报表 (A3.F3): applies for a grade; only its approval sets one.

    Figures are the server's. A grade that differs from the computed one has a reason and an end:
    then the computed grade comes back.
    """

    _name = "crm.grade.declaration"
    _description = "Grade Declaration"
    _inherit = [
        "crm.department.mixin",
        "crm.service.mixin",
        "crm.approval.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _department_partner_field = "commercial_partner_id"
    _order = "id desc"
    _check_company_auto = True

    _approval_draft_states = ("draft",)
    _approval_pending_state = "submitted"
    _approval_approved_state = "approved"
    _approval_returned_state = "draft"

    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "To Approve"),
            ("approved", "In Force"),
            ("ended", "Ended"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    partner_id = fields.Many2one(required=True)
    date_filled = fields.Date(
        "Filled On", required=True, default=fields.Date.context_today, copy=False
    )
    grade_id = fields.Many2one(
        "crm.customer.grade", "Grade Applied For", index=True, ondelete="restrict"
    )
    business = fields.Text("Business Items")
    contact_user_id = fields.Many2one(
        "res.users",
        "Contact in Charge",
        compute="_compute_contact_user_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
        domain="[('share', '=', False)]",
    )
    grade_current_id = fields.Many2one(
        "crm.customer.grade", "Grade Held", readonly=True, copy=False, ondelete="restrict"
    )
    grade_computed_id = fields.Many2one(
        "crm.customer.grade", "Computed Grade", readonly=True, copy=False, ondelete="restrict"
    )
    score_id = fields.Many2one(
        "crm.grading.score",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    date_from = fields.Date("Year From", readonly=True, copy=False)
    date_to = fields.Date("Year To", readonly=True, copy=False)
    quantity_year = fields.Float("Yearly Quantity", digits=(16, 2), readonly=True, copy=False)
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount_year = fields.Monetary("Yearly Amount", readonly=True, copy=False)
    order_count_year = fields.Integer("Number of Deals", readonly=True, copy=False)
    payment_method = fields.Char("Main Payment Method", copy=False)
    credit_total = fields.Monetary("Total Credit Line", readonly=True, copy=False)
    credit_current = fields.Monetary("Current Credit Line", readonly=True, copy=False)
    overdue_count = fields.Integer("Number of Overdue Debts", readonly=True, copy=False)
    evaluation = fields.Text("Relationship Evaluation", copy=False)
    credit_analysis = fields.Text()
    opinion_service = fields.Text("Opinion of the Service Department")
    opinion_marketing = fields.Text("Opinion of the Marketing Department")
    is_credit_asked = fields.Boolean("Change the Credit Limit")
    credit_asked = fields.Monetary("Credit Limit Asked For")
    reason = fields.Text(help="Needed where the grade differs from the computed one.")
    is_manual = fields.Boolean(
        "Differs from the Computed Grade", compute="_compute_is_manual", store=True
    )
    date_expiry = fields.Date(
        "Counts Until",
        copy=False,
        help="From the day after, the computed grade counts again.",
    )
    date_ended = fields.Date("Ended On", readonly=True, copy=False)
    note = fields.Text("Remarks")

    _credit_positive = models.Constraint(
        "CHECK (credit_asked >= 0)", "A credit limit cannot be negative."
    )
    _expiry_idx = models.Index("(date_expiry) WHERE state = 'approved'")

    @api.depends("partner_id")
    def _compute_contact_user_id(self):
        for declaration in self:
            declaration.contact_user_id = (
                declaration.contact_user_id or declaration.partner_id.commercial_partner_id.user_id
            )

    @api.depends("grade_id", "grade_computed_id")
    def _compute_is_manual(self):
        for declaration in self:
            declaration.is_manual = bool(
                declaration.grade_computed_id
                and declaration.grade_id != declaration.grade_computed_id
            )

    # ------------------------------------------------------------------ CRUD

    @api.model_create_multi
    def create(self, vals_list):
        declarations = super().create(vals_list)
        declarations.sudo()._fill_figures()
        return declarations

    def write(self, vals):
        result = super().write(vals)
        if "partner_id" in vals or "company_id" in vals:
            # the figures of another department's customers are no more had so than by a new one
            self.check_access("create")
            self.sudo()._fill_figures()
        return result

    # ------------------------------------------------------------------ approval

    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | FIGURES | {"date_ended"}

    @api.model
    @tools.ormcache()
    def _approval_content_fields(self):
        """The figures are the server's, and part of what is approved."""
        return tuple(sorted({*super()._approval_content_fields(), *FIGURES}))

    def _approval_check_submit(self):
        super()._approval_check_submit()
        for declaration in self:
            declaration._check_grade()
            declaration._check_texts()
            declaration._check_single()

    def _check_grade(self):
        if not self.grade_id:
            raise UserError(self.env._("Declaration %s: choose the grade applied for.", self.name))
        if not self.is_manual:
            return
        if not (self.reason or "").strip():
            raise UserError(
                self.env._(
                    "Declaration %(number)s applies for another grade than the computed one "
                    "(%(grade)s): say why.",
                    number=self.name,
                    grade=self.grade_computed_id.name,
                )
            )
        if not self.date_expiry or self.date_expiry < fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "Declaration %s applies for another grade than the computed one: say until "
                    "when it counts.",
                    self.name,
                )
            )

    def _check_texts(self):
        if self.is_credit_asked and not (self.credit_analysis or "").strip():
            raise UserError(
                self.env._(
                    "Declaration %s asks for a credit limit: write the credit analysis.", self.name
                )
            )

    def _check_single(self):
        domain = [
            ("commercial_partner_id", "=", self.commercial_partner_id.id),
            ("company_id", "=", self.company_id.id),
            ("state", "=", "submitted"),
            ("id", "!=", self.id),
        ]
        other = self.search(domain, limit=1)
        if other:
            raise UserError(
                self.env._(
                    "%(number)s for the same customer waits for approval: decide that one first.",
                    number=other.name,
                )
            )

    def _approval_on_approved(self):
        super()._approval_on_approved()
        for declaration in self:
            declaration._end_others()
            declaration._set_grade(
                declaration.grade_id, "declaration", declaration._get_history_reason()
            )
            if declaration.is_credit_asked:
                partner = declaration._get_customer()
                partner.credit_limit = declaration.credit_asked

    def _get_history_reason(self):
        if self.is_manual:
            return self.reason
        return self.env._("As computed") if self.grade_computed_id else self.reason

    def _get_customer(self):
        """The customer as the declaration's company sees him."""
        return self.commercial_partner_id.with_company(self.company_id)

    def _end_others(self):
        domain = [
            ("commercial_partner_id", "=", self.commercial_partner_id.id),
            ("company_id", "=", self.company_id.id),
            ("state", "=", "approved"),
            ("id", "!=", self.id),
        ]
        others = self.with_context(active_test=False).search(domain)
        others.write({"state": "ended", "date_ended": fields.Date.context_today(self)})

    def _set_grade(self, grade, origin, reason):
        """The one place that changes a customer's grade; called with ``sudo``.

        :param grade: ``crm.customer.grade``
        :param str origin: see ``crm.grade.history``
        """
        partner = self._get_customer()
        before = partner.crm_grade_id
        self.env["crm.grade.history"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company_id.id,
                "origin": origin,
                "grade_from_id": before.id,
                "grade_to_id": grade.id,
                "reason": reason,
                "declaration_id": self.id,
            }
        )
        partner.crm_grade_id = grade

    # ------------------------------------------------------------------ figures

    def action_refresh(self):
        """Fill in the figures of today; drafts only.

        :raise UserError: a declaration was submitted
        """
        self.check_access("write")
        self.sudo()._check_approval_draft()
        self.sudo()._fill_figures()

    def _fill_figures(self):
        """Figures of the last twelve months, for all declarations of a company at once."""
        for company, declarations in self.grouped("company_id").items():
            partners = declarations.commercial_partner_id
            today = fields.Date.context_today(self)
            scope = self.env["crm.grading.measure"]._get_scope(company, today, 12, partners.ids)
            figures = self._query_figures(scope)
            methods = self._query_payment_methods(scope)
            scores = self.env["crm.grading.score"]._get_latest(partners, company)
            evaluations = self._get_relationship_evaluations(partners, company)
            for declaration in declarations:
                partner = declaration._get_customer()
                declaration.write(
                    {
                        **declaration._prepare_partner_figures(partner, scores.get(partner.id)),
                        **figures.get(partner.id, {}),
                        "date_from": scope.date_from,
                        "date_to": scope.date_to,
                        "payment_method": declaration.payment_method or methods.get(partner.id),
                        "evaluation": declaration.evaluation or evaluations.get(partner.id),
                    }
                )

    def _prepare_partner_figures(self, partner, score):
        computed = partner.crm_grade_computed_id
        return {
            "grade_current_id": partner.crm_grade_id.id,
            "grade_computed_id": computed.id,
            "score_id": score.id if score else False,
            "grade_id": self.grade_id.id or computed.id,
            "credit_total": partner.credit_limit,
            "credit_current": partner.credit_limit and partner.credit_limit - partner.credit,
            "quantity_year": 0,
            "amount_year": 0,
            "order_count_year": 0,
            "overdue_count": 0,
        }

    def _query_figures(self, scope):
        """:return: dict of partner id to values"""
        measure = self.env["crm.grading.measure"]
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                WITH orders AS (%(orders)s), pieces AS (%(pieces)s), payments AS (%(payments)s)
                SELECT p.id, coalesce(orders.amount, 0) AS amount_year,
                       coalesce(orders.count, 0) AS order_count_year,
                       coalesce(pieces.sold - pieces.returned, 0) AS quantity_year,
                       coalesce(payments.overdue_count, 0) AS overdue_count
                  FROM res_partner p
             LEFT JOIN orders ON orders.partner_id = p.id
             LEFT JOIN pieces ON pieces.partner_id = p.id
             LEFT JOIN payments ON payments.partner_id = p.id
                 WHERE p.id IN %(partners)s
                """,
                orders=measure._query_orders(scope),
                pieces=measure._query_returns(scope),
                payments=measure._query_payments(scope),
                partners=scope.partner_ids,
            )
        )
        return {row.pop("id"): row for row in self.env.cr.dictfetchall()}

    def _query_payment_methods(self, scope):
        """The method most is paid by: :return: dict of partner id to its name"""
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT ON (c.commercial_partner_id) c.commercial_partner_id, m.name
                      FROM account_payment y
                      JOIN res_partner c ON c.id = y.partner_id
                      JOIN account_payment_method_line m ON m.id = y.payment_method_line_id
                     WHERE y.company_id = %(company)s AND y.payment_type = 'inbound'
                       AND y.state IN ('in_process', 'paid')
                       AND y.date BETWEEN %(date_from)s AND %(date_to)s
                       AND c.commercial_partner_id IN %(partners)s
                     GROUP BY c.commercial_partner_id, m.name
                     ORDER BY c.commercial_partner_id, sum(y.amount) DESC, m.name
                    """,
                    company=scope.company.id,
                    date_from=scope.date_from,
                    date_to=scope.date_to,
                    partners=scope.partner_ids,
                )
            )
        )

    @api.model
    def _get_relationship_evaluations(self, partners, company):
        """What the relationship evaluation found (E1.F2), copied into new declarations.

        :param partners: commercial partners, with ``sudo``
        :param company: ``res.company``
        :return: dict of partner id to text
        """
        today = fields.Date.context_today(self)
        found = partners.with_company(company)._get_relationship_evaluation(partners, today)
        results = self.env["crm.relationship.evaluation"]._fields["result"]
        labels = dict(results._description_selection(self.env))
        return {
            partner_id: self.env._(
                "Relationship evaluation %(number)s up to %(date)s: %(result)s, %(score)s points.",
                number=values["evaluation"].name,
                date=format_date(self.env, values["date"]),
                result=labels.get(values["result"], ""),
                score=f"{values['score']:g}",
            )
            for partner_id, values in found.items()
        }

    # ------------------------------------------------------------------ actions

    @api.model
    def _declare(self, scores):
        """Drafts that apply for what was proposed; customers with an open declaration are left.

        :param scores: ``crm.grading.score``
        :raise UserError: there is nothing to declare
        :return: the new declarations
        """
        domain = [
            ("commercial_partner_id", "in", scores.partner_id.ids),
            ("state", "in", ("draft", "submitted")),
        ]
        open_pairs = {
            (partner.id, company.id)
            for partner, company in self._read_group(
                domain, ["commercial_partner_id", "company_id"]
            )
        }
        ready = scores.filtered(
            lambda score: (
                score.grade_proposed_id
                and score.grade_proposed_id
                != score.sudo().partner_id.with_company(score.company_id).crm_grade_id
                and (score.partner_id.id, score.company_id.id) not in open_pairs
            )
        )
        if not ready:
            raise UserError(
                self.env._(
                    "Nothing to declare: these customers hold the proposed grade already, or a "
                    "declaration of theirs is open."
                )
            )
        return self.create(
            [
                {
                    "partner_id": score.partner_id.id,
                    "company_id": score.company_id.id,
                    "grade_id": score.grade_proposed_id.id,
                }
                for score in ready
            ]
        )

    def action_cancel(self):
        """Give drafts up.

        :raise UserError: a declaration is with the approver, in force, or ended
        """
        self.check_access("write")
        for declaration in self:
            if declaration.state != "draft":
                raise UserError(
                    self.env._("Only drafts are cancelled; withdraw %s first.", declaration.name)
                )
        self.sudo().write({"state": "cancelled"})

    def action_open_score(self):
        """Why the computed grade is what it is."""
        self.ensure_one()
        return self.score_id.get_formview_action()

    # ------------------------------------------------------------------ expiry

    def _cron_expire(self):
        """Return to the computed grade where a declared one has come to its end."""
        domain = [
            ("state", "=", "approved"),
            ("date_expiry", "<", self.env.company._get_crm_today()),
        ]
        declarations = self.sudo().search(domain, order="id")
        self.env["ir.cron"]._crm_each(declarations, lambda declaration: declaration._expire())

    def _expire(self):
        self.write({"state": "ended", "date_ended": fields.Date.context_today(self)})
        partner = self._get_customer()
        computed = partner.crm_grade_computed_id
        if computed and computed != partner.crm_grade_id:
            self._set_grade(computed, "expiry", self.env._("Declaration %s expired", self.name))
        self._tell_expiry(partner)

    def _get_expiry_reader(self):
        """Who is told: the declarer, else who looks after the customer, else the department.

        :return: ``res.users``, the first that is there and may read it, or none
        """
        for user in (self.user_id, self.contact_user_id, self.department_id.head_id):
            if user.active and self.with_user(user).has_access("read"):
                return user
        return self.env["res.users"]

    def _tell_expiry(self, partner):
        """A task for who declared it, in his language."""
        user = self._get_expiry_reader()
        if not user:
            return
        lang = self.with_context(lang=user.lang or self.env.lang)
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=user.id,
            summary=lang.env._("The declared grade expired"),
            note=lang.env._(
                "%(customer)s is %(grade)s now. Declare anew if that is not right.",
                customer=partner.name,
                grade=partner.with_context(lang=user.lang).crm_grade_id.name
                or lang.env._("without grade"),
            ),
        )
