from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .crm_archive_item import CLASSIFIED


class CrmArchive(models.Model):
    """Where the archive stands, and when it is reviewed next."""

    _inherit = "crm.archive"

    place_id = fields.Many2one(
        "crm.archive.place",
        "Place of the Paper Part",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    electronic_place_id = fields.Many2one(
        "crm.archive.place",
        "Place of the Electronic Part",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('kind', '=', 'server'), ('company_id', '=', company_id)]",
    )
    review_ids = fields.One2many("crm.archive.review", "archive_id", "Reviews", readonly=True)
    change_ids = fields.One2many("crm.archive.change", "archive_id", "Changes", readonly=True)
    date_review = fields.Date("Next Review", readonly=True, copy=False, index=True)

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | {"date_review": False}

    def _get_open_fields(self):
        return super()._get_open_fields() | {"place_id", "electronic_place_id"}

    @api.constrains("place_id", "secrecy")
    def _check_place_apart(self):
        """机密 and 绝密 stand apart from the others (A2.R22)."""
        for archive in self:
            place = archive.place_id
            if place and archive.secrecy in CLASSIFIED and not place.is_for_classified:
                raise ValidationError(
                    self.env._(
                        "%(archive)s is classified: it is kept apart, in a place meant for it, not "
                        "in %(place)s.",
                        archive=archive.name,
                        place=place.complete_name,
                    )
                )
