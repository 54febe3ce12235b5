from odoo import fields, models
from odoo.exceptions import UserError

METHODS = ("case_complaints", "case_table", "case_problems")


class CrmStatisticsReport(models.Model):
    """The cases behind the figures of a report."""

    _name = "crm.statistics.report"
    _inherit = ["crm.statistics.report"]

    type_method = fields.Selection(related="type_id.method", string="Source of Figures")

    def action_open_cases(self):
        """The cases that were received in the period, those of other users' rights left out.

        :raise UserError: the report is not about cases
        """
        self.ensure_one()
        self.check_access("read")
        report_type = self.sudo().type_id
        if report_type.method not in METHODS:
            raise UserError(self.env._("This report does not count cases."))
        start, end = report_type._get_bounds(self.date_from, self.date_to)
        domain = [
            ("company_id", "=", self.company_id.id),
            ("date_opened", ">=", start),
            ("date_opened", "<", end),
            ("state", "!=", "cancelled"),
        ]
        if report_type.method != "case_problems":
            domain.append(("kind", "=", "complaint"))
        if report_type.method == "case_table":
            domain.append(("validity", "!=", "invalid"))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_service_case_action"
        )
        action["domain"] = domain
        action["context"] = {"search_default_group_category": 1}
        return action
