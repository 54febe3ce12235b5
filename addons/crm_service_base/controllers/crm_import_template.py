from odoo.http import Controller, content_disposition, request, route

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class CrmImportTemplate(Controller):
    @route("/crm_service/import_template/<string:model>", type="http", auth="user", readonly=True)
    def download(self, model):
        """The import template of a model, for those who may create its records."""
        records = request.env.get(model)
        if records is None or not hasattr(records, "_get_import_template_rows"):
            return request.not_found()
        records.check_access("create")
        return request.make_response(
            records._render_import_template(),
            [
                ("Content-Type", XLSX),
                ("Content-Disposition", content_disposition(f"{model}.xlsx")),
            ],
        )
