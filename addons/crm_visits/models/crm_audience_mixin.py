from odoo import api, fields, models
from odoo.fields import Domain


class CrmAudienceMixin(models.AbstractModel):
    """Which customers something is for: occasions of care, gifts, news and events ask the same.

    Every list that is filled narrows the customers down; named customers come on top.
    """

    _name = "crm.audience.mixin"
    _description = "Choice of Customers"

    customer_class = fields.Selection(
        "_selection_customer_class",
        help="Customers without a class count as ordinary.",
    )
    customer_type_ids = fields.Many2many(
        "crm.customer.type", string="Customer Types", ondelete="restrict"
    )
    grade_ids = fields.Many2many("crm.customer.grade", string="Grades", ondelete="restrict")
    region_ids = fields.Many2many(
        "crm.service.region",
        string="Regions",
        ondelete="restrict",
        help="With the regions that lie in them.",
    )
    partner_ids = fields.Many2many(
        "res.partner",
        string="Named Customers",
        ondelete="restrict",
        check_company=True,
        help="These only where nothing else is chosen, else these as well.",
    )
    target_count = fields.Integer("Customers Meant", compute="_compute_target_count")

    @api.model
    def _selection_customer_class(self):
        return (
            self.env["res.partner"]._fields["crm_customer_class"]._description_selection(self.env)
        )

    @api.depends("customer_class", "customer_type_ids", "grade_ids", "region_ids", "partner_ids")
    def _compute_target_count(self):
        for record in self:
            domain = record._get_target_domain()
            record.target_count = self.env["res.partner"].search_count(domain)

    def _get_target_domain(self):
        """The customers meant: companies and single persons with a customer type.

        :return: ``Domain`` on ``res.partner``; grades are those of the record's company
        """
        self.ensure_one()
        company = self._get_target_company()
        customers = Domain("crm_customer_type_id", "!=", False)
        customers &= Domain("parent_id", "=", False) | Domain("is_company", "=", True)
        if company:
            customers &= Domain("company_id", "in", [False, company.id])
        chosen = self._get_chosen_domains()
        named = Domain("id", "in", self.partner_ids.commercial_partner_id.ids)
        if not self.partner_ids:
            return customers & Domain.AND(chosen)
        return customers & ((Domain.AND(chosen) | named) if chosen else named)

    def _get_chosen_domains(self):
        domains = []
        if self.customer_class == "key":
            domains.append(Domain("crm_customer_class", "=", "key"))
        elif self.customer_class:
            domains.append(Domain("crm_customer_class", "!=", "key"))
        if self.customer_type_ids:
            domains.append(Domain("crm_customer_type_id", "in", self.customer_type_ids.ids))
        if self.grade_ids:
            domains.append(Domain("crm_grade_id", "in", self.grade_ids.ids))
        if self.region_ids:
            domains.append(Domain("crm_region_id", "child_of", self.region_ids.ids))
        return domains

    def _get_target_company(self):
        """:return: ``res.company`` whose customers are meant, empty for every company's"""
        return self["company_id"]

    def _get_targets(self):
        """:return: ``res.partner``, the customers meant"""
        self.ensure_one()
        partners = self.env["res.partner"]
        company = self._get_target_company()
        if company:
            partners = partners.with_company(company)
        return partners.search(self._get_target_domain(), order="id")
