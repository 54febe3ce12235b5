from odoo import fields, models


class CrmServiceCase(models.Model):
    """Commitments that were not kept on a case, what the customer got for it, what to change."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    breach_ids = fields.One2many("crm.commitment.breach", "case_id", "Breaches")
    breach_count = fields.Integer("Breaches of Commitments", compute="_compute_breach_count")

    def _compute_breach_count(self):
        groups = self.env["crm.commitment.breach"]._read_group(
            [("case_id", "in", self._origin.ids), ("state", "!=", "cancelled")],
            ["case_id"],
            ["__count"],
        )
        counts = {case.id: count for case, count in groups}
        for case in self:
            case.breach_count = counts.get(case._origin.id, 0)

    def write(self, vals):
        res = super().write(vals)
        if "partner_id" in vals:
            # whose case it is was found out later
            open_ = [("case_id", "in", self.ids), ("state", "=", "open")]
            if breaches := self.env["crm.commitment.breach"].sudo().search(open_):
                self.env.add_to_compute(breaches._fields["partner_id"], breaches)
        return res

    def action_new_breach(self):
        """Note that a commitment was not kept (A4.R13)."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Commitment Not Kept"),
            "res_model": "crm.commitment.breach",
            "view_mode": "form",
            "context": {"default_case_id": self.id, "default_company_id": self.company_id.id},
        }

    def action_open_breaches(self):
        """Commitments that were not kept on this case."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_commitment_breach_action"
        )
        action["domain"] = [("case_id", "=", self.id)]
        action["context"] = {"default_case_id": self.id}
        return action

    def action_propose_commitment(self):
        """Propose to adjust a commitment because of this case (A4.R8)."""
        self.ensure_one()
        self.check_access("read")
        return self._prepare_proposal_action(self.sudo().breach_ids.commitment_id[:1])

    def _prepare_proposal_action(self, commitment, company=None):
        """:return: action to write a proposal that names the case, if there is one"""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Propose a Change"),
            "res_model": "crm.commitment.proposal",
            "view_mode": "form",
            "context": {
                "default_case_id": self.id,
                "default_commitment_id": commitment.id,
                "default_kind": "change" if commitment else "new",
                "default_company_id": (company or self.company_id).id,
                "default_title": self.subject or commitment.title,
            },
        }
