from odoo import http
from odoo.http import content_disposition, request

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class StatisticsController(http.Controller):
    @http.route(
        "/crm_service/statistics/<int:report_id>/xlsx", type="http", auth="user", readonly=True
    )
    def download_xlsx(self, report_id):
        """The figures of a report as a spreadsheet, for whoever may read the report."""
        report = request.env["crm.statistics.report"].browse(report_id).exists()
        if not report or not report.has_access("read"):
            raise request.not_found()
        return request.make_response(
            report._make_xlsx(),
            headers=[
                ("Content-Type", XLSX),
                ("Content-Disposition", content_disposition(f"{report._get_file_name()}.xlsx")),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )
