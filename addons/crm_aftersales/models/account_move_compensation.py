from odoo import fields, models


class AccountMove(models.Model):
    """A credit note that compensates a breach names it, and is posted as it was approved."""

    _name = "account.move"
    _inherit = ["account.move"]

    crm_compensation_id = fields.Many2one(
        "crm.compensation", "Compensation for a Breach", compute="_compute_crm_compensation_id"
    )

    def _compute_crm_compensation_id(self):
        found = self._get_crm_compensations()
        by_move = {compensation.move_id.id: compensation.id for compensation in found}
        for move in self:
            move.crm_compensation_id = by_move.get(move._origin.id)

    def _get_crm_compensations(self):
        """:return: ``crm.compensation`` with ``sudo`` that these credit notes carry out"""
        ids = [move.id for move in self._origin if move.move_type == "out_refund"]
        compensations = self.env["crm.compensation"].sudo()
        return compensations.search([("move_id", "in", ids)]) if ids else compensations

    def _post(self, soft=True):
        self.check_access("write")
        self._get_crm_compensations()._check_document()
        posted = super()._post(soft)
        posted._get_crm_compensations()._on_carried_out()
        return posted

    def button_draft(self):
        """What was carried out with it is open again."""
        res = super().button_draft()
        self._get_crm_compensations()._on_taken_back()
        return res

    def button_cancel(self):
        """What was carried out with it is open again."""
        res = super().button_cancel()
        self._get_crm_compensations()._on_taken_back()
        return res
