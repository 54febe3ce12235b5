from odoo import api, fields, models

from ..tools.phone_key import phone_key


class CrmServiceCase(models.Model):
    """Callers are known again by their number, however it was typed."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    phone_key = fields.Char(compute="_compute_phone_key", store=True, index="btree_not_null")

    @api.depends("phone")
    def _compute_phone_key(self):
        for case in self:
            case.phone_key = phone_key(case.phone) or False
