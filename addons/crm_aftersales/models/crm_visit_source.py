from odoo import fields, models


class CrmVisit(models.Model):
    """The case a visit came out of."""

    _name = "crm.visit"
    _inherit = ["crm.visit"]

    source_case_id = fields.Many2one(
        "crm.service.case",
        "Out of Case",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )

    def action_open_source_case(self):
        """The case this visit came out of."""
        self.ensure_one()
        return self.source_case_id._get_records_action()
