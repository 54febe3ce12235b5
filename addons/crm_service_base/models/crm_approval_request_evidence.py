from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime


class CrmApprovalRequest(models.Model):
    """Submissions as people read them: in the form of the document and on paper."""

    _inherit = "crm.approval.request"

    # ------------------------------------------------------------------
    # In the form of the document
    # ------------------------------------------------------------------

    def _render_return(self):
        """Who sent it back, when and why."""
        decision = self.decision_ids.filtered(lambda d: d.kind in ("return", "reject"))
        decision = decision.sorted("sequence")[-1:]
        return decision and self._render_decision(decision, "alert-warning")

    def _render_reopening(self):
        """The last time it was sent back to an earlier step, until that step is done again."""
        decisions = self.decision_ids.sorted("sequence")
        reopening = decisions.filtered(lambda d: d.kind == "reopen")[-1:]
        if not reopening or reopening.step_id.state in ("open", "approved"):
            return ""
        return self._render_decision(reopening, "alert-warning")

    def _render_earlier_return(self):
        """Why the last submission came back, for who decides about this one."""
        before = self._get_decided_before()
        return before._render_return() if before.state in ("returned", "rejected") else ""

    def _render_decision(self, decision, level):
        labels = dict(decision._fields["kind"]._description_selection(self.env))
        head = self.env._(
            "%(kind)s by %(user)s (%(role)s) on %(date)s",
            kind=labels[decision.kind],
            user=decision.actor_name,
            role=decision.role or "",
            date=format_datetime(self.env, decision.date, dt_format="short"),
        )
        return Markup(
            '<div class="alert %s mb-2" role="alert"><strong>%s</strong>'
            '<div style="white-space: pre-line">%s</div></div>'
        ) % (level, head, decision.comment or "")

    def _render_changes(self, env):
        """What differs from the last submission somebody decided about.

        :param env: of the reader, whose rights on fields count
        """
        table = self.with_env(env).change_html
        if not table:
            return ""
        head = self.env._("Changed since the last decision")
        return Markup(
            '<div class="alert alert-info mb-2" role="status"><strong>%s</strong>%s</div>'
        ) % (head, table)

    # ------------------------------------------------------------------
    # On paper
    # ------------------------------------------------------------------

    def action_print_evidence(self):
        """Print the evidence of the documents of these submissions."""
        self.check_access("read")
        report = self.env.ref("crm_service_base.crm_approval_evidence_report")
        return report.report_action(self, config=False)

    def _get_evidence(self):
        """Everything the printed evidence tells.

        :return: list of dicts, one a document: ``document``, ``date`` (of today), ``name``,
            ``type``, ``company``, ``requests`` (all submissions, oldest first), ``fault`` (text
            or ``False``), ``signatures`` and ``printed`` (by whom, when)
        :raise AccessError: a document that the user may not read
        """
        self.check_access("read")
        pages = []
        by_document = self.grouped(lambda request: (request.res_model, request.res_id))
        for (name, res_id), requests in by_document.items():
            if name not in self.env:
                missing = requests[:1].res_name
                raise UserError(self.env._("The app of %s is not installed.", missing))
            document = self.env[name].browse(res_id)
            document.check_access("read")
            every = self.sudo().search(
                [("res_model", "=", name), ("res_id", "=", res_id)], order="id"
            )
            pages.append(
                {
                    "document": document,
                    "date": fields.Date.context_today(self),
                    "name": every[-1:].res_name,
                    "type": self.env["ir.model"].sudo()._get(name).name,
                    "company": every[-1:].company_id or self.env.company,
                    "requests": every,
                    "fault": document._approval_elevate()._approval_faults()[res_id],
                    "signatures": document._approval_evidence_signatures(),
                    "printed": self._get_printed_text(),
                }
            )
        return pages

    def _get_printed_text(self):
        now = format_datetime(self.env, fields.Datetime.now(), dt_format="short")
        return self.env._(
            "Printed by %(user)s on %(date)s. Fingerprints are the beginning of SHA-256 values; "
            "each entry of the log contains that of the entry before it.",
            user=self.env.user.name,
            date=now,
        )
