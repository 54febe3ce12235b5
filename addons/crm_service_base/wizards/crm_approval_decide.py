from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmApprovalDecide(models.TransientModel):
    """The dialog that asks for a comment. The document checks who decides what."""

    _name = "crm.approval.decide"
    _description = "Decide about a Document"

    res_model = fields.Char(required=True, readonly=True)
    document_ids = fields.Json(required=True, readonly=True)
    kind = fields.Selection(
        [
            ("approve", "Approve"),
            ("return", "Send back for changes"),
            ("reject", "Reject"),
        ],
        "Decision",
        required=True,
        default="approve",
    )
    is_reassignment = fields.Boolean(readonly=True)
    comment = fields.Text()
    user_ids = fields.Many2many(
        "res.users",
        "crm_approval_decide_user_rel",
        "wizard_id",
        "user_id",
        "Approvers",
        domain="[('share', '=', False)]",
    )
    document_names = fields.Char("Documents", compute="_compute_document_names")

    @api.depends("res_model", "document_ids")
    def _compute_document_names(self):
        for wizard in self:
            documents = wizard._get_documents()
            wizard.document_names = ", ".join(documents[:5].mapped("display_name"))

    def action_confirm(self):
        """Take the decision, as the current user.

        :raise UserError: whatever the document refuses
        """
        self.ensure_one()
        documents = self._get_documents()
        if self.is_reassignment:
            self._check_filled(self.user_ids, self.env._("Choose who decides from now on."))
            documents.action_approval_reassign(self.user_ids.ids, self.comment)
        elif self.kind == "approve":
            documents.action_approval_approve(self.comment)
        else:
            self._check_filled(self.comment, self.env._("Please say why in a comment."))
            is_return = self.kind == "return"
            decide = (
                documents.action_approval_return if is_return else documents.action_approval_reject
            )
            decide(self.comment)
        return {"type": "ir.actions.act_window_close"}

    def _get_documents(self):
        """The documents as the current user; only of models under approval."""
        if self.res_model not in self.env["crm.approval.route"]._get_document_models():
            raise UserError(self.env._("There is nothing to approve here."))
        documents = self.env[self.res_model].browse(self.document_ids)
        documents.check_access("read")
        return documents

    @api.model
    def _check_filled(self, value, message):
        if not value:
            raise UserError(message)
