from odoo import api, fields, models
from odoo.fields import Domain


class CrmDepartmentMixin(models.AbstractModel):
    """Grades, their figures and relationship papers are seen by the department in charge.

    Whoever looks after the customer sees them too; a customer no department is in charge of is
    everybody's in customer service. Record rules ask :attr:`is_own_department` of specialists.
    """

    _name = "crm.department.mixin"
    _description = "Seen by the Department in Charge"
    # the field with the commercial partner, or the path to it: of several one is enough
    _department_partner_field = "partner_id"

    is_own_department = fields.Boolean(
        compute="_compute_is_own_department", search="_search_is_own_department"
    )

    # Not on the customer's department and salesperson: each write on a customer would look for
    # the documents of all consumers, for a value that rules search and nobody shows.
    @api.depends(lambda self: ("company_id", self._department_partner_field))
    @api.depends_context("uid")
    def _compute_is_own_department(self):
        domain = Domain("id", "in", self.ids) & Domain("is_own_department", "=", True)
        own = self.sudo().with_context(active_test=False).search(domain, order="id")
        for record in self:
            record.is_own_department = record.id in own._ids

    def _search_is_own_department(self, operator, value):
        if operator != "in":
            return NotImplemented
        own = Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain(self._department_partner_field, "in", self._query_own_customers(company))
            for company in self.env.user.sudo().company_ids
        )
        return Domain.OR(own if wanted else ~own for wanted in value)

    @api.model
    def _query_own_customers(self, company):
        """Customers whose grades the current user sees in a company.

        :param company: ``res.company``, whose departments count
        :return: ``Query`` of ``res.partner``
        """
        departments = self.env["crm.service.department"].sudo().with_context(active_test=False)
        works_in = departments.search(
            Domain("company_id", "=", company.id)
            & (
                Domain("member_ids", "in", self.env.uid)
                | Domain("head_id", "=", self.env.uid)
                | Domain("deputy_id", "=", self.env.uid)
            )
        )
        domain = Domain("user_id", "=", self.env.uid) | Domain("crm_department_id", "=", False)
        if works_in:
            domain |= Domain("crm_department_id", "child_of", works_in.ids)
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        return partners.with_company(company)._search(domain)
