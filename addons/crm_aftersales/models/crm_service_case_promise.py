from odoo import fields, models
from odoo.exceptions import UserError


class CrmServiceCase(models.Model):
    """What the customer was promised, on this case and before."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case", "crm.promise.mixin"]

    _promise_field = "case_id"

    promise_ids = fields.One2many("crm.customer.promise", "case_id", "Promises Made")

    def action_new_promise(self):
        """Note what the customer is promised, chosen from the commitments in force.

        :raise UserError: the customer is not known
        """
        self.ensure_one()
        if not self.partner_id:
            raise UserError(self.env._("Name the customer of case %s first.", self.name))
        return super().action_new_promise()

    def _prepare_promise_context(self):
        return super()._prepare_promise_context() | {
            "default_contact": self.contact_name,
            "default_company_id": self.company_id.id,
        }
