from odoo import fields, models


class CrmLiaisonLetterNote(models.TransientModel):
    """What the department answers, or what the sender says to it."""

    _name = "crm.liaison.letter.note"
    _description = "Note on Liaison Letters"
    _inherit = ["crm.access.mixin"]

    letter_ids = fields.Many2many("crm.liaison.letter", required=True)
    kind = fields.Selection(
        [
            ("answer", "Answer"),
            ("check", "Carried Out"),
            ("return", "Send Back"),
            ("withdraw", "Withdraw"),
        ],
        required=True,
    )
    note = fields.Text(required=True)
    measures = fields.Text()

    def action_apply(self):
        """Do it; the letters check who may.

        :raise AccessError: not the user's to do
        :raise UserError: a letter does not stand where this can be done
        """
        self.ensure_one()
        match self.kind:
            case "answer":
                self.letter_ids._answer(self.note, self.measures)
            case "check":
                self.letter_ids._check_done(self.note)
            case "return":
                self.letter_ids._return(self.note)
            case "withdraw":
                self.letter_ids._withdraw(self.note)
        return {"type": "ir.actions.act_window_close"}
