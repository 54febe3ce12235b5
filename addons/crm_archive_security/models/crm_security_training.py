from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.crm_service_base.tools.state_order import in_order


class CrmSecurityTraining(models.Model):
    """安全培训: a session on the security of customers' information, and who passed (B6.R1)."""

    _name = "crm.security.training"
    _description = "Security Training"
    _inherit = ["crm.service.moved.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "subject"]

    _stamps = ("date_held",)
    _editable_states = ("planned",)

    subject = fields.Char(required=True)
    date = fields.Date("Held On", required=True, default=fields.Date.context_today)
    duration = fields.Float("Hours", default=1)
    user_id = fields.Many2one(string="Trainer", required=True)
    content = fields.Text("What It Is About", required=True)
    material = fields.Binary(attachment=True, copy=False)
    material_name = fields.Char(copy=False)
    state = fields.Selection(
        [("planned", "Planned"), ("held", "Held")],
        required=True,
        default="planned",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    attendance_ids = fields.One2many(
        "crm.security.training.attendance", "training_id", "Attendants", copy=False
    )
    attendance_count = fields.Integer("Invited", compute="_compute_attendance_count")
    passed_count = fields.Integer("Passed", compute="_compute_attendance_count")
    date_held = fields.Datetime("Closed On", readonly=True, copy=False)

    @api.depends("attendance_ids.is_passed")
    def _compute_attendance_count(self):
        for training in self:
            training.attendance_count = len(training.attendance_ids)
            training.passed_count = len(training.attendance_ids.filtered("is_passed"))

    @api.depends("name", "subject")
    def _compute_display_name(self):
        for training in self:
            training.display_name = " · ".join(filter(None, [training.name, training.subject]))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_held(self):
        if any(training.state == "held" for training in self):
            raise UserError(self.env._("Trainings that were held are kept."))

    def action_invite_due(self):
        """Put everybody on the list whose last training is too long ago.

        :raise AccessError: only supervisors invite others
        """
        self.check_access("write")
        self._lock()
        self._check_state(("planned",))
        for training in self:
            due = self._get_untrained(training.company_id) - training.attendance_ids.user_id
            training.write({"attendance_ids": [(0, 0, {"user_id": user.id}) for user in due]})

    def action_hold(self):
        """The training took place; who attended and passed stays as entered.

        :raise UserError: in the future, or nobody attended
        """
        self.check_access("write")
        self._lock()
        self._check_state(("planned",))
        for training in self:
            if training.date > training.company_id._get_crm_today():
                raise UserError(self.env._("%s has not taken place yet.", training.display_name))
            if not training.attendance_ids.filtered("is_present"):
                raise UserError(self.env._("Tick who attended %s.", training.display_name))
        self.sudo().write({"state": "held", "date_held": fields.Datetime.now()})

    @api.model
    def _get_staff(self, company):
        """Who has to be trained; an addon narrows or widens it with ``super()``.

        :return: ``res.users`` of the company that work with customers' data
        """
        groups = ("specialist", "director", "general_manager")
        users = self.env["res.users"].sudo()
        for group in groups:
            users |= self.env.ref(f"crm_service_base.group_{group}").sudo().all_user_ids
        return users.filtered(
            lambda user: (
                user.active
                and not user.share
                and user.id != self.env.ref("base.user_root").id
                and company in user.company_ids
            )
        ).with_env(self.env)

    @api.model
    def _get_untrained(self, company, day=None):
        """:return: ``res.users`` of the staff who passed no training within the time set"""
        day = day or company._get_crm_today()
        months = relativedelta(months=company.sudo().crm_training_months)
        passed = self.env["crm.security.training.attendance"].sudo()
        passed = passed.search(
            [
                ("company_id", "=", company.id),
                ("is_passed", "=", True),
                ("training_id.state", "=", "held"),
                ("training_id.date", ">", day - months),
            ]
        )
        return self._get_staff(company) - passed.user_id.with_env(self.env)
