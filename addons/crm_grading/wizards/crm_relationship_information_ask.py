from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmRelationshipInformationAsk(models.TransientModel):
    """Ask a colleague, usually the salesperson, for information on the customer (E1.R3)."""

    _name = "crm.relationship.information.ask"
    _description = "Ask for Information on a Customer"
    _inherit = ["crm.access.mixin"]

    evaluation_id = fields.Many2one(
        "crm.relationship.evaluation", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="evaluation_id.company_id")
    request_user_id = fields.Many2one(
        "res.users",
        "Ask",
        compute="_compute_request_user_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    kind = fields.Selection(
        lambda self: (
            self.env["crm.relationship.information"]
            ._fields["kind"]
            ._description_selection(self.env)
        ),
        "About",
        required=True,
        default="transaction",
    )
    question = fields.Text(required=True)
    date_due = fields.Date(
        "Wanted By",
        required=True,
        default=lambda self: fields.Date.add(fields.Date.context_today(self), days=3),
    )

    @api.depends("evaluation_id")
    def _compute_request_user_id(self):
        for wizard in self:
            wizard.request_user_id = wizard.evaluation_id.commercial_partner_id.user_id

    def action_ask(self):
        """Write the request into the evaluation and remind the colleague.

        :raise UserError: the evaluation is locked, or the colleague is of another company
        """
        self.ensure_one()
        evaluation = self.evaluation_id
        evaluation.check_access("write")
        evaluation._check_approval_draft()
        user = self.request_user_id
        if user.sudo().share or evaluation.company_id not in user.sudo().company_ids:
            raise UserError(
                self.env._("Ask a colleague of %s.", evaluation.company_id.display_name)
            )
        request = self.env["crm.relationship.information"].sudo().create(self._prepare_values())
        request._request()

    def _prepare_values(self):
        return {
            "evaluation_id": self.evaluation_id.id,
            "kind": self.kind,
            "origin": "request",
            "source": self.env._(
                "%(name)s was asked: %(question)s",
                name=self.request_user_id.name,
                question=self.question,
            ),
            "question": self.question,
            "request_user_id": self.request_user_id.id,
            "date_due": self.date_due,
        }
