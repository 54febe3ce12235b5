from odoo import fields, models


class CrmVisit(models.Model):
    """Bad callbacks are passed on to the department in charge (E2.R10)."""

    _name = "crm.visit"
    _inherit = ["crm.visit"]

    letter_ids = fields.One2many("crm.liaison.letter", "visit_id", "Liaison Letters", readonly=True)

    def _on_callback_bad(self):
        super()._on_callback_bad()
        self._create_letter()

    def _create_letter(self):
        """The draft of a letter about what the customer is not satisfied with; called with
        ``sudo``. Its sender is asked to send it today."""
        self.ensure_one()
        letter = self.env["crm.liaison.letter"].create(self._prepare_letter_values())
        letter.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=letter.user_id.id,
            summary=self.env._("Bad callback: send the liaison letter"),
            note=letter.description,
        )
        return letter

    def _prepare_letter_values(self):
        """Values of the letter that passes a bad callback on; the case names the department.

        :return: dict
        """
        self.ensure_one()
        about_case = self.case_id._prepare_letter_values() if self.case_id else {}
        return {
            **about_case,
            "subject": self.env._("Customer not satisfied: %s", self.partner_id.display_name),
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "visit_id": self.id,
            "user_id": (self.user_id.filtered("active") or self.env.user).id,
            "description": self._get_letter_text(),
        }

    def _get_letter_text(self):
        """What the customer said, a line each, in the words of the record."""
        answers = [
            (name, self._fields[name]._description_string(self.env), self[name])
            for name in ("purpose", "callback_shortcoming", "callback_advice", "opinion", "result")
        ]
        return "\n".join(f"{label}: {text}" for _name, label, text in answers if text)

    def action_new_letter(self):
        """A liaison letter about the callback, or the ones there are."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_liaison_letter_action"
        )
        if self.letter_ids:
            action["domain"] = [("visit_id", "=", self.id)]
            return action
        values = self._prepare_letter_values()
        values["user_id"] = self.env.uid
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Liaison Letter"),
            "res_model": "crm.liaison.letter",
            "view_mode": "form",
            "context": {f"default_{name}": value for name, value in values.items()},
        }
