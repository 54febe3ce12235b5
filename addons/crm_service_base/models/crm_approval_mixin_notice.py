from markupsafe import Markup

from odoo import api, fields, models

# content that tells an approver nothing
SUMMARY_WITHOUT = {"active", "company_id", "sequence"}


class CrmApprovalMixin(models.AbstractModel):
    """What a form tells about the approval: why it came back, and what is different now."""

    _inherit = "crm.approval.mixin"

    approval_notice = fields.Html(
        compute="_compute_approval_notice", sanitize=False, exportable=False
    )

    @api.depends("approval_state", "approval_request_id", "approval_step_id")
    @api.depends_context("uid", "lang", "tz")
    def _compute_approval_notice(self):
        for document in self:
            request = document.sudo().approval_request_id
            parts = []
            if document.approval_state in ("returned", "rejected"):
                parts = [request._render_return()]
            elif document.approval_state == "pending":
                parts = [
                    request._render_earlier_return(),
                    request._render_reopening(),
                    request._render_changes(self.env),
                ]
            document.approval_notice = Markup().join(filter(None, parts)) or False

    @api.model
    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {"approval_notice"}

    def _approval_get_summary(self):
        """What a document says, in short, for who decides about it without opening it.

        Documents may extend or replace it.

        :return: list of ``(label, text)`` of the fields that are filled and that the user may read
        """
        self.ensure_one()
        changes = self.env["crm.approval.change"]
        return [
            (changes._get_field(self._name, path[:1])._description_string(self.env), text)
            for path, value in self.sudo()._approval_summary_values()
            if changes._is_readable(self._name, path)
            and (text := changes._get_text(self._name, path, value))
        ]

    def _approval_summary_values(self):
        """:return: list of ``(path, value)`` of the content that is filled, lines at the end"""
        schema = self._approval_schema()
        node = self.with_context(active_test=False)._approval_nodes(schema)[self.id]
        values = [
            ((name,), value)
            for name in self._fields  # as defined, not by name
            if name not in SUMMARY_WITHOUT
            and (value := node["values"].get(name)) not in (None, False, "0.000000", 0, [])
        ]
        for name, lines in node["lines"].items():
            values += [((name, key), line) for key, line in lines.items()]
        return values

    # ------------------------------------------------------------------
    # Evidence on paper
    # ------------------------------------------------------------------

    def action_approval_print_evidence(self):
        """Print submissions, steps, decisions and the outcome of a check, a page a document."""
        self.check_access("read")
        requests = self.sudo().approval_request_ids.sudo(False)
        report = self.env.ref("crm_service_base.crm_approval_evidence_report")
        return report.report_action(requests, config=False)

    def _approval_evidence_signatures(self):
        """Signatures of customers that the evidence shows; documents with some extend it.

        :return: list of dicts as of :meth:`_approval_signatures`, with ``image``
        """
        if "signature_ids" not in self._fields:
            return []
        return [signature._prepare_printed() for signature in self.signature_ids]
