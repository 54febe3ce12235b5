from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL


class CrmGradingScore(models.Model):
    """What a grading found of one customer: total, grade proposed, and why. Frozen."""

    _name = "crm.grading.score"
    _description = "Grading Score"
    _inherit = ["crm.department.mixin"]
    _order = "date_to desc, total desc, id"
    # a hundred thousand a quarter: what the run knows is not kept, nor checked, with each
    _log_access = False

    run_id = fields.Many2one(
        "crm.grading.run", "Grading Run", required=True, readonly=True, ondelete="cascade"
    )
    standard_id = fields.Many2one(related="run_id.standard_id")
    company_id = fields.Many2one(related="run_id.company_id")
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, index=True, ondelete="restrict"
    )
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    region_id = fields.Many2one(related="partner_id.crm_region_id")
    date_to = fields.Date(related="run_id.date_to")
    is_trial = fields.Boolean(related="run_id.is_trial")
    total = fields.Float("Total Points", digits=(16, 2), readonly=True, aggregator="avg")
    total_before = fields.Float(digits=(16, 2), readonly=True, aggregator="avg")
    total_change = fields.Float("Points Changed", digits=(16, 2), readonly=True, aggregator="avg")
    rated_weight = fields.Float("Points Rated", digits=(16, 2), readonly=True, aggregator="avg")
    grade_current_id = fields.Many2one(
        "crm.customer.grade", "Grade Held", readonly=True, ondelete="restrict"
    )
    grade_before_id = fields.Many2one(
        "crm.customer.grade", "Proposed Before", readonly=True, ondelete="restrict"
    )
    grade_proposed_id = fields.Many2one(
        "crm.customer.grade", "Proposed Grade", readonly=True, ondelete="restrict"
    )
    cap_id = fields.Many2one("crm.grading.cap", "Held Down By", readonly=True, ondelete="restrict")
    movement = fields.Selection(
        [
            ("up", "Better"),
            ("down", "Worse"),
            ("same", "Same"),
            ("new", "New"),
            ("none", "No Grade"),
        ],
        readonly=True,
    )
    is_change = fields.Boolean("Grade to Change", readonly=True)
    is_warning = fields.Boolean("Early Warning", readonly=True)
    is_score_falling = fields.Boolean("Total Falling", readonly=True)
    is_orders_falling = fields.Boolean("Orders Falling", readonly=True)
    is_payment_later = fields.Boolean("Payments Later", readonly=True)
    line_ids = fields.One2many("crm.grading.score.line", "score_id", "Items", readonly=True)
    note = fields.Text("Remarks")
    reason = fields.Text("How the Total Is Formed", compute="_compute_reason")
    warning = fields.Char(compute="_compute_warning")

    _run_partner_uniq = models.UniqueIndex("(run_id, partner_id)")

    @api.depends("run_id", "partner_id")
    def _compute_display_name(self):
        for score in self:
            score.display_name = f"{score.partner_id.name}, {score.run_id.name}"

    @api.depends("rated_weight", "standard_id.missing_rule", "grade_proposed_id", "cap_id")
    @api.depends_context("lang")
    def _compute_reason(self):
        for score in self:
            score.reason = "\n".join(score._get_reasons())

    def _get_reasons(self):
        """Sentences on how total and grade came about.

        :return: list of str
        """
        standard = self.standard_id
        reasons = []
        if self.rated_weight < 100:
            rules = dict(standard._fields["missing_rule"]._description_selection(self.env))
            reasons.append(
                self.env._(
                    "%(rated)s of 100 points are rated. Rule: %(rule)s.",
                    rated=f"{self.rated_weight:g}",
                    rule=rules[standard.missing_rule],
                )
            )
        if not self.grade_proposed_id:
            reasons.append(self.env._("Too little is known for a grade."))
        if self.cap_id:
            reasons.append(
                self.env._(
                    "Held at %(grade)s by the rule “%(cap)s”.",
                    grade=self.cap_id.grade_id.name,
                    cap=self.cap_id.name,
                )
            )
        if standard.margin and self.grade_current_id:
            reasons.append(
                self.env._(
                    "The grade held, %(grade)s, changes only beyond a margin of %(margin)s points.",
                    grade=self.grade_current_id.name,
                    margin=f"{standard.margin:g}",
                )
            )
        return reasons

    @api.depends("is_score_falling", "is_orders_falling", "is_payment_later")
    @api.depends_context("lang")
    def _compute_warning(self):
        names = ("is_score_falling", "is_orders_falling", "is_payment_later")
        comma = "、" if (self.env.lang or "").startswith("zh") else ", "
        for score in self:
            score.warning = comma.join(
                self._fields[name]._description_string(self.env) for name in names if score[name]
            )

    def write(self, vals):
        if not self.env.su and vals.keys() - {"note"}:
            raise AccessError(self.env._("Scores are frozen. Only their remarks can be written."))
        return super().write(vals)

    # ------------------------------------------------------------------ actions

    def action_declare(self):
        """Make a declaration of each proposal that changes a grade; one that is open stays.

        :raise UserError: nothing to declare, or scores of a trial
        :return: the declarations
        """
        self.check_access("read")
        if any(score.is_trial for score in self):
            raise UserError(self.env._("A trial changes nothing: declare from a real grading."))
        declarations = self.env["crm.grade.declaration"]._declare(self)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_grading.crm_grade_declaration_action"
        )
        action["domain"] = [("id", "in", declarations.ids)]
        action["context"] = {}
        return action

    def action_judge(self):
        """Write down a judgement of this customer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Judge"),
            "res_model": "crm.grading.judgement",
            "view_mode": "form",
            "target": "new",
            "context": {"default_partner_id": self.partner_id.id},
        }

    # ------------------------------------------------------------------ business

    @api.model
    def _get_latest(self, partners, company):
        """The newest score of each customer, trials apart.

        :param partners: commercial partners
        :return: dict of partner id to ``crm.grading.score``
        """
        self.flush_model()
        self.env["crm.grading.run"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (s.partner_id) s.partner_id, s.id
                  FROM crm_grading_score s
                  JOIN crm_grading_run r ON r.id = s.run_id
                 WHERE s.partner_id IN %s AND r.company_id = %s AND r.is_trial IS NOT TRUE
                 ORDER BY s.partner_id, r.date_to DESC, s.id DESC
                """,
                tuple(partners.ids) or (0,),
                company.id,
            )
        )
        return {partner_id: self.browse(score_id) for partner_id, score_id in rows}
