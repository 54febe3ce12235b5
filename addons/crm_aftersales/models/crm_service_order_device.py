from odoo import fields, models


class CrmServiceOrder(models.Model):
    """What was replaced or installed is written to the device, which names the order (C2.F2)."""

    _name = "crm.service.order"
    _inherit = ["crm.service.order"]

    def _on_finished(self):
        super()._on_finished()
        if self.device_id and (values := self._prepare_device_values()):
            self.device_id._write_from(values, self.name)

    def _prepare_device_values(self):
        """Numbers of the device after the work; an addon adds its own.

        :return: dict of values of ``crm.device``
        """
        self.ensure_one()
        values = {
            "terminal_number": (self.new_terminal_number or "").strip(),
            "sim_number": (self.new_sim_number or "").strip(),
        }
        values = {name: value for name, value in values.items() if value}
        if self.kind == "installation" and not self.device_id.date_installed:
            values["date_installed"] = fields.Date.context_today(self)
        return values
