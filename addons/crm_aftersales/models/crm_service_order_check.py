from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .crm_service_check_item import SECTIONS
from .crm_service_order_line import PLANNED


class CrmServiceOrderCheck(models.Model):
    """A tool, part or paper that is checked before setting off; frozen at the departure."""

    _name = "crm.service.order.check"
    _description = "Checked before Leaving"
    _inherit = ["crm.service.order.line"]
    _order = "sequence, id"

    _order_line_states = PLANNED

    section = fields.Selection(SECTIONS, required=True, default="tool")
    name = fields.Char("Item", required=True)
    is_required = fields.Boolean("Required", readonly=True)
    is_done = fields.Boolean("Ready")
    done_by_id = fields.Many2one("res.users", "Ticked By", readonly=True)
    date_done = fields.Datetime("Ticked On", readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            stamps = dict.fromkeys(("is_required", "is_done", "done_by_id", "date_done"), False)
            vals_list = [{**vals, **stamps} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._check_line_write(vals)
        if "is_done" in vals:
            done = vals["is_done"]
            vals = {
                **vals,
                "done_by_id": self.env.uid if done else False,
                "date_done": fields.Datetime.now() if done else False,
            }
        return super().write(vals)

    def _check_line_write(self, vals):
        if {"is_required", "done_by_id", "date_done"} & vals.keys():
            raise AccessError(self.env._("Who checked what and when is written by the system."))
        if {"name", "section"} & vals.keys() and any(line.is_required for line in self.sudo()):
            raise UserError(self.env._("What has to be checked is set up by a supervisor."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_required(self):
        if not self.env.su and any(line.is_required for line in self.sudo()):
            raise UserError(self.env._("What has to be checked stays on the list."))

    def _make_late_error(self, orders):
        return UserError(
            self.env._(
                "Somebody set off on order %s: the checklist stays as it was.", orders[0].name
            )
        )
