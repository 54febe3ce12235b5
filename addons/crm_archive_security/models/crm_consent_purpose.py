from odoo import fields, models


class CrmConsentPurpose(models.Model):
    """What data is collected for, as it is told to the person who consents."""

    _name = "crm.consent.purpose"
    _description = "Purpose of Data"
    _inherit = ["crm.access.mixin"]
    _order = "sequence, name, id"

    name = fields.Char("Purpose", required=True, translate=True)
    sequence = fields.Integer(default=10)
    notice = fields.Text(translate=True, help="What the person is told before consenting.")
    is_for_private = fields.Boolean(
        "Covers Private Data",
        help="Birthday, QQ, WeChat: a consent to this purpose allows to keep them.",
    )
    active = fields.Boolean(default=True)
