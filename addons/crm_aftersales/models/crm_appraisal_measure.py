from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

STAMPS = (
    "date_done",
    "result",
    "is_effective",
    "check_note",
    "date_checked",
    "checked_by_id",
    "date_overdue_told",
)


class CrmAppraisalMeasure(models.Model):
    """What is to become better, by whom and until when, and whether it did (D8.R2)."""

    _name = "crm.appraisal.measure"
    _description = "Measure of an Improvement Plan"
    _inherit = ["crm.approval.line.mixin"]
    _order = "date_due, id"
    _rec_name = "name"

    _approval_parent_field = "appraisal_id"

    appraisal_id = fields.Many2one("crm.appraisal", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="appraisal_id.company_id", store=True, index=True)
    name = fields.Text("Measure", required=True)
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    date_due = fields.Date("Due", required=True, index=True)
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("open", "Under Way"),
            ("done", "To Check"),
            ("effective", "Effective"),
            ("ineffective", "Not Effective"),
        ],
        compute="_compute_state",
        store=True,
    )
    date_done = fields.Date("Done On", readonly=True, copy=False)
    result = fields.Text(readonly=True, copy=False)
    is_effective = fields.Boolean(readonly=True, copy=False)
    check_note = fields.Text("Follow-Up Check", readonly=True, copy=False)
    date_checked = fields.Date("Checked On", readonly=True, copy=False)
    checked_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    date_overdue_told = fields.Date("Reported Overdue On", readonly=True, copy=False)
    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    is_mine = fields.Boolean(compute="_compute_is_mine")
    is_checker = fields.Boolean(compute="_compute_is_mine")

    _overdue_idx = models.Index("(date_due) WHERE state = 'open' AND date_overdue_told IS NULL")

    @api.depends("appraisal_id.state", "date_done", "date_checked", "is_effective")
    def _compute_state(self):
        for measure in self:
            if measure.date_checked:
                measure.state = "effective" if measure.is_effective else "ineffective"
            elif measure.date_done:
                measure.state = "done"
            else:
                is_open = measure.appraisal_id.state == "approved"
                measure.state = "open" if is_open else "planned"

    @api.depends("state", "date_due")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for measure in self:
            due = measure.date_due
            measure.is_overdue = measure.state == "open" and bool(due) and due < today

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = Domain([("state", "=", "open"), ("date_due", "<", "today")])
        return Domain.OR(overdue if wanted else ~overdue for wanted in value)

    @api.depends("user_id", "appraisal_id.user_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for measure in self:
            measure.is_mine = measure.user_id == self.env.user
            measure.is_checker = self.env.user in measure._get_checkers()

    @api.model
    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | set(STAMPS) | {"state"}

    def _get_checkers(self):
        """Who may say whether it helped: the appraiser and service managers, not who did it.

        :return: ``res.users``
        """
        self.ensure_one()
        measure = self.sudo()
        entries = self.env["crm.merit.entry"]
        offices = entries._get_office_users(measure.company_id, "manager", "general_manager")
        doers = measure.user_id | measure.appraisal_id.person_id
        return (measure.appraisal_id.user_id | offices) - doers

    def action_done(self):
        """Ask what was done."""
        return self._open_note("done", self.env._("Done"))

    def _done(self, result):
        """The measure was carried out.

        :param str result: in words, needed
        :raise AccessError: neither responsible nor the appraiser
        :raise UserError: not under way, or no words
        """
        self.check_access("read")
        self._check_note(result)
        for measure in self:
            if self.env.user not in measure.user_id | measure._get_checkers():
                raise AccessError(self.env._("Who is responsible for the measure does this."))
            if measure.state != "open":
                raise UserError(self.env._("“%s” is not under way.", measure.name))
        today = fields.Date.context_today(self)
        self.sudo().write({"date_done": today, "result": result})
        for measure in self.sudo():
            appraisal = measure.appraisal_id
            appraisal._get_measure_activities(measure).action_feedback(feedback=result)
            appraisal._note_measure(measure, self.env._("Done: %s", measure.name), result)

    def action_check(self):
        """Ask whether it helped."""
        return self._open_note("check", self.env._("Follow-Up Check"))

    def _check_effect(self, is_effective, note):
        """The follow-up check: whether the measure helped.

        :param bool is_effective: whether it did
        :param str note: how that was seen, needed
        :raise AccessError: not the user's to judge
        :raise UserError: not done yet, or no words
        """
        self.check_access("read")
        self._check_note(note)
        for measure in self:
            if self.env.user not in measure._get_checkers():
                raise AccessError(
                    self.env._(
                        "The appraiser or a service manager checks a measure, not who carried it "
                        "out."
                    )
                )
            if measure.state != "done":
                raise UserError(self.env._("“%s” is checked once it was done.", measure.name))
        self.sudo().write(
            {
                "is_effective": is_effective,
                "check_note": note,
                "date_checked": fields.Date.context_today(self),
                "checked_by_id": self.env.uid,
            }
        )
        for measure in self.sudo():
            label = self.env._("Effective") if is_effective else self.env._("Not effective")
            measure.appraisal_id._note_measure(measure, f"{label}: {measure.name}", note)

    def _check_note(self, note):
        if not (note or "").strip():
            raise UserError(self.env._("Write it in words: it stays with the measure."))

    def _open_note(self, kind, title):
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "crm.appraisal.note",
            "view_mode": "form",
            "target": "new",
            "context": {"default_kind": kind, "default_measure_ids": self.ids},
        }

    @api.model
    def _cron_report_overdue(self):
        """Tell once who is late and who appraised; safe to run again."""
        today = self.env.company._get_crm_today()
        domain = [
            ("state", "=", "open"),
            ("date_due", "<", today),
            ("date_overdue_told", "=", False),
        ]
        measures = self.search(domain, order="date_due, id")
        self.env["ir.cron"]._commit_progress(remaining=len(measures))
        for measure in measures:
            measure.date_overdue_told = today
            users = (measure.user_id | measure.appraisal_id.user_id).filtered("active")
            measure.appraisal_id.message_notify(
                partner_ids=users.partner_id.ids,
                subject=self.env._("Overdue: %s", measure.name),
                body=measure.appraisal_id.display_name,
            )
            if not self.env["ir.cron"]._commit_progress(1):
                break
