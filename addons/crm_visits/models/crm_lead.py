from odoo import fields, models


class CrmLead(models.Model):
    _inherit = "crm.lead"

    crm_visit_id = fields.Many2one(
        "crm.visit", "Visit", readonly=True, index="btree_not_null", ondelete="set null", copy=False
    )
