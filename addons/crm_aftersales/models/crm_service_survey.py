from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.crm_service_base.tools.state_order import in_order

from .crm_service_opinion_mixin import FILLABLE_STATES
from .crm_service_survey_line import DISSATISFIED
from .crm_service_survey_topic import GRADE_COUNT


class CrmServiceSurvey(models.Model):
    """售后服务质量调查表 (A3.F6): one customer, one topic, graded item by item.

    The questions are those of core's survey; the answers are kept there, and item by item here.
    """

    _name = "crm.service.survey"
    _description = "Satisfaction Survey"
    _inherit = ["crm.service.opinion.mixin", "crm.mean.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "contact_name"]
    _mean_bases = {"score": "score"}

    topic_id = fields.Many2one(
        "crm.service.survey.topic",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self._default_topic(),
    )
    campaign_id = fields.Many2one(
        "crm.service.survey.campaign",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    address = fields.Char(compute="_compute_address", store=True, readonly=False, precompute=True)
    state = fields.Selection(
        [
            ("draft", "To Ask"),
            ("asked", "Asked"),
            ("answered", "Answered"),
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
    date_planned = fields.Date("Ask On", default=fields.Date.context_today, index=True)
    user_input_id = fields.Many2one(
        "survey.user_input",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=fields.NO_ACCESS,
    )
    taken_by_id = fields.Many2one(
        "res.users",
        "Being Typed In By",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="The colleague who has the questionnaire open for the customer.",
    )
    line_ids = fields.One2many(
        "crm.service.survey.line", "survey_id", "Survey Items", readonly=True
    )
    comment = fields.Text("Customer's Words", readonly=True, copy=False)
    score = fields.Float(
        "Mean Grade (5 to 1)", readonly=True, copy=False, aggregator="avg", digits=(3, 2)
    )
    is_dissatisfied = fields.Boolean(
        "Dissatisfied Items", readonly=True, copy=False, help="At least one item got 2 or 1."
    )
    follow_up_id = fields.Many2one(
        "crm.visit",
        "Follow-Up",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    reminder_count = fields.Integer("Reminders", readonly=True, copy=False)
    date_reminded = fields.Datetime("Reminded On", readonly=True, copy=False)

    _answered_idx = models.Index(
        "(company_id, date_answered) WHERE date_answered IS NOT NULL AND active"
    )
    _waiting_idx = models.Index("(state, date_planned) WHERE state IN ('draft', 'asked')")

    @api.model
    def _default_topic(self):
        """After-sales service, where that topic is still there."""
        topic = self.env.ref("crm_aftersales.survey_topic_after_sales", raise_if_not_found=False)
        is_used = topic and topic.active
        return topic if is_used else self.env["crm.service.survey.topic"].search([], limit=1)

    @api.depends("partner_id")
    def _compute_address(self):
        for survey in self:
            partner = survey.partner_id
            parts = (partner.state_id.name, partner.city, partner.street, partner.street2)
            survey.address = " ".join(filter(None, parts))

    # ------------------------------------------------------------------ guards

    @api.model
    def _get_server_fields(self):
        return {
            **super()._get_server_fields(),
            "campaign_id": False,
            "taken_by_id": False,
            "line_ids": False,
            "comment": False,
            "score": 0,
            "is_dissatisfied": False,
            "follow_up_id": False,
            "reminder_count": 0,
            "date_reminded": False,
        }

    def _check_field_write(self, vals):
        super()._check_field_write(vals)
        if "topic_id" in vals and any(survey.user_input_id for survey in self.sudo()):
            raise UserError(self.env._("The questionnaire was opened already: ask anew instead."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_drawn(self):
        if any(survey.campaign_id for survey in self):
            raise UserError(self.env._("A campaign drew this customer: cancel it instead."))

    # ------------------------------------------------------------------ asking

    def _get_answer_days(self):
        return self.campaign_id.answer_days or super()._get_answer_days()

    def _get_invitation_template(self):
        return self.env.ref("crm_aftersales.mail_template_survey", raise_if_not_found=False)

    def _get_portal_path(self):
        return f"/my/surveys/{self.id}"

    @api.model
    def _cron_expire(self):
        """Who did not answer in time is not waited for."""
        self._expire()

    # ------------------------------------------------------------------ filling in

    def action_fill(self):
        """Open the questionnaire to type in what the customer says or wrote (A3.F6).

        :raise AccessError: it is about the user's own work
        :raise UserError: answered, by e-mail or in the portal, or the paper is missing
        """
        self.ensure_one()
        self._check_fillable()
        survey = self._get_answer_enter()
        if survey.state not in FILLABLE_STATES:
            raise UserError(self.env._("Thank you, this was answered already."))
        return {
            "type": "ir.actions.act_url",
            "target": "new",
            "url": survey._begin(self.env.user),
        }

    def _begin(self, user):
        """The questionnaire of this form, begun by a colleague or by the customer.

        Whoever begins after the other has a fresh one: half-filled pages of the other are void.
        Called with ``sudo``.

        :param user: ``res.users``
        :return: str, its address on the page of surveys
        """
        self.ensure_one()
        colleague = user if user._is_internal() else user.browse()
        given = self.user_input_id
        if given and given.state != "done" and self.taken_by_id != colleague:
            given.unlink()
            given = given.browse()
        if not given:
            given = self._create_user_input()
            self.user_input_id = given
        self.taken_by_id = colleague
        # what is typed in from a call or paper has no term
        given.deadline = False if colleague else self.date_deadline
        if given.state == "new":
            given._mark_in_progress()
        return given.get_start_url()

    def _create_user_input(self):
        return self.env["survey.user_input"].create(
            {
                "survey_id": self.topic_id.survey_id.id,
                "partner_id": self.partner_id.id,
                "email": self.partner_id.email,
                "lang_id": self.env["res.lang"]._get_data(code=self.partner_id.lang).id,
            }
        )

    def _fill(self, user, grades, comment=""):
        """Answer without the page of surveys, with the same checks.

        :param user: ``res.users`` who answers: a colleague for the customer, else the customer
        :param grades: whole numbers from 5 (best) to 1, one for each item
        :param str comment: the customer's words
        :raise UserError: answered or ended, or not one grade for each item
        """
        self.ensure_one()
        if user._is_internal():
            self.with_user(user)._check_fillable()
        else:
            self._check_answerable()
        rows = self.topic_id._get_rows()
        if len(grades) != len(rows) or not {1, 2, 3, 4, 5}.issuperset(grades):
            raise UserError(self.env._("Give one grade from 5 to 1 for each item."))
        survey = self.sudo()
        survey._begin(user)
        given = survey.user_input_id.with_user(user).sudo()
        found = dict(zip(rows, grades, strict=True))
        for question in survey.topic_id.survey_id.question_ids:
            if question.matrix_row_ids:
                columns = question.suggested_answer_ids
                marks = {
                    row.id: [columns[GRADE_COUNT - found[row]].id]
                    for row in question.matrix_row_ids
                    if row in found
                }
                given._save_lines(question, marks)
            elif question.question_type == "text_box" and comment:
                given._save_lines(question, comment)
                comment = ""
        given._mark_done()

    def _can_answer_here(self, user):
        """Whether a person may go on in the questionnaire that is begun.

        :param user: ``res.users`` of the request
        :return: bool
        """
        self.ensure_one()
        survey = self.sudo()
        if survey.taken_by_id:
            return user == survey.taken_by_id and user != survey.service_user_id
        return not user._is_internal()

    def _is_fillable_now(self):
        """Whether answers are taken now: of a colleague also before the customer was asked."""
        survey = self.sudo()
        if survey.taken_by_id:
            return survey.state in FILLABLE_STATES
        return survey._is_answerable()

    # ------------------------------------------------------------------ answers

    def _take_answers(self, user):
        """The questionnaire is complete; called with ``sudo``, once.

        :param user: ``res.users`` of the request
        """
        self.ensure_one()
        survey = self._get_answer_enter()
        if survey.state not in FILLABLE_STATES:
            return
        values = survey._prepare_lines()
        scores = [line["score"] for line in values]
        survey.write(
            survey._prepare_answer_values(user)
            | {
                "line_ids": [Command.create(line) for line in values],
                "comment": survey._get_comment(),
                "score": sum(scores) / len(scores) if scores else 0,
                "is_dissatisfied": any(line["grade"] in DISSATISFIED for line in values),
                "taken_by_id": False,
            }
        )
        if survey.is_dissatisfied and not survey.follow_up_id:
            survey._follow_up()

    def _prepare_lines(self):
        """Items and grades of the questionnaire; columns stand from the best to the worst.

        :return: list of dicts, values of ``crm.service.survey.line``
        """
        lang = self.company_id.partner_id.lang or self.env.lang
        found = {}
        for answer in self.user_input_id.user_input_line_ids:
            grades = answer.question_id.suggested_answer_ids.sorted(lambda a: (a.sequence, a.id))
            row = answer.matrix_row_id
            is_graded = len(grades) == GRADE_COUNT and row in answer.question_id.matrix_row_ids
            if is_graded and answer.suggested_answer_id in grades:
                found[row] = GRADE_COUNT - grades.ids.index(answer.suggested_answer_id.id)
        rows = self.topic_id._get_rows()
        return [
            {
                "sequence": index,
                "row_id": row.id,
                "item": row.with_context(lang=lang).value,
                "grade": str(found[row]),
                "score": found[row],
            }
            for index, row in enumerate(rows)
            if row in found
        ]

    def _get_comment(self):
        lines = self.user_input_id.user_input_line_ids
        texts = [line.value_text_box or line.value_char_box for line in lines]
        return "\n".join(filter(None, texts))

    def _follow_up(self):
        """Dissatisfied items: a callback with a deadline, and the head is told; once."""
        bad = self.line_ids.filtered(lambda line: line.grade in DISSATISFIED)
        labels = dict(self.line_ids._fields["grade"]._description_selection(self.env))
        note = "\n".join(f"{line.item}: {labels[line.grade]}" for line in bad)
        if self.comment:
            note = f"{note}\n{self.comment}"
        visits = self.env["crm.visit"].with_user(SUPERUSER_ID)
        try:
            with self.env.cr.savepoint():
                self.follow_up_id = visits._create_callback(
                    "survey",
                    self.partner_id,
                    self.date_answered,
                    **self._prepare_follow_up_values(note),
                )
        except UserError as error:
            # without a method for it the head still gets the to-do
            self._message_log(body=str(error))
        self._tell_head(self, self.env._("Dissatisfied items in the survey"), note)

    def _prepare_follow_up_values(self, note):
        """Values of the callback, beside customer and time.

        :param str note: the items, in words
        :return: dict
        """
        self.ensure_one()
        department = self.department_id
        people = self.user_id + department.head_id + department.deputy_id
        user = (people.filtered("active") - self.service_user_id)[:1]
        method = self.env.ref(
            "crm_aftersales.visit_method_survey_follow_up", raise_if_not_found=False
        )
        return {
            **({"method_id": method.id} if method else {}),
            "company_id": self.company_id.id,
            "user_id": user.id,
            "visitor_ids": [Command.set(user.ids)],
            "purpose": self.env._(
                "Survey %(number)s, not satisfied with: %(items)s", number=self.name, items=note
            ),
        }

    def action_open_follow_up(self):
        """The callback that came out of it."""
        self.ensure_one()
        return self.follow_up_id._get_records_action()

    # ------------------------------------------------------------------ print and portal

    def _get_form_items(self):
        """Rows of the printed form, filled or empty.

        :return: list of pairs of item and grade (``"5"`` to ``"1"`` or False)
        """
        self.ensure_one()
        if self.line_ids:
            return [(line.item, line.grade) for line in self.line_ids.sorted("sequence")]
        lang = self.company_id.partner_id.lang or self.env.lang
        return [(row.with_context(lang=lang).value, False) for row in self.topic_id._get_rows()]

    def _prepare_portal_values(self):
        """What the customer sees, and nothing else.

        :return: dict of plain values for the portal's templates
        """
        self.ensure_one()
        survey = self.sudo()
        labels = dict(survey.line_ids._fields["grade"]._description_selection(self.env))
        return {
            "id": survey.id,
            "kind": "survey",
            "number": survey.name,
            "title": survey.topic_id.name,
            "company": survey.company_id.name,
            "date": survey._format_date(survey.date_asked),
            "deadline": survey._format_date(survey.date_deadline),
            "is_answered": survey.state == "answered",
            "is_answerable": survey._is_answerable(),
            "lines": [(line.item, labels[line.grade]) for line in survey.line_ids],
            "comment": survey.comment or "",
            "url": f"/my/surveys/{survey.id}",
        }
