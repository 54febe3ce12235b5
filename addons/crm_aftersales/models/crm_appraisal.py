from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.crm_service_base.tools.state_order import in_order

STAMPS = (
    "score",
    "band_id",
    "previous_id",
    "evaluation_id",
    "line_ids",
    "date_computed",
    "comment",
    "date_told",
    "date_commented",
)


class CrmAppraisal(models.Model):
    """绩效考核: a department or a member of staff, measured over a period (D8.R2).

    The figures are counted from cases, deadlines, callbacks, visits, merit entries and the
    quarterly evaluation; the leader adds words, the person comments, then it is approved. What is
    to become better is a plan with measures that are followed up, and the next appraisal shows
    what became of it.
    """

    _name = "crm.appraisal"
    _description = "Appraisal"
    _inherit = [
        "crm.service.mixin",
        "crm.approval.mixin",
        "crm.mean.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _mean_bases = {"score": "band_id"}
    _order = "date_to desc, scope, score desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "person_id", "department_id"]
    _mail_post_access = "read"

    _approval_draft_states = ("draft",)
    _approval_submit_states = ("told",)
    _approval_pending_state = "submitted"
    _approval_approved_state = "approved"
    _approval_returned_state = "draft"
    _approval_line_fields = ("line_ids", "measure_ids")

    scope = fields.Selection(
        [("staff", "Member of Staff"), ("department", "Department")],
        required=True,
        default="staff",
        index=True,
    )
    person_id = fields.Many2one(
        "res.users",
        compute="_compute_person_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id), ('id', '!=', uid)]",
        help="Who is appraised; of a department its head, who comments on it.",
    )
    department_id = fields.Many2one(help="Who is appraised, or where the person works.")
    user_id = fields.Many2one(string="Appraiser", required=True)
    date_from = fields.Date("From", required=True)
    date_to = fields.Date("To", required=True, index=True)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("told", "Shown to the Person"),
            ("submitted", "In Approval"),
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
    line_ids = fields.One2many("crm.appraisal.line", "appraisal_id", "Figures", readonly=True)
    date_computed = fields.Datetime("Figures Of", readonly=True, copy=False)
    score = fields.Float(digits=(5, 1), readonly=True, copy=False, aggregator="avg")
    band_id = fields.Many2one(
        "crm.appraisal.band",
        "Appraisal Grade",
        readonly=True,
        copy=False,
        index=True,
        ondelete="restrict",
    )
    is_plan_required = fields.Boolean(related="band_id.is_plan_required")
    evaluation_id = fields.Many2one(
        "crm.statistics.report",
        "Quarterly Evaluation",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The evaluation of the same period its figures come from, as corrected.",
    )
    opinion = fields.Text("Leader's Words", copy=False)
    comment = fields.Text("Comment of the Person", readonly=True, copy=False)
    date_told = fields.Datetime("Shown On", readonly=True, copy=False)
    date_commented = fields.Datetime("Commented On", readonly=True, copy=False)
    measure_ids = fields.One2many("crm.appraisal.measure", "appraisal_id", "Improvement Plan")
    previous_id = fields.Many2one(
        "crm.appraisal",
        "Appraisal Before",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    previous_score = fields.Float(related="previous_id.score", string="Points Before")
    previous_measure_ids = fields.One2many(
        related="previous_id.measure_ids", string="What Became of the Last Plan"
    )
    is_own = fields.Boolean("About Me", compute="_compute_is_own")

    _staff_uniq = models.UniqueIndex(
        "(company_id, person_id, date_from, date_to) WHERE scope = 'staff'",
        "This person has been appraised for this period.",
    )
    _department_uniq = models.UniqueIndex(
        "(company_id, department_id, date_from, date_to) WHERE scope = 'department'",
        "This department has been appraised for this period.",
    )
    _period_in_order = models.Constraint(
        "CHECK(date_to >= date_from)", "A period cannot end before it begins."
    )

    # ------------------------------------------------------------------ computes

    @api.depends("name", "scope", "person_id", "department_id", "date_from", "date_to")
    def _compute_display_name(self):
        for appraisal in self:
            is_staff = appraisal.scope == "staff"
            who = appraisal.person_id if is_staff else appraisal.department_id
            dates = (appraisal.date_from, appraisal.date_to)
            period = " – ".join(str(day) for day in dates if day)
            parts = [appraisal.name, who.sudo().name, period]
            appraisal.display_name = " ".join(filter(None, parts))

    @api.depends("scope", "department_id")
    def _compute_person_id(self):
        """Of a department it is the head."""
        for appraisal in self:
            if appraisal.scope == "department":
                appraisal.person_id = appraisal.department_id.sudo().head_id
            else:
                appraisal.person_id = appraisal.person_id

    @api.depends("scope", "person_id", "company_id")
    def _compute_department_id(self):
        """Of a person it is the one he works in."""
        departments = self.env["crm.service.department"]
        for appraisal in self:
            if appraisal.scope == "staff":
                appraisal.department_id = (
                    departments._get_user_department(appraisal.person_id, appraisal.company_id)
                    if appraisal.person_id
                    else departments
                )
            else:
                appraisal.department_id = appraisal.department_id

    @api.depends("person_id")
    @api.depends_context("uid")
    def _compute_is_own(self):
        for appraisal in self:
            appraisal.is_own = appraisal.person_id == self.env.user

    @api.constrains("scope", "person_id", "department_id", "user_id")
    def _check_person_id(self):
        for appraisal in self:
            if appraisal.scope == "staff" and not appraisal.person_id:
                raise ValidationError(self.env._("Name the member of staff."))
            if appraisal.scope == "department" and not appraisal.department_id:
                raise ValidationError(self.env._("Name the department."))
            if not appraisal._is_consistent():
                raise ValidationError(
                    self.env._("Person and department do not belong together: choose one anew.")
                )
            if appraisal.person_id == appraisal.user_id:
                raise ValidationError(
                    self.env._("Nobody appraises himself or the department he heads.")
                )

    def _is_consistent(self):
        """Nobody moves an appraisal into a department whose entries he sees."""
        if self.scope == "department":
            return self.person_id == self.department_id.sudo().head_id
        departments = self.env["crm.service.department"]
        own = departments._get_user_department(self.person_id, self.company_id)
        return self.department_id == own

    # ------------------------------------------------------------------ create, write

    @api.model
    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | set(STAMPS)

    @api.model_create_multi
    def create(self, vals_list):
        appraisals = super().create(vals_list)
        if not self.env.su:
            appraisals._check_not_own()
        appraisals._compute_figures()
        return appraisals

    def write(self, vals):
        res = super().write(vals)
        if not self.env.su and not {"person_id", "department_id", "scope"}.isdisjoint(vals):
            self._check_not_own()
        if not {"person_id", "department_id", "scope", "date_from", "date_to"}.isdisjoint(vals):
            self._compute_figures()
        return res

    def _check_not_own(self):
        """:raise AccessError: about oneself, or about somebody of another's department"""
        if any(appraisal.person_id == self.env.user for appraisal in self):
            raise AccessError(self.env._("Nobody appraises himself or the department he heads."))
        self.check_access("write")

    # ------------------------------------------------------------------ figures

    def action_compute(self):
        """Count the figures of drafts anew.

        :raise UserError: one of them is no draft
        """
        self.check_access("write")
        self._check_approval_draft()
        self._compute_figures()

    def _compute_figures(self):
        """Count the figures, in the same queries for all appraisals of a company and period."""
        groups = self.sudo().grouped(lambda a: (a.company_id, a.date_from, a.date_to))
        for (company, date_from, date_to), appraisals in groups.items():
            report_type = self._get_evaluation_type(company)
            facts = report_type._get_staff_facts(company, date_from, date_to)
            report, evaluation = self.env["crm.statistics.report"], {}
            if "department" in appraisals.mapped("scope"):
                report, evaluation = self._get_evaluation(report_type, company, date_from, date_to)
            for appraisal in appraisals:
                appraisal._write_figures(report_type, facts, report, evaluation)

    @api.model
    def _get_evaluation_type(self, company):
        """:return: ``crm.statistics.report.type`` of the evaluation, with ``sudo``"""
        types = self.env["crm.statistics.report.type"].sudo().with_context(active_test=False)
        found = types.search(
            [("method", "=", "evaluation"), ("company_id", "in", (company.id, False))],
            order="active desc, company_id, id",
            limit=1,
        )
        if not found:
            raise UserError(self.env._("There is no type of report for the quarterly evaluation."))
        return found

    @api.model
    def _get_evaluation(self, report_type, company, date_from, date_to):
        """Figures of the quarterly evaluation: those of its report where there is one, with what
        was corrected, else counted now.

        :return: ``(crm.statistics.report, {key: value})``
        """
        reports = self.env["crm.statistics.report"].sudo()
        report = reports._find(report_type, company, date_from, date_to, self.env["res.users"])
        lang = (report.user_id or report_type.user_id).lang or company.partner_id.lang
        counting = report_type.with_context(lang=lang or self.env.lang)
        rows = counting._get_crm_service_evaluation_rows(company, date_from, date_to)
        values = {row["key"]: row["value"] for row in rows}
        if report:
            frozen = {row[0]: row[2] for table in report._get_tables() for row in table["rows"]}
            for row in rows:
                values[row["key"]] = frozen.get(row["name"], values[row["key"]])
        return report, values

    def _write_figures(self, report_type, facts, report, evaluation):
        self.ensure_one()
        previous = self._find_previous()
        own = self._get_own_facts(report_type, facts)
        lines = self.env["crm.appraisal.line"]
        values = []
        for indicator in self.env["crm.appraisal.indicator"]._find_for(self.company_id, self.scope):
            value, explanation = indicator._get_value(own, evaluation)
            before = previous.line_ids.filtered(
                lambda line, indicator=indicator: line.indicator_id == indicator
            )[:1]
            values.append(lines._prepare_line(indicator, value, explanation, before))
        known = [line for line in values if line["is_known"]]
        weight = sum(line["weight"] for line in known)
        score = sum(line["weight"] * line["score"] for line in known) / weight if weight else 0.0
        band = self.env["crm.appraisal.band"]._find_band(self.company_id, round(score, 1))
        self.line_ids.unlink()
        self.write(
            {
                "line_ids": [fields.Command.create(line) for line in values],
                "score": round(score, 1),
                "band_id": band.id if weight else False,
                "previous_id": previous.id,
                "evaluation_id": report.id,
                "date_computed": fields.Datetime.now(),
            }
        )

    def _get_own_facts(self, report_type, facts):
        """:return: dict of fact to ``(part, whole)`` of the person, or summed up of the staff"""
        if self.scope == "staff":
            return facts.get(self.person_id.id, {})
        staff = self.department_id.head_id | self.department_id.member_ids
        return report_type._sum_facts(facts.get(user.id, {}) for user in staff)

    def _find_previous(self):
        """:return: the last approved appraisal of the same person or department before this"""
        subject = "person_id" if self.scope == "staff" else "department_id"
        return self.search(
            [
                ("company_id", "=", self.company_id.id),
                ("scope", "=", self.scope),
                (subject, "=", self[subject].id),
                ("state", "=", "approved"),
                ("date_to", "<", self.date_from),
            ],
            order="date_to desc, id desc",
            limit=1,
        )

    # ------------------------------------------------------------------ shown and commented

    def action_tell(self):
        """Show it to the person, who may comment.

        :raise UserError: no draft, no words, or figures of a period that is not over
        """
        self.check_access("write")
        self._check_approval_draft()
        today = fields.Date.context_today(self)
        for appraisal in self:
            if not (appraisal.opinion or "").strip():
                raise UserError(self.env._("Add your words to the figures first."))
            if appraisal.date_to >= today:
                raise UserError(self.env._("The period is not over: show it afterwards."))
            if appraisal.is_plan_required and not appraisal.measure_ids:
                raise UserError(
                    self.env._(
                        "The grade “%s” needs an improvement plan: add measures.",
                        appraisal.band_id.name,
                    )
                )
        self.sudo().write(
            {
                "state": "told",
                "date_told": fields.Datetime.now(),
                "comment": False,
                "date_commented": False,
            }
        )
        for appraisal in self.sudo():
            if appraisal.person_id.active:
                appraisal.activity_schedule(
                    "crm_aftersales.mail_activity_type_appraisal",
                    user_id=appraisal.person_id.id,
                    date_deadline=appraisal._get_comment_limit(),
                    summary=self.env._("Read your appraisal and comment on it"),
                )

    def _get_comment_limit(self):
        """:return: last day for the person's comment"""
        self.ensure_one()
        told = fields.Datetime.context_timestamp(self, self.date_told).date()
        return fields.Date.add(told, days=self.company_id.crm_appraisal_comment_days)

    def action_back_to_draft(self):
        """Change it once more; it is shown again afterwards.

        :raise UserError: it is not with the person
        """
        self.check_access("write")
        for appraisal in self.sudo():
            if appraisal.state != "told":
                raise UserError(self.env._("%s is not with the person.", appraisal.name))
        self.sudo().write({"state": "draft"})
        self.sudo().activity_unlink(["crm_aftersales.mail_activity_type_appraisal"])

    def action_comment(self):
        """Comment on one's own appraisal."""
        self._check_own()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Comment"),
            "res_model": "crm.appraisal.note",
            "view_mode": "form",
            "target": "new",
            "context": {"default_kind": "comment", "default_appraisal_ids": self.ids},
        }

    def _give_comment(self, comment):
        """What the person says to it.

        :param str comment: in words, needed
        :raise AccessError: it is about somebody else
        :raise UserError: it is not with the person, or no words
        """
        self._check_own()
        if not (comment or "").strip():
            raise UserError(self.env._("Write your comment in words."))
        for appraisal in self.sudo():
            if appraisal.state != "told":
                raise UserError(
                    self.env._("%s can be commented on while it is shown to you.", appraisal.name)
                )
        self.sudo().write({"comment": comment, "date_commented": fields.Datetime.now()})
        for appraisal in self.sudo():
            appraisal.activity_feedback(
                ["crm_aftersales.mail_activity_type_appraisal"], feedback=comment
            )
            appraisal._notify(
                appraisal.user_id, self.env._("Commented: %s", appraisal.display_name), comment
            )

    def _check_own(self):
        self.check_access("read")
        if any(appraisal.person_id != self.env.user for appraisal in self.sudo()):
            raise AccessError(self.env._("Only who is appraised comments on it."))

    def _notify(self, users, subject, body):
        users = users.filtered("active")
        if users:
            self.message_notify(partner_ids=users.partner_id.ids, subject=subject, body=body)

    def _get_measure_activities(self, measure):
        """:return: ``mail.activity`` that reminds of a measure"""
        kind = self.env.ref("crm_aftersales.mail_activity_type_appraisal_measure")
        return self.activity_ids.filtered(
            lambda activity: (
                activity.activity_type_id == kind
                and activity.user_id == measure.user_id
                and activity.summary == measure.name
            )
        )

    def _note_measure(self, measure, title, text):
        """What became of a measure stands in the log, and who follows it up is told."""
        self._message_log(body=f"{title} – {text}")
        self._notify((self.user_id | measure.user_id) - self.env.user, title, text)

    # ------------------------------------------------------------------ approval

    def _approval_document_author(self):
        """Who is appraised never decides, nor who appraises."""
        return super()._approval_document_author() | self.person_id

    def _approval_check_submit(self):
        super()._approval_check_submit()
        today = fields.Date.context_today(self)
        for appraisal in self:
            if self.env.user == appraisal.person_id:
                raise AccessError(self.env._("Nobody decides about himself."))
            if not appraisal.date_commented and appraisal._get_comment_limit() >= today:
                raise UserError(
                    self.env._(
                        "%(name)s may comment until %(date)s: submit the appraisal afterwards, or "
                        "once there is a comment.",
                        name=appraisal.person_id.name or appraisal.department_id.name,
                        date=appraisal._get_comment_limit(),
                    )
                )

    def _approval_on_submitted(self):
        super()._approval_on_submitted()
        self.activity_unlink(["crm_aftersales.mail_activity_type_appraisal"])

    def _approval_on_approved(self):
        """The measures are under way, and each owner hears of his."""
        super()._approval_on_approved()
        for appraisal in self:
            for measure in appraisal.measure_ids:
                appraisal.activity_schedule(
                    "crm_aftersales.mail_activity_type_appraisal_measure",
                    user_id=measure.user_id.id,
                    date_deadline=measure.date_due,
                    summary=measure.name,
                )
            appraisal._notify(
                appraisal.person_id,
                self.env._("Appraisal approved: %s", appraisal.display_name),
                appraisal.band_id.name or "",
            )

    def _can_file(self):
        is_followed_up = all(measure.date_checked for measure in self.sudo().measure_ids)
        return super()._can_file() and self.state == "approved" and is_followed_up
