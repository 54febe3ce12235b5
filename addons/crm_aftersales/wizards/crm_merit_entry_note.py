from odoo import fields, models


class CrmMeritEntryNote(models.TransientModel):
    """What is said about a merit entry, and what follows."""

    _name = "crm.merit.entry.note"
    _description = "Note on Merit Entries"
    _inherit = ["crm.access.mixin"]

    entry_ids = fields.Many2many("crm.merit.entry", required=True)
    kind = fields.Selection(
        [
            ("object", "Raise an Objection"),
            ("decide", "Decide the Objection"),
            ("withdraw", "Revoke the Entry"),
            ("cancel", "Do Not Pursue"),
        ],
        required=True,
    )
    result = fields.Selection(
        [("upheld", "The Entry Stands"), ("granted", "The Entry Is Withdrawn")],
        "Decision on the Objection",
    )
    note = fields.Text(required=True)

    def action_apply(self):
        """Do it; the entries check who may.

        :raise AccessError: not the user's to do
        :raise UserError: an entry does not stand where this can be done
        """
        self.ensure_one()
        match self.kind:
            case "object":
                self.entry_ids._object(self.note)
            case "decide":
                self.entry_ids._decide_objection(self.result, self.note)
            case "withdraw":
                self.entry_ids._withdraw(self.note)
            case "cancel":
                self.entry_ids._cancel(self.note)
        return {"type": "ir.actions.act_window_close"}
