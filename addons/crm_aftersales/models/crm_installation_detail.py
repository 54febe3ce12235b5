from odoo import api, fields, models
from odoo.exceptions import UserError

from .crm_installation_request import ENDED


class CrmInstallationDetail(models.AbstractModel):
    """The lists of an installation request: they change until it is finished."""

    _name = "crm.installation.detail"
    _description = "Detail of an Installation Request"
    _inherit = ["crm.access.mixin"]
    _order = "sequence, id"

    request_id = fields.Many2one(
        "crm.installation.request",
        "Installation Request",
        required=True,
        index=True,
        ondelete="cascade",
    )
    sequence = fields.Integer(default=10)

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_request_open()
        return lines

    def write(self, vals):
        if not self.env.su:
            if "request_id" in vals:
                raise UserError(self.env._("A line stays with its request: make a new one."))
            self._check_request_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_ended(self):
        self._check_request_open()

    def _check_request_open(self):
        if not self.env.su and any(r.state in ENDED for r in self.sudo().request_id):
            raise UserError(self.env._("This request is finished and stays as it is."))

    @api.model
    def _get_import_request(self):
        """The number of a request for the example of an import template."""
        requests = self.env["crm.installation.request"].search(
            [("state", "in", ("draft", "confirmed"))], limit=1
        )
        return requests.name or f"AZ/{fields.Date.context_today(self).year}/00001"
