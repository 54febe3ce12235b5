from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.crm_service_base.tools.state_order import in_order

SENT_CHANNELS = ("email", "portal")


class CrmServiceSurveyCampaign(models.Model):
    """Which customers are asked about a topic, when and how (C3.R14)."""

    _name = "crm.service.survey.campaign"
    _description = "Survey Campaign"
    _inherit = [
        "crm.service.mixin",
        "crm.audience.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date_start desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "title"]

    title = fields.Char(required=True)
    topic_id = fields.Many2one(
        "crm.service.survey.topic", required=True, index=True, ondelete="restrict"
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("running", "Under Way"),
            ("closed", "Closed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    channel = fields.Selection(
        lambda self: self.env["crm.service.survey"]._selection_channel(),
        "Asked Through",
        required=True,
        default="email",
    )
    rule = fields.Selection(
        [
            ("all", "All of the customers below"),
            ("installed", "Who had a device installed"),
            ("ordered", "Who ordered"),
            ("served", "Whose case was solved"),
        ],
        "Who Is Asked",
        required=True,
        default="served",
    )
    days = fields.Integer("In the Last (days)", default=90, required=True)
    sample_size = fields.Integer(
        help="So many customers, drawn by lot; 0 asks all.",
    )
    fatigue_days = fields.Integer(
        "Not Again Within (days)",
        default=90,
        required=True,
        help="Customers who were asked anything by a survey in so many days are left in peace.",
    )
    date_start = fields.Date("From", required=True, default=fields.Date.context_today, copy=False)
    per_day = fields.Integer("Customers a Day", help="0 asks all on the first day.")
    answer_days = fields.Integer("Days to Answer", default=14, required=True)
    reminder_days = fields.Integer("Remind After (days)", default=5)
    reminder_limit = fields.Integer("Reminders", default=1)
    caller_ids = fields.Many2many(
        "res.users",
        "crm_service_survey_campaign_caller_rel",
        "campaign_id",
        "user_id",
        "Asked By Whom",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Share the calls and visits; else whoever owns the campaign.",
    )
    survey_ids = fields.One2many("crm.service.survey", "campaign_id", "Surveys", readonly=True)
    survey_count = fields.Integer("Customers Drawn", compute="_compute_progress")
    asked_count = fields.Integer("Customers Asked", compute="_compute_progress")
    answered_count = fields.Integer("Answered", compute="_compute_progress")
    dissatisfied_count = fields.Integer("Not Satisfied", compute="_compute_progress")
    response_rate = fields.Float("Response Rate (%)", compute="_compute_progress", digits=(5, 1))
    score = fields.Float("Mean Grade (5 to 1)", compute="_compute_progress", digits=(3, 2))
    unreachable_count = fields.Integer(
        "Without Address", readonly=True, copy=False, help="Left out: no e-mail address."
    )

    _numbers_positive = models.Constraint(
        "CHECK(days > 0 AND sample_size >= 0 AND fatigue_days >= 0 AND per_day >= 0"
        " AND answer_days > 0 AND reminder_days >= 0 AND reminder_limit >= 0)",
        "Numbers of days and customers are positive.",
    )

    @api.depends("survey_ids.state")
    def _compute_progress(self):
        groups = self.env["crm.service.survey"]._read_group(
            [("campaign_id", "in", self.ids)],
            ["campaign_id"],
            ["__count", "date_asked:count", "date_answered:count"],
        )
        counts = {campaign.id: numbers for campaign, *numbers in groups}
        bad = dict(
            self.env["crm.service.survey"]._read_group(
                [("campaign_id", "in", self.ids), ("is_dissatisfied", "=", True)],
                ["campaign_id"],
                ["__count"],
            )
        )
        scores = dict(
            self.env["crm.service.survey.line"]._read_group(
                [("campaign_id", "in", self.ids)], ["campaign_id"], ["score:avg"]
            )
        )
        for campaign in self:
            total, asked, answered = counts.get(campaign._origin.id, (0, 0, 0))
            campaign.survey_count = total
            campaign.asked_count = asked
            campaign.answered_count = answered
            campaign.response_rate = 100 * answered / asked if asked else 0
            campaign.dissatisfied_count = bad.get(campaign._origin, 0)
            campaign.score = scores.get(campaign._origin, 0)

    @api.depends("name", "title")
    def _compute_display_name(self):
        for campaign in self:
            campaign.display_name = " · ".join(filter(None, [campaign.name, campaign.title]))

    @api.depends("rule", "days", "fatigue_days", "channel")
    def _compute_target_count(self):
        super()._compute_target_count()

    @api.constrains("caller_ids", "company_id")
    def _check_caller_ids(self):
        for campaign in self:
            foreign = campaign.caller_ids.filtered(
                lambda user, company=campaign.company_id: company not in user.company_ids
            )
            if foreign:
                raise ValidationError(
                    self.env._("%s does not work in this company.", foreign[0].name)
                )

    # ------------------------------------------------------------------ guards

    @api.model
    def _get_server_fields(self):
        return {"state": "draft", "unreachable_count": 0, "survey_ids": False}

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [{**vals, **self._get_server_fields()} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self.check_access("write")
            if self._get_server_fields().keys() & vals.keys():
                raise AccessError(self.env._("Campaigns are started and closed with the buttons."))
            mixins = self.env["mail.thread"]._fields.keys() | (
                self.env["mail.activity.mixin"]._fields.keys()
            )
            opened = mixins - self.env["base"]._fields.keys() | {
                "active",
                "reminder_days",
                "reminder_limit",
            }
            if not opened.issuperset(vals):
                self._check_state(("draft",))
        return super().write(vals)

    def _check_state(self, states):
        wrong = self.sudo().filtered(lambda campaign: campaign.state not in states)
        if wrong:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(name)s is “%(state)s”: that cannot be done any more.",
                    name=wrong[0].title,
                    state=labels[wrong[0].state],
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        if any(campaign.state != "draft" for campaign in self):
            raise UserError(self.env._("A campaign that was started is not deleted. Close it."))

    def _can_file(self):
        return super()._can_file() and self.state in ("closed", "cancelled")

    # ------------------------------------------------------------------ who is asked

    def _get_target_domain(self):
        """The customers meant: the choice of the mixin, the rule, and none asked lately."""
        domain = super()._get_target_domain()
        if self.rule != "all":
            domain &= Domain("id", "in", self._get_rule_partner_ids())
        return domain & Domain("id", "not in", self._get_tired_ids())

    def _get_rule_partner_ids(self):
        """Customers that the rule finds; an addon adds rules of its own.

        :return: list of ids of commercial partners
        """
        since = fields.Date.context_today(self) - timedelta(days=self.days or 0)
        company = Domain("company_id", "=", self.company_id.id)
        model, domain = {
            "installed": ("crm.device", [("date_installed", ">=", since)]),
            "ordered": ("sale.order", [("state", "=", "sale"), ("date_order", ">=", since)]),
            "served": ("crm.service.case", self._get_served_domain()),
        }[self.rule]
        if model == "sale.order":
            groups = self.env[model].sudo()._read_group(Domain(domain) & company, ["partner_id"])
            return [partner.commercial_partner_id.id for (partner,) in groups]
        groups = (
            self.env[model].sudo()._read_group(Domain(domain) & company, ["commercial_partner_id"])
        )
        return [partner.id for (partner,) in groups if partner]

    def _get_served_domain(self):
        since = fields.Date.context_today(self) - timedelta(days=self.days or 0)
        return [("state", "in", ("solved", "closed")), ("date_solved", ">=", since)]

    def _get_tired_ids(self):
        """Customers to leave in peace: asked in the last days, drawn by another campaign, or in
        this one already.

        :return: list of ids of commercial partners
        """
        since = fields.Datetime.now() - timedelta(days=self.fatigue_days or 0)
        asked = Domain("date_asked", ">=", since) if self.fatigue_days else Domain.FALSE
        drawn = Domain("state", "=", "draft") & Domain("campaign_id", "!=", False)
        own = Domain("campaign_id", "in", self._origin.ids)
        domain = Domain("company_id", "=", self.company_id.id) & (asked | drawn | own)
        surveys = self.env["crm.service.survey"].sudo().with_context(active_test=False)
        return [partner.id for (partner,) in surveys._read_group(domain, ["commercial_partner_id"])]

    def _draw(self):
        """Draw the customers by lot; the same lot each time, so that drawing twice draws nobody
        twice.

        :return: ``crm.service.survey``, those drawn now
        """
        self.ensure_one()
        partners = self._get_targets()
        if self.channel == "email":
            reachable = partners.filtered("email")
            self.unreachable_count = len(partners - reachable)
            partners = reachable
        known = len(self.survey_ids)
        room = max(self.sample_size - known, 0) if self.sample_size else None
        drawn = self._draw_lot(partners)[:room]
        cases = self._get_last_cases(drawn)
        surveys = self.env["crm.service.survey"].with_company(self.company_id)
        return surveys.create(
            [
                self._prepare_survey_values(partner, known + index, cases.get(partner.id))
                for index, partner in enumerate(drawn)
            ]
        )

    def _draw_lot(self, partners):
        if not partners:
            return partners
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM res_partner WHERE id IN %s ORDER BY md5(%s || '-' || id), id",
                tuple(partners.ids),
                str(self.id),
            )
        )
        return partners.browse(row_id for (row_id,) in rows)

    def _get_last_cases(self, partners):
        """What the survey is about: the case that was solved last.

        :return: dict of id of the customer to ``crm.service.case``
        """
        if self.rule != "served":
            return {}
        domain = Domain(self._get_served_domain()) & Domain("company_id", "=", self.company_id.id)
        domain &= Domain("commercial_partner_id", "in", partners.ids)
        cases = self.env["crm.service.case"].sudo().search(domain, order="date_solved, id")
        return {case.commercial_partner_id.id: case for case in cases}

    def _prepare_survey_values(self, partner, index, case):
        """Values of one survey; an addon adds its own.

        :param partner: ``res.partner``
        :param int index: place in the lot
        :param case: ``crm.service.case`` it is about, or None
        :return: dict
        """
        callers = self.caller_ids.filtered("active") or self.user_id
        asker = callers[index % len(callers)] if callers else callers
        worker = case and (case.solved_by_id or case.user_id)
        if worker and worker == asker and len(callers) > 1:
            asker = callers[(index + 1) % len(callers)]
        return {
            "campaign_id": self.id,
            "topic_id": self.topic_id.id,
            "channel": self.channel,
            "partner_id": partner.id,
            "case_id": case.id if case else False,
            "user_id": asker.id,
            "company_id": self.company_id.id,
            "date_planned": self.date_start + timedelta(days=index // self.per_day)
            if self.per_day
            else self.date_start,
        }

    # ------------------------------------------------------------------ actions

    def action_start(self):
        """Draw the customers and begin to ask them.

        :raise UserError: started already, or nobody is left to ask
        """
        self.check_access("write")
        self._check_state(("draft",))
        for campaign in self.sudo():
            surveys = campaign._draw()
            if not surveys:
                raise UserError(
                    self.env._(
                        "“%s” finds nobody to ask: choose other customers, more days, or a shorter "
                        "time in which they are left in peace.",
                        campaign.title,
                    )
                )
            campaign.state = "running"
            campaign._tell_callers(surveys)
        self.env.ref("crm_aftersales.ir_cron_survey_ask").sudo()._trigger()

    def _tell_callers(self, surveys):
        if self.channel in SENT_CHANNELS:
            return
        for user, own in surveys.grouped("user_id").items():
            if user:
                self.activity_schedule(
                    "mail.mail_activity_data_todo",
                    user_id=user.id,
                    summary=self.env._("Ask %s customers", len(own)),
                    date_deadline=max(own.mapped("date_planned")) + timedelta(self.answer_days),
                )

    def action_draw_more(self):
        """Draw those that the rule finds since; nobody twice.

        :raise UserError: not under way
        """
        self.check_access("write")
        self._check_state(("running",))
        for campaign in self.sudo():
            campaign._tell_callers(campaign._draw())
        self.env.ref("crm_aftersales.ir_cron_survey_ask").sudo()._trigger()

    def action_close(self):
        """Ask nobody any more; who was asked can still answer in time.

        :raise UserError: not under way
        """
        self.check_access("write")
        self._check_state(("running",))
        self.sudo().write({"state": "closed"})
        self._cancel_drawn()

    def action_cancel(self):
        """Withdraw the campaign, also from those who were asked.

        :raise UserError: closed
        """
        self.check_access("write")
        self._check_state(("draft", "running"))
        self.sudo().write({"state": "cancelled"})
        self._cancel_drawn(("draft", "asked"))

    def _cancel_drawn(self, states=("draft",)):
        surveys = self.sudo().survey_ids.filtered(lambda survey: survey.state in states)
        surveys.write({"state": "cancelled", "access_token": False})

    def action_open_surveys(self):
        """The surveys of the campaign."""
        self.check_access("read")
        return self._open_surveys([])

    def action_open_dissatisfied(self):
        """Those with dissatisfied items."""
        self.check_access("read")
        return self._open_surveys([("is_dissatisfied", "=", True)])

    def _open_surveys(self, domain):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_service_survey_action"
        )
        action["domain"] = [("campaign_id", "=", self.id), *domain]
        action["context"] = {"create": False}
        return action

    def action_open_statistics(self):
        """Grades of the campaign, item by item."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_service_survey_line_action"
        )
        action["domain"] = [("campaign_id", "=", self.id)]
        action["context"] = {}
        return action

    # ------------------------------------------------------------------ by itself

    @api.model
    def _cron_ask(self):
        """Ask whom the campaigns drew for today, and remind; killed at any point, the next run
        goes on with the next customer."""
        today = self.env.company._get_crm_today()
        domain = [
            ("state", "=", "draft"),
            ("campaign_id.state", "=", "running"),
            ("date_planned", "<=", today),
            ("channel", "not in", ("phone", "on_site")),
        ]
        surveys = self.env["crm.service.survey"].with_user(SUPERUSER_ID)
        for survey in surveys.search(domain, order="date_planned, id"):
            survey._ask()
            if not self.env["ir.cron"]._commit_progress(1):
                return
        self._remind()

    @api.model
    def _remind(self):
        surveys = self.env["crm.service.survey"].with_user(SUPERUSER_ID)
        now = fields.Datetime.now()
        for campaign in self.sudo().search([("reminder_limit", ">", 0), ("state", "=", "running")]):
            limit = now - timedelta(days=campaign.reminder_days)
            domain = [
                ("campaign_id", "=", campaign.id),
                ("state", "=", "asked"),
                ("channel", "=", "email"),
                ("reminder_count", "<", campaign.reminder_limit),
                ("date_asked", "<=", limit),
                ("date_deadline", ">", now),
                "|",
                ("date_reminded", "=", False),
                ("date_reminded", "<=", limit),
            ]
            for survey in surveys.search(domain, order="id"):
                survey._send_link(is_reminder=True)
                survey.write({"reminder_count": survey.reminder_count + 1, "date_reminded": now})
                if not self.env["ir.cron"]._commit_progress(1):
                    return
