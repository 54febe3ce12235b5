from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date


class CrmServiceCommitment(models.Model):
    """What customers and everybody else see of commitments: explicit external ones in force, as
    plain values, and nothing of the others (A4.R6, A4.R10, A4.R12)."""

    _name = "crm.service.commitment"
    _inherit = ["crm.service.commitment"]

    @api.model
    def _get_public_company(self, company_id=None):
        """The company whose commitments a page shows.

        :param int company_id: from the address; without, the first one that publishes
        :return: ``res.company`` with ``sudo``, empty where none publishes
        """
        companies = self.env["res.company"].sudo()
        domain = Domain("crm_is_commitment_public", "=", True)
        if company_id:
            domain &= Domain("id", "=", company_id)
        return companies.search(domain, limit=1, order="sequence, id")

    @api.model
    def _get_told(self, company):
        """:return: commitments with ``sudo`` that customers of a company are told today"""
        # whoever looks: the day of the company counts
        local = self.with_context(tz=company.sudo()._get_crm_timezone())
        domain = local._get_tellable_domain() & Domain("company_id", "=", company.id)
        return self.sudo().search(domain, order="sequence, title, id")

    @api.model
    def _find_told(self, value, company):
        """The commitment a customer means.

        :param value: id as a form sent it
        :return: ``crm.service.commitment`` with ``sudo``, empty unless customers are told of it
        """
        if not str(value or "").isdecimal() or len(str(value)) > 9:
            return self.sudo().browse()
        return self._get_told(company).filtered(lambda c: c.id == int(value))

    @api.model
    def _prepare_public_values(self, company):
        """Everything a page shows, plain values only.

        :param company: ``res.company``
        :return: dict for the templates
        """
        company = company.sudo()
        return {
            "company": company.name,
            "company_id": company.id,
            "hotline": company.crm_hotline or company.phone or "",
            "hours": company.crm_service_hours or "",
            "email": company.email or "",
            "commitments": [
                commitment._prepare_public_commitment() for commitment in self._get_told(company)
            ],
        }

    def _prepare_public_commitment(self):
        self.ensure_one()
        return {
            "id": self.id,
            "title": self.title,
            "statement": self.statement or "",
            "conditions": self.condition_text or "",
            "since": format_date(self.env, self.date_from) if self.date_from else "",
            "items": [self._prepare_public_item(item) for item in self.item_ids],
        }

    @api.model
    def _prepare_public_item(self, item):
        """A target and how it was kept in the last closed month, where something was counted."""
        is_counted = item.last_result in ("kept", "missed")
        return {
            "name": item._get_words(),
            "target": item._get_target_words(),
            "rate": item._format_value(item.last_value) if is_counted else "",
            "month": item.last_month.strftime("%Y-%m") if is_counted else "",
            "is_kept": item.last_result == "kept",
        }

    def _get_printed(self, company):
        """What is printed for customers: of these commitments those that they are told of today.

        :return: list of dicts of plain values
        """
        self.check_access("read")
        told = self._get_told(company) & self.sudo()
        return [commitment._prepare_public_commitment() for commitment in told]
