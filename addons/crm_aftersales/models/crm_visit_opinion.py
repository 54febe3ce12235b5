from odoo import fields, models
from odoo.fields import Domain


class CrmVisit(models.Model):
    """Feedback form and survey while the customer is on the phone (A3.F5, A3.F6)."""

    _name = "crm.visit"
    _inherit = ["crm.visit"]

    feedback_ids = fields.One2many("crm.service.feedback", "visit_id", readonly=True)
    survey_ids = fields.One2many("crm.service.survey", "visit_id", "Surveys", readonly=True)

    def action_open_feedback(self):
        """The feedback form of this callback, made when there is none (A3.F5)."""
        return self._open_opinion("crm.service.feedback")

    def action_open_survey(self):
        """The satisfaction survey of this callback, made when there is none (A3.F6)."""
        return self._open_opinion("crm.service.survey")

    def _open_opinion(self, model):
        self.ensure_one()
        self.check_access("read")
        opinions = self.env[model]
        about = Domain("visit_id", "=", self.id)
        if self.case_id:
            about |= Domain("case_id", "=", self.case_id.id)
        domain = about & Domain("state", "!=", "cancelled")
        known = opinions.search(domain, order="id desc", limit=1)
        if not known:
            known = opinions.create(
                {
                    "partner_id": self.partner_id.id,
                    "visit_id": self.id,
                    "case_id": self.case_id.id,
                    "company_id": self.company_id.id,
                }
            )
        return known._get_records_action()
