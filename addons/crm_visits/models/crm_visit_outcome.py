from odoo import api, fields, models


class CrmVisit(models.Model):
    """What comes of a visit: quotations, opportunities, tasks, reports."""

    _inherit = "crm.visit"

    lead_ids = fields.One2many(
        "crm.lead", "crm_visit_id", "Opportunities", groups="sales_team.group_sale_salesman"
    )
    sale_order_ids = fields.One2many(
        "sale.order", "crm_visit_id", "Quotations", groups="sales_team.group_sale_salesman"
    )
    report_ids = fields.Many2many(
        "crm.visit.report", "crm_visit_report_visit_rel", "visit_id", "report_id", readonly=True
    )
    lead_count = fields.Integer(
        compute="_compute_lead_count", groups="sales_team.group_sale_salesman"
    )
    sale_order_count = fields.Integer(
        compute="_compute_sale_order_count", groups="sales_team.group_sale_salesman"
    )
    report_count = fields.Integer(compute="_compute_report_count")

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | {"report_ids"}

    def _approval_free_fields(self):
        return super()._approval_free_fields() | {"lead_ids", "sale_order_ids"}

    @api.depends("lead_ids")
    def _compute_lead_count(self):
        for visit in self:
            visit.lead_count = len(visit.lead_ids)

    @api.depends("sale_order_ids")
    def _compute_sale_order_count(self):
        for visit in self:
            visit.sale_order_count = len(visit.sale_order_ids)

    @api.depends("report_ids")
    def _compute_report_count(self):
        for visit in self:
            visit.report_count = len(visit.report_ids)

    def action_new_quotation(self):
        """Start a quotation for the customer; it remembers the visit."""
        return self._open_new("sale.order", self.env._("New Quotation"))

    def action_new_opportunity(self):
        """Start an opportunity for the customer; it remembers the visit."""
        return self._open_new(
            "crm.lead",
            self.env._("New Opportunity"),
            default_type="opportunity",
            default_name=self.env._("Visit %s", self.display_name),
            default_description=self.next_order_note or self.local_demand or False,
        )

    def _open_new(self, model, title, **defaults):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": model,
            "view_mode": "form",
            "context": {
                "default_partner_id": self.partner_id.id,
                "default_crm_visit_id": self.id,
                **defaults,
            },
        }

    def action_new_task(self):
        """Give somebody a task on this visit, as an activity with a date."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Task"),
            "res_model": "mail.activity.schedule",
            "view_mode": "form",
            "target": "new",
            "context": {"active_model": self._name, "active_ids": self.ids},
        }

    def action_open_leads(self):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("crm.crm_lead_opportunities")
        action["domain"] = [("crm_visit_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_open_sale_orders(self):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("sale.action_quotations")
        action["domain"] = [("crm_visit_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_open_reports(self):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_visits.crm_visit_report_action")
        action["domain"] = [("visit_ids", "in", self.ids)]
        action["context"] = {}
        return action

    def action_make_report(self):
        """Write a visit report from these records (A1.F4, A1.R9)."""
        self.check_access("read")
        report = self.env["crm.visit.report"]._create_from_visits(self)
        return report._get_records_action(name=self.env._("Visit Report"))

    def _join_texts(self, *names):
        """The visits' texts, one paragraph a visit, each under its customer's name.

        :param str names: text fields
        :return: str, empty where no visit says anything
        """
        paragraphs = []
        for visit in self:
            texts = [text.strip() for name in names if (text := visit[name])]
            if texts:
                paragraphs.append(
                    self.env._(
                        "%(customer)s: %(texts)s",
                        customer=visit.partner_id.name,
                        texts=self.env._("; ").join(texts),
                    )
                )
        return "\n".join(paragraphs)

    def _prepare_work_row(self):
        """The visit as a line of the daily work report (E1.F1).

        :return: list of start, customer, method, matter, handling, result, follow-up
        """
        self.ensure_one()
        approval = self.env.ref("crm_service_base.mail_activity_approval")
        follow_up = [
            " ".join(filter(None, [activity.summary, str(activity.date_deadline)]))
            for activity in self.activity_ids
            if activity.activity_type_id != approval
        ]
        follow_up += self.lead_ids.mapped("name") + self.sale_order_ids.mapped("name")
        return [
            self.date_start,
            self.partner_id.display_name,
            self.method_id.name,
            self.purpose or self.opinion,
            "\n".join(filter(None, [self.countermeasure, self.note])),
            self.result,
            "\n".join(filter(None, [*follow_up, self.next_order_note])),
        ]
