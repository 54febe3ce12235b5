import hashlib
from base64 import b64decode

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

SERVER_FIELDS = frozenset(("date_destroyed", "date_kept_until"))


class CrmArchiveItem(models.Model):
    """What is left of an item that was destroyed: its name and number, no content (B5.R4)."""

    _inherit = "crm.archive.item"

    date_destroyed = fields.Datetime("Destroyed On", readonly=True, copy=False)
    date_kept_until = fields.Date(
        "Kept Longer Until", readonly=True, copy=False, help="Decided with a disposal list."
    )
    date_retention = fields.Date(
        "Retention Ends", compute="_compute_date_retention", compute_sudo=True
    )

    @api.depends(
        "archive_class",
        "date_document",
        "archive_id.date_opened",
        "archive_id.date_ended",
        "archive_id.date_established",
    )
    def _compute_date_retention(self):
        for company, items in self.grouped("company_id").items():
            rules = self.env["crm.archive.retention"]._get_rules(company)
            rest = items
            items.date_retention = False
            for rule in rules:
                mine = rest.filtered_domain(rule._get_item_domain())
                for item in mine:
                    item.date_retention = rule._get_date_end(item)
                rest -= mine

    @api.model_create_multi
    def create(self, vals_list):
        initial = dict.fromkeys(SERVER_FIELDS, False)
        return super().create([{**vals, **initial} for vals in vals_list])

    def write(self, vals):
        if not self.env.su:
            if not SERVER_FIELDS.isdisjoint(vals):
                raise AccessError(self.env._("What is destroyed or kept is decided by a disposal."))
            if any(item.date_destroyed for item in self.sudo()):
                raise UserError(self.env._("This item was destroyed: only its name is left."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_destroyed(self):
        if any(item.date_destroyed for item in self.sudo()):
            raise UserError(self.env._("The trace of a destroyed item is kept."))

    def _is_held(self):
        """:return: bool for a single record: whether something forbids to destroy it"""
        self.ensure_one()
        holds = self.env["crm.archive.hold"].sudo()
        domain = [("archive_id", "=", self.archive_id.id), ("date_released", "=", False)]
        return bool(holds.search_count(domain, limit=1))

    def _get_content_digest(self):
        """Fingerprint of all that is destroyed with an item; called with ``sudo``.

        That of the content is the one it was put in with, whose salt is destroyed as well: nobody
        finds out by guessing what a short text said.

        :return: SHA-256 as text, and the size in bytes
        """
        self.ensure_one()
        contents = self.env["crm.archive.content"].with_context(bin_size=False)
        digests, size = [self.digest or ""], 0
        for content in contents.search([("item_id", "=", self.id)]):
            size += len((content.body or "").encode()) + len(b64decode(content.file or b""))
        for file in self._get_destroyed_files():
            digests.append(hashlib.sha256(file.raw or b"").hexdigest())
            size += file.file_size
        if len(digests) > 1:
            return hashlib.sha256("".join(sorted(digests)).encode()).hexdigest(), size
        return self.digest, size

    def _get_destroyed_files(self):
        """:return: ``ir.attachment`` of the item, also of its fields, with their thumbnails"""
        return self.env["ir.attachment"].sudo()._get_crm_files(self._name, self.ids)

    def _pass_door(self, kind):
        if gone := self.sudo().filtered("date_destroyed")[:1]:
            self.check_access("read")
            raise UserError(self.env._("“%s” was destroyed: there is nothing to read.", gone.name))
        return super()._pass_door(kind)

    def _destroy_content(self):
        """Remove all that the items say; called with ``sudo``, addons remove more.

        What stays is the row with its name, which is in the certificate as well.
        """
        self.env["crm.archive.content"].search([("item_id", "in", self.ids)]).unlink()
        self._get_destroyed_files().unlink()
        self.write({"date_destroyed": fields.Datetime.now(), "active": False})
