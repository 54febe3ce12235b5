from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain


class CrmSecurityDuty(models.Model):
    """部署职责: what those who run the system see to, with how and how often (B6.R4).

    Transport encryption, firewall, encryption at rest, intrusion detection and what belongs to
    them cannot be done by an addon: it says how, names the configuration that ships with the
    project and keeps the dated checks.
    """

    _name = "crm.security.duty"
    _description = "Duty of the Deployment"
    _inherit = ["crm.access.mixin"]
    _order = "sequence, id"

    name = fields.Char("Duty", required=True, translate=True)
    sequence = fields.Integer(default=10)
    category = fields.Selection(
        [
            ("transport", "Encryption on the Way"),
            ("network", "Firewall"),
            ("storage", "Encryption at Rest"),
            ("detection", "Intrusion Detection"),
            ("account", "Accounts"),
            ("backup", "Backup"),
            ("system", "System Updates"),
        ],
        required=True,
        default="system",
    )
    guide = fields.Html("How to Do It", translate=True)
    configuration = fields.Char(help="File in the project that ships for it.")
    interval_months = fields.Integer("Check Every (Months)", default=3, required=True)
    check_ids = fields.One2many("crm.security.duty.check", "duty_id", "Checks")
    last_result = fields.Selection(
        [("met", "Met"), ("partly", "Partly"), ("open", "Not Met")],
        compute="_compute_last_check",
    )
    date_last_check = fields.Date("Checked On", compute="_compute_last_check")
    date_next_check = fields.Date("Next Check", compute="_compute_last_check")
    is_due = fields.Boolean("Check Due", compute="_compute_last_check")
    active = fields.Boolean(default=True)

    _interval_positive = models.Constraint(
        "CHECK(interval_months > 0)", "Enter after how many months it is checked again."
    )

    @api.depends("interval_months", "check_ids.date", "check_ids.result")
    @api.depends_context("company", "tz")
    def _compute_last_check(self):
        """Of the company one works in: each has its own installation to answer for."""
        today = fields.Date.context_today(self)
        for duty in self:
            last = duty._get_last_check(self.env.company)
            months = relativedelta(months=duty.interval_months)
            duty.last_result = last.result
            duty.date_last_check = last.date
            duty.date_next_check = last.date + months if last else False
            duty.is_due = not last or duty.date_next_check <= today or last.result == "open"

    def _get_last_check(self, company):
        """:return: ``crm.security.duty.check``, the last one of a company, or none"""
        own = self.check_ids.filtered(lambda check: check.company_id == company)
        return own.sorted(lambda check: (check.date, check.id))[-1:]

    @api.model
    def _get_open(self, company):
        """:return: duties that are due or not met in a company"""
        duties = self.sudo().search(Domain("active", "=", True))
        return duties.with_company(company).filtered(
            lambda duty: duty.is_due or duty.last_result != "met"
        )
