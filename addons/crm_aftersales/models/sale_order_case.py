from odoo import fields, models


class SaleOrder(models.Model):
    """The case a quotation came out of."""

    _name = "sale.order"
    _inherit = ["sale.order"]

    crm_case_id = fields.Many2one(
        "crm.service.case",
        "Case",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
