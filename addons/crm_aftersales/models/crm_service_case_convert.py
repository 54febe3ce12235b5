from odoo import api, fields, models
from odoo.exceptions import UserError

SALES = "sales_team.group_sale_salesman"


class CrmServiceCase(models.Model):
    """A case becomes a complaint, a quotation, an opportunity, a visit; linked both ways."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    sale_order_ids = fields.One2many("sale.order", "crm_case_id", "Quotations", groups=SALES)
    lead_ids = fields.One2many("crm.lead", "crm_case_id", "Opportunities", groups=SALES)
    planned_visit_ids = fields.One2many("crm.visit", "source_case_id", "Visits")
    sale_order_count = fields.Integer(compute="_compute_sale_counts", groups=SALES)
    lead_count = fields.Integer(compute="_compute_sale_counts", groups=SALES)
    planned_visit_count = fields.Integer(compute="_compute_planned_visit_count")

    @api.depends("sale_order_ids", "lead_ids")
    def _compute_sale_counts(self):
        for case in self:
            case.sale_order_count = len(case.sale_order_ids)
            case.lead_count = len(case.lead_ids)

    @api.depends("planned_visit_ids")
    def _compute_planned_visit_count(self):
        for case in self:
            case.planned_visit_count = len(case.planned_visit_ids)

    def action_make_complaint(self):
        """It is a complaint after all: the case keeps its number, its record and its clock.

        :raise UserError: it is one, or is over
        """
        self.check_access("write")
        self._check_state(("open",), self.env._("made a complaint"))
        for case in self:
            if case.kind == "complaint":
                raise UserError(self.env._("Case %s is a complaint.", case.name))
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for case in self:
            case._message_log(
                body=self.env._("Was registered as: %s. It is a complaint.", kinds[case.kind])
            )
        self.write({"kind": "complaint"})

    def action_make_quotation(self):
        """A draft quotation for the customer, as the user, who has the right to sell.

        :raise UserError: the customer is not known
        """
        self._check_customer()
        values = {
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "crm_case_id": self.id,
            "origin": self.name,
        }
        order = self.env["sale.order"].create([values])
        self._message_log(body=self.env._("Quotation: %s", order._get_html_link()))
        return order._get_records_action()

    def action_make_opportunity(self):
        """An opportunity out of what the customer asks."""
        self.ensure_one()
        self.check_access("read")
        values = {
            "type": "opportunity",
            "name": self.subject,
            "partner_id": self.partner_id.id,
            "contact_name": self.contact_name,
            "phone": self.phone,
            "email_from": self.email,
            "description": self.description,
            "company_id": self.company_id.id,
            "crm_case_id": self.id,
        }
        lead = self.env["crm.lead"].create([values])
        self._message_log(body=self.env._("Opportunity: %s", lead._get_html_link()))
        return lead._get_records_action()

    def action_make_visit(self):
        """A visit to the customer about the case; method and time are chosen on its form.

        :raise UserError: the customer is not known
        """
        self._check_customer()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Visit"),
            "res_model": "crm.visit",
            "view_mode": "form",
            "context": {
                "default_partner_id": self.partner_id.id,
                "default_company_id": self.company_id.id,
                "default_purpose": self.display_name,
                "default_source_case_id": self.id,
            },
        }

    def _check_customer(self):
        self.ensure_one()
        self.check_access("read")
        if not self.partner_id:
            raise UserError(self.env._("Name the customer of case %s first.", self.name))

    def action_open_orders(self):
        """The quotations that came out of the case."""
        return self.sale_order_ids._get_records_action(name=self.env._("Quotations"))

    def action_open_leads(self):
        """The opportunities that came out of the case."""
        self.check_access("read")
        return self.lead_ids._get_records_action(name=self.env._("Opportunities"))

    def action_open_planned_visits(self):
        """The visits that came out of the case."""
        return self.planned_visit_ids._get_records_action(name=self.env._("Visits"))
