from odoo import api, fields, models
from odoo.exceptions import AccessError

TOPICS = [
    ("salutation", "Form of Address"),
    ("time", "When to Contact"),
    ("way", "How to Contact"),
    ("language", "Language"),
    ("delivery", "Delivery"),
    ("payment", "Payment"),
    ("product", "Product Use"),
    ("gift", "Likes"),
    ("taboo", "Taboos"),
    ("other", "Other"),
]


class CrmCustomerPreference(models.Model):
    """A habit or preference of a customer, known to whoever serves it (C3.R17)."""

    _name = "crm.customer.preference"
    _description = "Customer Preference"
    _inherit = ["crm.access.mixin", "crm.import.template.mixin"]
    _order = "sequence, id"
    _rec_name = "description"
    _rec_names_search = ["description", "commercial_partner_id"]
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        help="A person, where it concerns that person only.",
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id",
        string="Customer Company",
        store=True,
        index=True,
    )
    topic = fields.Selection(TOPICS, required=True, default="other")
    sequence = fields.Integer(compute="_compute_sequence", store=True, precompute=True)
    description = fields.Char("Preference", required=True)
    source = fields.Char(help="How it is known: said on the phone, seen on a visit …")
    date = fields.Date("Known Since", required=True, default=fields.Date.context_today)
    user_id = fields.Many2one(
        "res.users",
        "Noted By",
        default=lambda self: self.env.user,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    active = fields.Boolean(default=True)

    @api.depends("topic")
    def _compute_sequence(self):
        """What must not go wrong stands first: taboos, then the order of the topics."""
        order = {key: number for number, (key, _label) in enumerate(TOPICS, 1)}
        for preference in self:
            is_taboo = preference.topic == "taboo"
            preference.sequence = 0 if is_taboo else order.get(preference.topic, 99)

    # ------------------------------------------------------------------ create, write

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [{**vals, "user_id": self.env.uid} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if "user_id" in vals and not self.env.su:
            raise AccessError(self.env._("Who noted a preference stays."))
        return super().write(vals)

    # ------------------------------------------------------------------ import

    @api.model
    def _get_import_template_rows(self):
        """What colleagues know by heart or keep in a list."""
        topics = dict(self._fields["topic"]._description_selection(self.env))
        customer = self.env["crm.visit.plan"]._get_import_template_customers()[0]
        today = fields.Date.context_today(self)
        return [
            {
                "partner_id": customer,
                "topic": topics["time"],
                "description": self.env._("Call after ten, never on Monday"),
                "source": self.env._("Said on the phone"),
                "date": today,
            },
            {
                "partner_id": customer,
                "topic": topics["taboo"],
                "description": self.env._("Don't mention the late delivery of last year"),
                "source": "",
                "date": today,
            },
        ]

    # ------------------------------------------------------------------ what is known

    @api.model
    def _get_preferences(self, customers, company):
        """What is known of customers.

        :param customers: ``res.partner``, commercial
        :param company: ``res.company``
        :return: dict of customer to ``crm.customer.preference``
        """
        domain = [
            ("commercial_partner_id", "in", customers.ids),
            ("company_id", "=", company.id),
        ]
        rows = self.sudo()._read_group(domain, ["commercial_partner_id"], ["id:recordset"])
        return {customer: found.sorted() for customer, found in rows}

    def _get_lines(self):
        """One line each, as colleagues read it.

        :return: list of pairs of topic and text
        """
        topics = dict(self._fields["topic"]._description_selection(self.env))
        return [
            (
                topics[preference.topic],
                preference.description
                if preference.partner_id == preference.commercial_partner_id
                else self.env._(
                    "%(name)s: %(text)s",
                    name=preference.partner_id.name,
                    text=preference.description,
                ),
            )
            for preference in self
        ]
