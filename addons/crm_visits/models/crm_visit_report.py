from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_list

from odoo.addons.crm_service_base.tools.state_order import in_order


class CrmVisitReport(models.Model):
    """客户回访报告表 (A1.F4): opinions, expectations and measures drawn from visit records."""

    _name = "crm.visit.report"
    _description = "Visit Report"
    _inherit = [
        "crm.service.mixin",
        "crm.approval.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date desc, id desc"
    _check_company_auto = True

    _approval_draft_states = ("draft",)
    _approval_pending_state = "submitted"
    _approval_approved_state = "approved"
    _approval_returned_state = "draft"

    state = fields.Selection(
        [("draft", "Draft"), ("submitted", "To Approve"), ("approved", "Approved")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    date = fields.Date(required=True, default=fields.Date.context_today, copy=False)
    visit_ids = fields.Many2many(
        "crm.visit",
        "crm_visit_report_visit_rel",
        "report_id",
        "visit_id",
        "Visits",
        ondelete="restrict",
        check_company=True,
        domain="[('state', 'in', ('done', 'submitted', 'reviewed', 'history')), "
        "('company_id', '=', company_id)]",
    )
    partner_ids = fields.Many2many(
        "res.partner",
        "crm_visit_report_partner_rel",
        "report_id",
        "partner_id",
        "Customers",
        ondelete="restrict",
        compute="_compute_from_visits",
        store=True,
        readonly=False,
        precompute=True,
    )
    visitor_ids = fields.Many2many(
        "res.users",
        "crm_visit_report_visitor_rel",
        "report_id",
        "user_id",
        "Visitors",
        ondelete="restrict",
        compute="_compute_from_visits",
        store=True,
        readonly=False,
        precompute=True,
    )
    method_ids = fields.Many2many(
        "crm.visit.method",
        "crm_visit_report_method_rel",
        "report_id",
        "method_id",
        "Methods",
        ondelete="restrict",
        compute="_compute_from_visits",
        store=True,
        readonly=False,
        precompute=True,
    )
    date_visit_from = fields.Datetime(
        "Visited From", compute="_compute_from_visits", store=True, readonly=False, precompute=True
    )
    date_visit_to = fields.Datetime(
        "Visited To", compute="_compute_from_visits", store=True, readonly=False, precompute=True
    )
    visit_count = fields.Integer(compute="_compute_visit_count")
    purpose = fields.Text()
    content = fields.Text("Main Content")
    product_evaluation = fields.Text("Customer's Evaluation of Products")
    product_expectation = fields.Text("Customer's Expectations of Products")
    service_evaluation = fields.Text("Customer's Evaluation of Service")
    service_expectation = fields.Text("Customer's Expectations of Service")
    measures = fields.Text("Measures to Improve Service")
    problem = fields.Text("Problems Met")
    result = fields.Text()
    note = fields.Text("Remarks")
    leader_opinion = fields.Text("Leader's Opinion", compute="_compute_leader_opinion")

    @api.depends("visit_ids")
    def _compute_from_visits(self):
        for report in self:
            visits = report.visit_ids
            if not visits:
                continue
            dates = visits.filtered("date").mapped("date")
            report.partner_ids = visits.partner_id
            report.visitor_ids = visits.visitor_ids
            report.method_ids = visits.method_id
            report.date_visit_from = min(dates, default=False)
            report.date_visit_to = max(dates, default=False)

    @api.depends("visit_ids")
    def _compute_visit_count(self):
        for report in self:
            report.visit_count = len(report.visit_ids)

    @api.depends("approval_decision_ids")
    def _compute_leader_opinion(self):
        for report in self:
            signatures = report._approval_signatures()
            comments = [box["comment"] for box in signatures if box["kind"] == "approve"]
            report.leader_opinion = "\n".join(filter(None, comments))

    @api.model
    def _create_from_visits(self, visits):
        """A draft report whose texts are those of the visit records, customer by customer.

        :param visits: ``crm.visit`` records that took place, of one company
        :return: the new ``crm.visit.report``
        :raise UserError: a visit has not taken place, or there are several companies
        """
        open_visits = visits.filtered(lambda v: v.state not in v._get_done_states())
        if not visits or open_visits:
            raise UserError(
                self.env._("A report is written from visits that took place: choose such visits.")
            )
        if len(visits.company_id) > 1:
            raise UserError(self.env._("Choose visits of one company for one report."))
        return self.create(self._prepare_report_values(visits))

    @api.model
    def _prepare_report_values(self, visits):
        return {
            "company_id": visits.company_id.id,
            "visit_ids": [Command.set(visits.ids)],
            "purpose": "\n".join(dict.fromkeys(filter(None, visits.mapped("purpose")))),
            "content": visits._join_texts("note", "key_points"),
            "product_evaluation": visits._join_texts("product_opinion", "opinion"),
            "product_expectation": visits._join_texts("product_expectation"),
            "service_evaluation": visits._join_texts("service_opinion"),
            "service_expectation": visits._join_texts("service_expectation"),
            "measures": visits._join_texts("countermeasure"),
            "problem": visits._join_texts("problem"),
            "result": visits._join_texts("result"),
        }

    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {"state"}

    def _approval_check_submit(self):
        super()._approval_check_submit()
        for report in self:
            missing = report._get_missing_captions()
            if missing:
                raise UserError(
                    self.env._(
                        "Report %(report)s does not name everything yet. Please fill in: "
                        "%(missing)s.",
                        report=report.name,
                        missing=format_list(self.env, missing),
                    )
                )

    def _get_missing_captions(self):
        """A report names opinions, expectations and measures (A1.R9): what it lacks.

        :return: list of captions
        """
        self.ensure_one()
        described = self.fields_get(attributes=["string"])
        groups = [
            ("visit_ids",),
            ("product_evaluation", "service_evaluation"),
            ("product_expectation", "service_expectation"),
            ("measures",),
        ]
        return [
            " / ".join(described[name]["string"] for name in group)
            for group in groups
            if not any(self[name] for name in group)
        ]

    def _can_file(self):
        return super()._can_file() and self.state == "approved"

    def action_open_visits(self):
        """The visits the report is drawn from."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_visits.crm_visit_action")
        action["domain"] = [("id", "in", self.visit_ids.ids)]
        action["context"] = {"create": False}
        return action

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        if any(report.state != "draft" for report in self):
            raise UserError(self.env._("Only draft reports can be deleted."))
