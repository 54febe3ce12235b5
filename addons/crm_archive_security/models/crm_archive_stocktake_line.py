from odoo import fields, models
from odoo.exceptions import UserError


class CrmArchiveStocktakeLine(models.Model):
    """One archive of a stock-take, and how it was found."""

    _name = "crm.archive.stocktake.line"
    _description = "Archive in a Stock-Take"
    _inherit = ["crm.approval.line.mixin"]
    _order = "stocktake_id, id"
    _rec_name = "archive_id"

    _approval_parent_field = "stocktake_id"

    stocktake_id = fields.Many2one(
        "crm.archive.stocktake", required=True, index=True, ondelete="cascade"
    )
    archive_id = fields.Many2one("crm.archive", required=True, index=True, ondelete="restrict")
    place_id = fields.Many2one(related="archive_id.place_id")
    secrecy = fields.Selection(related="archive_id.secrecy")
    result = fields.Selection(
        [
            ("there", "There"),
            ("misplaced", "Wrong Place"),
            ("damaged", "Damaged"),
            ("missing", "Missing"),
        ]
    )
    explanation = fields.Text()

    _archive_once = models.UniqueIndex(
        "(stocktake_id, archive_id)", "This archive is on the list already."
    )

    def _check_complete(self):
        """:raise UserError: not looked for, or a difference without explanation"""
        if not self.result:
            raise UserError(self.env._("%s was not looked for yet.", self.archive_id.name))
        if self.result != "there" and not (self.explanation or "").strip():
            raise UserError(self.env._("Explain what is the matter with %s.", self.archive_id.name))

    def _report_missing(self):
        self.env["crm.archive.incident"].create(
            {
                "subject": self.env._("Missing at the stock-take: %s", self.archive_id.name),
                "description": self.explanation,
                "kind": "loss",
                "company_id": self.stocktake_id.company_id.id,
                "archive_ids": self.archive_id.ids,
            }
        )
