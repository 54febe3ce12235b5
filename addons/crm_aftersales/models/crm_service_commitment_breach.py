from odoo import api, fields, models


class CrmServiceCommitment(models.Model):
    """How often a commitment was not kept, and how often customers complained (A4.R8)."""

    _name = "crm.service.commitment"
    _inherit = ["crm.service.commitment"]

    breach_ids = fields.One2many(
        "crm.commitment.breach",
        "commitment_id",
        readonly=True,
        groups="crm_service_base.group_specialist,crm_service_base.group_director,"
        "crm_service_base.group_general_manager,crm_service_base.group_auditor",
    )
    breach_count = fields.Integer("Breaches", compute="_compute_breach_counts", compute_sudo=True)
    complaint_count = fields.Integer(
        "Complaints", compute="_compute_breach_counts", compute_sudo=True
    )

    def _compute_breach_counts(self):
        groups = self.env["crm.commitment.breach"]._read_group(
            [("commitment_id", "in", self._origin.ids), ("state", "!=", "cancelled")],
            ["commitment_id", "case_id.kind"],
            ["__count", "case_id:count_distinct"],
        )
        breaches, complaints = {}, {}
        for commitment, kind, count, cases in groups:
            breaches[commitment.id] = breaches.get(commitment.id, 0) + count
            if kind == "complaint":
                complaints[commitment.id] = cases
        for commitment in self:
            commitment.breach_count = breaches.get(commitment._origin.id, 0)
            commitment.complaint_count = complaints.get(commitment._origin.id, 0)

    @api.model
    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {"breach_ids"}

    def action_open_breaches(self):
        """Where it was not kept, with its earlier versions."""
        action = self._open_related("crm_commitment_breach_action")
        action["context"] = {"default_commitment_id": self.id}
        return action

    def action_open_complaints(self):
        """Complaints of customers about it."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_service_case_action"
        )
        breaches = self.env["crm.commitment.breach"].search(
            [("commitment_id", "in", self._get_versions().ids), ("state", "!=", "cancelled")]
        )
        action["domain"] = [("id", "in", breaches.case_id.ids), ("kind", "=", "complaint")]
        action["context"] = {}
        return action
