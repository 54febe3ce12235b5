from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import format_date, formatLang

from odoo.addons.crm_service_base.tools.state_order import in_order

CONTACTS_A_KIND = 20
RESULTS = [("strong", "Strong"), ("normal", "Normal"), ("weak", "Weak"), ("risk", "At Risk")]


class CrmRelationshipEvaluation(models.Model):
    """客户关系评估表 (E1.F2): what is known of a customer in a period, compared with strategy and
    service requirements. The specialist collects, the supervisor evaluates, the manager approves.
    """

    _name = "crm.relationship.evaluation"
    _description = "Relationship Evaluation"
    _inherit = [
        "crm.service.mixin",
        "crm.approval.mixin",
        "crm.department.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date_to desc, id desc"
    _check_company_auto = True
    _department_partner_field = "commercial_partner_id"

    _approval_draft_states = ("draft", "collected")
    _approval_submit_states = ("collected",)
    _approval_pending_state = "submitted"
    _approval_approved_state = "approved"
    _approval_returned_state = "collected"
    _approval_line_fields = ("information_ids", "judgement_ids")
    # what the supervisor, not the specialist, decides
    _supervisor_fields = frozenset(("result", "proposed_grade_id", "conclusion"))

    partner_id = fields.Many2one(required=True)
    state = fields.Selection(
        [
            ("draft", "Collecting"),
            ("collected", "To Evaluate"),
            ("submitted", "To Approve"),
            ("approved", "Approved"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    date = fields.Date("Filled On", required=True, default=fields.Date.context_today, copy=False)
    date_from = fields.Date("From", required=True, default=lambda self: self._default_period()[0])
    date_to = fields.Date("To", required=True, default=lambda self: self._default_period()[1])
    information_ids = fields.One2many(
        "crm.relationship.information", "evaluation_id", "Collected Information"
    )
    judgement_ids = fields.One2many(
        "crm.relationship.judgement",
        "evaluation_id",
        "Requirements",
        default=lambda self: self._default_judgements(),
    )
    missing_count = fields.Integer("Information Missing", compute="_compute_missing_count")
    gap_count = fields.Integer("Gaps", compute="_compute_score", store=True)
    gaps = fields.Text("Gaps to Strategy and Requirements")
    score = fields.Float(
        compute="_compute_score",
        store=True,
        digits=(16, 1),
        aggregator="avg",
        help="Share of the weighted requirements that are met, partly met ones by half.",
    )
    suggested_result = fields.Selection(
        RESULTS,
        "Result by Score",
        compute="_compute_suggested_result",
    )
    result = fields.Selection(
        RESULTS,
        copy=False,
        index=True,
        tracking=True,
    )
    proposed_grade_id = fields.Many2one(
        "crm.customer.grade",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    current_grade_id = fields.Many2one(related="partner_id.crm_grade_id", string="Current Grade")
    conclusion = fields.Text("Evaluation", copy=False)
    date_collected = fields.Datetime("Handed Over On", readonly=True, copy=False)
    collected_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    plan_ids = fields.Many2many(
        "crm.relationship.plan",
        "crm_relationship_plan_evaluation_rel",
        "evaluation_id",
        "plan_id",
        "Plans",
        readonly=True,
        copy=False,
    )

    _dates_in_order = models.Constraint(
        "CHECK(date_to >= date_from)", "A period cannot end before it starts."
    )

    def _default_period(self):
        """First and last day of the last whole quarter."""
        today = fields.Date.context_today(self)
        start = fields.Date.start_of(today, "quarter")
        return fields.Date.subtract(start, months=3), fields.Date.subtract(start, days=1)

    def _default_judgements(self):
        companies = (False, self.env.company.id)
        requirements = self.env["crm.relationship.requirement"].search(
            [("company_id", "in", companies)]
        )
        return [Command.create({"requirement_id": item.id}) for item in requirements]

    @api.depends("partner_id", "date_from", "date_to")
    def _compute_display_name(self):
        for evaluation in self:
            evaluation.display_name = " ".join(
                filter(None, (evaluation.name, evaluation.partner_id.name))
            )

    @api.depends("information_ids.is_missing")
    def _compute_missing_count(self):
        for evaluation in self:
            evaluation.missing_count = len(evaluation.information_ids.filtered("is_missing"))

    @api.depends("judgement_ids.result", "judgement_ids.weight")
    def _compute_score(self):
        for evaluation in self:
            evaluation.score = evaluation.judgement_ids._get_score()
            evaluation.gap_count = len(evaluation.judgement_ids._get_gaps())

    @api.depends("score")
    def _compute_suggested_result(self):
        limits = ((85, "strong"), (60, "normal"), (40, "weak"), (0, "risk"))
        for evaluation in self:
            evaluation.suggested_result = next(
                result for limit, result in limits if evaluation.score >= limit
            )

    # ------------------------------------------------------------------ locks and authority

    @api.model_create_multi
    def create(self, vals_list):
        evaluations = super().create(vals_list)
        for name in self._supervisor_fields:
            if any(evaluations.mapped(name)):  # also from defaults
                self._check_supervisor_fields([name])
        return evaluations

    def write(self, vals):
        result = super().write(vals)
        if "partner_id" in vals or "company_id" in vals:
            # what another department's customers do is no more had so than by a new one
            self.check_access("create")
        return result

    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {
            "date_collected",
            "collected_by_id",
            "plan_ids",
        }

    def _check_approval_write(self, names):
        super()._check_approval_write(names)
        names = set(names) - self._approval_free_fields()
        self._check_supervisor_fields(names)
        if names:
            self._check_handed_over()

    def _check_approval_draft(self):
        super()._check_approval_draft()
        self._check_handed_over()

    def _check_supervisor_fields(self, names):
        if self._supervisor_fields.isdisjoint(names) or self.env.su or self._is_supervisor():
            return
        raise AccessError(
            self.env._(
                "Result, grade and evaluation are the supervisor's: hand over what you have."
            )
        )

    def _check_handed_over(self):
        """Once handed over, only supervisors go on with it."""
        over = self.sudo().filtered(lambda evaluation: evaluation.state == "collected")
        if over and not self._is_supervisor():
            raise UserError(
                self.env._(
                    "%s was handed over to the supervisor: ask to have it given back.",
                    over[:1].display_name,
                )
            )

    def _is_supervisor(self):
        return self.env.user.has_group("crm_service_base.group_supervisor")

    def _approval_check_submit(self):
        super()._approval_check_submit()
        if not self._is_supervisor():
            raise AccessError(self.env._("Only supervisors submit an evaluation for approval."))
        for evaluation in self:
            evaluation._check_collected()
            if not evaluation.result:
                raise UserError(
                    self.env._("Choose the result of evaluation %s first.", evaluation.name)
                )

    def _check_collected(self):
        """What an evaluation needs before the supervisor can judge.

        :raise UserError: a sentence that names what is missing
        """
        self.ensure_one()
        if not self.information_ids:
            raise UserError(
                self.env._(
                    "Evaluation %s holds no information yet: collect it first.", self.display_name
                )
            )
        missing = self.information_ids.filtered("is_missing")
        if missing:
            raise UserError(
                self.env._(
                    "%s has not yet answered: wait for the information, or delete the request.",
                    missing[:1].request_user_id.name,
                )
            )
        open_lines = self.judgement_ids.filtered(lambda line: not line.result)
        silent = self.judgement_ids._get_gaps().filtered(lambda line: not (line.gap or "").strip())
        if open_lines or silent:
            raise UserError(
                self.env._(
                    "Compare every requirement with the information, and describe each gap: "
                    "“%s” is not complete.",
                    (open_lines or silent)[:1].name,
                )
            )

    def _can_file(self):
        return super()._can_file() and self.state == "approved"

    # ------------------------------------------------------------------ actions

    def action_collect(self):
        """Draw the information of the period from orders and contacts of every kind.

        May be repeated: lines that people wrote, changed or supplied stay.

        :raise UserError: an evaluation is locked
        """
        self.check_access("write")
        self._check_approval_draft()
        for company, evaluations in self.grouped("company_id").items():
            for (date_from, date_to), group in evaluations.grouped(
                lambda e: (e.date_from, e.date_to)
            ).items():
                group.with_company(company)._collect(date_from, date_to)

    def _collect(self, date_from, date_to):
        customers = self.commercial_partner_id
        before_from, before_to = self._get_period_before(date_from, date_to)
        facts = customers._get_relationship_facts(date_from, date_to)
        before = customers._get_relationship_facts(before_from, before_to)
        contacts = self._get_contacts(date_from, date_to)
        for evaluation in self:
            customer = evaluation.commercial_partner_id
            now, then = facts[customer.id], before[customer.id]
            lines = evaluation._prepare_transaction_values(now, then)
            lines += evaluation._prepare_contact_values(contacts.get(customer, contacts["none"]))
            lines += evaluation._prepare_fact_values(now)
            evaluation.sudo()._replace_collected(lines)
            evaluation.judgement_ids.sudo()._measure(now | self._get_growth(now, then))

    def _replace_collected(self, lines):
        self.information_ids.filtered(lambda line: line.origin == "system").unlink()
        kept = self.information_ids
        documents = {(line.res_model, line.res_id) for line in kept if line.res_model}
        sources = set(kept.filtered(lambda line: not line.res_model).mapped("source"))
        self.information_ids.create(
            [
                {"evaluation_id": self.id, "origin": "system", **vals}
                for vals in lines
                if (vals.get("res_model"), vals.get("res_id")) not in documents
                and ("res_model" in vals or vals["source"] not in sources)
            ]
        )

    @api.model
    def _get_period_before(self, date_from, date_to):
        """The period of the same length before a period."""
        days = (date_to - date_from).days + 1
        return fields.Date.subtract(date_from, days=days), fields.Date.subtract(date_from, days=1)

    @api.model
    def _get_growth(self, now, before):
        """:return: dict with ``order_growth``, percent, where there were orders before"""
        base = before.get("order_amount")
        growth = base and 100 * (now.get("order_amount", 0) - base) / base
        return {"order_growth": growth} if base else {}

    def _prepare_transaction_values(self, now, before):
        currency = self.company_id.currency_id
        amounts = [
            formatLang(self.env, facts.get("order_amount", 0), currency_obj=currency)
            for facts in (now, before)
        ]
        return [
            {
                "kind": "transaction",
                "date": now.get("date_last_order"),
                "source": self.env._("Sales orders"),
                "summary": self.env._(
                    "%(count)s confirmed orders over %(amount)s; in the period before "
                    "%(count_before)s over %(amount_before)s. Last order: %(last)s.",
                    count=now.get("orders", 0),
                    amount=amounts[0],
                    count_before=before.get("orders", 0),
                    amount_before=amounts[1],
                    last=format_date(self.env, now.get("date_last_order"))
                    or self.env._("none in the period"),
                ),
            }
        ]

    def _get_contacts(self, date_from, date_to):
        """The contacts of the customers in a period, newest first.

        :return: dict of customer to ``crm.service.contact``; ``"none"`` is an empty recordset
        """
        contacts = self.env["crm.service.contact"]
        start, end = self.env["res.partner"]._get_relationship_times(date_from, date_to)
        found = contacts.search(
            [
                ("commercial_partner_id", "in", self.commercial_partner_id.ids),
                ("company_id", "in", (False, self.env.company.id)),
                ("date", ">=", start),
                ("date", "<", end),
            ]
        )
        return {"none": contacts, **found.grouped("commercial_partner_id")}

    @api.model
    def _get_contact_kinds(self):
        """Under which kind of information a kind of contact comes; others are ``other``.

        An addon that adds a kind of contact extends it with ``super()``.

        :return: dict of ``crm.service.contact`` kind to kind of information
        """
        return {
            **dict.fromkeys(("visit", "call", "online", "letter", "meeting"), "visit"),
            **dict.fromkeys(("reception", "incoming"), "reception"),
            "complaint": "complaint",
        }

    def _prepare_contact_values(self, contacts):
        """A line a contact, the newest of each kind; how many more there were is told."""
        kinds = self._get_contact_kinds()
        labels = dict(contacts._fields["kind"]._description_selection(self.env))
        lines = []
        for kind, group in contacts.grouped(lambda c: kinds.get(c.kind, "other")).items():
            lines += [
                {
                    "kind": kind,
                    "date": fields.Datetime.context_timestamp(self, contact.date).date(),
                    "source": " ".join(filter(None, (labels.get(contact.kind), contact.reference))),
                    "summary": "\n".join(filter(None, (contact.summary, contact.result))),
                    "res_model": contact.res_model,
                    "res_id": contact.res_id,
                }
                for contact in group[:CONTACTS_A_KIND]
            ]
            if len(group) > CONTACTS_A_KIND:
                more = self.env._("%s earlier ones", len(group) - CONTACTS_A_KIND)
                lines.append({"kind": kind, "source": more, "summary": more})
        return lines

    def _prepare_fact_values(self, facts):
        """A line for the figures that the other addons know."""
        labels = self.env["res.partner"]._get_relationship_fact_labels()
        own = self.env["res.partner"]._get_relationship_own_facts()
        known = [
            self.env._("%(label)s: %(value)s", label=label, value=f"{round(facts[fact], 2):.10g}")
            for fact, label in labels.items()
            if fact in facts and fact not in own
        ]
        source = self.env._("Figures of the period")
        return [{"kind": "other", "source": source, "summary": "\n".join(known)}] if known else []

    def action_hand_over(self):
        """The specialist has collected and compared: the supervisor evaluates.

        :raise UserError: not collecting any more, or not complete
        """
        self.check_access("write")
        for evaluation in self:
            if evaluation.state != "draft":
                raise UserError(self.env._("%s was handed over already.", evaluation.display_name))
            evaluation._check_collected()
        self.sudo().write(
            {
                "state": "collected",
                "date_collected": fields.Datetime.now(),
                "collected_by_id": self.env.uid,
            }
        )
        for evaluation in self.sudo():
            evaluation._remind_supervisor()

    def _remind_supervisor(self):
        """The head of the department evaluates; another supervisor may as well."""
        head = self.department_id.head_id
        if head and head != self.env.user and head.active:
            self.activity_schedule(
                "crm_grading.mail_activity_type_evaluate",
                summary=self.env._("Evaluate the relationship"),
                user_id=head.id,
            )

    def action_give_back(self):
        """A supervisor lets the specialist collect again.

        :raise AccessError: the user is no supervisor
        :raise UserError: it was not handed over
        """
        self.check_access("write")
        if not self._is_supervisor():
            raise AccessError(self.env._("Only supervisors give an evaluation back."))
        if any(evaluation.state != "collected" for evaluation in self):
            raise UserError(self.env._("Only what was handed over can be given back."))
        self.sudo().write({"state": "draft", "date_collected": False, "collected_by_id": False})
        self.sudo().activity_unlink(["crm_grading.mail_activity_type_evaluate"])

    def _approval_on_submitted(self):
        super()._approval_on_submitted()
        self.activity_feedback(["crm_grading.mail_activity_type_evaluate"])

    def action_make_strengthening(self):
        """A strengthening table with a measure for each gap of approved evaluations."""
        return self._make_plan("strengthening")

    def action_make_maintenance(self):
        """A maintenance plan with a measure for each gap of approved evaluations."""
        return self._make_plan("maintenance")

    def _make_plan(self, kind):
        plan = self.env["crm.relationship.plan"]._create_from_evaluations(self, kind)
        return plan._get_records_action()

    def action_open_plans(self):
        """The plans made from the evaluation."""
        self.ensure_one()
        self.check_access("read")
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "crm_grading.crm_relationship_plan_action_all"
            ),
            "domain": [("evaluation_ids", "in", self.ids)],
            "context": {"create": False},
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_except_collected(self):
        if any(evaluation.state != "draft" for evaluation in self):
            raise UserError(self.env._("Only evaluations that are being collected can be deleted."))

    # ------------------------------------------------------------------ scheduled

    def _cron_file_documents(self):
        """File what was finished more than so many days ago (E1.R7).

        The days (wall-clock) are the system parameter ``crm_grading.filing_delay_days``.
        """
        parameters = self.env["ir.config_parameter"].sudo()
        days = int(parameters.get_param("crm_grading.filing_delay_days", 30))
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=days)
        for model, states in (
            ("crm.relationship.evaluation", ("approved",)),
            ("crm.relationship.plan", ("done", "cancelled")),
            ("crm.relationship.report", ("approved",)),
        ):
            self.env[model]._file_finished(states, limit)
