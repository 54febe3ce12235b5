from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain


class CrmServiceOrderVerbal(models.Model):
    """An approval given by word of mouth, on record with who, when and what for (C2.R10).

    The work goes on at once; whoever gave it confirms or refuses afterwards. Only the server
    writes here.
    """

    _name = "crm.service.order.verbal"
    _description = "Verbal Approval"
    _inherit = ["crm.access.mixin"]
    _order = "date_given desc, id desc"
    _rec_name = "subject"

    order_id = fields.Many2one(
        "crm.service.order",
        "Service Order",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    request_id = fields.Many2one(
        "crm.approval.request",
        "Submission",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="An approval to set off counts for what was submitted then, not for another version.",
    )
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="order_id.partner_id")
    kind = fields.Selection(
        [
            ("go", "Set Off before the Approval"),
            ("parts", "Parts Missing on Site"),
            ("other", "Other"),
        ],
        required=True,
        readonly=True,
    )
    subject = fields.Text("What For", required=True, readonly=True)
    approver_id = fields.Many2one(
        "res.users",
        "Approval Given By",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    date_given = fields.Datetime("Approval Given On", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", "Recorded By", required=True, readonly=True, ondelete="restrict"
    )
    date_recorded = fields.Datetime("Recorded On", required=True, readonly=True)
    date_due = fields.Datetime("To Confirm By", required=True, readonly=True)
    state = fields.Selection(
        [("open", "To Confirm"), ("confirmed", "Confirmed"), ("refused", "Not Confirmed")],
        required=True,
        readonly=True,
        default="open",
        index=True,
    )
    decided_by_id = fields.Many2one("res.users", "Confirmed By", readonly=True, ondelete="restrict")
    date_decided = fields.Datetime("Confirmed On", readonly=True)
    comment = fields.Text(readonly=True)
    is_overdue = fields.Boolean(compute="_compute_is_overdue", search="_search_is_overdue")
    is_decider = fields.Boolean("Mine to Confirm", compute="_compute_is_decider")

    _open_idx = models.Index("(date_due) WHERE state = 'open'")

    @api.depends("state", "date_due")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for verbal in self:
            due = verbal.date_due
            verbal.is_overdue = verbal.state == "open" and bool(due) and due < now

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = Domain([("state", "=", "open"), ("date_due", "<", "now")])
        return Domain.OR(overdue if wanted else ~overdue for wanted in value)

    @api.depends("state", "approver_id")
    @api.depends_context("uid")
    def _compute_is_decider(self):
        for verbal in self:
            verbal.is_decider = verbal.state == "open" and verbal._can_decide()

    def _can_decide(self):
        """Whoever gave it; where they have left, a service manager."""
        self.ensure_one()
        approver = self.sudo().approver_id
        is_gone = not approver.active and self.env.user.has_group("crm_service_base.group_manager")
        return approver == self.env.user or is_gone

    def action_confirm(self):
        """Yes, I said so; an order that waits for the same person's approval is approved with it.

        :raise AccessError: somebody else gave it
        :raise UserError: decided already
        """
        self._decide("confirmed", False)
        return True

    def action_refuse(self):
        """Ask what to say about an approval that was not given like that."""
        self.ensure_one()
        return self.order_id._open_order_dialog(
            "refuse", self.env._("Refuse the Verbal Approval"), default_verbal_id=self.id
        )

    def _decide(self, state, comment):
        """:param str state: ``confirmed`` or ``refused``; :param str comment: needed to refuse"""
        self.check_access("read")
        if state == "refused" and not (comment or "").strip():
            raise UserError(self.env._("Say what was not approved like that."))
        for verbal in self:
            if not verbal._can_decide():
                raise AccessError(
                    self.env._("%s gave this approval and confirms it.", verbal.approver_id.name)
                )
            if verbal.state != "open":
                raise UserError(self.env._("This approval was confirmed or refused already."))
        self._record_decision(state, comment)
        for verbal in self.filtered(lambda verbal: verbal.kind == "go"):
            verbal._decide_order(state, comment)

    def _record_decision(self, state, comment):
        self.sudo().write(
            {
                "state": state,
                "decided_by_id": self.env.uid,
                "date_decided": fields.Datetime.now(),
                "comment": comment,
            }
        )
        for verbal in self.sudo():
            verbal.order_id._on_verbal_decided(verbal)

    def _decide_order(self, state, comment):
        """The written approval follows where the same person is asked for it."""
        order = self.order_id
        if order.approval_state != "pending" or not order.is_approver:
            return
        if state == "confirmed":
            order.action_approval_approve(self.subject)
        else:
            order.action_approval_return(comment)

    def action_open_order(self):
        """The order it is about."""
        self.ensure_one()
        return self.order_id._get_records_action()
