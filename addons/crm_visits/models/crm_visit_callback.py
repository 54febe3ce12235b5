from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from .crm_visit import SATISFACTION
from .crm_visit_customer import BAD_ANSWERS

CALLBACK_ANSWERS = (
    "callback_quality",
    "callback_attitude",
    "satisfaction_service",
    "satisfaction_complaint",
)


class CrmVisit(models.Model):
    """Callbacks: what they are about, when they are due, what the customer says (E2.R10)."""

    _name = "crm.visit"
    _inherit = ["crm.visit"]

    callback_kind = fields.Selection(related="method_id.callback_kind", store=True)
    date_callback_from = fields.Datetime(
        "Matter Settled On", copy=False, help="The time to call back counts from here."
    )
    date_callback_due = fields.Datetime(
        "Call Back By", compute="_compute_date_callback_due", store=True, index="btree_not_null"
    )
    callback_timing = fields.Selection(
        [("open", "To Call"), ("in_time", "In Time"), ("late", "Late")],
        compute="_compute_callback_timing",
        store=True,
    )
    is_callback_overdue = fields.Boolean(
        "Callback Overdue",
        compute="_compute_is_callback_overdue",
        search="_search_is_callback_overdue",
    )
    callback_quality = fields.Selection(SATISFACTION, "Quality of Service")
    callback_attitude = fields.Selection(SATISFACTION, "Attitude of Service")
    callback_price = fields.Selection(
        [
            ("right", "As Agreed"),
            ("wrong", "Not as Agreed"),
            ("free", "Nothing Was Charged"),
        ],
        "Price Check",
    )
    callback_shortcoming = fields.Text("Shortcomings")
    callback_advice = fields.Text("Customer's Advice")
    is_callback_bad = fields.Boolean(
        "Bad Callback",
        compute="_compute_is_callback_bad",
        store=True,
        help="The customer is not satisfied with something, or paid another price.",
    )

    @api.depends("date_callback_from", "method_id.callback_hours", "callback_kind")
    def _compute_date_callback_due(self):
        for visit in self:
            hours = visit.callback_kind and visit.method_id.callback_hours
            start = visit.date_callback_from
            visit.date_callback_due = start and hours and start + timedelta(hours=hours)

    @api.depends("date_start", "date_callback_due", "callback_kind", "state")
    def _compute_callback_timing(self):
        for visit in self:
            is_done = visit.date_start and visit.state in self._get_done_states()
            due = visit.date_callback_due
            if not visit.callback_kind or visit.state == "cancelled":
                visit.callback_timing = False
            elif not is_done:
                visit.callback_timing = "open"
            else:
                visit.callback_timing = "late" if due and visit.date_start > due else "in_time"

    @api.depends("callback_timing", "date_callback_due")
    def _compute_is_callback_overdue(self):
        now = fields.Datetime.now()
        for visit in self:
            due = visit.date_callback_due
            visit.is_callback_overdue = bool(due) and due < now and visit.callback_timing == "open"

    def _search_is_callback_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = Domain([("callback_timing", "=", "open"), ("date_callback_due", "<", "now")])
        return Domain.OR(overdue if wanted else ~overdue for wanted in value)

    @api.depends("callback_kind", "callback_price", *CALLBACK_ANSWERS)
    def _compute_is_callback_bad(self):
        for visit in self:
            is_bad = any(visit[name] in BAD_ANSWERS for name in CALLBACK_ANSWERS)
            is_bad = is_bad or visit.callback_price == "wrong"
            visit.is_callback_bad = bool(visit.callback_kind) and is_bad

    @api.model
    def _get_record_field_names(self):
        return [
            *super()._get_record_field_names(),
            "callback_quality",
            "callback_attitude",
            "callback_price",
            "callback_shortcoming",
            "callback_advice",
        ]

    # ------------------------------------------------------------------ due

    @api.model
    def _create_callback(self, kind, partner, date_settled, **values):
        """A callback to make; an addon calls it when its case or order is settled.

        :param str kind: ``complaint``, ``repair``, ``paid``, ``survey`` or ``other``
        :param partner: ``res.partner`` to call
        :param datetime date_settled: UTC, the time to call back counts from here
        :param values: more values of the visit, such as the field that names the case
        :return: the new ``crm.visit``
        :raise UserError: no method of this kind is set up
        """
        method = self.env["crm.visit.method"].search([("callback_kind", "=", kind)], limit=1)
        if not method:
            kinds = dict(method._fields["callback_kind"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "There is no visit method for callbacks of the kind “%s”. Please ask your "
                    "supervisor to set one up.",
                    kinds.get(kind, kind),
                )
            )
        return self.create(
            {
                "method_id": method.id,
                "partner_id": partner.id,
                "date_callback_from": date_settled,
                **values,
            }
        )

    def _check_server_write(self, vals):
        super()._check_server_write(vals)
        if "date_callback_from" in vals and not self._is_supervisor():
            if any(visit.date_callback_from for visit in self.sudo()):
                raise AccessError(
                    self.env._("Only a supervisor changes the time a callback counts from.")
                )

    # ------------------------------------------------------------------ bad answers

    def _approval_on_submitted(self):
        super()._approval_on_submitted()
        for visit in self.filtered("is_callback_bad"):
            visit._on_callback_bad()

    def _on_callback_bad(self):
        """The record of a bad callback was submitted; called with ``sudo``.

        Tells the head of the department. An addon that can pass it on to the department in charge
        does so here.
        """
        head = self.department_id.head_id.filtered("active")
        if head:
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=head.id,
                summary=self.env._("The customer is not satisfied"),
                note=self.callback_shortcoming or self.result,
            )
