from odoo import api, fields, models
from odoo.exceptions import UserError

from .crm_service_case_stage import WAITING


class CrmDeadlineSegment(models.Model):
    """The ledger of a clock: from then on it runs, is paused or is over. Nothing in it changes."""

    _name = "crm.deadline.segment"
    _description = "Entry in the Ledger of a Deadline"
    _order = "clock_id, id"
    _log_access = False

    clock_id = fields.Many2one("crm.deadline.clock", required=True, index=True, ondelete="cascade")
    date = fields.Datetime("From", required=True)
    kind = fields.Selection([("run", "Runs"), ("pause", "Paused"), ("stop", "Over")], required=True)
    waiting = fields.Selection(WAITING, "Waits For")

    def write(self, vals):
        self.check_access("write")
        if vals:
            raise UserError(self.env._("The ledger of a deadline is not changed afterwards."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The ledger of a deadline is not changed afterwards."))
