from odoo import fields, models


class CrmServiceCaseDecide(models.TransientModel):
    """A decision about cases and its reason: validity, severity, callback, appeal, opinion."""

    _name = "crm.service.case.decide"
    _description = "Decide about Cases"
    _inherit = ["crm.access.mixin"]

    case_ids = fields.Many2many("crm.service.case", required=True)
    kind = fields.Selection(
        [
            ("judge", "Valid or Not"),
            ("severity", "Minor or Major"),
            ("waive", "Do without a Callback"),
            ("appeal", "Appeal"),
            ("opinion", "Department's Opinion"),
        ],
        required=True,
        readonly=True,
        default="judge",
    )
    validity = fields.Selection([("valid", "Valid"), ("invalid", "Not Valid")], default="valid")
    severity = fields.Selection([("minor", "Minor"), ("major", "Major")], default="major")
    appeal = fields.Selection(
        [("upheld", "Upheld: opened again"), ("rejected", "Rejected")], default="upheld"
    )
    reason = fields.Text(required=True)

    def action_apply(self):
        """:raise AccessError, UserError: see the methods of ``crm.service.case``"""
        self.ensure_one()
        match self.kind:
            case "judge":
                self.case_ids._judge(self.validity, self.reason)
            case "severity":
                self.case_ids._set_severity(self.severity, self.reason)
            case "waive":
                self.case_ids._waive_callback(self.reason)
            case "appeal":
                self.case_ids._decide_appeal(self.appeal, self.reason)
            case "opinion":
                self.case_ids._give_opinion(self.reason)
