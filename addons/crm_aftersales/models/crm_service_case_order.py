from odoo import api, fields, models


class CrmServiceCase(models.Model):
    """Somebody goes to the customer because of a case."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    service_order_ids = fields.One2many("crm.service.order", "case_id", "Service Orders")
    service_order_count = fields.Integer(compute="_compute_service_order_count")

    @api.depends("service_order_ids")
    def _compute_service_order_count(self):
        for case in self:
            case.service_order_count = len(case.service_order_ids)

    def action_make_service_order(self):
        """A service order for what the customer called about, filled from the case (C2.F2).

        :raise UserError: not open, or the customer is not known
        """
        self._check_customer()
        self._check_state(("open",), self.env._("served on site"))
        order = self.env["crm.service.order"].create([self._prepare_service_order_values()])
        self._message_log(body=self.env._("Service order: %s", order._get_html_link()))
        return order._get_records_action()

    def _prepare_service_order_values(self):
        """Values of a service order out of a case; an addon adds its own.

        :return: dict
        """
        self.ensure_one()
        values = {
            "kind": "repair",
            "case_id": self.id,
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "contact_name": self.contact_name,
            "phone": self.phone,
            "problem": "\n".join(filter(None, [self.subject, self.description])),
            "product_id": self.product_id.id,
            "sale_order_id": self.order_id.id,
            "device_id": self._find_device().id,
        }
        # what the case does not know, the device tells
        return {name: value for name, value in values.items() if value}

    def _find_device(self):
        """The customer's device, where there is no doubt which.

        :return: ``crm.device``, may be empty
        """
        domain = [
            ("commercial_partner_id", "=", self.commercial_partner_id.id),
            ("company_id", "=", self.company_id.id),
            ("state", "in", ("use", "factory")),
        ]
        if self.product_id:
            domain.append(("product_id", "=", self.product_id.id))
        devices = self.env["crm.device"].search(domain, limit=2)
        return devices if len(devices) == 1 else devices.browse()

    def action_open_service_orders(self):
        """The service orders of the case."""
        return self.service_order_ids._get_records_action(name=self.env._("Service Orders"))
