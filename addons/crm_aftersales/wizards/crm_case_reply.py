from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_datetime, format_list, plaintext2html

from ..tools.placeholders import fill

HOWS = [
    ("mail", "Send by E-mail"),
    ("phone", "Told by Phone"),
    ("wechat", "Told by WeChat"),
    ("qq", "Told by QQ"),
    ("person", "Told in Person"),
]


class CrmCaseReply(models.TransientModel):
    """A reply to the customer: sent, or said and noted; fills in the case in the same click."""

    _name = "crm.case.reply"
    _description = "Reply to a Case"
    _inherit = ["crm.access.mixin"]

    case_id = fields.Many2one("crm.service.case", required=True)
    template_id = fields.Many2one(
        "crm.case.reply.template",
        compute="_compute_template_id",
        store=True,
        readonly=False,
        domain="[('id', 'in', template_ids)]",
    )
    template_ids = fields.Many2many(
        "crm.case.reply.template", string="Fitting Templates", compute="_compute_template_ids"
    )
    fault = fields.Selection(related="case_id.fault")
    date_apologized = fields.Datetime(related="case_id.date_apologized")
    how = fields.Selection(HOWS, required=True, compute="_compute_how", store=True, readonly=False)
    recipient = fields.Char("Address or Number", compute="_compute_recipient")
    date_told = fields.Datetime("Told On", required=True, default=fields.Datetime.now)
    told_to = fields.Char(compute="_compute_told_to", store=True, readonly=False)
    subject = fields.Char(compute="_compute_text", store=True, readonly=False)
    body = fields.Text(compute="_compute_text", store=True, readonly=False)
    attachment_ids = fields.Many2many(
        "ir.attachment", "crm_case_reply_attachment_rel", "reply_id", "attachment_id", "Attachments"
    )
    answer_id = fields.Many2one(
        "crm.case.answer",
        "Insert Answer",
        domain="[('is_valid', '=', True), ('company_id', 'in', (False, company_id))]",
    )
    answer_ids = fields.Many2many("crm.case.answer", string="Answers Used")
    company_id = fields.Many2one(related="case_id.company_id")
    check_ids = fields.One2many(
        "crm.case.reply.tick", "reply_id", compute="_compute_check_ids", store=True, readonly=False
    )
    is_apologised = fields.Boolean("The customer has had our apology")
    apology_words = fields.Char(compute="_compute_apology_words")

    # what is filled in
    stage_id = fields.Many2one(
        "crm.service.case.stage",
        "Move to Stage",
        compute="_compute_fill",
        store=True,
        readonly=False,
    )
    solution = fields.Text(compute="_compute_fill", store=True, readonly=False)
    category_id = fields.Many2one(
        "crm.case.category", compute="_compute_fill", store=True, readonly=False
    )
    activity_type_id = fields.Many2one(
        "mail.activity.type", "Next Activity", compute="_compute_fill", store=True, readonly=False
    )
    activity_date = fields.Date("Due", compute="_compute_fill", store=True, readonly=False)
    activity_summary = fields.Char(compute="_compute_fill", store=True, readonly=False)

    @api.depends("case_id")
    def _compute_template_ids(self):
        templates = self.env["crm.case.reply.template"]
        for dialog in self:
            dialog.template_ids = templates.search(templates._get_case_domain(dialog.case_id))

    @api.depends("case_id")
    def _compute_template_id(self):
        for dialog in self:
            dialog.template_id = self.env["crm.case.reply.template"]._get_best(dialog.case_id)

    @api.depends("case_id")
    def _compute_how(self):
        for dialog in self:
            case = dialog.case_id
            has_mail = case.partner_id.email or case.email
            dialog.how = case.channel if case.channel in ("wechat", "qq") else "phone"
            if has_mail and case.channel in ("email", "portal", "letter"):
                dialog.how = "mail"

    @api.depends("case_id", "how")
    def _compute_recipient(self):
        for dialog in self:
            case = dialog.case_id
            dialog.recipient = (
                case.partner_id.email or case.email if dialog.how == "mail" else case.phone
            )

    @api.depends("case_id")
    def _compute_told_to(self):
        for dialog in self:
            dialog.told_to = dialog.case_id.contact_name

    @api.depends("template_id")
    def _compute_text(self):
        for dialog in self:
            template = dialog._get_template()
            values = dialog.case_id and dialog.case_id._get_reply_values()
            dialog.subject = fill(template.subject, values) or dialog.case_id.subject
            dialog.body = fill(template.body, values)

    @api.depends("template_id")
    def _compute_check_ids(self):
        for dialog in self:
            dialog.check_ids = [
                Command.clear(),
                *(
                    Command.create({"name": check.name})
                    for check in dialog._get_template().check_ids
                ),
            ]

    @api.depends("template_id")
    def _compute_fill(self):
        today = fields.Date.context_today(self)
        for dialog in self:
            template = dialog._get_template()
            values = dialog.case_id and dialog.case_id._get_reply_values()
            dialog.stage_id = template.stage_id
            dialog.solution = fill(template.solution, values)
            dialog.category_id = template.set_category_id
            dialog.activity_type_id = template.activity_type_id
            dialog.activity_summary = template.activity_summary
            dialog.activity_date = template.activity_type_id and fields.Date.add(
                today, days=template.activity_days
            )

    @api.depends("subject", "body")
    def _compute_apology_words(self):
        words = self.env["crm.case.apology.word"]
        for dialog in self:
            found = words._find_apology(dialog.subject, dialog.body)
            dialog.apology_words = format_list(self.env, found) if found else False

    def _get_template(self):
        """The template in the customer's language."""
        lang = self.case_id.partner_id.lang
        return self.template_id.with_context(lang=lang) if lang else self.template_id

    @api.onchange("answer_id")
    def _onchange_answer_id(self):
        if self.answer_id:
            self.body = "\n\n".join(filter(None, [self.body, self.answer_id.answer]))
            self.answer_ids |= self.answer_id
            self.answer_id = False

    # ------------------------------------------------------------------ sending

    def action_hand_over(self):
        """What one does not know is passed on, not guessed (C1.R4)."""
        self.ensure_one()
        return self.case_id.action_hand_over()

    def action_send(self):
        """Send or note the reply, then fill in the case.

        :raise UserError: something is missing, or an apology is where none belongs
        """
        self.ensure_one()
        case = self.case_id
        case.check_access("write")
        case._check_state(("open", "solved"), self.env._("answered"))
        self._check_ready()
        self._check_apology()
        self._attach_files()
        message = self._post()
        case._note_apology(self.subject, self.body)
        if self.is_apologised and case.fault == "own" and not case.date_apologized:
            case.sudo().date_apologized = fields.Datetime.now()
        if self.how != "mail":  # what goes out by mail is an answer once it really goes
            case._record_event("answered", self.date_told, message)
        self._log_answers()
        self._fill_case()
        return {"type": "ir.actions.act_window_close"}

    def _attach_files(self):
        """What was uploaded into the dialog belongs to the case from now on."""
        self.attachment_ids.check_access("read")
        uploaded = self.attachment_ids.filtered(
            lambda file: file.res_model == self._name and file.create_uid == self.env.user
        )
        uploaded.sudo().write({"res_model": self.case_id._name, "res_id": self.case_id.id})

    def _check_ready(self):
        if not (self.body or "").strip():
            raise UserError(self.env._("Write what the customer is told."))
        missing = self.check_ids.filtered(lambda check: not check.is_done)
        if missing:
            names = format_list(self.env, missing.mapped("name"))
            raise UserError(self.env._("Check first: %s", names))
        if self.how == "mail" and not self.recipient:
            raise UserError(
                self.env._("No e-mail address is known. Note it on the case, or tell by phone.")
            )
        if self.how != "mail" and not (
            self.case_id.date_opened <= self.date_told <= fields.Datetime.now()
        ):
            raise UserError(
                self.env._(
                    "When was the customer told? After the case was received, and not later than "
                    "now."
                )
            )

    def _check_apology(self):
        case = self.case_id
        case._check_no_apology(self.subject, self.body, self.solution)
        if case.fault != "own" or case.date_apologized or self.is_apologised:
            return
        if not self.env["crm.case.apology.word"]._find_apology(self.subject, self.body):
            raise UserError(
                self.env._(
                    "Case %s was our fault: apologise in the reply, or tick that the customer has "
                    "had our apology.",
                    case.name,
                )
            )

    def _post(self):
        case = self.case_id
        values = {
            "message_type": "comment",
            "subtype_xmlid": "mail.mt_comment",
            "attachment_ids": self.attachment_ids.ids,
        }
        if self.how == "mail":
            partner = case.partner_id.filtered("email")
            return case.message_post(
                body=plaintext2html(self.body),
                subject=self.subject,
                partner_ids=partner.ids,
                outgoing_email_to=False if partner else case.email,
                **values,
            )
        labels = dict(self._fields["how"]._description_selection(self.env))
        head = [
            labels[self.how],
            format_datetime(self.env, self.date_told, dt_format="short"),
            self.told_to,
        ]
        text = " · ".join(filter(None, head)) + "\n\n" + self.body
        # it was said: nobody gets it by mail as well
        return case.message_post(body=plaintext2html(text), notify_skip_followers=True, **values)

    def _log_answers(self):
        self.env["crm.case.answer.use"].sudo().create(
            [
                {"answer_id": answer.id, "case_id": self.case_id.id, "user_id": self.env.uid}
                for answer in self.answer_ids
            ]
        )

    def _fill_case(self):
        case = self.case_id
        values = {"category_id": self.category_id.id, "solution": (self.solution or "").strip()}
        values = {name: value for name, value in values.items() if value}
        if values:
            case.write(values)
        if self.stage_id and self.stage_id != case.stage_id:
            case.write({"stage_id": self.stage_id.id})
        if self.activity_type_id:
            case.activity_schedule(
                activity_type_id=self.activity_type_id.id,
                date_deadline=self.activity_date,
                summary=self.activity_summary,
                user_id=(case.user_id or self.env.user).id,
            )
