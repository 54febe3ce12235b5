from odoo import fields, models


class CrmDeadlineClock(models.Model):
    """Clocks of the levels of support and of major faults (C3.R11, C3.R15)."""

    _name = "crm.deadline.clock"
    _inherit = ["crm.deadline.clock"]

    target = fields.Selection(
        selection_add=[("level", "Solve or Move On"), ("fault", "Pass a Major Fault On")],
        ondelete={"level": "cascade", "fault": "cascade"},
    )
