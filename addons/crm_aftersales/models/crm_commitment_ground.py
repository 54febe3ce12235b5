from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmCommitmentGround(models.Model):
    """What a commitment is based on: product, competitors, demand, law, own rules (A4.R5)."""

    _name = "crm.commitment.ground"
    _description = "Ground of a Commitment"
    _inherit = ["crm.approval.line.mixin"]
    _order = "id"
    _approval_parent_field = "commitment_id"

    commitment_id = fields.Many2one(
        "crm.service.commitment", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="commitment_id.company_id", store=True, index=True)
    kind = fields.Selection(
        [
            ("product", "Our Products"),
            ("competitor", "Competitors"),
            ("demand", "Customers' Demand"),
            ("law", "Law"),
            ("rule", "Internal Rules"),
        ],
        required=True,
    )
    text = fields.Text(required=True)
    file = fields.Binary("Supporting Document", attachment=True)
    file_name = fields.Char()

    @api.constrains("text")
    def _check_text(self):
        for ground in self:
            if not (ground.text or "").strip():
                raise ValidationError(self.env._("Write the ground in words."))
