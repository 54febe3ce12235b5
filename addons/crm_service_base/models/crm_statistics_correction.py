from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.state_order import in_order


class CrmStatisticsCorrection(models.Model):
    """Correction of an issued report, with the general manager's approval (A2.R9).

    The frozen figures stay as they are: approved corrections lie over them, so that what was
    there before stays visible. Each counts as one revision of the report.
    """

    _name = "crm.statistics.correction"
    _description = "Correction of a Statistical Report"
    _inherit = [
        "crm.service.mixin",
        "crm.approval.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _check_company_auto = True

    _approval_line_fields = ("line_ids",)

    report_id = fields.Many2one(
        "crm.statistics.report",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('state', '=', 'issued')]",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("submitted", "To Approve"), ("approved", "Approved")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    reason = fields.Text(required=True)
    line_ids = fields.One2many("crm.statistics.correction.line", "correction_id", "Changes")
    revision = fields.Integer("Revision of the Report", readonly=True, copy=False)
    content_html = fields.Html(
        related="report_id.content_html", related_sudo=False, string="Report as It Is"
    )

    _revision_uniq = models.UniqueIndex(
        "(report_id, revision) WHERE revision > 0", "This revision exists already."
    )

    @api.model
    def _approval_guarded_fields(self):
        return super()._approval_guarded_fields() | {"revision"}

    @api.depends("name", "report_id")
    def _compute_display_name(self):
        for correction in self:
            parts = [correction.name, correction.report_id.name]
            correction.display_name = " ".join(filter(None, parts))

    def _approval_check_submit(self):
        super()._approval_check_submit()
        self.report_id._check_issued()
        for correction in self:
            if not correction.line_ids:
                raise UserError(
                    self.env._("Correction %s changes nothing: add a line.", correction.name)
                )
        self.line_ids.sudo()._freeze_before()

    def _approval_on_approved(self):
        super()._approval_on_approved()
        for correction in self:
            correction._check_before()
            report = correction.report_id
            report.lock_for_update()
            correction.revision = report.revision + 1
            report.revision += 1
            report.data_corrected = {"tables": report._get_tables()}
            report._distribute()

    def _check_before(self):
        """Refuse when another correction changed the same figure since the submission."""
        report = self.report_id
        tables = report._get_tables()
        for line in self.line_ids:
            now = report._get_figure_text(tables, *line._get_numbers())
            if line.value_before != now:
                raise UserError(
                    self.env._(
                        "%s was changed by another correction meanwhile. Send this one back.",
                        line.display_name,
                    )
                )

    def _can_file(self):
        return super()._can_file() and self.state == "approved"
