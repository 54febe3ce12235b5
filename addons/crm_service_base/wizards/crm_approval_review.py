from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, MissingError, UserError


class CrmApprovalReview(models.TransientModel):
    """Many documents decided one after the other, each seen before it is decided.

    Every decision is one of its own, taken as the current user through the document: one that is
    refused is told at the end and holds up none of the others.
    """

    _name = "crm.approval.review"
    _description = "Review of Documents to Approve"
    _inherit = ["crm.access.mixin"]

    step_ids = fields.Json("Steps", required=True, readonly=True, default=list)
    position = fields.Integer(readonly=True)
    results = fields.Json(readonly=True, default=list)
    step_id = fields.Many2one("crm.approval.step", compute="_compute_step")
    document_name = fields.Char("Document", compute="_compute_step")
    document_type = fields.Char(compute="_compute_step")
    role = fields.Char(compute="_compute_step")
    requester = fields.Char("Submitted By", compute="_compute_step")
    date_submitted = fields.Datetime("Submitted On", compute="_compute_step")
    progress = fields.Char(compute="_compute_step")
    summary = fields.Html(compute="_compute_step", sanitize=False)
    notice = fields.Html(compute="_compute_step", sanitize=False)
    result_html = fields.Html("Outcome", compute="_compute_result_html", sanitize=False)
    comment = fields.Text()

    @api.depends("step_ids", "position")
    def _compute_step(self):
        for review in self:
            step = review._get_step()
            review.step_id = step
            review.document_name = step.res_name
            review.role = step.name
            review.requester = step.requester_id.sudo().name
            review.date_submitted = step.date_submitted
            labels = dict(step._selection_document_type())
            review.document_type = labels.get(step.res_model)
            review.progress = self.env._(
                "%(number)s of %(count)s", number=review.position + 1, count=len(review.step_ids)
            )
            document = review._get_document(step)
            review.summary = document is not None and review._render_summary(document)
            review.notice = document is not None and document.approval_notice

    @api.depends("results")
    def _compute_result_html(self):
        for review in self:
            rows = Markup().join(
                Markup('<tr class="%s"><td>%s</td><td>%s</td></tr>')
                % ("text-danger" if is_failure else "", name, text)
                for name, text, is_failure in review.results or []
            )
            review.result_html = rows and Markup('<table class="table table-sm">%s</table>') % rows

    @api.model
    def _open_review(self, steps):
        if not steps:
            raise UserError(self.env._("Nothing of this waits for your decision."))
        review = self.create({"step_ids": steps.ids, "results": [], "position": 0})
        return review._get_action()

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                vals["results"], vals["position"] = [], 0
        return super().create(vals_list)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_approve(self):
        """Approve the document that is shown, and show the next."""
        return self._decide("approve", self.env._("Approved"))

    def action_return(self):
        """Send the document that is shown back to its author, and show the next.

        :raise UserError: without a comment
        """
        if not (self.comment or "").strip():
            raise UserError(self.env._("Please say why in a comment."))
        return self._decide("return", self.env._("Sent Back"))

    def action_skip(self):
        """Leave the document that is shown for later, and show the next."""
        self.ensure_one()
        return self._go_on(self.env._("Left for later"))

    def action_open_document(self):
        """Open the form of the document that is shown."""
        self.ensure_one()
        step = self._get_step()
        return step.action_open_document() if step else self._get_action()

    def _decide(self, kind, label):
        """One decision in a savepoint; a refusal is kept as its outcome."""
        self.ensure_one()
        step = self._get_step()
        document = self._get_document(step)
        comment = (self.comment or "").strip() or False
        if document is None:
            return self._go_on(self.env._("You cannot read this document any more."), True)
        try:
            with self.env.cr.savepoint():
                if step.state != "open" or document.sudo().approval_step_id != step.sudo():
                    raise UserError(self.env._("Somebody else decided about it meanwhile."))
                if kind == "approve":
                    document.action_approval_approve(comment)
                else:
                    document.action_approval_return(comment)
        except (UserError, AccessError, MissingError) as error:
            self.env.invalidate_all()
            return self._go_on(str(error), True)
        return self._go_on(label)

    def _go_on(self, text, is_failure=False):
        name = self._get_step().res_name or self.env._("Document")
        self.write(
            {
                "results": [*(self.results or []), (name, text, is_failure)],
                "position": self.position + 1,
                "comment": False,
            }
        )
        return self._get_action()

    def _get_action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Review and Decide"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    # ------------------------------------------------------------------
    # What is shown
    # ------------------------------------------------------------------

    def _get_step(self):
        """The step that is shown, as the current user; empty at the end or when unreadable."""
        steps = self.env["crm.approval.step"]
        ids = self.step_ids if isinstance(self.step_ids, list) else []
        if not 0 <= self.position < len(ids) or not isinstance(ids[self.position], int):
            return steps
        return steps.browse(ids[self.position]).exists()._filtered_access("read")

    @api.model
    def _get_document(self, step):
        """:return: the document as the current user, or ``None``"""
        if not step or step.res_model not in self.env:
            return None
        document = self.env[step.res_model].browse(step.res_id).exists()
        return document if document and document.has_access("read") else None

    @api.model
    def _render_summary(self, document):
        rows = Markup().join(
            Markup(
                '<tr><th class="w-25 text-muted fw-normal">%s</th>'
                '<td style="white-space: pre-line">%s</td></tr>'
            )
            % pair
            for pair in document._approval_get_summary()
        )
        return Markup('<table class="table table-sm mb-0">%s</table>') % rows
