from odoo import fields, models


class CrmLiaisonLetter(models.Model):
    """The departments do not agree about a letter: the office decides (C3.R10)."""

    _name = "crm.liaison.letter"
    _inherit = ["crm.liaison.letter"]

    adjudication_ids = fields.One2many("crm.adjudication", "letter_id", readonly=True)
    adjudication_count = fields.Integer(compute="_compute_adjudication_count", compute_sudo=True)

    def _compute_adjudication_count(self):
        for letter in self:
            letter.adjudication_count = len(letter.adjudication_ids)

    def action_new_adjudication(self):
        """Ask for a decision between the two departments."""
        self.ensure_one()
        self.check_access("read")
        departments = self.department_id | self.department_to_id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Adjudication"),
            "res_model": "crm.adjudication",
            "view_mode": "form",
            "context": {
                "default_subject": self.subject,
                "default_letter_id": self.id,
                "default_case_id": self.case_id.id,
                "default_company_id": self.company_id.id,
                "default_department_ids": departments.ids,
            },
        }

    def action_open_adjudications(self):
        """The decisions asked for about this letter."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Adjudications"),
            "res_model": "crm.adjudication",
            "view_mode": "list,form",
            "domain": [("letter_id", "=", self.id)],
        }
