from odoo import fields, models


class CrmCaseReferralNote(models.TransientModel):
    """What was done, how it was verified, why it goes back or is withdrawn."""

    _name = "crm.case.referral.note"
    _description = "Note on a Referral"
    _inherit = ["crm.access.mixin"]

    referral_ids = fields.Many2many("crm.case.referral", required=True)
    kind = fields.Selection(
        [
            ("done", "Carried Out"),
            ("verify", "Verified"),
            ("return", "Send Back"),
            ("cancel", "Withdraw"),
        ],
        required=True,
        readonly=True,
        default="done",
    )
    note = fields.Text(required=True)

    def action_apply(self):
        """:raise AccessError, UserError: see the methods of ``crm.case.referral``"""
        self.ensure_one()
        match self.kind:
            case "done":
                self.referral_ids._done(self.note)
            case "verify":
                self.referral_ids._verify(self.note)
            case "return":
                self.referral_ids._return(self.note)
            case "cancel":
                self.referral_ids._cancel(self.note)
