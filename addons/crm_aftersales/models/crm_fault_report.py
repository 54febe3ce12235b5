import hashlib

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import format_datetime

from odoo.addons.crm_service_base.tools.state_order import in_order

STAMPS = (
    "date_told",
    "told_by_id",
    "date_passed",
    "passed_by_id",
    "date_sent",
    "date_finished",
)


class CrmFaultReport(models.Model):
    """故障分析报告: a major fault is told at once and upwards, then analysed (C3.R11).

    Whoever hears of it tells the sales owner and the manager of the department: time, place,
    symptoms, plan. The manager passes it on; where that takes too long the escalation of the
    case's deadlines does. When the fault is over, impact, handling, cause and measures are
    written, approved, and sent to the customers and the sales owner.
    """

    _name = "crm.fault.report"
    _description = "Fault Report"
    _inherit = [
        "crm.service.mixin",
        "crm.approval.mixin",
        "crm.mean.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date_fault desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "subject"]
    _mail_post_access = "read"
    _mean_bases = {"hours": "date_end", "minutes_to_tell": "date_told"}

    _approval_draft_states = ("draft", "told")
    _approval_submit_states = ("told",)
    _approval_pending_state = "submitted"
    _approval_approved_state = "approved"
    _approval_returned_state = "told"
    _approval_line_fields = ("measure_ids",)

    subject = fields.Char(required=True)
    user_id = fields.Many2one(string="Reported By", required=True)
    case_id = fields.Many2one(
        "crm.service.case",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="Its deadlines run; where there is none yet, telling the fault opens one.",
    )
    case_reference = fields.Char("About Case", compute="_compute_case_reference", compute_sudo=True)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("told", "Told"),
            ("submitted", "To Approve"),
            ("approved", "Approved"),
            ("sent", "Sent to Customer"),
            ("done", "Measures Effective"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )

    # what is told at once
    date_fault = fields.Datetime(
        "Happened On", required=True, default=lambda self: fields.Datetime.now(), copy=False
    )
    place = fields.Char()
    symptoms = fields.Text()
    plan = fields.Text(help="What is done about it now, and by whom.")
    sales_user_id = fields.Many2one(
        "res.users",
        "Sales Owner",
        compute="_compute_sales_user_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Signed the customer's contract; is told first.",
    )
    affected_partner_ids = fields.Many2many(
        "res.partner",
        "crm_fault_report_partner_rel",
        "fault_id",
        "partner_id",
        "Other Customers Affected",
        ondelete="restrict",
    )
    device_ids = fields.Many2many(
        "crm.device",
        "crm_fault_report_device_rel",
        "fault_id",
        "device_id",
        "Devices",
        ondelete="restrict",
        check_company=True,
    )

    # the analysis
    date_end = fields.Datetime("Over On", copy=False)
    impact = fields.Text(copy=False)
    handling = fields.Text(copy=False)
    cause_id = fields.Many2one("crm.case.cause", index="btree_not_null", ondelete="restrict")
    cause = fields.Text("Cause Analysis", copy=False)
    measure_ids = fields.One2many("crm.fault.measure", "fault_id", "Measures", copy=True)
    internal_note = fields.Text(
        copy=False, help="Responsibility, costs, weak points: no customer sees it."
    )

    # what the buttons write
    date_told = fields.Datetime("Notice Given On", readonly=True, copy=False)
    told_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    date_passed = fields.Datetime("Passed On Upwards On", readonly=True, copy=False)
    passed_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    date_sent = fields.Datetime("Sent On", readonly=True, copy=False)
    date_finished = fields.Datetime("Finished On", readonly=True, copy=False)
    notice_ids = fields.One2many(
        "crm.fault.notice", "fault_id", "Notices", readonly=True, copy=False
    )
    sending_ids = fields.One2many(
        "crm.fault.sending", "fault_id", "Sent To", readonly=True, copy=False
    )
    escalation_ids = fields.Many2many(
        "crm.deadline.escalation", compute="_compute_escalation_ids", string="Escalated"
    )
    hours = fields.Float("Duration (Hours)", compute="_compute_hours", store=True, aggregator="avg")
    minutes_to_tell = fields.Integer(
        "Minutes until Told", compute="_compute_minutes_to_tell", store=True, aggregator="avg"
    )
    is_manager = fields.Boolean(compute="_compute_is_manager")

    _dates_in_order = models.Constraint(
        "CHECK(date_end >= date_fault)", "A fault cannot be over before it happened."
    )

    # ------------------------------------------------------------------ computes

    @api.depends("case_id")
    def _compute_case_reference(self):
        for fault in self:
            fault.case_reference = fault.case_id.display_name

    @api.depends("name", "subject")
    def _compute_display_name(self):
        for fault in self:
            fault.display_name = " · ".join(filter(None, [fault.name, fault.subject]))

    @api.depends("partner_id", "company_id")
    def _compute_sales_user_id(self):
        for fault in self:
            partner = fault.partner_id
            owner = partner.user_id or partner.commercial_partner_id.user_id
            if owner and fault.company_id in owner.sudo().company_ids:
                fault.sales_user_id = owner

    @api.depends("date_fault", "date_end")
    def _compute_hours(self):
        for fault in self:
            span = fault.date_end and fault.date_fault and fault.date_end - fault.date_fault
            fault.hours = span and span.total_seconds() / 3600

    @api.depends("date_fault", "date_told")
    def _compute_minutes_to_tell(self):
        for fault in self:
            span = fault.date_told and fault.date_fault and fault.date_told - fault.date_fault
            fault.minutes_to_tell = span and span.total_seconds() // 60

    @api.depends("case_id", "state")
    def _compute_escalation_ids(self):
        for fault in self:
            clocks = fault.case_id.sudo().clock_ids
            told = clocks.filtered(
                lambda c, fault=fault: c.target == "fault" and c.date_start == fault.date_told
            )
            fault.escalation_ids = told.escalation_ids

    @api.depends("state", "department_id", "date_passed")
    @api.depends_context("uid")
    def _compute_is_manager(self):
        for fault in self:
            is_due = fault.state != "draft" and not fault.date_passed
            fault.is_manager = is_due and self.env.user in fault._get_pass_users()

    # ------------------------------------------------------------------ write

    def write(self, vals):
        if not self.env.su and "case_id" in vals:
            if any(fault.date_told for fault in self.sudo()):
                raise UserError(
                    self.env._("The deadlines of a fault that was told run on its case already.")
                )
        res = super().write(vals)
        if vals.get("sales_user_id"):
            self.sudo()._tell_new_owner()
        return res

    def _tell_new_owner(self):
        """Whoever becomes the sales owner of a fault that was told is told as well."""
        for fault in self.filtered(lambda fault: fault.state == "told"):
            fault._tell(fault.sales_user_id - fault.notice_ids.user_id, "sales")

    # ------------------------------------------------------------------ approval

    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {*STAMPS, "notice_ids", "sending_ids"}

    def _approval_check_submit(self):
        super()._approval_check_submit()
        for fault in self:
            for name in ("date_end", "impact", "handling", "cause_id", "cause"):
                value = fault[name]
                if not (value.strip() if isinstance(value, str) else value):
                    caption = self._fields[name]._description_string(self.env)
                    raise UserError(self.env._("Fill in “%s” first.", caption))
            kinds = set(fault.measure_ids.mapped("kind"))
            if kinds != {"corrective", "preventive"}:
                raise UserError(
                    self.env._(
                        "Write down what corrects this fault and what prevents the next one, each "
                        "with a person and a term."
                    )
                )

    def _approval_on_approved(self):
        super()._approval_on_approved()
        for fault in self:
            fault.measure_ids._schedule()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_told(self):
        if any(fault.state != "draft" for fault in self):
            raise UserError(self.env._("A fault that was told is not deleted."))

    def _can_file(self):
        return super()._can_file() and self.state == "done"

    # ------------------------------------------------------------------ told at once

    def action_tell(self):
        """Tell the sales owner and the manager of the department at once (C3.R11).

        :raise UserError: told before, or something is missing
        """
        self.check_access("write")
        for fault in self:
            if fault.state != "draft":
                raise UserError(self.env._("%s was told already.", fault.name))
            fault._check_told()
        now = fields.Datetime.now()
        for fault in self.sudo():
            if not fault.case_id:
                fault.case_id = fault._open_case()
            fault.case_id._check_state(("open", "solved"), self.env._("changed"))
            fault.write({"state": "told", "date_told": now, "told_by_id": self.env.uid})
            fault._tell(fault.sales_user_id, "sales")
            fault._tell(fault._get_managers() - fault.sales_user_id, "manager")
            fault.case_id._record_event("fault", now)
            fault.case_id._message_log(body=self.env._("Major fault told: %s", fault.display_name))

    def _check_told(self):
        """:raise UserError: a sentence that names what is missing"""
        if self.date_fault > fields.Datetime.now():
            raise UserError(self.env._("A fault is told once it happened."))
        for name in ("place", "symptoms", "plan", "sales_user_id"):
            value = self[name]
            if not (value.strip() if isinstance(value, str) else value):
                caption = self._fields[name]._description_string(self.env)
                raise UserError(self.env._("Fill in “%s” first.", caption))
        if not self._get_managers():
            raise UserError(
                self.env._("Choose a department with a head: there is no manager to be told.")
            )

    def _open_case(self):
        """The deadlines of a fault run on a case: open one where there is none."""
        return self.env["crm.service.case"].create(
            {
                "subject": self.subject,
                "description": self.symptoms,
                "kind": "request",
                "channel": "other",
                "urgency": "2",
                "partner_id": self.partner_id.id,
                "user_id": self.user_id.id,
                "department_id": self.department_id.id,
                "company_id": self.company_id.id,
            }
        )

    def _get_managers(self):
        """The head of the department or the next above, who is not the reporter.

        :return: ``res.users``
        """
        self.ensure_one()
        head = self.department_id._get_head_above(self.user_id)
        return head or self._get_group_users("manager") - self.user_id

    def _get_pass_users(self):
        """Who may pass a fault on: heads and deputies upwards, and service managers.

        :return: ``res.users``
        """
        self.ensure_one()
        department = self.sudo().department_id
        users = self._get_group_users("manager")
        while department:
            users |= department.head_id | department.deputy_id
            department = department.parent_id
        return users

    def _get_group_users(self, *names):
        company = self.sudo().company_id
        users = self.env["res.users"].sudo()
        for name in names:
            users |= self.env.ref(f"crm_service_base.group_{name}").sudo().all_user_ids
        return users.filtered(lambda u: u.active and not u.share and company in u.company_ids)

    def _tell(self, users, role, text=None):
        """Inbox, to-do and mail for each, and a line that says when; called with ``sudo``.

        :param users: ``res.users``
        :param str role: of ``crm.fault.notice``
        :param str text: in words; time, place, symptoms and plan if None
        """
        self.ensure_one()
        now = fields.Datetime.now()
        for user in users.filtered("active"):
            fault = self.with_context(lang=user.lang, tz=user.tz)
            words = text or fault._get_notice_text()
            subject = fault.env._("Major fault: %s", self.display_name)
            self.env["crm.fault.notice"].create(
                {
                    "fault_id": self.id,
                    "user_id": user.id,
                    "role": role,
                    "date": now,
                    "told_by_id": self.env.uid,
                    "email": user.email,
                    "text": words,
                }
            )
            self.message_subscribe(user.partner_id.ids)
            fault.with_context(mail_activity_quick_update=True).activity_schedule(
                "crm_aftersales.mail_activity_type_fault", user_id=user.id, summary=self.subject
            )
            fault.message_notify(
                partner_ids=user.partner_id.ids, subject=subject, body=words, notify_author=True
            )
            if user.notification_type == "inbox" and user.email:
                fault._mail(user.partner_id, subject, words)

    def _mail(self, partner, subject, text):
        """A mail also for whoever reads notices in the inbox only."""
        body = Markup("<p style='white-space: pre-line'>%s</p><p><a href='%s'>%s</a></p>")
        link = self._notify_get_action_link("view", model=self._name, res_id=self.id)
        mail = self.env["mail.mail"].create(
            {
                "subject": subject,
                "body_html": body % (text, link, self.display_name),
                "recipient_ids": [Command.set(partner.ids)],
                "email_from": self.company_id.email_formatted or self.env.user.email_formatted,
                "auto_delete": True,
            }
        )
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()
        return mail

    def _get_notice_text(self):
        """Time, place, symptoms and plan, as they are told."""
        names = ("partner_id", "date_fault", "place", "symptoms", "plan", "user_id")
        lines = []
        for name in names:
            value = self[name]
            if name == "date_fault":
                value = format_datetime(self.env, value)
            elif name in ("partner_id", "user_id"):
                value = value.display_name
            caption = self._fields[name]._description_string(self.env)
            lines.append(self.env._("%(caption)s: %(value)s", caption=caption, value=value or ""))
        return "\n".join(lines)

    def action_seen(self):
        """Note that one has seen the notice."""
        self.check_access("read")
        mine = self.sudo().notice_ids.filtered(
            lambda notice: notice.user_id == self.env.user and not notice.date_seen
        )
        mine.date_seen = fields.Datetime.now()
        self.sudo().activity_feedback(
            ["crm_aftersales.mail_activity_type_fault"], user_id=self.env.uid
        )

    def action_pass_on(self):
        """The manager passes the fault on to the management; this ends the clock.

        :raise AccessError: the user is no manager of the department
        :raise UserError: not told yet, passed on before, or nobody is above
        """
        self.check_access("read")
        now = fields.Datetime.now()
        for fault in self:
            if self.env.user not in fault._get_pass_users():
                raise AccessError(self.env._("The manager of the department passes it on."))
            if fault.state == "draft" or fault.date_passed:
                raise UserError(self.env._("%s is not told yet, or passed on.", fault.name))
        for fault in self.sudo():
            upper = fault._get_group_users("general_manager", "director") - self.env.user
            if not upper:
                raise UserError(
                    self.env._("Nobody holds the office of general manager or director.")
                )
            fault.write({"date_passed": now, "passed_by_id": self.env.uid})
            fault._tell(upper - fault.notice_ids.user_id, "upper")
            fault.case_id._record_event("fault_passed", now)
        self.action_seen()

    # ------------------------------------------------------------------ sent to the customers

    def action_send(self):
        """Ask which customers get the analysis."""
        self.ensure_one()
        self.check_access("write")
        self._check_sendable()
        partners = self.partner_id | self.affected_partner_ids
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send to Customers and Sales"),
            "res_model": "crm.fault.report.send",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_fault_id": self.id,
                "default_partner_ids": [Command.set(partners.filtered("email").ids)],
            },
        }

    def _check_sendable(self):
        for fault in self:
            if fault.state not in ("approved", "sent"):
                raise UserError(self.env._("%s is sent once it is approved.", fault.name))

    def _send(self, partners, text):
        """Send the customers' version as PDF, one mail a customer, and keep the proof.

        :param partners: ``res.partner`` among those affected
        :param str text: of the mail
        :raise UserError: not approved, nobody chosen, a stranger, or no e-mail address
        """
        self.ensure_one()
        self.check_access("write")
        self._check_sendable()
        concerned = (self.partner_id | self.affected_partner_ids).commercial_partner_id
        if not partners or partners.commercial_partner_id - concerned:
            raise UserError(self.env._("Choose customers who are affected by this fault."))
        for partner in partners:
            if not partner.email:
                raise UserError(self.env._("%s has no e-mail address.", partner.display_name))
        for partner in partners:
            self.sudo()._send_to(partner.sudo(), text)
        self.sudo().write({"state": "sent", "date_sent": fields.Datetime.now()})
        self.sudo()._tell(
            self.sales_user_id,
            "report",
            self.env._(
                "The fault analysis went to %s.",
                self.env["crm.approval.mixin"]._approval_join(partners.mapped("display_name")),
            ),
        )
        self._finish_if_done()

    def _send_to(self, partner, text):
        lang = partner.lang or self.company_id.partner_id.lang
        fault = self.with_context(lang=lang, tz=partner.tz or self.env.user.tz)
        content, kind = fault.env["ir.actions.report"]._render_qweb_pdf(
            "crm_aftersales.crm_fault_report_customer_report", self.ids, data={"fault_for": partner}
        )
        sending = self.env["crm.fault.sending"].create(
            {
                "fault_id": self.id,
                "partner_id": partner.id,
                "email": partner.email,
                "date": fields.Datetime.now(),
                "user_id": self.env.uid,
                "digest": hashlib.sha256(content).hexdigest(),
            }
        )
        # kept with the proof, which nobody writes
        sending.attachment_id = self.env["ir.attachment"].create(
            {
                "name": f"{fault.env._('Fault Report')} {self.name.replace('/', '-')}.{kind}",
                "raw": content,
                "res_model": sending._name,
                "res_id": sending.id,
            }
        )
        sending.message_id = fault.message_notify(
            partner_ids=partner.ids,
            subject=fault.env._("Fault report: %s", self.subject),
            body=text,
            attachment_ids=sending.attachment_id.ids,
            email_layout_xmlid="mail.mail_notification_light",
            force_send=False,
        )

    def _finish_if_done(self):
        """Sent, and each measure found effective: that is the end of it."""
        for fault in self.sudo().filtered(lambda fault: fault.state == "sent"):
            if all(measure.effect == "effective" for measure in fault.measure_ids):
                fault.write({"state": "done", "date_finished": fields.Datetime.now()})
