from odoo import models


class CrmServiceCase(models.Model):
    """Departments that do not agree about a case ask the office (C3.R10)."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    def action_new_adjudication(self):
        """Ask for a decision about the case."""
        self.ensure_one()
        self.check_access("read")
        answering = self.category_id.with_company(self.company_id).department_id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Adjudication"),
            "res_model": "crm.adjudication",
            "view_mode": "form",
            "context": {
                "default_subject": self.subject,
                "default_case_id": self.id,
                "default_company_id": self.company_id.id,
                "default_department_ids": (self.department_id | answering).ids,
            },
        }
