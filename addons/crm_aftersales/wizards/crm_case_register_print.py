from datetime import datetime, time

import pytz

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools.date_utils import start_of


class CrmCaseRegisterPrint(models.TransientModel):
    """Print the complaint register of a month (E2.F027)."""

    _name = "crm.case.register.print"
    _description = "Print the Complaint Register"
    _inherit = ["crm.access.mixin"]

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_month = fields.Date(
        "Month",
        required=True,
        default=lambda self: start_of(fields.Date.context_today(self), "month"),
        help="Any day of the month.",
    )
    team_id = fields.Many2one(
        "crm.service.team", domain="[('company_id', '=', company_id)]", help="Empty for all teams."
    )

    def action_print(self):
        """:raise UserError: no complaint came in that month"""
        self.ensure_one()
        cases = self.env["crm.service.case"].search(self._get_domain(), order="date_opened, id")
        if not cases:
            raise UserError(self.env._("No complaint came in that month."))
        report = self.env.ref("crm_aftersales.crm_service_case_report_register")
        return report.report_action(cases, config=False)

    def _get_domain(self):
        """Complaints that came in within the month, by the user's clock."""
        zone = pytz.timezone(self.env.user.tz or "UTC")
        first = start_of(self.date_month, "month")
        start, end = (
            zone.localize(datetime.combine(day, time.min)).astimezone(pytz.utc).replace(tzinfo=None)
            for day in (first, fields.Date.add(first, months=1))
        )
        domain = [
            ("company_id", "=", self.company_id.id),
            ("kind", "=", "complaint"),
            ("date_opened", ">=", start),
            ("date_opened", "<", end),
        ]
        return domain + ([("team_id", "=", self.team_id.id)] if self.team_id else [])
