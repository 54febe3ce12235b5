from odoo import models


class CrmServiceCase(models.Model):
    """What is archived lies still: its deadlines are told to nobody."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    def write(self, vals):
        moved = self.browse()
        if "active" in vals:
            moved = self.filtered(lambda case: case.active != bool(vals["active"]))
        res = super().write(vals)
        if moved:
            clocks = moved.sudo().clock_ids
            clocks.filtered(lambda clock: clock.state in ("running", "paused"))._compute_deadlines()
        return res
