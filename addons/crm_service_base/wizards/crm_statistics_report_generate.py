from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class CrmStatisticsReportGenerate(models.TransientModel):
    """Make the report of a period by hand; the one there is opens instead of a second."""

    _name = "crm.statistics.report.generate"
    _description = "Make a Statistical Report"
    _inherit = ["crm.access.mixin"]

    type_id = fields.Many2one(
        "crm.statistics.report.type",
        "Report",
        required=True,
        domain="[('method', '!=', False), ('company_id', 'in', (company_id, False))]",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    schedule = fields.Selection(related="type_id.schedule")
    is_personal = fields.Boolean(compute="_compute_is_personal")
    user_id = fields.Many2one(
        "res.users",
        "Person",
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    date = fields.Date("Day in the Period", required=True, default=fields.Date.context_today)
    date_from = fields.Date(
        "From", compute="_compute_period", store=True, readonly=False, precompute=True
    )
    date_to = fields.Date(
        "To", compute="_compute_period", store=True, readonly=False, precompute=True
    )

    @api.depends("type_id")
    def _compute_is_personal(self):
        for wizard in self:
            wizard.is_personal = bool(wizard.type_id) and wizard.type_id._is_personal()

    @api.depends("type_id", "date")
    def _compute_period(self):
        for wizard in self:
            if wizard.type_id and wizard.date:
                wizard.date_from, wizard.date_to = wizard.type_id._get_period(wizard.date)

    def action_generate(self):
        """Make the report, or find it, and open it.

        :raise AccessError: no supervisor, except for one's own personal report
        :raise UserError: the period has not begun, or the report is another company's
        """
        self.ensure_one()
        self._check_allowed()
        period = (self.date_from, self.date_to)
        if self.schedule != "none":
            period = self.type_id._get_period(self.date)
        if period[0] > self.type_id._get_today():
            raise UserError(self.env._("This period has not begun."))
        report = self.type_id._generate(self.company_id, *period, self.user_id)
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.statistics.report",
            "res_id": report.id,
            "views": [(False, "form")],
        }

    def _check_allowed(self):
        self.type_id.check_access("read")
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("Reports are made in the companies you work in."))
        if self.type_id.company_id not in (self.company_id, self.env["res.company"]):
            raise UserError(
                self.env._("Reports “%s” are those of another company.", self.type_id.name)
            )
        own = self.is_personal and self.user_id == self.env.user
        group = "group_specialist" if own else "group_supervisor"
        if not self.env.user.has_group(f"crm_service_base.{group}"):
            raise AccessError(self.env._("Please ask your supervisor to make this report."))
        if self.is_personal and not self.user_id:
            raise UserError(self.env._("Choose the person the report is about."))
