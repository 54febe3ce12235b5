from odoo import api, fields, models

from .crm_device import HISTORY_FIELDS


class CrmDeviceHistory(models.Model):
    """Which number, customer or state a device had before; only the server writes here."""

    _name = "crm.device.history"
    _description = "Change of a Device"
    _order = "id desc"

    device_id = fields.Many2one("crm.device", required=True, index=True, ondelete="cascade")
    field = fields.Selection("_selection_field", "What", required=True)
    value_before = fields.Char("Before")
    value_after = fields.Char("After")
    source = fields.Char("Document", help="The order or return that changed it.")
    create_uid = fields.Many2one("res.users", "By", readonly=True)

    @api.model
    def _selection_field(self):
        device = self.env["crm.device"]
        return [
            (name, device._fields[name]._description_string(self.env)) for name in HISTORY_FIELDS
        ]
