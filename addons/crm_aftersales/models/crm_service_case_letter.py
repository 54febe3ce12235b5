from odoo import fields, models


class CrmServiceCase(models.Model):
    """What other departments were asked to do about a case (E2.F025)."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    letter_ids = fields.One2many("crm.liaison.letter", "case_id", "Liaison Letters", readonly=True)
    letter_count = fields.Integer(compute="_compute_letter_count")

    def _compute_letter_count(self):
        groups = self.env["crm.liaison.letter"]._read_group(
            [("case_id", "in", self.ids), ("state", "!=", "cancelled")], ["case_id"], ["__count"]
        )
        counts = dict(groups)
        for case in self:
            case.letter_count = counts.get(case._origin, 0)

    def action_new_letter(self):
        """A liaison letter about the case, filled in as far as the case knows."""
        self.ensure_one()
        self.check_access("read")
        values = self._prepare_letter_values()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Liaison Letter"),
            "res_model": "crm.liaison.letter",
            "view_mode": "form",
            "context": {f"default_{name}": value for name, value in values.items()},
        }

    def _prepare_letter_values(self):
        """Values of a letter to the department that answers for what the case is about.

        :return: dict
        """
        self.ensure_one()
        department = self.category_id.with_company(self.company_id).department_id
        if self.company_id != department.company_id:
            department = department.browse()
        return {
            "subject": self.subject,
            "case_id": self.id,
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "department_to_id": department.id,
            "description": self.description,
        }

    def action_open_letters(self):
        """The letters about the case."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_liaison_letter_action"
        )
        action["domain"] = [("case_id", "=", self.id)]
        action["context"] = {
            f"default_{name}": value for name, value in self._prepare_letter_values().items()
        }
        return action
