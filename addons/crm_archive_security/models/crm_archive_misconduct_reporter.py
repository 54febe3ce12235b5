from odoo import api, fields, models
from odoo.exceptions import AccessError


class CrmArchiveMisconductReporter(models.Model):
    """Who reported. No role reads it; ``crm.archive.misconduct`` does, for the general manager."""

    _name = "crm.archive.misconduct.reporter"
    _description = "Protected Reporter"
    _rec_name = "misconduct_id"
    _log_access = False
    _allow_sudo_commands = False

    misconduct_id = fields.Many2one(
        "crm.archive.misconduct", required=True, index=True, ondelete="restrict"
    )
    user_id = fields.Many2one("res.users", required=True, index=True, ondelete="restrict")

    def _check_access(self, operation):
        if self.env.su:
            return super()._check_access(operation)
        return self, self._make_refusal

    def _make_refusal(self):
        return AccessError(self.env._("Who reports misconduct is protected."))

    @api.model
    def _search(
        self,
        domain,
        offset=0,
        limit=None,
        order=None,
        *,
        active_test=True,
        bypass_access=False,
    ):
        # also where a domain of another model leads here
        if not self.env.su:
            raise self._make_refusal()
        return super()._search(
            domain, offset, limit, order, active_test=active_test, bypass_access=bypass_access
        )
