from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.crm_service_base.tools.state_order import in_order

BATCH = 100


class CrmCustomerNews(models.Model):
    """New products, services and offers that customers are told about (C1.R5, B3.R2)."""

    _name = "crm.customer.news"
    _description = "News for Customers"
    _inherit = [
        "crm.service.mixin",
        "crm.approval.mixin",
        "crm.audience.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "id desc"
    _check_company_auto = True

    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "To Approve"),
            ("approved", "Approved"),
            ("sent", "Sent"),
            ("closed", "Closed"),
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
    kind = fields.Selection(
        [
            ("product", "New Product"),
            ("service", "New Service"),
            ("offer", "Offer"),
            ("industry", "Industry News"),
        ],
        required=True,
        default="product",
    )
    body = fields.Html("Text", help="Files are attached below, in the log, before submitting.")
    product_ids = fields.Many2many("product.product", string="Products", ondelete="restrict")
    date_valid = fields.Date("Valid Until", copy=False)
    date_sent = fields.Datetime("Sent On", readonly=True, copy=False)
    is_sending = fields.Boolean(readonly=True, copy=False)
    telling_ids = fields.One2many("crm.customer.news.telling", "news_id", "Told", copy=False)
    told_count = fields.Integer("Customers Told", compute="_compute_coverage")
    missing_count = fields.Integer("Not Told Yet", compute="_compute_coverage")
    coverage = fields.Integer("Coverage (%)", compute="_compute_coverage")

    @api.depends(
        "telling_ids.commercial_partner_id",
        "customer_class",
        "customer_type_ids",
        "grade_ids",
        "region_ids",
        "partner_ids",
    )
    def _compute_coverage(self):
        groups = self.env["crm.customer.news.telling"]._read_group(
            [("news_id", "in", self.ids)], ["news_id"], ["commercial_partner_id:count_distinct"]
        )
        told = dict(groups)
        for news in self:
            news.told_count = told.get(news, 0)
            news.missing_count = self.env["res.partner"].search_count(news._get_missing_domain())
            reached = news.target_count - news.missing_count
            news.coverage = round(100 * reached / news.target_count) if news.target_count else 0

    @api.depends("subject")
    def _compute_display_name(self):
        for news in self:
            news.display_name = news.subject or news.name

    # ------------------------------------------------------------------ approval

    @api.model
    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {"date_sent", "is_sending"}

    def _approval_after_fields(self):
        return super()._approval_after_fields() | {"telling_ids"}

    def _approval_check_submit(self):
        super()._approval_check_submit()
        today = fields.Date.context_today(self)
        for news in self:
            if not (news.body or "").strip():
                raise UserError(self.env._("%s has no text yet.", news.display_name))
            if news.date_valid and news.date_valid < today:
                raise UserError(
                    self.env._("%s: the offer is over, change its last day.", news.display_name)
                )

    def _can_file(self):
        return super()._can_file() and self.state == "closed"

    # ------------------------------------------------------------------ telling

    @api.model
    def _get_current_domain(self):
        """News that may be told today."""
        return Domain("state", "in", ("approved", "sent")) & (
            Domain("date_valid", "=", False) | Domain("date_valid", ">=", "today")
        )

    def _filter_current(self, company):
        """:return: those of the news that may be told to customers of a company today"""
        current = self.sudo().filtered_domain(self._get_current_domain())
        return current.filtered(lambda news: news.company_id == company)

    def _check_current(self):
        for news in self:
            if not news.sudo().filtered_domain(self._get_current_domain()):
                raise UserError(
                    self.env._(
                        "“%s” may not be told: it is not approved, or over.", news.display_name
                    )
                )

    def _get_missing_domain(self):
        """Customers meant who were not told yet.

        :return: ``Domain`` on ``res.partner``
        """
        told = Domain("news_id", "=", self._origin.id)
        query = self.env["crm.customer.news.telling"]._search(told)
        return self._get_target_domain() & Domain(
            "id", "not in", query.subselect("commercial_partner_id")
        )

    def action_send(self):
        """Write to every customer meant who was not told yet; the letters go out by and by.

        :raise UserError: not approved, or over
        """
        self.check_access("write")
        self._check_current()
        self.sudo().is_sending = True
        self.env.ref("crm_visits.ir_cron_send_news")._trigger()

    def action_close(self):
        """Nobody is told any more.

        :raise AccessError: the user is no supervisor
        :raise UserError: not approved
        """
        self.check_access("write")
        if not self.env.user.has_group("crm_service_base.group_supervisor"):
            raise AccessError(self.env._("Only a supervisor closes news."))
        if any(news.state not in ("approved", "sent") for news in self):
            raise UserError(self.env._("Only approved news can be closed."))
        self.sudo().write({"state": "closed", "is_sending": False})

    def action_open_tellings(self):
        """Who was told, when and how."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_visits.crm_customer_news_telling_action"
        )
        action["domain"] = [("news_id", "=", self.id)]
        action["context"] = {"default_news_id": self.id}
        return action

    def action_open_missing(self):
        """Customers meant who were not told yet."""
        self.ensure_one()
        actions = self.env["ir.actions.act_window"]
        action = actions._for_xml_id("crm_service_base.res_partner_action")
        partners = self.env["res.partner"].search(self._get_missing_domain())
        action["display_name"] = self.env._("Not Told Yet")
        action["domain"] = [("id", "in", partners.ids)]
        action["context"] = {}
        return action

    @api.model
    def _cron_send_news(self):
        """Send news that somebody released; killed at any point, nobody gets it twice."""
        for news in self.sudo().search([("is_sending", "=", True)], order="id"):
            current = news.filtered_domain(self._get_current_domain())
            partners = current._get_readers() if current else self.env["res.partner"]
            if not self.env["ir.cron"]._crm_each(partners, current._tell_by_mail, BATCH):
                return
            news.write({"is_sending": False})
            if current:
                news.write({"state": "sent", "date_sent": fields.Datetime.now()})
            self.env["ir.cron"]._commit_progress(1)

    def _get_readers(self):
        """:return: ``res.partner`` who were not told yet and may be written to"""
        self.ensure_one()
        domain = self._get_missing_domain() & Domain("crm_no_greetings", "=", False)
        domain &= Domain("email_normalized", "!=", False) & Domain("is_blacklisted", "=", False)
        return self.env["res.partner"].with_company(self.company_id).search(domain, order="id")

    def _tell_by_mail(self, partners):
        """Write to customers, and keep who was told."""
        tellings = self.env["crm.customer.news.telling"].create(
            [
                {
                    "news_id": self.id,
                    "partner_id": partner.id,
                    "channel": "email",
                    "is_mailed": True,
                    "user_id": self.user_id.id,
                }
                for partner in partners
            ]
        )
        files = self.approval_request_id._get_attachment_ids()
        self.env.ref("crm_visits.mail_template_news").send_mail_batch(
            tellings.ids, email_values={"attachment_ids": list(files)}
        )

    # ------------------------------------------------------------------ reminder

    @api.model
    def _cron_remind_news(self):
        """Remind the owner of each customer who was told nothing for long; safe to run again.

        The months are the system parameter ``crm_visits.news_months``.
        """
        if not self.sudo().search_count(self._get_current_domain(), limit=1):
            return
        months = int(self.env["ir.config_parameter"].sudo().get_param("crm_visits.news_months", 3))
        activity_type = self.env.ref("crm_visits.mail_activity_type_news")
        open_ones = (
            self.env["mail.activity"]
            .sudo()
            .search(
                [("res_model", "=", "res.partner"), ("activity_type_id", "=", activity_type.id)]
            )
        )
        silent = (
            self.env["res.partner"]
            .sudo()
            .search(
                [
                    ("crm_customer_type_id", "!=", False),
                    ("crm_no_greetings", "=", False),
                    "|",
                    ("parent_id", "=", False),
                    ("is_company", "=", True),
                    ("user_id.active", "=", True),
                    ("id", "not in", open_ones.mapped("res_id")),
                    ("crm_telling_ids", "not any", [("date", ">=", f"today -{months}m")]),
                ],
                order="id",
            )
        )
        self.env["ir.cron"]._crm_each(
            silent, lambda some: some._remind_crm_news(activity_type), BATCH
        )
