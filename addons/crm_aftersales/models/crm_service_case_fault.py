from odoo import fields, models


class CrmServiceCase(models.Model):
    """A major fault is reported from its case in one click (C3.R11)."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    fault_ids = fields.One2many("crm.fault.report", "case_id", "Reports of Major Faults")
    fault_count = fields.Integer("Fault Reports", compute="_compute_fault_count")

    def _compute_fault_count(self):
        groups = self.env["crm.fault.report"]._read_group(
            [("case_id", "in", self.ids)], ["case_id"], ["__count"]
        )
        counts = {case.id: count for case, count in groups}
        for case in self:
            case.fault_count = counts.get(case._origin.id, 0)

    def action_new_fault(self):
        """A fault report with what the case knows."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Fault Report"),
            "res_model": "crm.fault.report",
            "view_mode": "form",
            "context": {
                "default_case_id": self.id,
                "default_subject": self.subject,
                "default_partner_id": self.partner_id.id,
                "default_department_id": self.department_id.id,
                "default_company_id": self.company_id.id,
                "default_symptoms": self.description,
                "default_date_fault": self.date_opened,
                "default_place": self.partner_id._get_crm_visit_place(),
            },
        }

    def action_open_faults(self):
        """The fault reports of the case."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_fault_report_action"
        )
        action["domain"] = [("case_id", "=", self.id)]
        action["context"] = {"create": False}
        return action
