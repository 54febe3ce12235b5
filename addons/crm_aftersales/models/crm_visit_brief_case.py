from odoo import models
from odoo.fields import Domain
from odoo.tools import format_date


class CrmVisit(models.Model):
    """What the customer waits for, before the visit."""

    _name = "crm.visit"
    _inherit = ["crm.visit"]

    def _prepare_brief_sections(self):
        return [*super()._prepare_brief_sections(), self._prepare_brief_cases()]

    def _prepare_brief_cases(self):
        """Open cases and the last complaints: number, day and matter only."""
        cases = self.env["crm.service.case"].sudo()
        domain = Domain(
            [
                ("commercial_partner_id", "=", self.commercial_partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("state", "!=", "cancelled"),
            ]
        )
        alive = domain & Domain("state", "=", "open")
        ended = domain & Domain("kind", "=", "complaint") & Domain("state", "!=", "open")
        found = cases.search(alive, order="date_opened desc, id desc", limit=6)
        found += cases.search(ended, order="date_opened desc, id desc", limit=3)
        columns = [
            self.env._("Case"),
            self.env._("Date"),
            self.env._("Kind"),
            (self.env._("Matter"), 3),
            self.env._("Stage"),
            self.env._("Owner"),
        ]
        rows = [self._prepare_brief_case_row(case) for case in found]
        title = self.env._("Open Cases and Last Complaints")
        return rows and self._prepare_brief_section("cases", 35, title, (), columns, rows)

    def _prepare_brief_case_row(self, case):
        kinds = dict(case._fields["kind"]._description_selection(self.env))
        severities = dict(case._fields["severity"]._description_selection(self.env))
        is_complaint = case.kind == "complaint"
        kind = kinds[case.kind]
        if is_complaint:
            kind = self.env._(
                "%(kind)s (%(severity)s)", kind=kind, severity=severities[case.severity]
            )
        return [
            case.name,
            format_date(self.env, case.date_opened, date_format="yyyy-MM-dd"),
            self._prepare_brief_cell(kind, is_bad=is_complaint and case.state == "open"),
            self._shorten(case.subject),
            case.stage_id.with_env(self.env).sudo().name,
            case.user_id.name,
        ]
