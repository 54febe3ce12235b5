from odoo import api, fields, models
from odoo.exceptions import UserError

TOMBSTONE = {"state", "digest", "size", "date_destroyed", "file_names", "shared_count"}


class CrmArchiveDisposalLine(models.Model):
    """An item on a disposal list, and the trace of it afterwards (B5.R4)."""

    _name = "crm.archive.disposal.line"
    _description = "Item to Destroy"
    _inherit = ["crm.approval.line.mixin", "crm.access.mixin"]
    _order = "disposal_id, archive_id, item_id, id"
    _approval_parent_field = "disposal_id"

    disposal_id = fields.Many2one(
        "crm.archive.disposal", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="disposal_id.company_id", store=True, index=True)
    item_id = fields.Many2one(
        "crm.archive.item",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('company_id', '=', company_id), ('date_destroyed', '=', False)]",
    )
    archive_id = fields.Many2one(
        related="item_id.archive_id", store=True, index=True, ondelete="restrict"
    )
    archive_class = fields.Selection(related="item_id.archive_class")
    secrecy = fields.Selection(related="item_id.secrecy")
    date_document = fields.Date(related="item_id.date_document")
    page_count = fields.Integer(related="item_id.page_count")
    date_retention = fields.Date(related="item_id.date_retention")
    verdict = fields.Selection(
        [("destroy", "Destroy"), ("keep", "Keep Longer")],
        "Appraisal",
        required=True,
        default="destroy",
        help="What has value still is kept longer.",
    )
    date_kept_until = fields.Date("Kept Until")
    reason = fields.Char(help="Why it is kept longer, or destroyed before its term.")
    # what is left
    state = fields.Selection(
        [
            ("open", "To Do"),
            ("deleted", "Content Deleted"),
            ("destroyed", "Destroyed"),
            ("held", "Held Back"),
            ("kept", "Kept"),
        ],
        "Done",
        required=True,
        default="open",
        readonly=True,
        copy=False,
    )
    digest = fields.Char("SHA-256", readonly=True, copy=False)
    size = fields.Integer("Bytes", readonly=True, copy=False, aggregator=False)
    date_destroyed = fields.Datetime("Destroyed On", readonly=True, copy=False)
    file_names = fields.Json(readonly=True, copy=False)
    shared_count = fields.Integer(
        "Copies Elsewhere",
        readonly=True,
        copy=False,
        help="Files of the same content that other documents of the database still hold.",
    )

    _item_once = models.UniqueIndex("(disposal_id, item_id)", "This item is on the list already.")

    @api.depends("item_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.item_id.display_name

    @api.model
    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | TOMBSTONE

    def _check_complete(self):
        """:raise UserError: an appraisal without its day or its reason"""
        for line in self:
            if line.item_id.date_destroyed:
                raise UserError(self.env._("“%s” was destroyed before.", line.item_id.name))
            if line.verdict == "keep" and not (line.date_kept_until and line.reason):
                raise UserError(
                    self.env._("Say until when and why “%s” is kept longer.", line.item_id.name)
                )

    def _carry_out(self):
        """Do what was approved with open lines; called with ``sudo``, safe to run again."""
        for line in self.filtered(lambda line: line.state == "open"):
            item = line.item_id
            if line.verdict == "keep":
                item.date_kept_until = line.date_kept_until
                line.state = "kept"
            elif item._is_held():
                line.state = "held"
            else:
                line._delete_content()

    def _delete_content(self):
        """The content leaves the database; which files have to leave the disk is noted first."""
        item = self.item_id
        digest, size = item._get_content_digest()
        names = item._get_destroyed_files().mapped("store_fname")
        item._destroy_content()
        register = self.env["crm.archive.access"].with_user(self.disposal_id.executor_id).sudo()
        register._log(item, "destroy", reason=self.disposal_id.name)
        self.write(
            {
                "state": "deleted",
                "digest": digest,
                "size": size,
                "date_destroyed": fields.Datetime.now(),
                "file_names": [name for name in names if name],
            }
        )

    def _purge_files(self):
        """The files leave the disk, once the database does not name them any more."""
        for line in self.filtered(lambda line: line.state == "deleted"):
            shared = self.env["ir.attachment"]._purge_crm_files(line.file_names or [])
            line.write({"state": "destroyed", "shared_count": len(shared), "file_names": False})
