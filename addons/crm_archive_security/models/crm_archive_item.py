from odoo import api, fields, models
from odoo.exceptions import UserError

SECRECY = [
    ("internal", "Internal"),
    ("confidential", "Confidential"),
    ("top_secret", "Top Secret"),
]
CLASSIFIED = ("confidential", "top_secret")
CLASSES = [
    ("basic", "Basic"),
    ("transaction", "Transactions"),
    ("service", "Service"),
    ("special", "Special"),
]


class CrmArchiveItem(models.Model):
    """One piece in an archive, as the catalogue shows it: what it is, not what it says.

    What it says is in ``crm.archive.content``, which nobody reads but through the door.
    """

    _name = "crm.archive.item"
    _description = "Archive Item"
    _inherit = ["crm.access.mixin"]
    _order = "archive_id, archive_class, sequence, id"
    _check_company_auto = True

    archive_id = fields.Many2one("crm.archive", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="archive_id.company_id", store=True)
    partner_id = fields.Many2one(related="archive_id.partner_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(
        "Title", required=True, help="Stands in the catalogue: write nothing secret here."
    )
    archive_class = fields.Selection(CLASSES, "Class", required=True, default="basic", index=True)
    secrecy = fields.Selection(SECRECY, required=True, default="internal", index=True)
    custodian_id = fields.Many2one(
        "res.users",
        ondelete="restrict",
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Classified items are kept apart by a person who is named here.",
    )
    medium = fields.Selection(
        [("electronic", "Electronic"), ("paper", "Paper"), ("both", "Paper and Electronic")],
        required=True,
        default="electronic",
    )
    channel = fields.Selection(
        [
            ("talk", "Business Talks"),
            ("questionnaire", "Questionnaire"),
            ("feedback", "Customer Feedback"),
            ("research", "Market Research"),
            ("business", "Our Own Business"),
            ("other", "Other"),
        ],
        "Source",
        required=True,
        default="business",
    )
    date_document = fields.Date("Dated", required=True, default=fields.Date.context_today)
    page_count = fields.Integer("Pages")
    digest = fields.Char("Fingerprint", readonly=True, copy=False)
    active = fields.Boolean(default=True, copy=False)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_established(self):
        for item in self.sudo():
            if item.archive_id.state != "draft":
                raise UserError(
                    self.env._(
                        "“%s” is not deleted: what is in an established archive goes by a "
                        "disposal that was approved.",
                        item.name,
                    )
                )
