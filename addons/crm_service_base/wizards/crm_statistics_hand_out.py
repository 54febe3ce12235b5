from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list


class CrmStatisticsHandOut(models.TransientModel):
    """Hand an issued report to somebody, in or outside the company, on record (A2.R17)."""

    _name = "crm.statistics.hand.out"
    _description = "Hand Out a Statistical Report"
    _inherit = ["crm.access.mixin"]

    report_id = fields.Many2one("crm.statistics.report", required=True, readonly=True)
    partner_ids = fields.Many2many(
        "res.partner",
        "crm_statistics_hand_out_partner_rel",
        "wizard_id",
        "partner_id",
        "Recipients",
        required=True,
    )
    how = fields.Selection(
        [
            ("email", "E-mail"),
            ("paper", "On Paper"),
            ("meeting", "In a Meeting"),
            ("other", "Otherwise"),
        ],
        required=True,
        default="email",
    )
    purpose = fields.Char(help="What they need it for.")
    is_external = fields.Boolean(compute="_compute_is_external")

    @api.depends("partner_ids")
    def _compute_is_external(self):
        for wizard in self:
            wizard.is_external = any(map(self._is_external, wizard.partner_ids))

    @api.model
    def _is_external(self, partner):
        return not partner.sudo().user_ids.filtered(lambda user: not user.share)

    def action_confirm(self):
        """Write the distribution record; an e-mail with the printed report goes to the queue.

        :raise AccessError: the user is no supervisor, or may not read the report
        :raise UserError: the report is not issued, or a purpose or address is missing
        """
        self.ensure_one()
        report = self.report_id
        report.check_access("read")
        report._check_supervisor()
        report._check_issued()
        self._check_complete()
        self.env["crm.statistics.distribution"].sudo().create(
            [self._prepare_distribution_values(partner) for partner in self.partner_ids]
        )
        if self.how == "email":
            self._send()
        return {"type": "ir.actions.act_window_close"}

    def _check_complete(self):
        if self.is_external and not self.purpose:
            raise UserError(self.env._("Say what recipients outside the company need it for."))
        missing = self.partner_ids.filtered(lambda partner: not partner.email)
        if self.how == "email" and missing:
            raise UserError(
                self.env._(
                    "%s has no e-mail address.",
                    format_list(self.env, missing.mapped("display_name")),
                )
            )

    def _prepare_distribution_values(self, partner):
        users = partner.sudo().user_ids.filtered(lambda user: not user.share)
        return {
            "report_id": self.report_id.id,
            "revision": self.report_id.revision,
            "partner_id": partner.id,
            "user_id": users[:1].id,
            "how": self.how,
            "purpose": self.purpose,
            "is_external": self._is_external(partner),
        }

    def _send(self):
        report = self.report_id
        form = report.type_id.print_report_id or self.env.ref(
            "crm_service_base.crm_statistics_report_report"
        )
        pdf, _kind = self.env["ir.actions.report"]._render_qweb_pdf(form, report.ids)
        report.sudo().message_post(
            body=self.env._("%s is attached.", report.display_name),
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.partner_ids.ids,
            attachments=[(f"{report.issue_number.replace('/', '-')}.pdf", pdf)],
            notify_skip_followers=True,
            force_send=False,
        )
