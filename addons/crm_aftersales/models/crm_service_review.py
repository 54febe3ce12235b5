from datetime import date, datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.crm_service_base.tools.periods import due_periods, period_of
from odoo.addons.crm_service_base.tools.state_order import in_order

SATISFIED_SCORE = 3  # good and excellent
ACKNOWLEDGE_DAYS = 5
MEASURED = (
    "case_count",
    "deadline_count",
    "deadline_kept_count",
    "callback_count",
    "callback_satisfied_count",
    "feedback_count",
    "feedback_score",
    "feedback_good_count",
    "feedback_serious_count",
    "survey_count",
    "survey_score",
    "complaint_count",
)


class CrmServiceReview(models.Model):
    """Service quality review of one member of staff for a period (A4.R8).

    The figures come from cases, callbacks, feedback and surveys, and are never typed. The head
    adds words, the person reviewed reads them and comments, and then it goes for approval.
    Appraisals take feedback and surveys from here; deadlines and callbacks are counted in one
    place for both.
    """

    _name = "crm.service.review"
    _description = "Service Quality Review"
    _inherit = [
        "crm.service.mixin",
        "crm.approval.mixin",
        "crm.mean.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date_to desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"
    _mean_bases = {
        "deadline_rate": "deadline_count",
        "satisfied_rate": "callback_count",
        "feedback_score": "feedback_count",
        "survey_score": "survey_count",
    }

    _approval_draft_states = ("draft", "shown")
    _approval_submit_states = ("shown",)
    _approval_pending_state = "submitted"
    _approval_approved_state = "approved"
    _approval_returned_state = "draft"

    subject_id = fields.Many2one(
        "res.users",
        "Person Reviewed",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    user_id = fields.Many2one(string="Review By", required=True)
    interval = fields.Selection(
        [("monthly", "Month"), ("quarterly", "Quarter")], required=True, default="quarterly"
    )
    date_from = fields.Date("From", required=True, default=lambda self: self._default_period()[0])
    date_to = fields.Date("To", required=True, default=lambda self: self._default_period()[1])
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("shown", "With the Person"),
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

    # measured
    date_measured = fields.Datetime("Measured On", readonly=True, copy=False)
    case_count = fields.Integer("Cases Solved", readonly=True, copy=False)
    deadline_count = fields.Integer("Deadlines Due", readonly=True, copy=False)
    deadline_kept_count = fields.Integer("Deadlines Kept", readonly=True, copy=False)
    deadline_rate = fields.Float(
        "Deadlines Kept (%)", compute="_compute_rates", store=True, aggregator="avg", digits=(5, 1)
    )
    callback_count = fields.Integer("Callbacks", readonly=True, copy=False)
    callback_satisfied_count = fields.Integer("Satisfied", readonly=True, copy=False)
    satisfied_rate = fields.Float(
        "Satisfied at the Callback (%)",
        compute="_compute_rates",
        store=True,
        aggregator="avg",
        digits=(5, 1),
    )
    feedback_count = fields.Integer("Feedback Forms", readonly=True, copy=False)
    feedback_score = fields.Float(
        "Feedback (4 to 1)", readonly=True, copy=False, aggregator="avg", digits=(3, 2)
    )
    feedback_good_count = fields.Integer("Excellent or Good", readonly=True, copy=False)
    feedback_serious_count = fields.Integer(
        "Rude or Charged in Disguise", readonly=True, copy=False
    )
    survey_count = fields.Integer("Survey Items", readonly=True, copy=False)
    survey_score = fields.Float(
        "Survey (5 to 1)", readonly=True, copy=False, aggregator="avg", digits=(3, 2)
    )
    complaint_count = fields.Integer("Complaints Against", readonly=True, copy=False)

    # judged
    verdict = fields.Selection(
        [("excellent", "Excellent"), ("good", "Good"), ("fair", "Fair"), ("poor", "Poor")],
        tracking=True,
        copy=False,
    )
    strengths = fields.Text(copy=False)
    shortcomings = fields.Text(copy=False)
    plan = fields.Text("To Improve", copy=False)
    date_shown = fields.Datetime("Shown On", readonly=True, copy=False)
    staff_comment = fields.Text("Comment of the Person Reviewed", copy=False)
    date_acknowledged = fields.Datetime("Read On", readonly=True, copy=False)
    is_subject = fields.Boolean(compute="_compute_is_subject")

    _dates_in_order = models.Constraint(
        "CHECK(date_to >= date_from)", "A period cannot end before it begins."
    )
    _period_uniq = models.UniqueIndex(
        "(company_id, subject_id, date_from, date_to) WHERE active",
        "There is a review of this person for this period already.",
    )

    @api.model
    def _default_period(self):
        """The last quarter that is over."""
        first = period_of("quarterly", fields.Date.context_today(self))[0]
        return period_of("quarterly", first - timedelta(days=1))

    @api.depends(*MEASURED)
    def _compute_rates(self):
        for review in self:
            timed, called = review.deadline_count, review.callback_count
            review.deadline_rate = 100 * review.deadline_kept_count / timed if timed else 0
            review.satisfied_rate = 100 * review.callback_satisfied_count / called if called else 0

    @api.depends("subject_id")
    @api.depends_context("uid")
    def _compute_is_subject(self):
        for review in self:
            review.is_subject = review.subject_id == self.env.user

    @api.depends("subject_id", "company_id")
    def _compute_department_id(self):
        """The department of the person reviewed."""
        departments = self.env["crm.service.department"]
        for review in self:
            review.department_id = (
                departments._get_user_department(review.subject_id, review.company_id)
                if review.subject_id
                else departments
            )

    @api.depends("subject_id", "date_from", "date_to")
    def _compute_display_name(self):
        for review in self:
            name = review.subject_id.name or ""
            review.display_name = f"{name} {review.date_from or ''} – {review.date_to or ''}"

    # ------------------------------------------------------------------ guards

    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {
            *MEASURED,
            "date_measured",
            "date_shown",
            "date_acknowledged",
        }

    def _approval_document_author(self):
        return super()._approval_document_author() | self.subject_id

    @api.model_create_multi
    def create(self, vals_list):
        reviews = super().create(vals_list)
        for review in reviews:
            if not self.env.su:
                review._check_reviewer()
        reviews.sudo()._measure()
        return reviews

    def write(self, vals):
        if not self.env.su:
            self._check_review_write(vals)
        result = super().write(vals)
        if not self.env.su and not {"subject_id", "user_id", "department_id"}.isdisjoint(vals):
            for review in self:
                review._check_reviewer()
        if not {"subject_id", "date_from", "date_to", "company_id"}.isdisjoint(vals):
            self.filtered(lambda review: review.state == "draft").sudo()._measure()
        return result

    def _check_review_write(self, vals):
        """:raise AccessError: not one's own part of it; :raise UserError: not the time for it"""
        mixins = self.env["mail.thread"]._fields.keys() | self.env["mail.activity.mixin"]._fields
        names = set(vals) - (mixins - self.env["base"]._fields.keys())
        for review in self.sudo() if names else ():
            if names == {"staff_comment"}:
                if review.subject_id != self.env.user:
                    raise AccessError(self.env._("Only the person reviewed comments on it."))
                if review.state != "shown" or review.date_acknowledged:
                    raise UserError(self.env._("It is not with you to comment any more."))
            elif review.subject_id == self.env.user:
                raise AccessError(self.env._("Nobody writes the own review."))
            elif not review._can_review():
                raise AccessError(
                    self.env._("Staff are reviewed by the head of their department, or a manager.")
                )
            elif review.state == "shown" and names != {"active"}:
                raise UserError(
                    self.env._(
                        "%s is with the person reviewed: take it back to change it.",
                        review.display_name,
                    )
                )

    def _check_reviewer(self):
        """:raise AccessError: nobody reviews oneself; only heads and managers review"""
        self.ensure_one()
        review = self.sudo()
        if self.env.user == review.subject_id or review.user_id == review.subject_id:
            raise AccessError(self.env._("Nobody writes the own review."))
        if not self._can_review():
            raise AccessError(
                self.env._("Staff are reviewed by the head of their department, or a manager.")
            )

    def _can_review(self):
        """Whether the user leads the person reviewed, or is a manager."""
        return self._is_leader() or self.env.user.has_group("crm_service_base.group_manager")

    def _is_leader(self):
        departments = self.env["crm.service.department"].sudo()
        if own := self.sudo().department_id:
            departments = departments.search([("id", "parent_of", own.id)])
        return self.env.user in departments.head_id + departments.deputy_id

    # ------------------------------------------------------------------ measuring

    @api.model
    def _get_quality_facts(self, users, company, date_from, date_to):
        """How well people served, from real records; for reviews and appraisals (A4.R8).

        :param users: ``res.users``
        :param company: ``res.company`` whose records count
        :param date date_from: first day
        :param date date_to: last day
        :return: dict of user id to a dict of ``MEASURED``
        """
        bounds = self._get_bounds(users, company, date_from, date_to)
        facts = {user.id: dict.fromkeys(MEASURED, 0) for user in users}
        for part in (
            self._measure_cases,
            self._measure_handling,
            self._measure_feedback,
            self._measure_surveys,
            self._measure_complaints,
        ):
            for user, values in part(users, company, *bounds).items():
                facts[user.id].update(values)
        return facts

    @api.model
    def _get_bounds(self, users, company, date_from, date_to):
        zone = pytz.timezone(company._get_crm_timezone())
        days = (date_from, date_to + timedelta(days=1))
        return tuple(
            zone.localize(datetime.combine(day, time.min)).astimezone(pytz.utc).replace(tzinfo=None)
            for day in days
        )

    def _get_measure_domain(self, name, date, users, company, start, end):
        return (
            Domain(name, "in", users.ids)
            & Domain("company_id", "=", company.id)
            & Domain(date, ">=", start)
            & Domain(date, "<", end)
        )

    def _measure_cases(self, users, company, start, end):
        """Own cases solved in the period."""
        domain = self._get_measure_domain("user_id", "date_solved", users, company, start, end)
        domain &= Domain("state", "in", ("solved", "closed")) & Domain("is_history", "=", False)
        cases = self.env["crm.service.case"].sudo()
        return {
            user: {"case_count": count}
            for user, count in cases._read_group(domain, ["user_id"], ["__count"])
        }

    def _measure_handling(self, users, company, start, end):
        """Deadlines and callbacks of own cases, as appraisals count them."""
        types = self.env["crm.statistics.report.type"].sudo()
        facts = types._get_handling_facts(company, start, end)
        measured = {}
        for user in users:
            kept, due = facts.get(user.id, {}).get("clock", (0, 0))
            satisfied, called = facts.get(user.id, {}).get("callback", (0, 0))
            measured[user] = {
                "deadline_count": due,
                "deadline_kept_count": kept,
                "callback_count": called,
                "callback_satisfied_count": satisfied,
            }
        return measured

    def _measure_feedback(self, users, company, start, end):
        domain = self._get_measure_domain(
            "service_user_id", "date_answered", users, company, start, end
        )
        feedbacks = self.env["crm.service.feedback"].sudo()
        facts = {
            user: {"feedback_count": count, "feedback_score": score}
            for user, count, score in feedbacks._read_group(
                domain, ["service_user_id"], ["__count", "score:avg"]
            )
        }
        for name, condition in (
            ("feedback_good_count", Domain("score", ">=", SATISFIED_SCORE)),
            ("feedback_serious_count", Domain("is_serious", "=", True)),
        ):
            for user, count in feedbacks._read_group(
                domain & condition, ["service_user_id"], ["__count"]
            ):
                facts[user][name] = count
        return facts

    def _measure_surveys(self, users, company, start, end):
        domain = self._get_measure_domain(
            "service_user_id", "date_answered", users, company, start, end
        )
        return {
            user: {"survey_count": count, "survey_score": score}
            for user, count, score in self.env["crm.service.survey.line"]
            .sudo()
            ._read_group(domain, ["service_user_id"], ["__count", "score:avg"])
        }

    def _measure_complaints(self, users, company, start, end):
        """Complaints about the person; what was judged not valid does not count."""
        domain = self._get_measure_domain(
            "complained_user_id", "date_opened", users, company, start, end
        )
        domain &= Domain("kind", "=", "complaint") & Domain("state", "!=", "cancelled")
        domain &= Domain("validity", "!=", "invalid")
        return {
            user: {"complaint_count": count}
            for user, count in self.env["crm.service.case"]
            .sudo()
            ._read_group(domain, ["complained_user_id"], ["__count"])
        }

    def _measure(self):
        """Write the figures of each review; called with ``sudo``."""
        for review in self:
            facts = self._get_quality_facts(
                review.subject_id, review.company_id, review.date_from, review.date_to
            )
            review.write({**facts[review.subject_id.id], "date_measured": fields.Datetime.now()})

    def action_measure(self):
        """Measure anew, while the review is a draft.

        :raise UserError: no draft any more
        """
        self.check_access("write")
        for review in self:
            review._check_reviewer()
        self._check_review_state(("draft",))
        self.sudo()._measure()

    def _check_review_state(self, states):
        wrong = self.sudo().filtered(lambda review: review.state not in states)
        if wrong:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(name)s is “%(state)s”: that cannot be done now.",
                    name=wrong[0].display_name,
                    state=labels[wrong[0].state],
                )
            )

    def action_open_records(self):
        """The solved cases behind the figures."""
        self.ensure_one()
        self.check_access("read")
        start, end = self._get_bounds(
            self.subject_id, self.company_id, self.date_from, self.date_to
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_service_case_action"
        )
        action["domain"] = [
            ("user_id", "=", self.subject_id.id),
            ("company_id", "=", self.company_id.id),
            ("date_solved", ">=", start),
            ("date_solved", "<", end),
        ]
        action["context"] = {}
        return action

    # ------------------------------------------------------------------ its way

    def action_show(self):
        """Give it to the person reviewed, to read and comment.

        :raise UserError: no draft, or the words are missing
        """
        self.check_access("write")
        self._check_review_state(("draft",))
        for review in self:
            review._check_reviewer()
            if not review.verdict or not (review.strengths or review.shortcomings):
                raise UserError(self.env._("%s: give a verdict and say why.", review.display_name))
        self.sudo()._measure()
        self.sudo().write(
            {
                "state": "shown",
                "date_shown": fields.Datetime.now(),
                "date_acknowledged": False,
                "staff_comment": False,
            }
        )
        for review in self.sudo():
            review.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=review.subject_id.id,
                summary=self.env._("Read your service quality review and comment"),
            )

    def action_take_back(self):
        """Change it after all; the person reads it anew afterwards.

        :raise UserError: not with the person
        """
        self.check_access("write")
        self._check_review_state(("shown",))
        for review in self:
            review._check_reviewer()
        self.sudo().write({"state": "draft"})
        self.sudo().activity_unlink(["mail.mail_activity_data_todo"])

    def action_acknowledge(self):
        """The person reviewed has read it (the comment is written before).

        :raise AccessError: somebody else
        :raise UserError: not with the person
        """
        self.check_access("read")
        self._check_review_state(("shown",))
        for review in self.sudo():
            if review.subject_id != self.env.user:
                raise AccessError(self.env._("Only the person reviewed does this."))
            if not review.date_acknowledged:
                review.date_acknowledged = fields.Datetime.now()
                review.activity_unlink(["mail.mail_activity_data_todo"])
                review.activity_schedule(
                    "mail.mail_activity_data_todo",
                    user_id=review.user_id.id,
                    summary=self.env._("The review was read: submit it for approval"),
                )

    def action_approval_submit(self):
        """Nobody submits the own review, and none before the person had it.

        :raise AccessError: the person reviewed, or no head and no manager
        """
        for review in self:
            review._check_reviewer()
        return super().action_approval_submit()

    def _approval_check_submit(self):
        super()._approval_check_submit()
        limit = fields.Datetime.now() - timedelta(days=ACKNOWLEDGE_DAYS)
        for review in self:
            if not review.date_acknowledged and review.date_shown > limit:
                raise UserError(
                    self.env._(
                        "%(review)s has not been read yet. Without an answer it can be submitted "
                        "after %(days)s days.",
                        review=review.display_name,
                        days=ACKNOWLEDGE_DAYS,
                    )
                )

    # ------------------------------------------------------------------ drafts by themselves

    @api.model
    def _cron_draft(self):
        """Drafts for everybody in a service department, once a period; safe to run again."""
        companies = self.env["res.company"].sudo()
        for company in companies.search([("crm_review_interval", "!=", False)]):
            interval = company.crm_review_interval
            for period in due_periods(interval, date.min, company._get_crm_today(), 1, 1):
                self._make_drafts(company, interval, *period)

    @api.model
    def _make_drafts(self, company, interval, date_from, date_to):
        departments = self.env["crm.service.department"].sudo()
        known = (
            self.sudo()
            .with_context(active_test=False)
            ._read_group(
                [
                    ("company_id", "=", company.id),
                    ("date_from", "=", date_from),
                    ("date_to", "=", date_to),
                ],
                ["subject_id"],
            )
        )
        done = {user for (user,) in known}
        for department in departments.search([("company_id", "=", company.id)], order="id"):
            people = self._get_reviewed(department).filtered(lambda user: user not in done)
            facts = self._get_quality_facts(people, company, date_from, date_to)
            for user in people:
                reviewer = self._get_reviewer(user, department)
                # of whom nothing is known there is nothing to review
                if not reviewer or not any(facts[user.id].values()):
                    continue
                done.add(user)
                self.sudo().with_company(company).create(
                    {
                        "company_id": company.id,
                        "subject_id": user.id,
                        "user_id": reviewer.id,
                        "interval": interval,
                        "date_from": date_from,
                        "date_to": date_to,
                    }
                )
                self.env["ir.cron"]._commit_progress(1)

    @api.model
    def _get_reviewed(self, department):
        """Whose service is reviewed; an addon with staff of other kinds adds them.

        :return: ``res.users``: members of the department with a role in customer service
        """
        people = department.member_ids | department.head_id
        return people.filtered(
            lambda user: user.active and user.has_group("crm_service_base.group_specialist")
        )

    @api.model
    def _get_reviewer(self, user, department):
        """Who writes the review of a person.

        :return: ``res.users``: the head of the department, of a head or deputy the head above; may
            be empty
        """
        while department:
            leaders = department.head_id + department.deputy_id
            if user not in leaders and (head := department.head_id.filtered("active")):
                return head
            department = department.parent_id
        return self.env["res.users"]
