from odoo import fields, models


class ResUsers(models.Model):
    """That a visitor knows what positions are taken for."""

    _inherit = "res.users"

    crm_date_position_notice = fields.Datetime(
        "Notice on Positions Read On", readonly=True, copy=False, groups="base.group_erp_manager"
    )
    crm_position_notice_days = fields.Integer(
        "Days in That Notice", readonly=True, copy=False, groups="base.group_erp_manager"
    )
