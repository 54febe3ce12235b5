from odoo import fields, models


class CrmLead(models.Model):
    """The case an opportunity came out of."""

    _name = "crm.lead"
    _inherit = ["crm.lead"]

    crm_case_id = fields.Many2one(
        "crm.service.case",
        "Case",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
