from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import formatLang


class CrmServiceOrderPart(models.Model):
    """A part that was used: out of warranty it is charged, labour never is (C2.R1)."""

    _name = "crm.service.order.part"
    _description = "Part of a Service Order"
    _inherit = ["crm.service.order.line"]
    _order = "sequence, id"
    _check_company_auto = True

    company_id = fields.Many2one(related="order_id.company_id")
    product_id = fields.Many2one(
        "product.product",
        "Part",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    name = fields.Char(
        "Description",
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    quantity = fields.Float(default=1.0, digits="Product Unit", required=True)
    is_in_warranty = fields.Boolean(
        "In Warranty",
        compute="_compute_is_in_warranty",
        store=True,
        readonly=False,
        precompute=True,
        help="A part can be covered although the device is not, for instance one that was "
        "replaced lately.",
    )
    is_charged = fields.Boolean(
        "Charged",
        compute="_compute_is_charged",
        store=True,
        readonly=False,
        precompute=True,
        help="Out of warranty parts are charged; labour never is.",
    )
    price_unit = fields.Monetary(
        "Unit Price",
        compute="_compute_price_unit",
        store=True,
        readonly=False,
        precompute=True,
    )
    currency_id = fields.Many2one(related="order_id.currency_id")
    amount = fields.Monetary(compute="_compute_amount", store=True)

    _quantity_positive = models.Constraint("CHECK(quantity > 0)", "Enter how many were used.")
    _price_positive = models.Constraint("CHECK(price_unit >= 0)", "A price cannot be negative.")

    @api.depends("product_id")
    def _compute_name(self):
        for part in self:
            part.name = part.product_id.display_name or part.name

    @api.depends("order_id.is_in_warranty")
    def _compute_is_in_warranty(self):
        for part in self:
            part.is_in_warranty = part.order_id.is_in_warranty

    @api.depends("is_in_warranty", "product_id")
    def _compute_is_charged(self):
        for part in self:
            part.is_charged = not part.is_in_warranty and part.product_id.type != "service"

    @api.depends("product_id")
    def _compute_price_unit(self):
        for part in self:
            part.price_unit = part.product_id.lst_price

    @api.depends("quantity", "price_unit", "is_charged")
    def _compute_amount(self):
        for part in self:
            amount = part.quantity * part.price_unit if part.is_charged else 0.0
            part.amount = part.currency_id.round(amount) if part.currency_id else amount

    @api.constrains("is_charged", "is_in_warranty", "product_id")
    def _check_is_charged(self):
        for part in self.filtered("is_charged"):
            if part.is_in_warranty:
                raise ValidationError(
                    self.env._("“%s” is in warranty: it is not charged.", part.name)
                )
            if part.product_id.type == "service":
                raise ValidationError(
                    self.env._("“%s” is labour: only parts are charged.", part.name)
                )

    # ------------------------------------------------------------------ given away

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts._check_given_away()
        return parts

    def write(self, vals):
        res = super().write(vals)
        if not vals.keys().isdisjoint(("is_charged", "is_in_warranty", "price_unit", "product_id")):
            self._check_given_away()
        return res

    def _check_given_away(self):
        """Out of warranty parts are charged: only a manager gives one away.

        :raise AccessError: the user is neither supervisor nor head of the department
        """
        if self.env.su:
            return
        for part in self.filtered(lambda part: part.sudo()._is_given_away()):
            order = part.order_id
            if not (order._is_supervisor() or order._can_consent()):
                raise AccessError(
                    self.env._(
                        "“%s” is out of warranty and charged: only a supervisor or the head of the "
                        "department gives it away.",
                        part.name,
                    )
                )

    def _is_given_away(self):
        """Goods for which nothing is asked although the device is out of warranty."""
        self.ensure_one()
        is_free = not self.is_charged or (self.product_id.lst_price and not self.price_unit)
        return is_free and not self.order_id.is_in_warranty and self.product_id.type != "service"

    def _describe(self):
        """:return: str, what the customer reads of the part before signing"""
        self.ensure_one()
        if not self.is_charged:
            return self.env._("%s × free of charge", f"{self.quantity:g}")
        price = formatLang(self.env, self.price_unit, currency_obj=self.currency_id)
        total = formatLang(self.env, self.amount, currency_obj=self.currency_id)
        return f"{self.quantity:g} × {price} = {total}"
