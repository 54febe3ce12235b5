from odoo import fields, models


class CrmCustomerGrade(models.Model):
    """A, B, C …; the policies of the other addons (visit interval, response class) hang on it."""

    _name = "crm.customer.grade"
    _description = "Customer Grade"
    _order = "rank, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    rank = fields.Integer(default=10, help="The lower the number, the better the customer.")
    color = fields.Integer()
    active = fields.Boolean(default=True)

    _code_uniq = models.Constraint("UNIQUE(code)", "Each customer grade needs a code of its own.")
