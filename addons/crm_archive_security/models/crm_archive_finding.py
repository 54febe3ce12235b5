from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

DONE_FIELDS = frozenset(
    ("date_done", "done_by_id", "date_verified", "verified_by_id", "activity_id")
)


class CrmArchiveFinding(models.Model):
    """What an inspection found, who puts it right by when, and whether it is right (B7.R1)."""

    _name = "crm.archive.finding"
    _description = "Finding of an Archive Inspection"
    _inherit = ["crm.access.mixin"]
    _order = "date_due, id"

    inspection_id = fields.Many2one(
        "crm.archive.inspection", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="inspection_id.company_id", store=True, index=True)
    archive_id = fields.Many2one("crm.archive", index="btree_not_null", ondelete="restrict")
    name = fields.Text("What Was Found", required=True)
    severity = fields.Selection(
        [("minor", "Minor"), ("major", "Major")],
        "Severity of the Finding",
        required=True,
        default="minor",
    )
    department_id = fields.Many2one(
        "crm.service.department", index="btree_not_null", ondelete="restrict"
    )
    user_id = fields.Many2one(
        "res.users",
        "Puts It Right",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    date_due = fields.Date("Term", required=True, default=fields.Date.context_today)
    measure = fields.Text("What Was Done")
    date_done = fields.Datetime("Put Right On", readonly=True, copy=False)
    done_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    date_verified = fields.Datetime("Verified On", readonly=True, copy=False)
    verified_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    activity_id = fields.Many2one("mail.activity", readonly=True, copy=False, ondelete="set null")
    is_overdue = fields.Boolean(compute="_compute_is_overdue", search="_search_is_overdue")

    @api.depends("date_due", "date_done")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for finding in self:
            due = finding.date_due
            finding.is_overdue = bool(due) and due < today and not finding.date_done

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = Domain("date_done", "=", False)
        overdue &= Domain("date_due", "<", fields.Date.context_today(self))
        return Domain.OR(overdue if wanted else ~overdue for wanted in value)

    # ------------------------------------------------------------------ create, write, delete

    @api.model_create_multi
    def create(self, vals_list):
        initial = dict.fromkeys(DONE_FIELDS, False)
        findings = super().create([{**vals, **initial} for vals in vals_list])
        findings.sudo()._check_running()
        findings.sudo()._schedule()
        return findings

    def _check_running(self):
        if any(finding.inspection_id.state not in ("running", "rectifying") for finding in self):
            raise UserError(self.env._("Findings belong to an inspection that is under way."))

    def write(self, vals):
        if not self.env.su:
            if not DONE_FIELDS.isdisjoint(vals):
                raise AccessError(
                    self.env._("Findings are put right and verified with the buttons.")
                )
            if any(finding.date_done for finding in self):
                raise UserError(self.env._("A finding that was put right stays as it was noted."))
            if vals.keys() - {"measure"}:
                # who puts it right writes what was done, and no more
                self.inspection_id.check_access("write")
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        if any(f.date_done or f.inspection_id.state != "running" for f in self.sudo()):
            raise UserError(self.env._("What was found is kept."))

    def _schedule(self):
        for finding in self:
            finding.activity_id = finding.inspection_id.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=finding.date_due,
                user_id=finding.user_id.id,
                summary=self.env._("Put right what the inspection found"),
                note=finding.name,
            )

    # ------------------------------------------------------------------ actions

    def action_done(self):
        """Note that it was put right.

        :raise AccessError: not the person who puts it right
        :raise UserError: noted before, or without a word on what was done
        """
        self.check_access("read")
        for finding in self:
            if finding.user_id != self.env.user:
                raise AccessError(
                    self.env._("%s notes what was done about it.", finding.user_id.sudo().name)
                )
            if finding.date_done:
                raise UserError(self.env._("It was put right already."))
            if not (finding.measure or "").strip():
                raise UserError(self.env._("Write what was done first."))
        self.sudo().write({"date_done": fields.Datetime.now(), "done_by_id": self.env.uid})
        self.sudo().activity_id.action_feedback()

    def action_verify(self):
        """Note that somebody of the group saw that it is right.

        :raise AccessError: the user put it right
        :raise UserError: not put right yet, or verified before
        """
        self.inspection_id.check_access("write")
        for finding in self:
            if not finding.date_done or finding.date_verified:
                raise UserError(self.env._("A finding is verified once, after it was put right."))
            if self.env.user in finding.user_id | finding.done_by_id:
                raise AccessError(self.env._("Somebody else verifies what one put right."))
        self.sudo().write({"date_verified": fields.Datetime.now(), "verified_by_id": self.env.uid})
        self.sudo().inspection_id._on_finding_verified()

    def action_reject(self):
        """It is not right yet: back to who puts it right.

        :raise UserError: not put right, or verified before
        """
        self.inspection_id.check_access("write")
        if any(not finding.date_done or finding.date_verified for finding in self):
            raise UserError(self.env._("A finding is verified once, after it was put right."))
        self.sudo().write({"date_done": False, "done_by_id": False})
        self.sudo()._schedule()
