from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.crm_service_base.tools.state_order import in_order

BATCH = 500


class CrmGiftCampaign(models.Model):
    """December's gifts to every customer, and the question about next year's demand (C3.R13)."""

    _name = "crm.gift.campaign"
    _description = "Gift Campaign"
    _inherit = [
        "crm.service.mixin",
        "crm.approval.mixin",
        "crm.audience.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "year desc, id desc"
    _check_company_auto = True

    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "To Approve"),
            ("approved", "Under Way"),
            ("done", "Closed"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    subject = fields.Char(required=True)
    year = fields.Integer(
        required=True, default=lambda self: fields.Date.context_today(self).year, aggregator=None
    )
    date_from = fields.Date(
        "From",
        compute="_compute_dates",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        copy=False,
    )
    date_to = fields.Date(
        "To",
        compute="_compute_dates",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        copy=False,
    )
    gift = fields.Char()
    gift_product_id = fields.Many2one("product.product", ondelete="restrict")
    gift_quantity = fields.Float("Quantity for Each", default=1, digits="Product Unit")
    currency_id = fields.Many2one(related="company_id.currency_id")
    gift_budget = fields.Monetary("Budget for Each")
    budget = fields.Monetary(help="What all gifts together may cost.")
    note = fields.Text("Remarks")
    task_ids = fields.One2many("crm.care.task", "campaign_id", "Gifts", copy=False)
    task_count = fields.Integer("Gifts and Questions", compute="_compute_progress")
    asked_count = fields.Integer("Asked Already", compute="_compute_progress")
    missing_count = fields.Integer("Not Asked Yet", compute="_compute_progress")
    progress = fields.Integer("Progress (%)", compute="_compute_progress")
    cost = fields.Monetary("Spent", compute="_compute_progress")
    demand_amount = fields.Monetary("Expected Next Year", compute="_compute_progress")

    _dates_in_order = models.Constraint(
        "CHECK(date_to >= date_from)", "A campaign cannot end before it starts."
    )
    _amounts_positive = models.Constraint(
        "CHECK(gift_quantity >= 0 AND gift_budget >= 0 AND budget >= 0)",
        "Quantity and budget cannot be negative.",
    )
    _year_uniq = models.UniqueIndex(
        "(company_id, year) WHERE active", "There is a campaign for this year already."
    )

    @api.depends("year")
    def _compute_dates(self):
        for campaign in self:
            year = min(max(campaign.year, 2000), 9000)
            campaign.date_from = date(year, 12, 1)
            campaign.date_to = date(year, 12, 31)

    @api.depends("task_ids.state", "task_ids.gift_cost", "task_ids.demand_amount")
    def _compute_progress(self):
        groups = self.env["crm.care.task"]._read_group(
            [("campaign_id", "in", self.ids)],
            ["campaign_id", "state"],
            ["__count", "gift_cost:sum", "demand_amount:sum"],
        )
        for campaign in self:
            rows = {row[1]: row[2:] for row in groups if row[0] == campaign}
            total = sum(count for count, _cost, _amount in rows.values())
            asked = rows.get("done", (0,))[0]
            campaign.task_count = total
            campaign.asked_count = asked
            campaign.missing_count = rows.get("due", (0,))[0]
            campaign.progress = round(100 * asked / total) if total else 0
            campaign.cost = sum(cost or 0 for _count, cost, _amount in rows.values())
            campaign.demand_amount = sum(amount or 0 for _count, _cost, amount in rows.values())

    @api.depends("subject", "year")
    def _compute_display_name(self):
        for campaign in self:
            campaign.display_name = f"{campaign.subject or ''} {campaign.year or ''}".strip()

    # ------------------------------------------------------------------ approval

    def _approval_after_fields(self):
        return super()._approval_after_fields() | {"task_ids"}

    def _approval_check_submit(self):
        super()._approval_check_submit()
        for campaign in self:
            if not (campaign.gift or campaign.gift_product_id) or not campaign.budget:
                raise UserError(
                    self.env._("%s: say what is given and what it may cost.", campaign.display_name)
                )

    def _approval_on_approved(self):
        super()._approval_on_approved()
        self.env.ref("crm_visits.ir_cron_prepare_care")._trigger()

    def _can_file(self):
        return super()._can_file() and self.state == "done"

    # ------------------------------------------------------------------ actions

    def action_prepare_gifts(self):
        """Make the gifts now, without waiting for the scheduled action.

        :raise UserError: not approved
        """
        self.check_access("write")
        for campaign in self:
            if campaign.state != "approved":
                raise UserError(
                    self.env._("%s is not approved: submit it first.", campaign.display_name)
                )
        while self.sudo()._create_tasks():
            pass

    def action_close(self):
        """Close the campaign once every customer was asked or left out with a reason.

        :raise AccessError: the user is no supervisor
        :raise UserError: not under way, or somebody was not asked
        """
        self.check_access("write")
        if not self.env.user.has_group("crm_service_base.group_supervisor"):
            raise AccessError(self.env._("Only a supervisor closes a campaign."))
        for campaign in self:
            if campaign.state != "approved" or not campaign.task_count:
                raise UserError(self.env._("%s is not under way.", campaign.display_name))
            if campaign.missing_count:
                raise UserError(
                    self.env._(
                        "%(campaign)s: %(count)s customers were not asked yet. Ask them, or leave "
                        "them out with a reason.",
                        campaign=campaign.display_name,
                        count=campaign.missing_count,
                    )
                )
        self.sudo().write({"state": "done"})

    def action_open_tasks(self):
        """Gifts and questions of the campaign."""
        return self._open_tasks([("campaign_id", "in", self.ids)])

    def action_open_missing(self):
        """Customers who were not asked yet."""
        return self._open_tasks([("campaign_id", "in", self.ids), ("state", "=", "due")])

    def _open_tasks(self, domain):
        self.check_access("read")
        actions = self.env["ir.actions.act_window"]
        action = actions._for_xml_id("crm_visits.crm_care_task_action_gift")
        return {**action, "domain": domain, "context": {}}

    # ------------------------------------------------------------------ scheduled

    @api.model
    def _prepare_gifts(self, today):
        """Gifts of approved campaigns, also for customers won meanwhile; safe to run again."""
        domain = [
            ("state", "=", "approved"),
            ("date_from", "<=", today + timedelta(days=30)),
            ("date_to", ">=", today),
        ]
        campaigns = self.sudo().search(domain)
        while count := campaigns._create_tasks():
            self.env["ir.cron"]._commit_progress(count)
        if today.month >= 11:
            self._prepare_campaigns(today.year)

    def _create_tasks(self):
        """Make a batch of the gifts that are missing.

        :return: how many were made, 0 when nobody is missing
        """
        for campaign in self:
            known = campaign.with_context(active_test=False).task_ids.partner_id
            targets = (campaign._get_targets() - known)[:BATCH]
            if targets:
                values = [campaign._prepare_task_values(partner) for partner in targets]
                return len(self.env["crm.care.task"]._prepare(values))
        return 0

    def _prepare_task_values(self, partner):
        """The gift of one customer.

        :return: dict for ``crm.care.task``
        """
        user = self.env["crm.care.occasion"]._get_owner(partner) or self.user_id
        return {
            "campaign_id": self.id,
            "year": self.year,
            "name": self.subject,
            "partner_id": partner.id,
            "company_id": self.company_id.id,
            "user_id": user.id if self.company_id in user.company_ids else self.user_id.id,
            "date": self.date_to,
            "channel": "gift",
            "gift": self.gift,
            "gift_product_id": self.gift_product_id.id,
            "gift_quantity": self.gift_quantity,
            "gift_budget": self.gift_budget,
        }

    @api.model
    def _prepare_campaigns(self, year):
        """Each November a draft like last year's, so that nobody forgets December."""
        campaigns = self.sudo().with_context(active_test=False)
        done = campaigns.search([("year", "=", year)]).company_id
        domain = [
            ("year", "=", year - 1),
            ("state", "in", ("approved", "done")),
            ("company_id", "not in", done.ids),
        ]
        for last in campaigns.search(domain):
            new = last.copy({"year": year, "user_id": last.user_id.id})
            new.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=(last.user_id.filtered("active") or self.env.user).id,
                summary=self.env._("Check the gifts of December and submit them"),
            )
            self.env["ir.cron"]._commit_progress(1)
