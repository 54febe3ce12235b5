from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Command

CALLBACK_FIELDS = {"callback_id", "date_called_back", "callback_result"}


class CrmServiceOrder(models.Model):
    """Within 24 hours of a repair or paid service the customer is called back (E2.R7)."""

    _name = "crm.service.order"
    _inherit = ["crm.service.order"]

    callback_id = fields.Many2one(
        "crm.visit", readonly=True, copy=False, index="btree_not_null", ondelete="set null"
    )
    date_callback_due = fields.Datetime("Call Back By", related="callback_id.date_callback_due")
    date_called_back = fields.Datetime("Called Back On", readonly=True, copy=False)
    callback_result = fields.Selection(
        [("satisfied", "Satisfied"), ("dissatisfied", "Not Satisfied")], readonly=True, copy=False
    )

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | CALLBACK_FIELDS

    def _on_finished(self):
        super()._on_finished()
        kind = self._get_callback_kind()
        if kind:
            visits = self.env["crm.visit"].with_user(SUPERUSER_ID)
            self.callback_id = visits._create_callback(
                kind, self.partner_id, self.date_done, **self._prepare_callback_values()
            )

    def _get_callback_kind(self):
        """The kind of callback after the work (E2.R10); an addon may want others.

        :return: key of ``crm.visit.method.callback_kind``, or ``False`` for none
        """
        self.ensure_one()
        if self.amount_charged:
            return "paid"
        return "repair" if self.kind == "repair" else False

    def _prepare_callback_values(self):
        """Values of the visit, beside partner and time: whoever took the order calls.

        :return: dict
        """
        self.ensure_one()
        department = self.department_id
        takers = self.user_id.filtered("active") or department.head_id.filtered("active")
        return {
            "service_order_id": self.id,
            "company_id": self.company_id.id,
            "user_id": takers.id,
            "visitor_ids": [Command.set(takers.ids)],
            "phone": self.phone,
            "purpose": self.env._("Callback on %s", self.display_name),
        }

    def _on_callback(self, visit):
        """The record of the callback was submitted; called with ``sudo``.

        :param visit: ``crm.visit`` of this order
        """
        self.ensure_one()
        if self.callback_id != visit:
            return
        is_bad = visit.is_callback_bad
        self.write(
            {
                "date_called_back": visit.date_start,
                "callback_result": "dissatisfied" if is_bad else "satisfied",
            }
        )
        if is_bad:
            self._on_callback_bad(visit)

    def _on_callback_bad(self, visit):
        """The head of the department that did the work is told; called with ``sudo``.

        :param visit: ``crm.visit``
        """
        self.ensure_one()
        self._tell_department(
            self.env._("The customer is not satisfied"),
            visit.callback_shortcoming or visit.opinion or visit.result,
        )

    def action_open_callback(self):
        """The callback of the order."""
        self.ensure_one()
        return self.callback_id._get_records_action()
