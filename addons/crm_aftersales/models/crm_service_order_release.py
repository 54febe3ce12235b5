from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

HOURS_TO_CONFIRM = 24


class CrmServiceOrder(models.Model):
    """What could not wait for a written approval (C2.R10)."""

    _name = "crm.service.order"
    _inherit = ["crm.service.order"]

    verbal_ids = fields.One2many(
        "crm.service.order.verbal", "order_id", "Verbal Approvals", readonly=True, copy=False
    )
    verbal_open_count = fields.Integer(
        "Verbal Approvals to Confirm", compute="_compute_verbal_open_count"
    )
    is_released = fields.Boolean("May Set Off", compute="_compute_is_released", compute_sudo=True)
    is_unapproved = fields.Boolean(
        "Gone without Written Approval",
        compute="_compute_is_unapproved",
        search="_search_is_unapproved",
    )

    @api.depends("verbal_ids.state")
    def _compute_verbal_open_count(self):
        for order in self:
            order.verbal_open_count = len(order.verbal_ids.filtered(lambda v: v.state == "open"))

    @api.depends("state", "verbal_ids.state")
    def _compute_is_released(self):
        for order in self:
            order.is_released = bool(order.id) and order._is_released()

    @api.depends("date_departed", "approval_state")
    def _compute_is_unapproved(self):
        for order in self:
            order.is_unapproved = bool(order.date_departed) and order.approval_state != "approved"

    def _search_is_unapproved(self, operator, value):
        if operator != "in":
            return NotImplemented
        gone = Domain([("date_departed", "!=", False), ("approval_state", "!=", "approved")])
        return Domain.OR(gone if wanted else ~gone for wanted in value)

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | {"verbal_ids"}

    def action_record_verbal(self):
        """Note who said yes, when and to what."""
        return self._open_order_dialog("verbal", self.env._("Verbal Approval"))

    def _record_verbal(self, kind, approver, date, subject):
        """Put an approval by word of mouth on record; the work may go on at once.

        :param str kind: ``go`` to set off before the approval, ``parts`` or ``other``
        :param approver: ``res.users`` who gave it
        :param datetime date: when, UTC
        :param str subject: what for
        :raise AccessError: the user neither plans nor works on the order
        :raise UserError: nobody who can approve, or something is missing
        """
        self.ensure_one()
        self.check_access("write")
        if not (self._can_plan() or self._can_work()):
            raise AccessError(self.env._("Only who works on the order records an approval."))
        self._check_verbal(kind, approver, date, subject)
        if kind == "go" and self.state == "draft":
            self.action_approval_submit()
        now = fields.Datetime.now()
        verbal = (
            self.env["crm.service.order.verbal"]
            .sudo()
            .create(
                {
                    "order_id": self.id,
                    "request_id": self.sudo().approval_request_id.id,
                    "kind": kind,
                    "subject": subject.strip(),
                    "approver_id": approver.id,
                    "date_given": date,
                    "user_id": self.env.uid,
                    "date_recorded": now,
                    "date_due": fields.Datetime.add(now, hours=HOURS_TO_CONFIRM),
                }
            )
        )
        self.sudo().activity_schedule(
            "crm_aftersales.mail_activity_type_verbal",
            user_id=approver.id,
            summary=self.env._("Confirm your verbal approval"),
            note=subject,
        )
        return verbal

    def _check_verbal(self, kind, approver, date, subject):
        if not (subject or "").strip() or not date or not approver:
            raise UserError(self.env._("Say who gave the approval, when and what for."))
        if date > fields.Datetime.add(fields.Datetime.now(), minutes=5):
            raise UserError(self.env._("An approval cannot have been given in the future."))
        states = ("draft", "submitted") if kind == "go" else ("approved", "departed", "arrived")
        if kind != "go" and self.sudo().date_departed:
            states = ("departed", "arrived")
        self._check_state(states)
        if approver not in self._get_verbal_approvers():
            raise UserError(
                self.env._(
                    "%s cannot approve this order: name the head of the department, the deputy or "
                    "a service manager who neither took the order nor goes.",
                    approver.name,
                )
            )

    def _get_verbal_approvers(self):
        """Who can say yes: head, deputy, service managers; nobody who takes part.

        :return: ``res.users``
        """
        self.ensure_one()
        order = self.sudo()
        managers = self.env.ref("crm_service_base.group_manager").sudo().all_user_ids
        managers = managers.filtered(lambda user: order.company_id in user.company_ids)
        heads = order.department_id.head_id | order.department_id.deputy_id
        able = (heads | managers).filtered("active") - order._approval_document_author()
        return able.filtered(lambda user: order.with_user(user).has_access("read"))

    def _is_released(self):
        is_spoken = any(
            verbal.kind == "go"
            and verbal.state != "refused"
            and verbal.request_id == self.approval_request_id
            for verbal in self.verbal_ids
        )
        return super()._is_released() or (self.state == "submitted" and is_spoken)

    def _on_verbal_decided(self, verbal):
        """Whoever recorded it learns what was said; called with ``sudo``.

        :param verbal: ``crm.service.order.verbal``
        """
        self.ensure_one()
        self.activity_ids.filtered(
            lambda activity: (
                activity.user_id == verbal.approver_id
                and activity.activity_type_id
                == self.env.ref(
                    "crm_aftersales.mail_activity_type_verbal", raise_if_not_found=False
                )
            )
        ).action_feedback()
        if verbal.state == "refused":
            self.message_notify(
                partner_ids=(verbal.user_id | self.user_id).partner_id.ids,
                subject=self.env._("Verbal approval refused: %s", self.display_name),
                body=verbal.comment,
            )

    def _approval_on_approved(self):
        super()._approval_on_approved()
        for order in self:
            spoken = order.verbal_ids.filtered(
                lambda v: v.kind == "go" and v.state == "open" and v.approver_id == self.env.user
            )
            if spoken:
                spoken._record_decision("confirmed", False)

    def _approval_on_returned(self, decision):
        if decision.kind == "withdraw" and any(order.date_departed for order in self):
            raise UserError(
                self.env._("Somebody set off on this order: it is not withdrawn any more.")
            )
        super()._approval_on_returned(decision)
