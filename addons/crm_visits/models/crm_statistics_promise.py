from odoo import models

from odoo.addons.crm_service_base.tools.statistics_table import percent


class CrmStatisticsReportType(models.Model):
    """Promises to customers in the evaluation of the quarter (D8.R1)."""

    _name = "crm.statistics.report.type"
    _inherit = ["crm.statistics.report.type"]

    def _get_crm_service_evaluation_rows(self, company, date_from, date_to):
        """Adds the promises that fell due in the period: how many, and how many were kept in time.

        The day the customer was told first counts; withdrawn promises do not.
        """
        rows = super()._get_crm_service_evaluation_rows(company, date_from, date_to)
        groups = self.env["crm.customer.promise"]._read_group(
            [
                ("company_id", "=", company.id),
                ("date_deadline_first", ">=", date_from),
                ("date_deadline_first", "<=", date_to),
                ("state", "!=", "withdrawn"),
            ],
            ["is_in_time"],
            ["__count"],
        )
        counts = dict(groups)
        due = sum(counts.values())
        values = {
            "promise_due": (self.env._("Promises that fell due"), due, self.env._("promises")),
            "promise_rate": (
                self.env._("Promises kept in time"),
                percent(counts.get(True, 0), due),
                "%",
            ),
        }
        return rows + [
            {
                "key": key,
                "area": self.env._("Handling Efficiency"),
                "name": name,
                "value": value,
                "unit": unit,
            }
            for key, (name, value, unit) in values.items()
        ]
