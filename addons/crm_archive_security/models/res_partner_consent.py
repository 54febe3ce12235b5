from odoo import api, fields, models
from odoo.fields import Domain

PRIVATE = ("crm_birthday", "crm_qq", "crm_wechat")


class ResPartner(models.Model):
    """Whether what is kept of a person rests on a consent (B2.R1)."""

    _inherit = "res.partner"

    crm_is_without_consent = fields.Boolean(
        "Kept without Consent",
        compute="_compute_crm_is_without_consent",
        search="_search_crm_is_without_consent",
        groups="crm_service_base.group_specialist,crm_service_base.group_auditor",
    )

    def _compute_crm_is_without_consent(self):
        found = self.filtered_domain(self._get_crm_without_consent_domain())
        for partner in self:
            partner.crm_is_without_consent = partner in found

    def _search_crm_is_without_consent(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._get_crm_without_consent_domain()
        return Domain.OR(domain if wanted else ~domain for wanted in value)

    @api.model
    def _get_crm_private_fields(self):
        """:return: tuple of the fields of a partner that are kept with consent only; addons add"""
        return PRIVATE

    @api.model
    def _get_crm_without_consent_domain(self):
        """:return: ``Domain`` of partners with private data, no consent of their own and none of
        the company behind them holds for it"""
        consents = self.env["crm.consent"].sudo()
        valid = consents._get_valid_domain() & Domain("purpose_ids.is_for_private", "=", True)
        valid &= Domain("company_id", "in", self.env.companies.ids)
        query = consents._search(valid).subselect("partner_id")
        names = [name for name in self._get_crm_private_fields() if name in self._fields]
        kept = Domain.OR(Domain(name, "!=", False) for name in names)
        return (
            kept & Domain("id", "not in", query) & Domain("commercial_partner_id", "not in", query)
        )
