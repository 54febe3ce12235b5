from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

SERVICE_METHODS = ("supervision", "service_week")


class CrmStatisticsReport(models.Model):
    """What stands behind the merit statement and the reports about the service department."""

    _name = "crm.statistics.report"
    _inherit = ["crm.statistics.report"]

    is_confidential = fields.Boolean(related="type_id.is_confidential")

    def action_open_merits(self):
        """The entries that count in the period, those that one may read.

        :raise UserError: the report does not count entries
        """
        self.ensure_one()
        self.check_access("read")
        report_type = self.sudo().type_id
        if report_type.method != "merit_month":
            raise UserError(self.env._("This report does not count merit entries."))
        bounds = report_type._get_bounds(self.date_from, self.date_to)
        self.env.flush_all()
        movements = report_type._sql_merit_movements(self.company_id, *bounds)
        rows = self.env.execute_query(SQL("SELECT DISTINCT m.id FROM (%s) m", movements))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_merit_entry_action"
        )
        action["display_name"] = self.display_name
        action["domain"] = [("id", "in", [id_ for (id_,) in rows])]
        action["context"] = {"create": False, "active_test": False}
        return action

    def action_open_service_cases(self):
        """The cases received in the period, by kind.

        :raise UserError: the report is not about the service department
        """
        self.ensure_one()
        start, end = self._get_service_bounds()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_service_case_action"
        )
        action["display_name"] = self.display_name
        action["domain"] = [
            ("company_id", "=", self.company_id.id),
            ("date_opened", ">=", start),
            ("date_opened", "<", end),
            ("state", "!=", "cancelled"),
        ]
        action["context"] = {"create": False, "group_by": ["kind"]}
        return action

    def action_open_service_clocks(self):
        """The deadlines that fell in the period.

        :raise UserError: the report is not about the service department
        """
        self.ensure_one()
        start, end = self._get_service_bounds()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_deadline_clock_action"
        )
        action["display_name"] = self.display_name
        action["domain"] = [
            ("company_id", "=", self.company_id.id),
            ("date_deadline", ">=", start),
            ("date_deadline", "<", end),
        ]
        action["context"] = {"create": False, "group_by": ["target"]}
        return action

    def action_open_service_visits(self):
        """The visits, calls and callbacks of the period.

        :raise UserError: the report is not about the service department
        """
        self.ensure_one()
        start, end = self._get_service_bounds()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_visits.crm_visit_action")
        action["display_name"] = self.display_name
        action["domain"] = [
            ("company_id", "=", self.company_id.id),
            ("date", ">=", start),
            ("date", "<", end),
        ]
        action["context"] = {"create": False, "group_by": ["method_id"]}
        return action

    def _get_service_bounds(self):
        self.check_access("read")
        report_type = self.sudo().type_id
        if report_type.method not in SERVICE_METHODS:
            raise UserError(self.env._("This report is not about the service department."))
        return report_type._get_bounds(self.date_from, self.date_to)

    # ------------------------------------------------------------------ before it goes out

    def _approval_check_submit(self):
        super()._approval_check_submit()
        for report in self:
            if report.type_id.is_comment_required and not (report.analysis or "").strip():
                raise UserError(
                    self.env._(
                        "Report %s goes out with comments: write them under “Analysis and "
                        "Improvement” first.",
                        report.name,
                    )
                )

    def _get_recipients(self):
        rows = super()._get_recipients()
        if self.type_id.is_general_manager_informed:
            known = {user.id for user, *_rest in rows}
            entries = self.env["crm.merit.entry"]
            managers = entries._get_office_users(self.company_id, "general_manager")
            nothing = (self.env["crm.service.department"], self.env["crm.statistics.request"])
            rows += [(user, *nothing) for user in managers if user.id not in known]
        return rows
