from odoo import api, fields, models

from ..models.crm_service_case import KINDS


class CrmServiceCaseSplit(models.TransientModel):
    """Which part of a case becomes one of its own."""

    _name = "crm.service.case.split"
    _description = "Split a Case"
    _inherit = ["crm.access.mixin"]

    case_id = fields.Many2one("crm.service.case", required=True)
    subject = fields.Char(required=True)
    kind = fields.Selection(
        KINDS, required=True, compute="_compute_kind", store=True, readonly=False
    )
    category_id = fields.Many2one("crm.case.category")
    description = fields.Text()
    message_ids = fields.Many2many(
        "mail.message",
        "crm_service_case_split_message_rel",
        "split_id",
        "message_id",
        "Messages to Copy",
        domain="[('model', '=', 'crm.service.case'), ('res_id', '=', case_id),"
        " ('message_type', 'in', ('comment', 'email', 'email_outgoing'))]",
    )

    @api.depends("case_id")
    def _compute_kind(self):
        for dialog in self:
            dialog.kind = dialog.case_id.kind

    def action_split(self):
        """:raise UserError: see ``crm.service.case._split``"""
        self.ensure_one()
        part = self.case_id._split(
            self.message_ids,
            subject=self.subject,
            kind=self.kind,
            category_id=self.category_id.id,
            description=self.description,
        )
        return part._get_records_action()
