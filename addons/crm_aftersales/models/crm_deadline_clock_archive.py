from odoo import models


class CrmDeadlineClock(models.Model):
    """Clocks of archived cases have no next step."""

    _name = "crm.deadline.clock"
    _inherit = ["crm.deadline.clock"]

    def _compute_deadlines(self, ledgers=None):
        super()._compute_deadlines(ledgers)
        still = self.filtered(lambda clock: not clock.case_id.active)
        still.write({"next_step_id": False, "date_next_step": False})
