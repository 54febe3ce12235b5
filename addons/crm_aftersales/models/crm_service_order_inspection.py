from odoo import models


class CrmServiceOrder(models.Model):
    """An order that is finished on site finishes its line of the inspection round (C3.R14)."""

    _name = "crm.service.order"
    _inherit = ["crm.service.order"]

    def _on_finished(self):
        super()._on_finished()
        lines = self.env["crm.inspection.line"].sudo().search([("order_id", "=", self.id)])
        for line in lines.filtered(lambda line: not line.date_done):
            line.write(
                {
                    "report": line.report or self.handling,
                    "result": line.result or ("problem" if line.finding_ids else "good"),
                }
            )
            line._finish(self.env.user)
