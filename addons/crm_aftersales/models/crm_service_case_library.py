from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.anonymise import anonymise


class CrmServiceCase(models.Model):
    """Cases others can learn from (E2.R9)."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    def action_add_to_library(self):
        """An entry of the library with what the case tells, names and numbers taken out; or the
        one there is.

        :raise UserError: the case is not closed
        """
        self.ensure_one()
        self.check_access("read")
        entries = self.env["crm.case.library"].with_context(active_test=False)
        entry = entries.search([("case_id", "=", self.id)], limit=1)
        if not entry:
            self._check_state(("closed",), self.env._("taken into the library"))
            entries.check_access("create")
            entry = entries.sudo().create(self._prepare_library_values()).sudo(False)
        return entry._get_records_action(name=self.env._("Case Library"))

    def _prepare_library_values(self):
        """What the library takes over; an addon adds its fields.

        :return: dict
        """
        self.ensure_one()
        return {
            "title": self._anonymise(self.subject),
            "case_id": self.id,
            "user_id": self.env.uid,
            "company_id": self.company_id.id,
            "kind": self.kind,
            "severity": self.severity,
            "category_id": self.category_id.id,
            "product_id": self.product_id.id,
            "cause_id": self.cause_id.id,
            "happening": self._anonymise(self.description or self.subject),
            "cause": self._anonymise(self.cause_analysis),
            "handling": self._anonymise("\n".join(filter(None, (self.measures, self.solution)))),
            "lesson": self._anonymise(self.lessons),
        }

    def _anonymise(self, text):
        """A text without the people of this case, phone numbers and mail addresses."""
        return anonymise(text, self._get_secret_names(), self.env._("the customer"))

    def _get_secret_names(self):
        """Names that do not stand in the library: the customer's, his people's and ours.

        :return: list of str
        """
        case = self.sudo()
        partners = case.partner_id | case.commercial_partner_id
        partners |= case.commercial_partner_id.child_ids
        users = case.user_id | case.first_responder_id | case.solved_by_id | case.closed_by_id
        return [
            case.contact_name,
            *partners.mapped("name"),
            *partners.mapped("crm_short_name"),
            *users.mapped("name"),
        ]

    def action_open_similar_cases(self):
        """What the library knows about the same category or product."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_case_library_action"
        )
        action["display_name"] = self.env._("Similar Cases")
        action["domain"] = list(self._get_similar_domain())
        action["context"] = {"create": False}
        return action

    def _get_similar_domain(self):
        """:return: ``Domain`` of library entries that can help with this case"""
        if not (self.category_id or self.product_id):
            raise UserError(self.env._("Choose the category or the product of the case first."))
        similar = Domain.FALSE
        if self.category_id:
            similar |= Domain("category_id", "child_of", self.category_id.id)
            similar |= Domain("category_id", "parent_of", self.category_id.id)
        if self.product_id:
            similar |= Domain("product_id.product_tmpl_id", "=", self.product_id.product_tmpl_id.id)
        reviewed = Domain("state", "=", "reviewed") & Domain("company_id", "=", self.company_id.id)
        return reviewed & similar
