from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

ANSWERS = [("right", "Right"), ("wrong", "Wrong"), ("none", "Does Not Apply")]
CHECKS = ("basic", "transaction", "service", "special")
# what the draw gave; people write the answers
DRAWN_FIELDS = frozenset(("inspection_id", "archive_id", "date_done"))


class CrmArchiveInspectionLine(models.Model):
    """An archive of the sample, with what the group found in each of its parts (B7.R2)."""

    _name = "crm.archive.inspection.line"
    _description = "Sample of an Archive Inspection"
    _inherit = ["crm.access.mixin"]
    _order = "inspection_id, id"

    inspection_id = fields.Many2one(
        "crm.archive.inspection", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="inspection_id.company_id", store=True, index=True)
    archive_id = fields.Many2one(
        "crm.archive", required=True, readonly=True, index=True, ondelete="restrict"
    )
    user_id = fields.Many2one(
        "res.users",
        "Inspector",
        index=True,
        ondelete="restrict",
        domain="[('share', '=', False)]",
    )
    basic = fields.Selection(ANSWERS, "Basic Facts")
    transaction = fields.Selection(ANSWERS, "Transactions")
    service = fields.Selection(ANSWERS, "Service Records")
    special = fields.Selection(ANSWERS, "Special Facts")
    note = fields.Text("What Was Seen")
    date_done = fields.Datetime("Looked At On", readonly=True)
    checked_count = fields.Integer("Facts Checked", compute="_compute_counts", store=True)
    wrong_count = fields.Integer("Facts Wrong", compute="_compute_counts", store=True)

    _archive_once = models.UniqueIndex(
        "(inspection_id, archive_id)", "An archive is in a sample once."
    )

    @api.depends(*CHECKS)
    def _compute_counts(self):
        for line in self:
            answers = [line[check] for check in CHECKS]
            line.checked_count = sum(answer in ("right", "wrong") for answer in answers)
            line.wrong_count = answers.count("wrong")

    @api.depends("archive_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.archive_id.display_name

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("The sample is drawn by the system."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            if not DRAWN_FIELDS.isdisjoint(vals):
                raise AccessError(self.env._("The sample is drawn by the system."))
            if any(line.date_done or line.inspection_id.state != "running" for line in self):
                raise UserError(self.env._("What was looked at stays as it was noted."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_by_system(self):
        if not self.env.su:
            raise AccessError(self.env._("What was drawn stays in the sample."))

    def action_done(self):
        """Note that this archive was looked at.

        :raise UserError: not under way, noted before, or without an answer
        """
        self.check_access("write")
        for line in self:
            if line.inspection_id.state != "running" or line.date_done:
                raise UserError(self.env._("This archive was looked at already."))
            if not line.checked_count:
                raise UserError(self.env._("Say of at least one part whether it is right."))
            if line.wrong_count and not (line.note or "").strip():
                raise UserError(self.env._("Write what is wrong."))
        self.sudo().date_done = fields.Datetime.now()
