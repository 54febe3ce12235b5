import datetime

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class ResPartner(models.Model):
    """What customer service knows of a customer.

    The fields have a prefetch group of their own: whoever reads a partner for another reason, as
    Odoo does everywhere, does not read them.
    """

    _name = "res.partner"
    _inherit = ["res.partner", "crm.import.template.mixin"]

    crm_customer_type_id = fields.Many2one(
        "crm.customer.type",
        "Customer Type",
        index="btree_not_null",
        ondelete="restrict",
        prefetch="crm_service",
    )
    # how a customer is judged is not for his own people, who read their company in the portal
    crm_grade_id = fields.Many2one(
        "crm.customer.grade",
        "Customer Grade",
        company_dependent=True,
        copy=False,
        prefetch="crm_service",
        groups="base.group_user",
    )
    crm_customer_class = fields.Selection(
        [("key", "Key Customer"), ("ordinary", "Ordinary Customer")],
        "Customer Class",
        groups="base.group_user",
        prefetch="crm_service",
    )
    crm_region_id = fields.Many2one(
        "crm.service.region",
        "Region",
        index="btree_not_null",
        ondelete="restrict",
        prefetch="crm_service",
    )
    crm_department_id = fields.Many2one(
        "crm.service.department",
        "Department in Charge",
        company_dependent=True,
        copy=False,
        prefetch="crm_service",
        domain="[('company_id', '=', current_company_id)]",
    )
    crm_short_name = fields.Char("Short Name", prefetch="crm_service")
    crm_legal_representative = fields.Char("Legal Representative", prefetch="crm_service")
    crm_birthday = fields.Date("Birthday", prefetch="crm_service")
    crm_qq = fields.Char("QQ", prefetch="crm_service")
    crm_wechat = fields.Char("WeChat", prefetch="crm_service")
    crm_agreement_date = fields.Date(
        "Cooperation Since",
        prefetch="crm_service",
        help="Date of the cooperation agreement. Visits by project age count from here "
        "where no order is marked as a project.",
    )
    crm_contact_count = fields.Integer(
        "Contact Count", compute="_compute_crm_service_counts", compute_sudo=False
    )

    @api.model
    def _commercial_fields(self):
        return [
            *super()._commercial_fields(),
            "crm_customer_type_id",
            "crm_grade_id",
            "crm_customer_class",
        ]

    def _compute_crm_service_counts(self):
        """All counters of the partner form in one query; addons name theirs in the hook."""
        counters = self._get_crm_service_counters()
        counts = self._count_crm_service_documents(counters)
        for partner in self:
            own = counts.get(partner.commercial_partner_id.id, {})
            for field in counters:
                partner[field] = own.get(field, 0)

    def _count_crm_service_documents(self, counters):
        """Count what the current user may read.

        :param counters: see :meth:`_get_crm_service_counters`
        :return: ``{commercial partner id: {field: count}}``
        """
        own = Domain("commercial_partner_id", "in", self.commercial_partner_id.ids)
        parts = []
        for field, (model, domain) in counters.items():
            documents = self.env[model]
            if documents.has_access("read"):
                query = documents._search(own & Domain(domain))
                customer = documents._field_to_sql(query.table, "commercial_partner_id", query)
                query.groupby = customer
                parts.append(query.select(SQL("%s AS field", field), customer, SQL("count(*)")))
        counts = {}
        if parts:
            for field, partner_id, count in self.env.execute_query(SQL(" UNION ALL ").join(parts)):
                counts.setdefault(partner_id, {})[field] = count
        return counts

    @api.model
    def _get_crm_service_counters(self):
        """Counter fields of the partner form and the documents each counts.

        An addon adds its own with ``super()``, and shows it with the widget ``crm_counter``: the
        form is there before its counters are.

        :return: dict of field name to ``(model, domain)``; the model stores
            ``commercial_partner_id``
        """
        return {"crm_contact_count": ("crm.service.contact", [])}

    def _get_crm_service_facts(self, date_from, date_to):
        """Facts that addons know of these customers, in one batch; grading reads them.

        An addon adds its facts with ``super()``.

        :param date date_from: first day that counts
        :param date date_to: last day that counts
        :return: ``{partner id: {fact: value}}``
        """
        return {partner.id: {} for partner in self}

    @api.readonly
    def get_crm_service_counts(self):
        """The numbers on the buttons of the customer's form, which asks when it is shown.

        :return: dict of counter field to the number of documents that the user may read
        """
        self.ensure_one()
        self.check_access("read")
        counters = self._get_crm_service_counters()
        counts = self._count_crm_service_documents(counters)
        own = counts.get(self.commercial_partner_id.id, {})
        return {field: own.get(field, 0) for field in counters}

    @api.model
    def get_import_templates(self):
        """Adds ours to Odoo's own, which does not ask its parents."""
        return [*super().get_import_templates(), self._prepare_import_template()]

    @api.model
    def _get_import_template_title(self):
        return self.env._("Customers")

    @api.model
    def _get_import_template_rows(self):
        env = self.env
        country = env.company.country_id or env.ref("base.cn")
        return [
            {
                "name": self.env._("Example Company Ltd."),
                "ref": "K0001",
                "is_company": True,
                "crm_short_name": self.env._("Example"),
                "crm_customer_type_id": env["crm.customer.type"].search([], limit=1).display_name,
                "crm_customer_class": dict(
                    self._fields["crm_customer_class"]._description_selection(env)
                )["key"],
                "crm_grade_id": env["crm.customer.grade"].search([], limit=1).display_name,
                "crm_region_id": env["crm.service.region"].search([], limit=1).display_name,
                "user_id": env.user.login,
                "crm_legal_representative": self.env._("Example Person"),
                "phone": "0931 1234567",
                "email": "service@example.com",
                "crm_qq": "10001",
                "crm_wechat": "example",
                "crm_birthday": datetime.date(1980, 3, 31),
                "crm_agreement_date": datetime.date(2024, 9, 1),
                "country_id": country.display_name,
                "state_id": country.state_ids[:1].name,
                "city": self.env._("Example City"),
                "street": self.env._("Example Street 1"),
            }
        ]

    def action_open_crm_contacts(self):
        """The customer's contacts of every kind, newest first."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_service_base.crm_service_contact_action"
        )
        commercial = self.commercial_partner_id
        action["display_name"] = self.env._("Contacts of %s", commercial.display_name)
        action["domain"] = [("commercial_partner_id", "=", commercial.id)]
        action["context"] = {}
        return action
