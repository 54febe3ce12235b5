from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.crm_service_base.tools.state_order import in_order

BATCH = 100
LATE_DAYS = 3


class CrmCareTask(models.Model):
    """Care for one customer or person: a greeting, a call, a visit, a gift (B3.R2, C3.R13)."""

    _name = "crm.care.task"
    _description = "Care for a Customer"
    _inherit = ["crm.customer.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date, id"
    _check_company_auto = True

    name = fields.Char("Matter", required=True)
    occasion_id = fields.Many2one(
        "crm.care.occasion", readonly=True, index="btree_not_null", ondelete="restrict", copy=False
    )
    campaign_id = fields.Many2one(
        "crm.gift.campaign", readonly=True, index="btree_not_null", ondelete="restrict", copy=False
    )
    event_id = fields.Many2one(
        "crm.customer.event",
        "Customer Event",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
    )
    year = fields.Integer(readonly=True, copy=False, aggregator=None)
    phone = fields.Char(compute="_compute_phone")
    date = fields.Date(required=True, default=fields.Date.context_today, index=True)
    state = fields.Selection(
        [("due", "To Do"), ("done", "Done"), ("skipped", "Left Out")],
        required=True,
        readonly=True,
        default="due",
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    is_late = fields.Boolean("Late", compute="_compute_is_late", search="_search_is_late")
    channel = fields.Selection(
        [
            ("email", "Greeting by E-Mail"),
            ("phone", "Phone Call"),
            ("visit", "Visit"),
            ("gift", "Gift"),
        ],
        "How",
        required=True,
        default="phone",
    )
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        default=lambda self: self.env.user,
        index=True,
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")

    # greeting
    subject = fields.Char()
    greeting = fields.Text()
    is_released = fields.Boolean(
        "Text Released", readonly=True, copy=False, help="Goes out by itself on the day."
    )

    news_id = fields.Many2one(
        "crm.customer.news",
        "Offer Told Along",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('state', 'in', ('approved', 'sent')), ('company_id', '=', company_id)]",
    )

    # gift
    gift = fields.Char()
    gift_product_id = fields.Many2one("product.product", ondelete="restrict")
    gift_quantity = fields.Float("Quantity", digits="Product Unit")
    gift_budget = fields.Monetary("Budget", readonly=True)
    gift_cost = fields.Monetary("Cost")
    date_gift = fields.Date("Delivered On", copy=False)
    gift_receiver = fields.Char("Received By", copy=False)

    # next year's demand
    demand = fields.Text("Next Year's Demand", copy=False)
    demand_amount = fields.Monetary("Expected Amount", copy=False)
    demand_product_ids = fields.Many2many(
        "product.product", "crm_care_task_demand_product_rel", string="Products Wanted", copy=False
    )

    result = fields.Text("What Came of It", copy=False)
    skip_reason = fields.Char("Why Left Out", copy=False)
    visit_id = fields.Many2one(
        "crm.visit",
        "Visit or Call",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        check_company=True,
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
    )
    date_done = fields.Datetime("Done On", readonly=True, copy=False)
    done_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")

    _occasion_uniq = models.UniqueIndex(
        "(occasion_id, partner_id, year) WHERE occasion_id IS NOT NULL",
        "There is care for this customer, occasion and year already.",
    )
    _campaign_uniq = models.UniqueIndex(
        "(campaign_id, partner_id) WHERE campaign_id IS NOT NULL",
        "This customer has a gift of this campaign already.",
    )
    _due_idx = models.Index("(user_id, date) WHERE state = 'due'")
    _numbers_positive = models.Constraint(
        "CHECK(gift_quantity >= 0 AND gift_cost >= 0 AND demand_amount >= 0)",
        "Quantity, cost and expected amount cannot be negative.",
    )

    @api.depends("partner_id")
    def _compute_phone(self):
        for task in self:
            task.phone = task.partner_id.phone or task.commercial_partner_id.phone

    @api.depends("state", "date")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for task in self:
            task.is_late = task.state == "due" and bool(task.date) and task.date < today

    def _search_is_late(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return [("state", "=", "due"), ("date", "<", fields.Date.context_today(self))]

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for task in self:
            task.display_name = " · ".join(filter(None, [task.partner_id.name, task.name]))

    # ------------------------------------------------------------------ create, write, delete

    @api.model
    def _get_server_fields(self):
        """Fields that only the buttons and the scheduled actions write."""
        return {
            "occasion_id",
            "campaign_id",
            "event_id",
            "year",
            "state",
            "is_released",
            "gift_budget",
            "date_done",
            "done_by_id",
        }

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            clean = dict.fromkeys(self._get_server_fields(), False) | {"state": "due"}
            vals_list = [{**vals, **clean} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._check_write(vals)
            words = {"subject", "greeting", "partner_id", "channel", "news_id", "user_id"}
            if not words.isdisjoint(vals):
                # whoever changes the words has them released again
                self.sudo().filtered("is_released").is_released = False
        return super().write(vals)

    def _check_write(self, vals):
        if self._get_server_fields() & vals.keys():
            raise AccessError(self.env._("These values are written by the buttons of the care."))
        free = self._get_thread_fields()
        closed = self.sudo().filtered(lambda task: task.state != "due")
        if closed and not free.issuperset(vals):
            raise UserError(
                self.env._(
                    "%s is closed: a supervisor reopens it before it is changed.",
                    closed[0].display_name,
                )
            )
        if "partner_id" in vals and any(task.occasion_id or task.campaign_id for task in self):
            raise UserError(
                self.env._("Care made for a customer stays with that customer: make a new one.")
            )

    @api.model
    def _get_thread_fields(self):
        names = set()
        for name in ("mail.thread", "mail.activity.mixin"):
            names |= self.env[name]._fields.keys()
        return names - self.env["base"]._fields.keys()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_prepared(self):
        for task in self:
            if task.state != "due" or task.occasion_id or task.campaign_id:
                raise UserError(
                    self.env._("Leave %s out with a reason instead.", task.display_name)
                )

    @api.model
    def _prepare(self, vals_list):
        """Create care by the hundreds, without a message in the log of each.

        :return: ``crm.care.task``
        """
        quiet = {"mail_create_nolog": True, "mail_create_nosubscribe": True}
        return self.with_context(**quiet).create(vals_list)

    # ------------------------------------------------------------------ the way of care

    def _check_due(self):
        self.check_access("write")
        for task in self:
            if task.state != "due":
                raise UserError(self.env._("%s is closed already.", task.display_name))

    def action_release(self):
        """The text was read and goes out on the day.

        :raise AccessError: it would go out in a colleague's name, and the user is no supervisor
        :raise UserError: closed, no greeting by e-mail, or no text
        """
        self._check_due()
        self._check_sender()
        for task in self:
            if task.channel != "email" or not (task.subject and task.greeting):
                raise UserError(
                    self.env._(
                        "%s: write subject and text of a greeting by e-mail first.",
                        task.display_name,
                    )
                )
        self.sudo().is_released = True

    def _check_sender(self):
        others = self.user_id - self.env.user
        if others and not self.env.user.has_group("crm_service_base.group_supervisor"):
            raise AccessError(
                self.env._(
                    "This greeting goes out in the name of %s, who releases it, or a supervisor.",
                    others[0].name,
                )
            )

    def action_send(self):
        """Send the greetings now, through the mail queue.

        :raise UserError: closed, no text, no address, or greetings not wanted
        """
        self.action_release()
        for task in self:
            if not task.partner_id._get_crm_mail_partner():
                raise UserError(
                    self.env._(
                        "%s wants no greetings, or has no e-mail address that may be used.",
                        task.partner_id.display_name,
                    )
                )
        self._send()

    def action_done(self):
        """The care was given; a call is written into the register of contacts (C1.R2).

        :raise UserError: closed, or something that belongs to it is missing
        """
        self._check_due()
        for task in self:
            task._check_complete()
        for task in self.filtered(lambda task: task.channel == "phone" and not task.visit_id):
            task.visit_id = task._log_call()
        for task in self.filtered(lambda task: task.channel == "gift" and not task.date_gift):
            task.date_gift = fields.Date.context_today(self)
        self._close("done")

    def _check_complete(self):
        self.ensure_one()
        if self.campaign_id and not ((self.demand or "").strip() or self.demand_amount):
            raise UserError(
                self.env._(
                    "%s: ask about next year's demand and write down the answer.",
                    self.display_name,
                )
            )
        if self.channel in ("phone", "email") and not (self.result or "").strip():
            raise UserError(self.env._("%s: write down what came of it.", self.display_name))
        if self.channel == "visit" and not self.visit_id.date_start:
            raise UserError(self.env._("%s: choose the visit that took place.", self.display_name))
        if self.visit_id and self.visit_id.commercial_partner_id != self.commercial_partner_id:
            raise UserError(
                self.env._("%s: the visit is one to another customer.", self.display_name)
            )

    def _log_call(self):
        """The call as a record of the register.

        :return: ``crm.visit``, finished and to be submitted
        """
        self.ensure_one()
        call = self.env["crm.visit"].create(
            {
                "partner_id": self.partner_id.id,
                "method_id": self.env.ref("crm_visits.visit_method_care").id,
                "company_id": self.company_id.id,
                "purpose": self.name,
                "opinion": self.result,
                "result": self.result.splitlines()[0][:200],
                "date_start": fields.Datetime.now(),
            }
        )
        call.action_finish()
        return call

    def action_skip(self):
        """Leave the care out; the reason is kept.

        :raise UserError: closed, or no reason
        """
        self._check_due()
        for task in self:
            if not (task.skip_reason or "").strip():
                raise UserError(self.env._("%s: write why it is left out.", task.display_name))
        self._close("skipped")

    def action_reopen(self):
        """Open closed care again.

        :raise AccessError: the user is no supervisor
        """
        self.check_access("write")
        if not self.env.user.has_group("crm_service_base.group_supervisor"):
            raise AccessError(self.env._("Only a supervisor reopens care."))
        self.sudo().write(
            {"state": "due", "date_done": False, "done_by_id": False, "is_released": False}
        )

    def _close(self, state):
        values = {"state": state, "date_done": fields.Datetime.now(), "done_by_id": self.env.uid}
        self.sudo().write(values)
        if state == "done":
            self.sudo()._note_telling()

    def _get_offer(self):
        """:return: the ``crm.customer.news`` that goes along, empty when it is over"""
        self.ensure_one()
        return self.news_id._filter_current(self.company_id)

    def _note_telling(self):
        """Who was told an offer along with the care is kept like any telling (C1.R5)."""
        channels = {"email": "email", "phone": "phone", "visit": "face"}
        self.env["crm.customer.news.telling"].create(
            [
                {
                    "news_id": offer.id,
                    "partner_id": task.partner_id.id,
                    "channel": channels.get(task.channel, "other"),
                    "user_id": task.user_id.id,
                    "visit_id": task.visit_id.id,
                }
                for task in self
                if (offer := task._get_offer()) and offer not in task.visit_id.telling_ids.news_id
            ]
        )

    # ------------------------------------------------------------------ greetings

    def _send(self):
        """Queue the greetings; what is sent is done."""
        template = self.env.ref("crm_visits.mail_template_care").sudo()
        template.send_mail_batch(self.ids)
        for task in self:
            address = task.partner_id._get_crm_mail_partner().email
            task.sudo().result = self.env._("Greeting sent to %s", address)
        self._close("done")

    @api.model
    def _cron_send_greetings(self):
        """Send what is released and due; killed at any point, the next run sends the rest.

        What is more than a few days late is left to its owner: nobody wants a greeting then.
        """
        today = self.env.company._get_crm_today()
        domain = Domain("state", "=", "due") & Domain("channel", "=", "email")
        domain &= Domain("is_released", "=", True) & Domain("date", "<=", today)
        domain &= Domain("date", ">=", today - timedelta(days=LATE_DAYS))
        tasks = self.sudo().search(domain, order="id")
        self.env["ir.cron"]._crm_each(tasks, lambda some: some._send_or_hand_over(), BATCH)

    def _send_or_hand_over(self):
        """Who wants none gets none; who has no address is called instead."""
        due = self.filtered(lambda task: task.state == "due" and task.is_released)
        unwanted = due.filtered(lambda task: task.partner_id._is_crm_opted_out())
        unwanted.skip_reason = self.env._("The customer wants no greetings.")
        unwanted._close("skipped")
        reachable = (due - unwanted).filtered(lambda task: task.partner_id._get_crm_mail_partner())
        (due - unwanted - reachable).write({"channel": "phone", "is_released": False})
        if reachable:
            reachable._send()
