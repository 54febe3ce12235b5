import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError
from odoo.fields import Command
from odoo.tools import SQL

from odoo.addons.crm_service_base.tools.periods import period_of

_logger = logging.getLogger(__name__)

SERVER_FIELDS = {
    "state",
    "is_scheduled",
    "baseline_id",
    "previous_id",
    "date_computed",
    "score_count",
    "change_count",
    "up_count",
    "down_count",
    "warning_count",
    "unrated_count",
    "score_ids",
}


class CrmGradingRun(models.Model):
    """One grading of all customers, or of some: scores by a standard on a day, frozen.

    The whole of it is one transaction: killed anywhere, nothing is there, and it is made anew.
    A trial is the same for a standard under consideration, beside the one in force.
    """

    _name = "crm.grading.run"
    _description = "Grading Run"
    _inherit = ["crm.access.mixin", "mail.thread"]
    _order = "date_to desc, id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True)
    standard_id = fields.Many2one(
        "crm.grading.standard",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        default=lambda self: self.env["crm.grading.standard"]._get_in_force(
            self.env.company, fields.Date.context_today(self)
        ),
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users", "Made By", readonly=True, default=lambda self: self.env.user
    )
    date_to = fields.Date(
        "Figures Up To",
        required=True,
        default=lambda self: self._get_last_quarter_end(fields.Date.context_today(self)),
    )
    partner_ids = fields.Many2many(
        "res.partner",
        "crm_grading_run_partner_rel",
        "run_id",
        "partner_id",
        "Only These Customers",
        help="Empty: every customer with a customer type.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("done", "Computed")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
    )
    is_trial = fields.Boolean("Trial", copy=False, help="Changes nothing; for comparison only.")
    is_scheduled = fields.Boolean("Scheduled", readonly=True, copy=False)
    baseline_id = fields.Many2one(
        "crm.grading.run",
        "Compared With",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="Trials: the same figures by the standard in force.",
    )
    previous_id = fields.Many2one(
        "crm.grading.run",
        "Grading Before",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    date_computed = fields.Datetime("Computed On", readonly=True, copy=False)
    score_ids = fields.One2many("crm.grading.score", "run_id", "Scores", readonly=True)
    score_count = fields.Integer("Customers", readonly=True, copy=False)
    change_count = fields.Integer("Grade to Change", readonly=True, copy=False)
    up_count = fields.Integer("Better", readonly=True, copy=False)
    down_count = fields.Integer("Worse", readonly=True, copy=False)
    warning_count = fields.Integer("Early Warnings", readonly=True, copy=False)
    unrated_count = fields.Integer("Without Grade", readonly=True, copy=False)
    note = fields.Text("Remarks")

    _scheduled_uniq = models.UniqueIndex(
        "(company_id, date_to) WHERE is_scheduled", "This quarter is graded already."
    )

    @api.depends("date_to", "is_trial")
    def _compute_name(self):
        for run in self:
            quarter = (run.date_to.month + 2) // 3
            if run.date_to == period_of("quarterly", run.date_to)[1]:
                name = f"{run.date_to.year} Q{quarter}"
            else:
                name = str(run.date_to)
            run.name = self.env._("Trial %s", name) if run.is_trial else name

    @api.model
    def _get_last_quarter_end(self, day):
        return fields.Date.subtract(period_of("quarterly", day)[0], days=1)

    # ------------------------------------------------------------------ CRUD

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [
                {name: value for name, value in vals.items() if name not in SERVER_FIELDS}
                | dict.fromkeys(SERVER_FIELDS - {"score_ids"}, False)
                | {"state": "draft", "user_id": self.env.uid}
                for vals in vals_list
            ]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._check_write(vals.keys())
        return super().write(vals)

    def _check_write(self, names):
        if not SERVER_FIELDS.isdisjoint(names) or "user_id" in names:
            raise AccessError(self.env._("What a grading found is written by the system only."))
        content = names - {"note"} - self.env["mail.thread"]._fields.keys()
        if content and any(run.state == "done" for run in self):
            raise UserError(
                self.env._("A computed grading is not changed any more. Make a new one.")
            )

    def unlink(self):
        """A trial takes along what it was compared with."""
        baselines = self.baseline_id - self
        result = super().unlink()
        if baselines:
            baselines.unlink()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_computed(self):
        for run in self:
            if run.state == "done" and not run.is_trial:
                raise UserError(self.env._("Computed gradings are kept; only trials go."))

    # ------------------------------------------------------------------ actions

    def action_compute(self):
        """Grade the customers; a grading is computed once.

        :raise AccessError: the user is no supervisor of customer service
        :raise UserError: computed before, or the standard is not in force
        """
        self._check_supervisor()
        self.check_access("write")
        self.env.companies  # noqa: B018 raises on companies that are not the caller's
        for run in self.sudo():
            run._check_ready()
            run._compute_scores()
        return True

    def _check_supervisor(self):
        if not self.env.user.has_group("crm_service_base.group_supervisor"):
            raise AccessError(self.env._("Only supervisors of customer service grade customers."))

    def _check_ready(self):
        try:
            self.lock_for_update(allow_referencing=True)
        except LockError:
            raise LockError(
                self.env._("This grading is being computed by somebody else.")
            ) from None
        self.invalidate_recordset(["state"])
        if self.state != "draft":
            raise UserError(self.env._("This grading is computed already. Make a new one."))
        standard = self.standard_id
        if not standard:
            raise UserError(self.env._("Choose the standard to grade by."))
        if self.is_trial:
            standard._check_weights()
            standard.criterion_ids._check_complete()
            standard._check_levels()
            standard.cap_ids._check_complete()
        elif standard.state != "approved" or standard.date_from > fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "“%s” is not in force: have it approved first, or make a trial.",
                    standard.display_name,
                )
            )

    def action_open_scores(self):
        """The scores of these gradings."""
        self.check_access("read")
        return self._open_scores([], self.env._("Scores"))

    def action_open_changes(self):
        """Customers whose grade should change."""
        self.check_access("read")
        return self._open_scores([("is_change", "=", True)], self.env._("Movers"))

    def action_open_warnings(self):
        """Customers to look after before they are lost."""
        self.check_access("read")
        return self._open_scores([("is_warning", "=", True)], self.env._("Early Warnings"))

    def action_open_matrix(self):
        """How many customers move from which grade to which."""
        self.check_access("read")
        action = self._open_scores([], self.env._("Migration Matrix"))
        action["views"] = [
            (self.env.ref("crm_grading.crm_grading_score_view_pivot").id, "pivot"),
            (False, "list"),
            (False, "form"),
        ]
        return action

    def _open_scores(self, domain, name):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_grading.crm_grading_score_action"
        )
        action["display_name"] = name
        action["domain"] = [("run_id", "in", self.ids), *domain]
        action["context"] = {}
        return action

    def action_declare_changes(self):
        """Make declarations of every proposal that changes a grade, as proposed."""
        self.ensure_one()
        scores = self.env["crm.grading.score"].search(
            [("run_id", "=", self.id), ("is_change", "=", True)]
        )
        return scores.action_declare()

    # ------------------------------------------------------------------ computing

    def _finish(self):
        """Close the grading with its counts, and tell what it found."""
        counts = self._count_scores()
        self.write({"state": "done", "date_computed": fields.Datetime.now(), **counts})
        if not self.is_trial:
            reader = self.company_id.partner_id if self.is_scheduled else self.user_id
            run = self.with_context(lang=reader.lang)
            self.message_post(
                body=run.env._(
                    "%(score_count)s customers graded: %(change_count)s grades to change, "
                    "%(warning_count)s early warnings, %(unrated_count)s without grade.",
                    **counts,
                )
            )

    def _count_scores(self):
        self.env.cr.execute(
            SQL(
                """
                SELECT count(*) AS score_count,
                       count(*) FILTER (WHERE is_change) AS change_count,
                       count(*) FILTER (WHERE movement = 'up') AS up_count,
                       count(*) FILTER (WHERE movement = 'down') AS down_count,
                       count(*) FILTER (WHERE is_warning) AS warning_count,
                       count(*) FILTER (WHERE grade_proposed_id IS NULL) AS unrated_count
                  FROM crm_grading_score WHERE run_id = %s
                """,
                self.id,
            )
        )
        return self.env.cr.dictfetchone()

    def _get_previous(self):
        """The grading whose scores stand beside these: the baseline, or that of the time before.

        :return: ``crm.grading.run``, at most one
        """
        if self.is_trial:
            return self.baseline_id
        return self.search(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "=", "done"),
                ("is_trial", "=", False),
                ("partner_ids", "=", False),
                ("date_to", "<=", self.date_to),
                ("id", "!=", self.id),
            ],
            order="date_to desc, id desc",
            limit=1,
        )

    def _is_latest(self):
        """Whether no grading of a later day is there, whose computed grades would be undone."""
        return not self.search_count(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "=", "done"),
                ("is_trial", "=", False),
                ("date_to", ">", self.date_to),
            ],
            limit=1,
        )

    def _get_trial_baseline(self):
        """The trial of the standard in force that a trial is compared with.

        :return: a new ``crm.grading.run``; empty where that standard is tried itself, or none is
        """
        standard = self.standard_id._get_in_force(self.company_id, fields.Date.context_today(self))
        if not standard or standard == self.standard_id:
            return self.browse()
        baseline = self.create(
            {
                "standard_id": standard.id,
                "company_id": self.company_id.id,
                "date_to": self.date_to,
                "partner_ids": [Command.set(self.partner_ids.ids)],
                "is_trial": True,
            }
        )
        baseline._compute_scores()
        return baseline

    # ------------------------------------------------------------------ scheduled

    @api.model
    def _cron_grade(self):
        """Grade the quarter that is over in every company with a standard in force.

        A quarter that somebody graded by hand is left alone.

        One company after the other, each committed; killed anywhere, the next run does the rest.
        """
        for company in self.env["res.company"].search([("active", "=", True)]):
            today = company._get_crm_today()
            date_to = self._get_last_quarter_end(today)
            standard = self.env["crm.grading.standard"]._get_in_force(company, today)
            done = [
                ("company_id", "=", company.id),
                ("date_to", "=", date_to),
                ("state", "=", "done"),
                ("is_trial", "=", False),
                ("partner_ids", "=", False),
            ]
            if standard and not self.search_count(done, limit=1):
                self._grade_quarter(standard, company, date_to)
                if not self.env["ir.cron"]._commit_progress(1):
                    break

    def _grade_quarter(self, standard, company, date_to):
        """One company for the scheduled action: what fails is logged, and tried again next time."""
        try:
            with self.env.cr.savepoint():
                run = self.with_company(company).create(
                    {
                        "standard_id": standard.id,
                        "company_id": company.id,
                        "date_to": date_to,
                        "is_scheduled": True,
                    }
                )
                run._compute_scores()
        except Exception:
            _logger.exception("Customers of %s were not graded up to %s", company.name, date_to)
