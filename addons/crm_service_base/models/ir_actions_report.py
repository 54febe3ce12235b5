import io
import re

from odoo import fields, models


class IrActionsReport(models.Model):
    """Printed forms: form control (E1.R9), and all records of a form in one document.

    A form is a whole HTML page with its style inside (``crm_service_base.crm_form_document``),
    so printing fetches nothing over HTTP and works from scheduled actions as well.
    """

    _inherit = "ir.actions.report"

    crm_is_form = fields.Boolean(
        "Printed Form", readonly=True, help="Laid out by the customer service form layout."
    )
    crm_form_code = fields.Char(
        "Form Code", help="Code of the paper form, e.g. ZC-QR-027, printed at the top."
    )
    crm_form_revision = fields.Char("Revision Mark", default="A/0")
    crm_form_revision_count = fields.Integer("Number of Revisions")
    crm_form_date_revised = fields.Date("Revised On")
    crm_form_is_controlled = fields.Boolean("Controlled")
    crm_form_date_prepared = fields.Date("Prepared On")
    crm_form_date_reviewed = fields.Date("Reviewed On")
    crm_form_date_approved = fields.Date("Approved On")

    def _get_rendering_context(self, report, docids, data):
        """Templates of forms have their action as ``form`` and ``comma`` to join names with."""
        values = super()._get_rendering_context(report, docids, data)
        if report.crm_is_form:
            comma = "、" if (self.env.lang or "").startswith("zh") else ", "
            values.update(form=report.with_context(**self.env.context), comma=comma)
        return values

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        """Forms of many records are one run of wkhtmltopdf and are not taken apart again.

        Where an administrator has forms kept as attachments, each record is a run of its own:
        no file can hold another record's pages.
        """
        form = self._get_report(report_ref)
        if not form.crm_is_form or self.get_wkhtmltopdf_state() == "install":
            return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids=res_ids)
        if form.attachment and res_ids:
            streams = {}
            for res_id in dict.fromkeys(res_ids):
                streams |= super()._render_qweb_pdf_prepare_streams(
                    report_ref, data, res_ids=[res_id]
                )
            return streams
        html = self._render_qweb_html(report_ref, res_ids, data=data)[0]
        pdf = io.BytesIO(self._run_wkhtmltopdf([html.decode()], report_ref=report_ref))
        key = res_ids[0] if res_ids and len(res_ids) == 1 else False
        return {key: {"stream": pdf, "attachment": None}}

    def _prepare_html(self, html, report_model=False):
        """A form is a whole document already: core's layout and header would only be added."""
        if not self.crm_is_form:
            return super()._prepare_html(html, report_model=report_model)
        record = re.search(rb'<div class="article" data-oe-id="(\d+)"', html)
        return [html.decode()], [record and int(record[1])], None, None, {}
