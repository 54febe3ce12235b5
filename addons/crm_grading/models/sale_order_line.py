from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    crm_unit_cost = fields.Float(
        "Cost When Confirmed",
        compute="_compute_crm_unit_cost",
        store=True,
        min_display_digits="Product Price",
        groups=fields.NO_ACCESS,
        help="What one unit of measure of the product, not of the line, cost the company when the "
        "order was confirmed, in the currency of the company. The margin in grading is made of it.",
    )

    def _auto_init(self):
        # Orders of before have none: computed now it would pass for the cost at their time.
        if not column_exists(self.env.cr, self._table, "crm_unit_cost"):
            create_column(self.env.cr, self._table, "crm_unit_cost", "float8")
        return super()._auto_init()

    @api.depends("state", "product_id")
    def _compute_crm_unit_cost(self):
        """Kept once it is there, until the order is not confirmed any more."""
        for line in self:
            if line.state != "sale":
                line.crm_unit_cost = 0
            elif not line.crm_unit_cost:
                product = line.product_id.with_company(line.company_id)
                line.crm_unit_cost = product.standard_price

    def write(self, vals):
        """Another product on a confirmed order has its own cost."""
        if "product_id" in vals:
            others = self.sudo().filtered(lambda line: line.product_id.id != vals["product_id"])
            others.filtered("crm_unit_cost").crm_unit_cost = 0
        return super().write(vals)
