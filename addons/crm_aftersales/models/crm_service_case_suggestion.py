from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

DECISIONS = [("adopted", "Adopted"), ("declined", "Declined")]


class CrmServiceCase(models.Model):
    """Suggestions: adopted or declined with a reason, passed on, and answered (B3.R4, C2.R12)."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    suggestion_state = fields.Selection(
        [("pending", "Not Decided"), *DECISIONS],
        "Adopted or Not",
        default="pending",
        required=True,
        readonly=True,
        copy=False,
    )
    suggestion_reason = fields.Text("Reason", readonly=True, copy=False)
    suggestion_by_id = fields.Many2one(
        "res.users", "Suggestion Decided By", readonly=True, copy=False, ondelete="restrict"
    )
    suggestion_date = fields.Datetime("Suggestion Decided On", readonly=True, copy=False)
    suggestion_department_id = fields.Many2one(
        "crm.service.department",
        "Passed To",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    suggestion_date_told = fields.Datetime("Customer Told On", readonly=True, copy=False)
    is_valuable = fields.Boolean("Valuable", readonly=True, copy=False)
    # no Monetary: that asks for the currency of each case that is created
    suggestion_value = fields.Float(
        "Yearly Value",
        digits=(16, 2),
        readonly=True,
        copy=False,
        help="What it saves or earns in a year, roughly.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    can_decide_suggestion = fields.Boolean(compute="_compute_can_decide_suggestion")

    _suggestion_idx = models.Index(
        "(suggestion_department_id, date_opened) WHERE kind = 'suggestion'"
    )

    @api.model
    def _get_server_fields(self):
        return {
            **super()._get_server_fields(),
            "suggestion_state": "pending",
            "is_valuable": False,
            "suggestion_value": 0,
            **dict.fromkeys(
                (
                    "suggestion_reason",
                    "suggestion_by_id",
                    "suggestion_date",
                    "suggestion_department_id",
                    "suggestion_date_told",
                ),
                False,
            ),
        }

    @api.depends("kind", "state", "department_id", "category_id", "suggestion_department_id")
    @api.depends_context("uid")
    def _compute_can_decide_suggestion(self):
        for case in self:
            is_open = case.kind == "suggestion" and case.state == "open"
            case.can_decide_suggestion = is_open and case._can_decide_suggestion()

    def _can_decide_suggestion(self):
        """Supervisors, and the heads of the departments it concerns.

        :return: bool for a single record
        """
        self.ensure_one()
        case = self.sudo()
        category = case.category_id.with_company(case.company_id)
        departments = case.department_id | case.suggestion_department_id | category.department_id
        return self._is_supervisor() or self.env.user in departments.head_id

    def action_decide_suggestion(self):
        """Adopt or decline the suggestion."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Decide about the Suggestion"),
            "res_model": "crm.case.suggestion.decide",
            "view_mode": "form",
            "target": "new",
            "context": {"default_case_id": self.id},
        }

    def _decide_suggestion(self, decision, reason, department=None, is_valuable=False, value=0):
        """Adopt or decline a suggestion; the customer is told afterwards.

        :param str decision: ``adopted`` or ``declined``
        :param str reason: in words, needed; the customer hears it
        :param department: ``crm.service.department`` that it is passed to
        :param bool is_valuable: whether it stands in the summary for the departments
        :param float value: a year, in the company's currency
        :raise AccessError: neither supervisor nor head
        :raise UserError: no open suggestion, or the reason is missing
        """
        self.ensure_one()
        self.check_access("read")
        if self.kind != "suggestion" or self.state != "open":
            raise UserError(self.env._("Case %s is no open suggestion.", self.name))
        if not self._can_decide_suggestion():
            raise AccessError(
                self.env._("A supervisor or the head of the department decides about it.")
            )
        if not (reason or "").strip():
            raise UserError(self.env._("Give the reason: the customer is answered with it."))
        department = department or self.env["crm.service.department"]
        if department and department.sudo().company_id != self.company_id:
            raise UserError(self.env._("Choose a department of %s.", self.company_id.name))
        self.sudo().write(
            {
                "suggestion_state": decision,
                "suggestion_reason": reason,
                "suggestion_by_id": self.env.uid,
                "suggestion_date": fields.Datetime.now(),
                "suggestion_date_told": False,
                "suggestion_department_id": department.id,
                "is_valuable": is_valuable,
                "suggestion_value": value if decision == "adopted" else 0,
            }
        )
        labels = dict(self._fields["suggestion_state"]._description_selection(self.env))
        self._message_log(body=f"{labels[decision]}: {reason}")
        self._tell_suggestion(department)

    def _tell_suggestion(self, department):
        """The department has it, the owner knows that the customer is to be answered."""
        case = self.sudo()
        receivers = department._get_recipients().filtered("active") - self.env.user
        if receivers:
            case.message_notify(
                partner_ids=receivers.partner_id.ids,
                subject=self.env._("Suggestion of a customer: %s", case.subject),
                body="\n".join(filter(None, [case.description, case.suggestion_reason])),
            )
        if case.user_id.active:
            case.activity_schedule(
                "crm_aftersales.mail_activity_type_suggestion",
                user_id=case.user_id.id,
                note=case.suggestion_reason,
            )

    def _record_event(self, event, date=None, message=None):
        """A decision is told by what really went out to the customer."""
        super()._record_event(event, date, message)
        if event in ("answered", "called_back"):
            now = fields.Datetime.now()
            told = self.sudo().filtered(
                lambda case: (
                    case.kind == "suggestion"
                    and case.suggestion_date
                    and not case.suggestion_date_told
                    and (date or now) >= case.suggestion_date
                )
            )
            if told:
                told.suggestion_date_told = date or now
                kind = self.env.ref("crm_aftersales.mail_activity_type_suggestion")
                told.activity_ids.filtered(lambda a: a.activity_type_id == kind).action_done()

    def _check_solve(self):
        super()._check_solve()
        for case in self.sudo().filtered(lambda case: case.kind == "suggestion"):
            if case.suggestion_state == "pending":
                raise UserError(
                    self.env._("Adopt or decline suggestion %s first, with a reason.", case.name)
                )

    def _check_close(self):
        super()._check_close()
        for case in self.sudo().filtered(lambda case: case.kind == "suggestion"):
            if not case.suggestion_date_told:
                raise UserError(
                    self.env._(
                        "Tell the customer of %s what became of the suggestion: press “Reply”.",
                        case.name,
                    )
                )
