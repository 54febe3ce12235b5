from odoo import api, fields, models


class CrmInstallationDriver(models.Model):
    """A line of 司机信息和车辆基本信息 (C2.F1)."""

    _name = "crm.installation.driver"
    _description = "Driver of a Vehicle to Fit"
    _inherit = ["crm.installation.detail", "crm.import.template.mixin"]

    name = fields.Char("Driver", required=True)
    phone = fields.Char()
    plate = fields.Char("Vehicle Plate")

    # ------------------------------------------------------------------ import

    @api.model
    def _get_import_template_title(self):
        return self.env._("Drivers of the Vehicles")

    @api.model
    def _get_import_template_rows(self):
        request = self._get_import_request()
        rows = (("王建军", "13800001111", "甘A12345"), ("李强", "13800002222", "甘A67890"))
        return [
            {"request_id": request, "name": name, "phone": phone, "plate": plate}
            for name, phone, plate in rows
        ]
