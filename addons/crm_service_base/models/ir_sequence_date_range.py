from odoo import models

from ..tools import sequence_draw


class IrSequenceDateRange(models.Model):
    _inherit = "ir.sequence.date_range"

    def _draw_standard(self, count):
        name = f"ir_sequence_{self.sequence_id.id:03d}_{self.id:03d}"
        return sequence_draw.from_postgres(self.env, name, count)

    def _draw_no_gap(self, count, increment):
        return sequence_draw.from_row(self, count, increment)
