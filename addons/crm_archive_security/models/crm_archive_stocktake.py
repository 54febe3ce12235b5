from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.crm_service_base.tools.state_order import in_order


class CrmArchiveStocktake(models.Model):
    """档案盘点: what should stand in a place, and what does (B5.R1).

    The service manager approves; what is missing becomes an incident.
    """

    _name = "crm.archive.stocktake"
    _description = "Archive Stock-Take"
    _inherit = ["crm.service.mixin", "crm.approval.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    _approval_line_fields = ("line_ids",)

    user_id = fields.Many2one(string="Stock Taken By", required=True)
    place_id = fields.Many2one(
        "crm.archive.place", index=True, ondelete="restrict", check_company=True
    )
    date = fields.Date("Stock Taken On", required=True, default=fields.Date.context_today)
    line_ids = fields.One2many("crm.archive.stocktake.line", "stocktake_id", "Archives", copy=False)
    note = fields.Text("Remarks", help="For instance what was found and is on no list.")
    state = fields.Selection(
        [("draft", "Draft"), ("submitted", "To Approve"), ("approved", "Approved")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    line_count = fields.Integer("Archives Listed", compute="_compute_line_count")
    difference_count = fields.Integer("Differences", compute="_compute_line_count")

    @api.depends("line_ids.result")
    def _compute_line_count(self):
        for stocktake in self:
            lines = stocktake.line_ids
            stocktake.line_count = len(lines)
            stocktake.difference_count = len(
                lines.filtered(lambda line: line.result not in (False, "there"))
            )

    @api.depends("name", "place_id")
    def _compute_display_name(self):
        for stocktake in self:
            parts = [stocktake.name, stocktake.place_id.complete_name]
            stocktake.display_name = " · ".join(filter(None, parts))

    def action_fill(self):
        """A line for each archive that should stand there; what is listed already stays.

        :raise UserError: submitted already, or nothing is kept there
        """
        self.ensure_one()
        self.check_access("write")
        self._check_approval_draft()
        archives = self.env["crm.archive"].search(self._get_archive_domain())
        missing = archives - self.line_ids.archive_id
        if not missing and not self.line_ids:
            raise UserError(self.env._("No archive is kept there on paper."))
        self.env["crm.archive.stocktake.line"].create(
            [{"stocktake_id": self.id, "archive_id": archive.id} for archive in missing]
        )

    def _get_archive_domain(self):
        """:return: list, the archives that should be there"""
        domain = [("state", "=", "established"), ("company_id", "=", self.company_id.id)]
        place = ("place_id", "child_of", self.place_id.id)
        return [*domain, place if self.place_id else ("place_id", "!=", False)]

    def action_all_there(self):
        """What was not looked for yet stands where it should."""
        self.check_access("write")
        self._check_approval_draft()
        self.line_ids.filtered(lambda line: not line.result).write({"result": "there"})

    def _approval_check_submit(self):
        super()._approval_check_submit()
        for stocktake in self:
            if not stocktake.line_ids:
                raise UserError(self.env._("Press “Fill In” to list what should be there."))
            for line in stocktake.line_ids:
                line._check_complete()

    def _approval_on_approved(self):
        super()._approval_on_approved()
        for line in self.line_ids.filtered(lambda line: line.result == "missing"):
            line._report_missing()
