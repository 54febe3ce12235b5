from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class CrmCommitmentReview(models.Model):
    """A commitment in force was looked at again (A4.R4): what was found and what follows."""

    _name = "crm.commitment.review"
    _description = "Evaluation of a Commitment"
    _inherit = ["crm.access.mixin"]
    _order = "date desc, id desc"

    commitment_id = fields.Many2one(
        "crm.service.commitment", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    date = fields.Date("Evaluated On", required=True)
    date_due = fields.Date("Was Due On")
    user_id = fields.Many2one("res.users", "Evaluated By", required=True, ondelete="restrict")
    outcome = fields.Selection(
        [("keep", "Keep"), ("raise", "Change It"), ("withdraw", "Withdraw")], required=True
    )
    assessment = fields.Text(required=True)
    figures = fields.Text("Figures at That Time", help="As they were measured, never typed.")

    @api.depends("commitment_id", "date")
    def _compute_display_name(self):
        for review in self:
            review.display_name = f"{review.commitment_id.title} · {review.date}"

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Press “Evaluate” on the commitment."))
        return super().create(vals_list)

    def write(self, vals):
        if vals:
            raise UserError(self.env._("An evaluation stays as it was written."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept(self):
        raise UserError(self.env._("An evaluation stays as it was written."))

    @api.model
    def _prepare_values(self, commitment, outcome, assessment):
        """Values of an evaluation, with the figures of the last closed months."""
        return {
            "commitment_id": commitment.id,
            "company_id": commitment.company_id.id,
            "date": fields.Date.context_today(self),
            "date_due": commitment.date_review,
            "user_id": self.env.uid,
            "outcome": outcome,
            "assessment": assessment,
            "figures": self._get_figures(commitment),
        }

    @api.model
    def _get_figures(self, commitment):
        rows = self.env["crm.commitment.fulfilment"].sudo()
        found = rows.search(
            [("commitment_id", "=", commitment.id)], order="month desc, id", limit=12
        )
        results = dict(rows._fields["result"]._description_selection(self.env))
        lines = [
            f"{row.display_name}: {row.item_id._format_value(row.value)} ({results[row.result]})"
            for row in found
        ]
        lines.append(self.env._("Breaches: %s", commitment.breach_count))
        return "\n".join(lines)
