from odoo import models
from odoo.tools import split_every

from odoo.addons.crm_service_base.tools.statistics_table import percent

BATCH = 1000


class CrmStatisticsReportType(models.Model):
    """Indicators of archives in the quarterly evaluation, and so in appraisals (B7.R2, B7.R3).

    How satisfied customers are stands in the same evaluation, from visits and cases.
    """

    _name = "crm.statistics.report.type"
    _inherit = ["crm.statistics.report.type"]

    def _get_crm_service_evaluation_rows(self, company, date_from, date_to):
        """Adds how complete, right and safe archives are."""
        rows = super()._get_crm_service_evaluation_rows(company, date_from, date_to)
        values = [
            ("completeness", self.env._("Completeness of archives"), "%", self._rate_completeness),
            ("accuracy", self.env._("Facts found right in samples"), "%", self._rate_accuracy),
            ("finding", self.env._("Findings put right in time"), "%", self._rate_findings),
            ("incident", self.env._("Security incidents"), "", self._count_incidents),
        ]
        return rows + [
            {
                "key": f"archive_{key}",
                "area": self.env._("Archives"),
                "name": name,
                "value": method(company, date_from, date_to),
                "unit": unit,
            }
            for key, name, unit, method in values
        ]

    def _rate_completeness(self, company, _date_from, _date_to):
        """Of all archives as they are now: the share of the required facts that are known."""
        archives = self.env["crm.archive"].search([("company_id", "=", company.id)], order="id")
        total = 0
        for ids in split_every(BATCH, archives.ids):
            some = archives.browse(ids)
            total += sum(some.mapped("completeness"))
            some.invalidate_recordset(flush=False)
        return round(total / len(archives), 1) if archives else None

    def _rate_accuracy(self, company, date_from, date_to):
        start, end = self._get_bounds(date_from, date_to)
        domain = [
            ("company_id", "=", company.id),
            ("date_done", ">=", start),
            ("date_done", "<", end),
        ]
        [(checked, wrong)] = self.env["crm.archive.inspection.line"]._read_group(
            domain, [], ["checked_count:sum", "wrong_count:sum"]
        )
        return percent((checked or 0) - (wrong or 0), checked or 0)

    def _rate_findings(self, company, date_from, date_to):
        """Of what was to be put right in the period: what was, by its day."""
        domain = [
            ("company_id", "=", company.id),
            ("date_due", ">=", date_from),
            ("date_due", "<=", date_to),
        ]
        findings = self.env["crm.archive.finding"].search(domain)
        done = [
            finding
            for finding in findings
            if finding.date_done
            and self._get_local_time(finding.date_done).date() <= finding.date_due
        ]
        return percent(len(done), len(findings))

    def _count_incidents(self, company, date_from, date_to):
        start, end = self._get_bounds(date_from, date_to)
        domain = [
            ("company_id", "=", company.id),
            ("date_found", ">=", start),
            ("date_found", "<", end),
        ]
        incidents = self.env.get("crm.archive.incident")
        return None if incidents is None else incidents.search_count(domain)
