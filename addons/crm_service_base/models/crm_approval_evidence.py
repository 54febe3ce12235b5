from odoo import api, models


class CrmApprovalEvidence(models.AbstractModel):
    """What the printed evidence tells is collected before its template is rendered.

    Inside the template, a document that is gone would count as a fault of the server.
    """

    _name = "report.crm_service_base.crm_approval_evidence_form"
    _description = "Approval Evidence"

    @api.model
    def _get_report_values(self, docids, data=None):
        requests = self.env["crm.approval.request"].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": requests._name,
            "docs": requests,
            "pages": requests._get_evidence(),
        }
