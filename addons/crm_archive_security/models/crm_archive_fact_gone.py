from odoo import api, models


class CrmArchiveFact(models.Model):
    """Facts go with their archive."""

    _inherit = "crm.archive.fact"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_established(self):
        gone = self.sudo().filtered(lambda fact: fact.archive_id.state == "destroyed")
        kept = self - gone.with_env(self.env) if self.env.su else self
        return super(CrmArchiveFact, kept)._unlink_except_established()
