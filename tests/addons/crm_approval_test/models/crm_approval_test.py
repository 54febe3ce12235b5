from odoo import fields, models
from odoo.exceptions import UserError


class CrmApprovalTest(models.Model):
    """A document with every kind of content the engine must lock and hash."""

    _name = "crm.approval.test"
    _inherit = [
        "crm.service.mixin",
        "crm.approval.mixin",
        "portal.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _description = "Approval Test Document"

    _approval_draft_states = ("draft", "ready")
    _approval_pending_state = "submitted"
    _approval_approved_state = "approved"
    _approval_returned_state = "draft"
    _approval_line_fields = ("line_ids",)

    name = fields.Char(default="New")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("ready", "Ready"),
            ("submitted", "Submitted"),
            ("approved", "Approved"),
            ("done", "Done"),
        ],
        required=True,
        readonly=True,
        default="draft",
        copy=True,
        index=True,
        tracking=True,
    )
    title = fields.Char(translate=True)
    amount = fields.Float()
    date = fields.Date()
    date_start = fields.Datetime(copy=True)
    image = fields.Binary()
    note = fields.Text()
    leader_id = fields.Many2one("res.users", ondelete="restrict")
    folder_id = fields.Many2one("crm.approval.test.folder", index=True, ondelete="restrict")
    tag_ids = fields.Many2many(
        "crm.approval.test.tag",
        "crm_approval_test_tag_rel",
        "document_id",
        "tag_id",
        ondelete="restrict",
    )
    line_ids = fields.One2many("crm.approval.test.line", "document_id", copy=True)

    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {"date_start"}

    def _approval_after_fields(self):
        return super()._approval_after_fields() | {"note"}

    def _approval_check_submit(self):
        super()._approval_check_submit()
        if not all(self.mapped("title")):
            raise UserError(self.env._("Please enter a title."))

    def action_start(self):
        """The document's own way to move: checks, then ``sudo``."""
        self.check_access("write")
        self.sudo().write({"date_start": fields.Datetime.now()})
