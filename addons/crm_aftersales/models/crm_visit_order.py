from odoo import fields, models
from odoo.exceptions import UserError


class CrmVisit(models.Model):
    """A callback about a service order (E2.R7)."""

    _name = "crm.visit"
    _inherit = ["crm.visit"]

    service_order_id = fields.Many2one(
        "crm.service.order", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )

    def _get_server_fields(self):
        return super()._get_server_fields() | {"service_order_id"}

    def _approval_check_submit(self):
        super()._approval_check_submit()
        for visit in self.filtered("service_order_id"):
            order = visit.service_order_id
            if (
                order.callback_id == visit
                and order.date_done
                and visit.date_start < order.date_done
            ):
                raise UserError(
                    self.env._(
                        "The customer of %s is called back after the work was done: correct the "
                        "start of the callback.",
                        order.name,
                    )
                )

    def _approval_on_submitted(self):
        super()._approval_on_submitted()
        for visit in self.filtered("service_order_id"):
            visit.service_order_id._on_callback(visit)

    def _prepare_letter_values(self):
        """A bad callback is passed on to the department that did the work (E2.R10)."""
        values = super()._prepare_letter_values()
        if department := self.service_order_id.department_id:
            values["department_to_id"] = department.id
        return values
