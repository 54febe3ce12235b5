from odoo import fields, models
from odoo.tools import format_list


class CrmArchiveRequest(models.Model):
    """No leave to read without a confidentiality agreement that holds (B6.R3)."""

    _inherit = "crm.archive.request"

    reader_partner_id = fields.Many2one(
        "res.partner",
        "Outsider's Agreement With",
        copy=False,
        ondelete="restrict",
        check_company=True,
        help="The outsider or his organisation, with whom an agreement was signed.",
    )

    def _get_obstacle(self):
        return super()._get_obstacle() or self._get_agreement_obstacle()

    def _get_agreement_obstacle(self):
        """:return: sentence that names who signed no agreement, or ``False``"""
        agreements = self.env["crm.nda"]
        missing = self.user_id - agreements._get_holders(self.user_id, self.company_id)
        names = missing.mapped("name")
        if self.reader_kind == "outsider":
            outsider = self.reader_partner_id
            if not agreements._get_holders(outsider, self.company_id):
                names.append(self.reader_name)
        return bool(names) and self.env._(
            "No confidentiality agreement holds for %s: have one signed and filed first.",
            format_list(self.env, names),
        )
