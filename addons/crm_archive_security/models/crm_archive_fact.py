from odoo import api, fields, models
from odoo.exceptions import UserError

from .crm_archive_item import CHANNELS

KINDS = [
    ("scope", "Scope of Business"),
    ("scale", "Scale"),
    ("field", "Field of Business"),
    ("needs", "Main Products and Needs"),
    ("finance", "Financial State"),
    ("credit", "Credit Rating"),
    ("special", "Special Needs"),
    ("preference", "Preferences"),
    ("standing", "Standing in the Trade"),
]
REQUIRED = ("scope", "scale", "field", "needs")


class CrmArchiveFact(models.Model):
    """What is known of a customer, from where and of which day (B2.F2, B4.R3).

    A fact is not overwritten: what is new is another fact, and the newest of a kind counts.
    """

    _name = "crm.archive.fact"
    _description = "Fact on a Customer"
    _inherit = ["crm.access.mixin"]
    _order = "archive_id, kind, date desc, id desc"
    _rec_name = "value"

    archive_id = fields.Many2one("crm.archive", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="archive_id.company_id", store=True)
    partner_id = fields.Many2one(related="archive_id.partner_id", store=True, index=True)
    kind = fields.Selection(KINDS, required=True, default="scope")
    value = fields.Text("What Is Known", required=True)
    channel = fields.Selection(CHANNELS, "Source", required=True)
    source_note = fields.Char("Who or What Said So")
    date = fields.Date("Of", required=True, default=fields.Date.context_today)

    def write(self, vals):
        if not self.env.su and not vals.keys().isdisjoint(("kind", "value", "channel", "date")):
            for fact in self.sudo():
                if fact.archive_id.state != "draft":
                    raise UserError(
                        self.env._(
                            "Facts are not overwritten: add what is known now as another one."
                        )
                    )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_established(self):
        for fact in self.sudo():
            if fact.archive_id.state != "draft":
                raise UserError(self.env._("Facts stay: add what is known now as another one."))
