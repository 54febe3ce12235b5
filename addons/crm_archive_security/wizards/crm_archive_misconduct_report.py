from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class CrmArchiveMisconductReport(models.TransientModel):
    """The sheet on which anybody reports misconduct; it is torn up once the report is taken in."""

    _name = "crm.archive.misconduct.report"
    _description = "Report Misconduct"
    _inherit = ["crm.access.mixin"]

    subject = fields.Char(required=True)
    description = fields.Text("What Happened", required=True)
    accused_ids = fields.Many2many(
        "res.users",
        "crm_archive_misconduct_report_user_rel",
        "wizard_id",
        "user_id",
        "About",
        domain="[('share', '=', False)]",
    )
    is_anonymous = fields.Boolean(
        "Anonymous", help="Nobody can learn who you are, and nobody can reward you or ask back."
    )

    def action_send(self):
        """Hand the report in."""
        self.ensure_one()
        self.check_access("write")
        if self.create_uid != self.env.user:
            raise UserError(self.env._("Write a report of your own."))
        sheet = self.sudo()
        values = {
            "subject": sheet.subject,
            "description": sheet.description,
            "accused_ids": [Command.set(sheet.accused_ids.ids)],
            "company_id": self.env.company.id,
        }
        is_anonymous = sheet.is_anonymous
        sheet.unlink()
        self.env["crm.archive.misconduct"]._receive(self.env.user, values, is_anonymous)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Thank you. The report is with the general manager."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
