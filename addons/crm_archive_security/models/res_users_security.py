from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL


class ResUsers(models.Model):
    """When a password was changed last: core checks its length, not its age (B6.R1)."""

    _inherit = "res.users"

    crm_password_date = fields.Datetime(
        "Password Changed On", readonly=True, copy=False, groups="base.group_erp_manager"
    )

    def _set_password(self):
        super()._set_password()
        # the field is not for whoever changes a password
        ids = tuple(self.ids)
        if ids:
            self.flush_recordset(["crm_password_date"])
            self.env.cr.execute(
                SQL(
                    "UPDATE res_users SET crm_password_date = %s WHERE id IN %s",
                    fields.Datetime.now(),
                    ids,
                )
            )
            self.invalidate_recordset(["crm_password_date"])

    @api.model
    def _get_crm_old_passwords(self, company):
        """:return: ``res.users`` of a company whose password is older than its rule allows, or of
        unknown age and created before"""
        limit = fields.Datetime.now() - relativedelta(days=company.sudo().crm_password_days)
        users = self.sudo().search([("share", "=", False), ("company_ids", "in", company.ids)])
        return users.filtered(lambda user: (user.crm_password_date or user.create_date) < limit)
