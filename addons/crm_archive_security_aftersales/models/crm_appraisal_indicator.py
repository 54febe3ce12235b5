from odoo import api, models


class CrmAppraisalIndicator(models.Model):
    """Archives in appraisals (B7.R3): what follows of them somebody approves, as for all."""

    _inherit = "crm.appraisal.indicator"

    @api.model
    def _get_facts(self):
        return super()._get_facts() + [
            ("evaluation_archive_completeness", self.env._("Evaluation: archives complete (%)")),
            ("evaluation_archive_accuracy", self.env._("Evaluation: archives right (%)")),
            (
                "evaluation_archive_finding",
                self.env._("Evaluation: findings put right in time (%)"),
            ),
            ("evaluation_archive_incident", self.env._("Evaluation: security incidents (number)")),
        ]
