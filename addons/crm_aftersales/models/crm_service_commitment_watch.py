from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain

from .crm_service_commitment import STAFF


class CrmServiceCommitment(models.Model):
    """Who watches over a commitment, who was trained for it, when it is looked at again."""

    _name = "crm.service.commitment"
    _inherit = ["crm.service.commitment"]

    monitor_id = fields.Many2one(
        "res.users",
        "Watched By",
        index=True,
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Watches how it is kept (A4.R7).",
    )
    review_months = fields.Integer(
        "Evaluate Every (months)", default=6, aggregator=None, help="Looked at again so often."
    )
    date_review = fields.Date("Next Evaluation", readonly=True, copy=False, index="btree_not_null")
    review_ids = fields.One2many(
        "crm.commitment.review", "commitment_id", "Evaluations", groups=STAFF
    )
    report_ids = fields.One2many(
        "crm.commitment.report", "commitment_id", "Reports of Staff", groups=STAFF
    )
    report_count = fields.Integer(compute="_compute_watch_counts", compute_sudo=True)
    proposal_count = fields.Integer("Proposals", compute="_compute_watch_counts", compute_sudo=True)
    training_ids = fields.Many2many(
        "crm.commitment.training",
        compute="_compute_training",
        string="Trainings",
        compute_sudo=True,
        groups=STAFF,
    )
    untrained_user_ids = fields.Many2many(
        "res.users",
        compute="_compute_training",
        string="Not Trained Yet",
        compute_sudo=True,
        groups=STAFF,
    )
    untrained_count = fields.Integer(
        "Untrained", compute="_compute_training", compute_sudo=True, groups=STAFF
    )
    has_manual_item = fields.Boolean(compute="_compute_has_manual_item")
    is_review_due = fields.Boolean(
        "To Evaluate", compute="_compute_is_review_due", search="_search_is_review_due"
    )

    _review_months_sane = models.Constraint(
        "CHECK (review_months BETWEEN 1 AND 36)", "It is evaluated every 1 to 36 months."
    )

    # ------------------------------------------------------------------ computes

    def _compute_watch_counts(self):
        ids = self._origin.ids
        reports = self.env["crm.commitment.report"]._read_group(
            [("commitment_id", "in", ids)], ["commitment_id"], ["__count"]
        )
        proposals = self.env["crm.commitment.proposal"]._read_group(
            [("commitment_id", "in", ids)], ["commitment_id"], ["__count"]
        )
        reports = {commitment.id: count for commitment, count in reports}
        proposals = {commitment.id: count for commitment, count in proposals}
        for commitment in self:
            commitment.report_count = reports.get(commitment._origin.id, 0)
            commitment.proposal_count = proposals.get(commitment._origin.id, 0)

    def _compute_training(self):
        """Who was trained for this version, and who of the staff was not (A4.R6)."""
        trainings = self.env["crm.commitment.training"].search(
            [("commitment_ids", "in", self._origin.ids), ("state", "=", "held")]
        )
        staff = {company: self._get_staff(company) for company in self.company_id}
        for commitment in self:
            own = trainings.filtered(lambda t, c=commitment: c._origin in t.commitment_ids)
            commitment.training_ids = own
            people = staff.get(commitment.company_id, self.env["res.users"])
            is_held = commitment.state == "in_force"
            untrained = people - own.attendee_ids if is_held else self.env["res.users"]
            commitment.untrained_user_ids = [Command.set(untrained.ids)]
            commitment.untrained_count = len(untrained)

    @api.model
    def _get_staff(self, company):
        """Who has to know the commitments: members of the service teams and departments that have
        a role in customer service.

        :return: ``res.users`` with ``sudo``
        """
        specialists = self.env.ref("crm_service_base.group_specialist").sudo().all_user_ids
        departments = self.env["crm.service.department"].sudo()
        own = departments.search([("company_id", "=", company.id)])
        teams = self.env["crm.service.team"].sudo().search([("company_id", "=", company.id)])
        people = own.member_ids | own.head_id | teams.member_ids | teams.leader_id
        return (people & specialists).filtered("active")

    @api.depends("item_ids.metric_id")
    def _compute_has_manual_item(self):
        for commitment in self:
            commitment.has_manual_item = any(commitment.item_ids.mapped("is_manual"))

    @api.depends("date_review", "state")
    def _compute_is_review_due(self):
        today = fields.Date.context_today(self)
        for commitment in self:
            due = commitment.date_review
            commitment.is_review_due = commitment.state == "in_force" and due and due <= today

    def _search_is_review_due(self, operator, value):
        if operator != "in":
            return NotImplemented
        due = Domain("state", "=", "in_force") & Domain(
            "date_review", "<=", fields.Date.context_today(self)
        )
        return Domain.OR(due if wanted else ~due for wanted in value)

    # ------------------------------------------------------------------ approval

    def _approval_guarded_fields(self):
        names = {"date_review", "review_ids", "report_ids"}
        return super()._approval_guarded_fields() | names

    def _approval_after_fields(self):
        # people come and go: who watches changes without a new version
        return super()._approval_after_fields() | {"monitor_id"}

    def _approval_check_submit(self):
        super()._approval_check_submit()
        for commitment in self:
            if not commitment.monitor_id:
                raise UserError(
                    self.env._("Name who watches over “%s” once it is in force.", commitment.title)
                )

    def _approval_on_approved(self):
        super()._approval_on_approved()
        for commitment in self:
            commitment._plan_review(commitment.date_from)

    def _plan_review(self, start=None):
        start = start or fields.Date.context_today(self)
        self.sudo().date_review = fields.Date.add(start, months=self.review_months)

    def _retire(self, kind, reason=False):
        res = super()._retire(kind, reason)
        self.sudo().activity_unlink(["crm_aftersales.mail_activity_type_commitment_review"])
        return res

    # ------------------------------------------------------------------ evaluated again

    def action_review(self):
        """Evaluate the commitment: keep it, raise it, or withdraw it (A4.R4)."""
        self._check_may_review()
        return self._open_note("review", self.env._("Evaluate Commitment"))

    def _check_may_review(self):
        """:raise AccessError: neither the one who watches nor a supervisor"""
        self.check_access("read")
        is_supervisor = self.env.user.has_group("crm_service_base.group_supervisor")
        for commitment in self:
            if not (is_supervisor or commitment.monitor_id == self.env.user):
                raise AccessError(
                    self.env._("Whoever watches over a commitment evaluates it, or a supervisor.")
                )
            if commitment.state != "in_force":
                raise UserError(self.env._("“%s” is not in force.", commitment.title))

    def _review(self, outcome, assessment):
        """Note an evaluation and do what follows from it.

        :param str outcome: ``keep``, ``raise`` (the next version is drafted) or ``withdraw``
            (the service manager or general manager only)
        :param str assessment: in words, needed
        :return: action to go on with
        """
        self.ensure_one()
        self._check_may_review()
        self._check_note(assessment)
        review = self.env["crm.commitment.review"].sudo()
        review.create(review._prepare_values(self, outcome, assessment))
        self._plan_review()
        self.sudo().activity_feedback(
            ["crm_aftersales.mail_activity_type_commitment_review"], feedback=assessment
        )
        if outcome == "withdraw":
            self._withdraw(assessment)
        if outcome == "raise" and not self.next_ids:
            return self.action_new_version()
        return {"type": "ir.actions.act_window_close"}

    @api.model
    def _cron_plan_reviews(self):
        """Remind who watches of evaluations that are due, once; safe to run again."""
        self._retire_ended()
        local = self.with_context(tz=self.env.company._get_crm_timezone())
        due = local.search([("is_review_due", "=", True)], order="date_review, id")
        activity_type = self.env.ref("crm_aftersales.mail_activity_type_commitment_review")
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(due))
        for commitment in due:
            planned = commitment.activity_ids.filtered(
                lambda a: a.activity_type_id == activity_type
            )
            if not planned:
                commitment.activity_schedule(
                    "crm_aftersales.mail_activity_type_commitment_review",
                    date_deadline=commitment.date_review,
                    user_id=commitment.monitor_id.id or commitment.user_id.id,
                )
            if not cron._commit_progress(1):
                break

    # ------------------------------------------------------------------ counted by hand

    def action_count(self):
        """Enter a month of an item that no register counts, with the evidence (A4.R7)."""
        self.ensure_one()
        self._check_may_review()
        items = self.item_ids.filtered("is_manual")
        if not items:
            raise UserError(self.env._("Every item of “%s” is counted by the system.", self.title))
        return self._open_note("count", self.env._("Count a Month"), default_item_id=items[:1].id)

    # ------------------------------------------------------------------ open what belongs to it

    def action_open_fulfilment(self):
        """How it was kept, month by month, with its earlier versions."""
        return self._open_related("crm_commitment_fulfilment_action")

    def action_open_reports(self):
        """What staff report about it."""
        action = self._open_related("crm_commitment_report_action")
        action["context"] = {"default_commitment_id": self.id}
        return action

    def action_open_proposals(self):
        """What was proposed about it."""
        action = self._open_related("crm_commitment_proposal_action")
        action["context"] = {"default_commitment_id": self.id}
        return action

    def action_propose(self):
        """Propose to change it (A4.R3)."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Propose a Change"),
            "res_model": "crm.commitment.proposal",
            "view_mode": "form",
            "context": {"default_commitment_id": self.id, "default_kind": "change"},
        }

    def _open_related(self, name):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(f"crm_aftersales.{name}")
        action["domain"] = [("commitment_id", "in", self._get_versions().ids)]
        action["context"] = {}
        return action
