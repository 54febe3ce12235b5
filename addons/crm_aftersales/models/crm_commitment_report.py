from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools import month


class CrmCommitmentReport(models.Model):
    """What service staff report about keeping a commitment (A4.R7)."""

    _name = "crm.commitment.report"
    _description = "Report on a Commitment"
    _inherit = ["crm.access.mixin"]
    _order = "month desc, id desc"
    _check_company_auto = True

    commitment_id = fields.Many2one(
        "crm.service.commitment",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('state', '=', 'in_force')]",
    )
    company_id = fields.Many2one(
        related="commitment_id.company_id", store=True, index=True, precompute=True
    )
    user_id = fields.Many2one(
        "res.users",
        "Reported By",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
    )
    month = fields.Date(
        required=True,
        default=lambda self: month.before(fields.Date.context_today(self)),
        help="Any day of the month it is about.",
    )
    period = fields.Char(compute="_compute_period")
    text = fields.Text("How It Was Kept", required=True)
    problems = fields.Text("What Stands in the Way")
    advice = fields.Text("What Would Help")
    date_read = fields.Datetime("Read On", readonly=True, copy=False)
    read_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")

    @api.depends("month")
    def _compute_period(self):
        for report in self:
            report.period = report.month and f"{report.month:%Y-%m}"

    @api.depends("commitment_id", "user_id", "period")
    def _compute_display_name(self):
        for report in self:
            report.display_name = f"{report.commitment_id.title or ''} · {report.period or ''}"

    @api.constrains("month")
    def _check_month(self):
        for report in self:
            if report.month > fields.Date.context_today(self):
                raise ValidationError(self.env._("Report on what was, not on what will be."))

    @api.model_create_multi
    def create(self, vals_list):
        forged = {"date_read": False, "read_by_id": False, "user_id": self.env.uid}
        reports = super().create([vals if self.env.su else vals | forged for vals in vals_list])
        for report in reports:
            monitor = report.commitment_id.sudo().monitor_id
            if monitor and monitor != self.env.user:
                report.commitment_id.sudo().message_notify(
                    partner_ids=monitor.partner_id.ids,
                    subject=self.env._("Report on “%s”", report.commitment_id.title),
                    body=report.text,
                )
        return reports

    def write(self, vals):
        if not self.env.su:
            if not vals.keys().isdisjoint(("user_id", "date_read", "read_by_id")):
                raise UserError(self.env._("Who reported and who read it is noted by the system."))
            if self.sudo().filtered("date_read"):
                raise UserError(self.env._("The report was read and stays as it is."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_read(self):
        if self.sudo().filtered("date_read"):
            raise UserError(self.env._("The report was read and stays as it is."))

    def action_read(self):
        """Whoever watches over the commitment, or a supervisor, has read it."""
        self.check_access("read")
        self.commitment_id._check_may_review()
        self.sudo().filtered(lambda report: not report.date_read).write(
            {"date_read": fields.Datetime.now(), "read_by_id": self.env.uid}
        )
