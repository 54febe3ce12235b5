from odoo import models


class ResUsers(models.Model):
    """Merits, faults and appraisals of a member of staff, from the form of users."""

    _name = "res.users"
    _inherit = ["res.users"]

    def action_open_crm_merits(self):
        """Merit entries about the user, those that one may read."""
        return self._open_crm_about("crm_aftersales.crm_merit_entry_action")

    def action_open_crm_appraisals(self):
        """Appraisals of the user, those that one may read."""
        return self._open_crm_about("crm_aftersales.crm_appraisal_action")

    def _open_crm_about(self, xmlid):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = [("person_id", "=", self.id)]
        action["context"] = {"default_person_id": self.id}
        return action
