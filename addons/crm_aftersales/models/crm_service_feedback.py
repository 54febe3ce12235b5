from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.crm_service_base.tools.plain_text import clean_text
from odoo.addons.crm_service_base.tools.state_order import in_order

from .crm_service_opinion_mixin import FILLABLE_STATES

OVERALL = [("excellent", "Excellent"), ("good", "Good"), ("fair", "Fair"), ("poor", "Poor")]
SCORES = {"excellent": 4, "good": 3, "fair": 2, "poor": 1}
ATTITUDES = ("is_polite", "is_warm", "is_cold", "is_rude")
CHARGES = ("no", "agreed", "disguised")
ANSWERS = ("overall", "demonstrated", *ATTITUDES, "charged", "comment")
TEXT_LIMIT = 2000


class CrmServiceFeedback(models.Model):
    """售后服务质量反馈表 (A3.F5): what the customer says about the service person after a job.

    Rudeness, and money taken in disguise, become a complaint by themselves, once.
    """

    _name = "crm.service.feedback"
    _description = "Service Feedback"
    _inherit = ["crm.service.opinion.mixin", "crm.mean.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "contact_name"]
    _mean_bases = {"score": "score"}

    short_name = fields.Char(
        compute="_compute_short_name", store=True, readonly=False, precompute=True
    )
    state = fields.Selection(
        [
            ("draft", "To Ask"),
            ("asked", "Asked"),
            ("answered", "Answered"),
            ("reviewed", "Reviewed by Supervisor"),
            ("expired", "No Answer"),
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
    overall = fields.Selection(OVERALL, "Overall Judgement", copy=False)
    score = fields.Integer(
        "Mean Judgement (4 to 1)",
        compute="_compute_score",
        store=True,
        aggregator="avg",
        help="Excellent counts 4, good 3, fair 2, poor 1.",
    )
    demonstrated = fields.Selection(
        [("yes", "Yes"), ("no", "No")], "Shown and Explained", copy=False
    )
    is_polite = fields.Boolean("Polite", copy=False)
    is_warm = fields.Boolean("Warm", copy=False)
    is_cold = fields.Boolean("Cold", copy=False)
    is_rude = fields.Boolean("Rude", copy=False)
    charged = fields.Selection(
        [
            ("no", "No"),
            ("agreed", "Yes, as agreed before"),
            ("disguised", "Yes, not agreed or in disguise"),
        ],
        copy=False,
    )
    comment = fields.Text("Customer's Words", copy=False)
    is_serious = fields.Boolean(compute="_compute_is_serious", store=True)
    complaint_id = fields.Many2one(
        "crm.service.case", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    reviewer_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict", tracking=True
    )
    date_reviewed = fields.Datetime("Reviewed On", readonly=True, copy=False)
    review_note = fields.Text("Reviewer's Words", copy=False)

    _answered_idx = models.Index(
        "(company_id, date_answered) WHERE date_answered IS NOT NULL AND active"
    )

    @api.depends("partner_id")
    def _compute_short_name(self):
        for feedback in self:
            partner = feedback.partner_id
            feedback.short_name = partner.crm_short_name or (
                partner.commercial_partner_id.crm_short_name
            )

    @api.depends("overall")
    def _compute_score(self):
        for feedback in self:
            feedback.score = SCORES.get(feedback.overall, 0)

    @api.depends("is_rude", "charged")
    def _compute_is_serious(self):
        for feedback in self:
            feedback.is_serious = feedback.is_rude or feedback.charged == "disguised"

    # ------------------------------------------------------------------ guards

    @api.model
    def _get_server_fields(self):
        names = ("complaint_id", "reviewer_id", "date_reviewed")
        return {**super()._get_server_fields(), **dict.fromkeys(names, False)}

    @api.model
    def _get_open_fields(self):
        return super()._get_open_fields() | {"review_note"}

    def _check_field_write(self, vals):
        super()._check_field_write(vals)
        if not vals.keys().isdisjoint(ANSWERS):
            for feedback in self:
                feedback._check_filler()
        if "review_note" in vals:
            self._check_state((*FILLABLE_STATES, "answered"))

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            # answers are typed into a record that is there: then it is known whose work it is about
            answers = [{n: vals[n] for n in ANSWERS if vals.get(n)} for vals in vals_list]
            vals_list = [
                {name: value for name, value in vals.items() if name not in ANSWERS}
                for vals in vals_list
            ]
            feedbacks = super().create(vals_list)
            for feedback, values in zip(feedbacks, answers, strict=True):
                if values:
                    feedback.write(values)
            return feedbacks
        return super().create(vals_list)

    # ------------------------------------------------------------------ asking and answering

    def _get_invitation_template(self):
        return self.env.ref("crm_aftersales.mail_template_feedback", raise_if_not_found=False)

    def _get_portal_path(self):
        return f"/my/feedback/{self.id}"

    @api.model
    def _cron_expire(self):
        """Who did not answer in time is not waited for."""
        self._expire()

    def action_answer(self):
        """Take what the customer said on the phone, or wrote on paper.

        :raise AccessError: it is about the user's own work
        :raise UserError: not complete, or answered already
        """
        self.ensure_one()
        self._check_fillable()
        feedback = self._get_answer_enter()
        if feedback.state not in FILLABLE_STATES:
            raise UserError(self.env._("Thank you, this was answered already."))
        values = {name: feedback[name] for name in ANSWERS}
        feedback._take_answers(values, self.env.user)

    def _portal_answer(self, user, post):
        """The customer answers by the link or in the portal.

        :param user: ``res.users`` of the request, which may open the page
        :param dict post: values of the form
        :raise UserError: a colleague, not complete, answered or too late
        """
        if user._is_internal():
            raise UserError(
                self.env._("You are logged in as staff: only the customer answers here.")
            )
        feedback = self._get_answer_enter()
        feedback._check_answerable()
        choices = {"overall": SCORES, "demonstrated": ("yes", "no"), "charged": CHARGES}
        values = {
            name: post.get(name) if post.get(name) in allowed else False
            for name, allowed in choices.items()
        }
        values |= {name: bool(post.get(name)) for name in ATTITUDES}
        values["comment"] = clean_text(post.get("comment"), TEXT_LIMIT)
        feedback._take_answers(values, user)

    def _take_answers(self, values, user):
        """Called with ``sudo`` and the row locked.

        :raise UserError: something is missing
        """
        complete = values["overall"] and values["demonstrated"] and values["charged"]
        if not complete or not any(values[name] for name in ATTITUDES):
            raise UserError(self.env._("Please answer all questions; the last one is optional."))
        self.write(values | self._prepare_answer_values(user))
        if self.is_serious and not self.complaint_id:
            self._open_complaint()

    def _open_complaint(self):
        """What is serious becomes a complaint; the head of the department is told."""
        case = self.env["crm.service.case"].create(self._prepare_complaint_values())
        self.complaint_id = case
        self._message_log(body=self.env._("Complaint %s was opened.", case.name))
        self._tell_head(
            case,
            self.env._("The customer complains about the service"),
            case.description,
        )

    def _prepare_complaint_values(self):
        """Values of the complaint; an addon adds its own.

        :return: dict
        """
        self.ensure_one()
        reasons = []
        if self.is_rude:
            reasons.append(self.env._("The service person was rude."))
        if self.charged == "disguised":
            reasons.append(self.env._("Money was taken without agreement or in disguise."))
        about = self.env._(
            "Feedback %(number)s about %(person)s",
            number=self.name,
            person=self.service_user_id.name or self.env._("an unknown person"),
        )
        category = self.env.ref("crm_aftersales.case_category_attitude", raise_if_not_found=False)
        owner = self.filled_by_id
        return {
            "kind": "complaint",
            "subject": about,
            "description": "\n".join(filter(None, [*reasons, self.comment])),
            "partner_id": self.partner_id.id,
            "channel": "phone" if self.answered_via == "phone" else "portal",
            "company_id": self.company_id.id,
            "team_id": self.case_id.team_id.id
            or self.env["crm.service.team"]._get_company_team(self.company_id).id,
            "category_id": category and category.id,
            "complained_user_id": self.service_user_id.id,
            "user_id": owner.id,
            "first_responder_id": owner.id,
        }

    # ------------------------------------------------------------------ review

    def action_review(self):
        """The supervisor or head has read it (审核人).

        :raise AccessError: not a supervisor, or one's own work, or typed in by oneself
        :raise UserError: not answered
        """
        self.check_access("read")
        self._check_state(("answered",))
        for feedback in self.sudo():
            is_head = self.env.user in feedback.department_id.head_id
            if not (is_head or self._is_supervisor()):
                raise AccessError(self.env._("Feedback is reviewed by a supervisor."))
            if self.env.user in feedback.service_user_id + feedback.filled_by_id:
                raise AccessError(
                    self.env._("Nobody reviews feedback about oneself, or typed in by oneself.")
                )
            feedback.write(
                {
                    "state": "reviewed",
                    "reviewer_id": self.env.uid,
                    "date_reviewed": fields.Datetime.now(),
                }
            )

    def action_open_complaint(self):
        """The complaint that came out of it."""
        self.ensure_one()
        return self.complaint_id._get_records_action()

    # ------------------------------------------------------------------ portal

    def _prepare_portal_values(self):
        """What the customer sees, and nothing else.

        :return: dict of plain values for the portal's templates
        """
        self.ensure_one()
        feedback = self.sudo()
        labels = {
            name: self._fields[name]._description_selection(self.env)
            for name in ("overall", "demonstrated", "charged")
        }
        return {
            "id": feedback.id,
            "kind": "feedback",
            "number": feedback.name,
            "title": self.env._("Feedback on Our Service"),
            "company": feedback.company_id.name,
            "person": feedback.service_user_id.name or "",
            "matter": feedback.case_id.subject or "",
            "date": feedback._format_date(feedback.date_asked),
            "deadline": feedback._format_date(feedback.date_deadline),
            "is_answered": feedback.state in ("answered", "reviewed"),
            "is_answerable": feedback._is_answerable(),
            "choices": labels,
            "attitudes": [(n, self._fields[n]._description_string(self.env)) for n in ATTITUDES],
            "answers": {name: feedback[name] for name in ANSWERS},
            "url": f"/my/feedback/{feedback.id}",
        }
