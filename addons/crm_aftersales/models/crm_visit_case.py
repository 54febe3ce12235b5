from odoo import fields, models


class CrmVisit(models.Model):
    """A callback about a case (E2.R7)."""

    _name = "crm.visit"
    _inherit = ["crm.visit"]

    case_id = fields.Many2one(
        "crm.service.case", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )

    def _get_server_fields(self):
        return super()._get_server_fields() | {"case_id"}
