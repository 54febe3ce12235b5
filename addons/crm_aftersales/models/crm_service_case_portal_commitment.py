from odoo import api, models


class CrmServiceCase(models.Model):
    """What a customer sees of a breach, and what it tells us about one."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    def _prepare_portal_values(self):
        """The decisions that were made for this customer; nothing of plans, reasons, approvals."""
        return super()._prepare_portal_values() | {
            "compensations": self.sudo()._prepare_portal_compensations()
        }

    def _prepare_portal_compensations(self):
        """:return: list of dicts of plain values, those that the customer was told of"""
        found = self.breach_ids.compensation_ids.filtered(
            lambda c: c.state == "done" and c.date_told
        )
        return [
            {
                "title": self._get_portal_title(compensation.commitment_id),
                "text": compensation.customer_text,
                "date": self._format_portal_date(compensation.date_told),
            }
            for compensation in found.sorted("date_told")
        ]

    @api.model
    def _get_portal_title(self, commitment):
        """Of what customers are told; implicit and internal commitments have no name for them."""
        is_told = commitment.audience == "explicit" and commitment.scope == "external"
        return commitment.title if is_told else ""

    @api.model
    def _portal_file(self, user, values, files):
        """The customer says with it that a commitment was not kept."""
        case = super()._portal_file(user, values, files)
        commitment = self.env["crm.service.commitment"]._find_told(
            values.get("commitment"), case.company_id
        )
        breaches = self.env["crm.commitment.breach"].sudo()
        known = case.sudo().breach_ids.commitment_id
        if commitment and commitment not in known:
            breaches._claim(case.sudo(), commitment)
        return case
