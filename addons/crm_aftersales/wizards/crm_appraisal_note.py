from odoo import fields, models


class CrmAppraisalNote(models.TransientModel):
    """What is said about an appraisal or a measure of its plan."""

    _name = "crm.appraisal.note"
    _description = "Note on Appraisals"
    _inherit = ["crm.access.mixin"]

    appraisal_ids = fields.Many2many("crm.appraisal")
    measure_ids = fields.Many2many("crm.appraisal.measure")
    kind = fields.Selection(
        [("comment", "Comment"), ("done", "Done"), ("check", "Follow-Up Check")], required=True
    )
    effect = fields.Selection([("yes", "Effective"), ("no", "Not Effective")])
    note = fields.Text(required=True)

    def action_apply(self):
        """Do it; the documents check who may.

        :raise AccessError: not the user's to do
        :raise UserError: a document does not stand where this can be done
        """
        self.ensure_one()
        match self.kind:
            case "comment":
                self.appraisal_ids._give_comment(self.note)
            case "done":
                self.measure_ids._done(self.note)
            case "check":
                self.measure_ids._check_effect(self.effect == "yes", self.note)
        return {"type": "ir.actions.act_window_close"}
