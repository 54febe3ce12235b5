from odoo import models


class CrmServiceDepartment(models.Model):
    """Merits, faults and appraisals of a department, from its form."""

    _name = "crm.service.department"
    _inherit = ["crm.service.department"]

    def action_open_merits(self):
        """Merit entries of the department's staff, those that one may read."""
        self.check_access("read")
        return self._open_of_department("crm_aftersales.crm_merit_entry_action")

    def action_open_appraisals(self):
        """Appraisals of the department and its staff, those that one may read."""
        self.check_access("read")
        return self._open_of_department("crm_aftersales.crm_appraisal_action")

    def _open_of_department(self, xmlid):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = [("department_id", "child_of", self.id)]
        action["context"] = {}
        return action
