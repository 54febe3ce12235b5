from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..tools.state_order import in_order


class CrmRuleAnnouncement(models.Model):
    """A changed rule, told to the staff concerned, who confirm that they read it (D9.R1)."""

    _name = "crm.rule.announcement"
    _description = "Rule Change"
    _inherit = ["crm.access.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_effective desc, id desc"
    _check_company_auto = True

    name = fields.Char("Title", required=True, tracking=True)
    kind = fields.Selection(
        [
            ("standard", "Standard"),
            ("commitment", "Commitment"),
            ("policy", "Policy"),
            ("form", "Form"),
            ("other", "Other Rule"),
        ],
        required=True,
        default="policy",
    )
    reference = fields.Char("Document", help="Number and version of the rule, or where it stands.")
    change = fields.Html("What Changed", required=True)
    date_effective = fields.Date("Effective From", required=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    user_ids = fields.Many2many(
        "res.users",
        "crm_rule_announcement_user_rel",
        "announcement_id",
        "user_id",
        "Staff",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    department_ids = fields.Many2many(
        "crm.service.department",
        "crm_rule_announcement_department_rel",
        "announcement_id",
        "department_id",
        "Departments",
        check_company=True,
    )
    state = fields.Selection(
        [("draft", "Draft"), ("announced", "Announced"), ("withdrawn", "Withdrawn")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    date_announced = fields.Datetime("Announced On", readonly=True, copy=False)
    announced_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    acknowledgement_ids = fields.One2many(
        "crm.rule.acknowledgement", "announcement_id", "Read By", readonly=True
    )
    audience_count = fields.Integer("Told", compute="_compute_counts")
    pending_count = fields.Integer("Not Read Yet", compute="_compute_counts")
    pending_user_ids = fields.Many2many(
        "res.users", string="Have Not Read It", compute="_compute_counts"
    )
    is_my_turn = fields.Boolean(
        "I Have Not Read It", compute="_compute_is_my_turn", search="_search_is_my_turn"
    )

    @api.depends("acknowledgement_ids.date")
    def _compute_counts(self):
        for announcement in self:
            rows = announcement.sudo().acknowledgement_ids
            pending = rows.filtered(lambda row: not row.date and row.user_id.active)
            announcement.audience_count = len(rows)
            announcement.pending_count = len(pending)
            announcement.pending_user_ids = pending.user_id

    @api.depends("acknowledgement_ids.date", "state")
    @api.depends_context("uid")
    def _compute_is_my_turn(self):
        for announcement in self:
            is_open = announcement.state == "announced"
            announcement.is_my_turn = is_open and self.env.user in announcement.pending_user_ids

    def _search_is_my_turn(self, operator, value):
        if operator != "in":
            return NotImplemented
        mine = Domain("user_id", "=", self.env.uid) & Domain("date", "=", False)
        domain = Domain("state", "=", "announced") & Domain("acknowledgement_ids", "any!", mine)
        return Domain.OR(domain if wanted else ~domain for wanted in value)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals.update(state="draft", date_announced=False, announced_by_id=False)
            vals.pop("acknowledgement_ids", None)
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._check_announcement_write(vals)
        return super().write(vals)

    def _check_announcement_write(self, vals):
        """What was announced stays as it was; only the audience can grow."""
        if not vals.keys().isdisjoint(("state", "date_announced", "announced_by_id")):
            raise AccessError(self.env._("Only the buttons of the document change this."))
        free = {"user_ids", "department_ids"} | self.env["mail.thread"]._fields.keys()
        free |= self.env["mail.activity.mixin"]._fields.keys()
        if vals.keys() - free and any(row.state != "draft" for row in self):
            raise UserError(
                self.env._("What was announced stays as it is: withdraw it and announce it anew.")
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_announced(self):
        if any(announcement.state != "draft" for announcement in self):
            raise UserError(self.env._("Announced changes are kept: withdraw them instead."))

    def action_announce(self):
        """Tell the audience; again, tell those who were added since.

        :raise UserError: nobody to tell, or withdrawn
        """
        self.check_access("write")
        for announcement in self:
            if announcement.state == "withdrawn":
                raise UserError(self.env._("%s was withdrawn.", announcement.name))
            if not announcement._get_audience():
                raise UserError(
                    self.env._("Name the staff or departments that %s concerns.", announcement.name)
                )
            announcement.sudo()._announce()

    def _get_audience(self):
        """:return: ``res.users`` the change is told to"""
        self.ensure_one()
        departments = self.department_ids
        users = self.user_ids | departments.member_ids | departments.head_id
        users |= departments.deputy_id
        return users.filtered(lambda user: user.active and not user.share)

    def _announce(self):
        fresh = self._get_audience() - self.acknowledgement_ids.user_id
        self.env["crm.rule.acknowledgement"].create(
            [{"announcement_id": self.id, "user_id": user.id} for user in fresh]
        )
        if self.state == "draft":
            self.write(
                {
                    "state": "announced",
                    "date_announced": fields.Datetime.now(),
                    "announced_by_id": self.env.uid,
                }
            )
        for user in fresh:
            self.activity_schedule(
                "crm_service_base.mail_activity_acknowledge",
                date_deadline=max(self.date_effective, fields.Date.context_today(self)),
                user_id=user.id,
            )

    def action_acknowledge(self):
        """“I have read it”, by the person who was told.

        :raise UserError: the user was not told, or the change was withdrawn
        """
        self.check_access("read")
        rows = self.env["crm.rule.acknowledgement"].sudo()
        for announcement in self.sudo():
            row = announcement.acknowledgement_ids.filtered(lambda r: r.user_id == self.env.user)
            if announcement.state != "announced" or not row:
                raise UserError(
                    self.env._("%s does not wait for your confirmation.", announcement.name)
                )
            rows |= row
        rows.filtered(lambda row: not row.date).date = fields.Datetime.now()
        self.sudo().activity_feedback(
            ["crm_service_base.mail_activity_acknowledge"], user_id=self.env.uid
        )

    def action_remind(self):
        """Remind by a message everybody who has not read it."""
        self.check_access("write")
        for announcement in self.filtered("pending_user_ids"):
            announcement.sudo().message_post(
                body=self.env._("Please read %s and confirm it.", announcement.name),
                message_type="notification",
                subtype_xmlid="mail.mt_comment",
                partner_ids=announcement.pending_user_ids.partner_id.ids,
                notify_skip_followers=True,
                force_send=False,
            )

    def action_withdraw(self):
        """Take an announcement back; who read it stays on record."""
        self.check_access("write")
        if any(announcement.state != "announced" for announcement in self):
            raise UserError(self.env._("Only announced changes are withdrawn."))
        self.sudo().state = "withdrawn"
        self.sudo().activity_unlink(["crm_service_base.mail_activity_acknowledge"])
