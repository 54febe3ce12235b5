from odoo import fields, models
from odoo.exceptions import AccessError


class CrmArchive(models.Model):
    """An archive ends when the relation has ended and the last of its items is destroyed."""

    _inherit = "crm.archive"

    date_ended = fields.Date(
        "Relation Ended On",
        copy=False,
        help="Terms counted from the end of the relation begin here.",
    )
    hold_ids = fields.One2many("crm.archive.hold", "archive_id", "Holds")
    is_held = fields.Boolean("On Hold", compute="_compute_is_held")

    def _compute_is_held(self):
        domain = [("archive_id", "in", self.ids), ("date_released", "=", False)]
        groups = self.env["crm.archive.hold"].sudo()._read_group(domain, ["archive_id"])
        held = {archive.id for (archive,) in groups}
        for archive in self:
            archive.is_held = archive.id in held

    def _get_open_fields(self):
        return super()._get_open_fields() | {"date_ended"}

    def write(self, vals):
        if "date_ended" in vals and not self.env.su and not self._is_supervisor():
            raise AccessError(
                self.env._("Supervisors note the end of a relation: terms begin with it.")
            )
        return super().write(vals)

    def _close_destroyed(self):
        """Of archives without any item left nothing stays but number, customer and days.

        Messages with their tracked values and files go as well; called with ``sudo``.

        :return: list of the names of files that have to leave the disk
        """
        items = self.env["crm.archive.item"].with_context(active_test=False)
        left = items._read_group(
            [("archive_id", "in", self.ids), ("date_destroyed", "=", False)], ["archive_id"]
        )
        gone = self.filtered("date_ended") - self.browse().union(*(archive for (archive,) in left))
        files = self.env["ir.attachment"]._get_crm_files(self._name, gone.ids)
        names = [name for name in files.mapped("store_fname") if name]
        files.unlink()
        gone.message_ids.unlink()
        gone.write({"state": "destroyed", "note": False, "active": False})
        gone.fact_ids.unlink()
        self.env["crm.archive.change"].search([("archive_id", "in", gone.ids)]).unlink()
        return names
