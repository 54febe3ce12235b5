from odoo import models
from odoo.fields import Domain


class CrmStatisticsReportType(models.Model):
    """Cases in the daily work record, unknown callers too (C1.R3).

    Cases of known customers come with the register of contacts.
    """

    _name = "crm.statistics.report.type"
    _inherit = ["crm.statistics.report.type"]

    def _get_contact_rows(self, company, start, end, user):
        rows = super()._get_contact_rows(company, start, end, user)
        taken = Domain("first_responder_id", "=", user.id) | Domain(
            [("first_responder_id", "=", False), ("user_id", "=", user.id)]
        )
        cases = self.env["crm.service.case"].search(
            taken & self._get_stranger_domain(company, start, end)
        )
        return rows + [self._prepare_stranger_row(case) for case in cases]

    def _get_stranger_domain(self, company, start, end):
        return Domain(
            [
                ("company_id", "=", company.id),
                ("date_opened", ">=", start),
                ("date_opened", "<", end),
                ("commercial_partner_id", "=", False),
                ("state", "!=", "cancelled"),
            ]
        )

    def _prepare_stranger_row(self, case):
        caller = " ".join(filter(None, [case.contact_name, case.phone or case.email]))
        kinds = dict(case._fields["kind"]._description_selection(self.env))
        matter = "\n".join(filter(None, [case.name, case.subject]))
        return [case.date_opened, caller, kinds[case.kind], matter, None, case.solution, None]

    def _crm_statistics_persons_work_day(self, company, date_from, date_to):
        users = super()._crm_statistics_persons_work_day(company, date_from, date_to)
        domain = self._get_stranger_domain(company, *self._get_bounds(date_from, date_to))
        groups = self.env["crm.service.case"]._read_group(domain, ["first_responder_id", "user_id"])
        for first, owner in groups:
            user = first or owner
            if user.active and not user.share and company in user.company_ids:
                users |= user
        return users.sorted("id")
