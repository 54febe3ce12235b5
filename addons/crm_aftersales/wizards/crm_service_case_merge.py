from odoo import api, fields, models


class CrmServiceCaseMerge(models.TransientModel):
    """Which of several cases stays."""

    _name = "crm.service.case.merge"
    _description = "Merge Cases"
    _inherit = ["crm.access.mixin"]

    case_ids = fields.Many2many("crm.service.case", required=True)
    target_id = fields.Many2one(
        "crm.service.case",
        "Stays",
        required=True,
        compute="_compute_target_id",
        store=True,
        readonly=False,
        domain="[('id', 'in', case_ids)]",
        help="The one received first, unless you choose another.",
    )

    @api.depends("case_ids")
    def _compute_target_id(self):
        for dialog in self:
            dialog.target_id = dialog.case_ids._origin.sorted("date_opened")[:1]

    def action_merge(self):
        """:raise UserError: see ``crm.service.case._merge_into``"""
        self.ensure_one()
        self.case_ids._merge_into(self.target_id)
        return self.target_id._get_records_action()
