from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.crm_service_base.tools.state_order import in_order


class CrmServiceResearch(models.Model):
    """服务调研: senior staff ask customers on site, and act on what they hear (C3.R14)."""

    _name = "crm.service.research"
    _description = "Service Research"
    _inherit = ["crm.service.mixin", "crm.approval.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_from desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "subject"]
    _mail_post_access = "read"

    _approval_draft_states = ("draft",)
    _approval_pending_state = "submitted"
    _approval_approved_state = "approved"
    _approval_returned_state = "draft"
    _approval_line_fields = ("measure_ids",)

    subject = fields.Char(required=True)
    user_id = fields.Many2one(string="Written By", required=True)
    leader_id = fields.Many2one(
        "res.users",
        "Led By",
        index=True,
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="A member of the management: service manager, director, general manager or head of a "
        "department.",
    )
    participant_ids = fields.Many2many(
        "res.users",
        "crm_service_research_user_rel",
        "research_id",
        "user_id",
        "Senior Engineers",
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    method = fields.Selection(
        [
            ("site", "Visit on Site"),
            ("meeting", "Meeting of Customers"),
            ("phone", "By Phone"),
            ("questionnaire", "Questionnaire"),
        ],
        required=True,
        default="site",
    )
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date("To", required=True, default=fields.Date.context_today)
    place = fields.Char()
    partner_ids = fields.Many2many(
        "res.partner",
        "crm_service_research_partner_rel",
        "research_id",
        "partner_id",
        "Customers Visited",
        ondelete="restrict",
    )
    purpose = fields.Text()
    findings = fields.Text(help="Opinions, suggestions and criticism, as they were heard.")
    conclusion = fields.Text()
    measure_ids = fields.One2many("crm.research.measure", "research_id", "Action Plan", copy=True)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "To Approve"),
            ("approved", "Being Carried Out"),
            ("done", "Carried Out"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    date_finished = fields.Datetime("Finished On", readonly=True, copy=False)
    measure_open_count = fields.Integer("Open Measures", compute="_compute_measure_open_count")

    _dates_in_order = models.Constraint(
        "CHECK(date_to >= date_from)", "Research cannot end before it begins."
    )

    @api.depends("measure_ids.date_done")
    def _compute_measure_open_count(self):
        for research in self:
            waiting = research.measure_ids.filtered(lambda measure: not measure.date_done)
            research.measure_open_count = len(waiting)

    @api.depends("name", "subject")
    def _compute_display_name(self):
        for research in self:
            research.display_name = " · ".join(filter(None, [research.name, research.subject]))

    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {"date_finished"}

    def _approval_document_author(self):
        """Nor does who led it decide."""
        return super()._approval_document_author() | self.leader_id

    def _approval_check_submit(self):
        super()._approval_check_submit()
        for research in self:
            if not research._is_senior(research.leader_id):
                raise UserError(
                    self.env._(
                        "Research is led by a member of the management: name a service manager, "
                        "director, general manager or head of a department."
                    )
                )
            for name in ("participant_ids", "partner_ids", "findings", "measure_ids"):
                value = research[name]
                if not (value.strip() if isinstance(value, str) else value):
                    caption = self._fields[name]._description_string(self.env)
                    raise UserError(self.env._("Fill in “%s” first.", caption))

    @api.model
    def _is_senior(self, user):
        names = ("manager", "director", "general_manager")
        departments = self.env["crm.service.department"].sudo()
        return bool(user) and (
            any(user.has_group(f"crm_service_base.group_{name}") for name in names)
            or bool(departments.search_count([("head_id", "=", user.id)], limit=1))
        )

    def _approval_on_approved(self):
        super()._approval_on_approved()
        for research in self:
            research.measure_ids._schedule()

    def _finish_if_done(self):
        """The action plan is carried out: that is the end of it."""
        for research in self.sudo().filtered(lambda research: research.state == "approved"):
            if all(measure.date_done for measure in research.measure_ids):
                research.write({"state": "done", "date_finished": fields.Datetime.now()})

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        if any(research.state != "draft" for research in self):
            raise UserError(self.env._("Research that was submitted is not deleted."))

    def _can_file(self):
        return super()._can_file() and self.state == "done"
