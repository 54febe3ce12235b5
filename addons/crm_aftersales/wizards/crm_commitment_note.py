from odoo import fields, models
from odoo.exceptions import UserError

from ..tools import month


class CrmCommitmentNote(models.TransientModel):
    """What is said when a commitment, a proposal or a breach is decided about."""

    _name = "crm.commitment.note"
    _description = "Note on Commitments"
    _inherit = ["crm.access.mixin"]

    kind = fields.Selection(
        [
            ("withdraw", "Withdraw"),
            ("review", "Evaluate"),
            ("count", "Count a Month"),
            ("adopt", "Adopt"),
            ("decline", "Decline"),
            ("waive", "No Compensation"),
            ("cancel", "No Breach"),
        ],
        required=True,
    )
    commitment_ids = fields.Many2many("crm.service.commitment")
    proposal_ids = fields.Many2many("crm.commitment.proposal")
    breach_ids = fields.Many2many("crm.commitment.breach")
    note = fields.Text()
    outcome = fields.Selection(
        [("keep", "Keep"), ("raise", "Change It"), ("withdraw", "Withdraw")], default="keep"
    )
    item_id = fields.Many2one(
        "crm.commitment.item",
        domain="[('commitment_id', 'in', commitment_ids), ('metric_id.method', '=', 'manual')]",
    )
    month = fields.Date(
        default=lambda self: month.before(fields.Date.context_today(self)),
        help="Any day of the month it is about.",
    )
    value = fields.Float("Measured")
    count = fields.Integer("Cases Counted")
    evidence = fields.Binary()
    evidence_name = fields.Char()

    def action_apply(self):
        """Do it; the documents check who may.

        :return: action to go on with
        :raise AccessError: not the user's to do
        :raise UserError: a document does not stand where this can be done
        """
        self.ensure_one()
        done = {"type": "ir.actions.act_window_close"}
        match self.kind:
            case "withdraw":
                self.commitment_ids._withdraw(self.note)
            case "review":
                return self.commitment_ids._review(self.outcome, self.note) or done
            case "count":
                self._count()
            case "adopt":
                return self.proposal_ids._adopt(self.note) or done
            case "decline":
                self.proposal_ids._decline(self.note)
            case "waive":
                self.breach_ids._waive(self.note)
            case "cancel":
                self.breach_ids._cancel(self.note)
        return done

    def _count(self):
        self.item_id.check_access("read")
        self.item_id.commitment_id._check_may_review()
        if not self.item_id.is_manual:
            raise UserError(self.env._("The system counts this: nobody types it."))
        if not self.month:
            raise UserError(self.env._("Choose the month."))
        self.env["crm.commitment.fulfilment"]._count(
            self.item_id,
            self.month,
            self.value,
            self.count,
            self.note,
            self.evidence,
            self.evidence_name,
        )
