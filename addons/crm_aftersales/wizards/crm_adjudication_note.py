from odoo import fields, models


class CrmAdjudicationNote(models.TransientModel):
    """What a department or the office says in a disagreement."""

    _name = "crm.adjudication.note"
    _description = "Note on Adjudications"
    _inherit = ["crm.access.mixin"]

    adjudication_ids = fields.Many2many("crm.adjudication", required=True)
    kind = fields.Selection(
        [
            ("opinion", "Opinion"),
            ("decide", "Decision"),
            ("done", "Carried Out"),
            ("withdraw", "Withdraw"),
        ],
        required=True,
    )
    note = fields.Text(required=True)
    date_execute_due = fields.Datetime("Carry Out By")

    def action_apply(self):
        """Do it; the documents check who may.

        :raise AccessError: not the user's to do
        :raise UserError: a document does not stand where this can be done
        """
        self.ensure_one()
        match self.kind:
            case "opinion":
                self.adjudication_ids._give_opinion(self.note)
            case "decide":
                self.adjudication_ids._decide(self.note, self.date_execute_due)
            case "done":
                self.adjudication_ids._done(self.note)
            case "withdraw":
                self.adjudication_ids._withdraw(self.note)
        return {"type": "ir.actions.act_window_close"}
