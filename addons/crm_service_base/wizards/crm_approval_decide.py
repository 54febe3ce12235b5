from odoo import api, fields, models
from odoo.exceptions import UserError

WITH_COLLEAGUES = ("forward", "add")


class CrmApprovalDecide(models.TransientModel):
    """The dialog that asks for a comment. The document checks who decides what."""

    _name = "crm.approval.decide"
    _description = "Decide about a Document"
    _inherit = ["crm.access.mixin"]

    res_model = fields.Char(required=True, readonly=True)
    document_ids = fields.Json(required=True, readonly=True)
    kind = fields.Selection(
        [
            ("approve", "Approve"),
            ("return", "Send back to the author"),
            ("send_back", "Send back to an earlier step"),
            ("reject", "Reject"),
            ("forward", "Hand over to a colleague"),
            ("add", "Ask a colleague to decide too"),
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
        "Colleagues",
        domain="[('share', '=', False), ('id', '!=', uid)]",
    )
    position = fields.Selection("_get_positions", "When", default="beside")
    step_id = fields.Many2one(
        "crm.approval.step", "Back To", domain="[('id', 'in', earlier_step_ids)]"
    )
    earlier_step_ids = fields.Many2many("crm.approval.step", compute="_compute_earlier_step_ids")
    document_names = fields.Char("Documents", compute="_compute_document_names")

    @api.model
    def _get_positions(self):
        return [
            ("before", self.env._("Before me")),
            ("beside", self.env._("Beside me")),
            ("after", self.env._("After me")),
        ]

    @api.depends("res_model", "document_ids")
    def _compute_document_names(self):
        for wizard in self:
            names = wizard._get_documents()[:5].mapped("display_name")
            wizard.document_names = self.env["crm.approval.mixin"]._approval_join(names)

    @api.depends("res_model", "document_ids")
    def _compute_earlier_step_ids(self):
        for wizard in self:
            documents = wizard._get_documents()
            steps = documents.approval_step_ids if len(documents) == 1 else []
            wizard.earlier_step_ids = steps and steps.filtered(lambda s: s.state == "approved")

    def action_confirm(self):
        """Take the decision, as the current user.

        :raise UserError: whatever the document refuses
        """
        self.ensure_one()
        documents = self._get_documents()
        if self.is_reassignment:
            self._check_filled(self.user_ids, self.env._("Choose who decides from now on."))
            documents.action_approval_reassign(self.user_ids.ids, self.comment)
        elif self.kind in WITH_COLLEAGUES:
            self._check_filled(self.user_ids, self.env._("Choose a colleague."))
            self._move_to_colleagues(documents)
        elif self.kind == "approve":
            documents.action_approval_approve(self.comment)
        else:
            self._check_filled(self.comment, self.env._("Please say why in a comment."))
            self._send_back(documents)
        return {"type": "ir.actions.act_window_close"}

    def _move_to_colleagues(self, documents):
        if self.kind == "add":
            documents.action_approval_add(self.user_ids.ids, self.position, self.comment)
            return
        if len(self.user_ids) != 1:
            raise UserError(self.env._("Choose one colleague who takes your place."))
        documents.action_approval_forward(self.user_ids.id, self.comment)

    def _send_back(self, documents):
        match self.kind:
            case "return":
                documents.action_approval_return(self.comment)
            case "reject":
                documents.action_approval_reject(self.comment)
            case _:
                self._check_filled(self.step_id, self.env._("Choose the step it goes back to."))
                documents.action_approval_send_back(self.step_id.id, self.comment)

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
