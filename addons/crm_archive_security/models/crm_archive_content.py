import hashlib
import secrets

from odoo import api, fields, models
from odoo.exceptions import AccessError


class CrmArchiveContent(models.Model):
    """What an item says. No role reads or writes it: only the door does, with ``sudo``.

    Files stand in the table itself, not among the attachments, whose tokens and links would be
    doors of their own. The checks hold also where somebody edits the table of access rights.
    """

    _name = "crm.archive.content"
    _description = "Content of an Archive Item"
    _rec_name = "item_id"
    _allow_sudo_commands = False

    item_id = fields.Many2one("crm.archive.item", required=True, ondelete="cascade")
    body = fields.Text()
    file = fields.Binary(attachment=False)
    file_name = fields.Char()
    salt = fields.Char(required=True, default=lambda self: secrets.token_hex(16))

    _item_uniq = models.UniqueIndex("(item_id)", "This item has its content already.")

    @api.model_create_multi
    def create(self, vals_list):
        self._check_door()
        return super().create(vals_list)

    def _check_door(self):
        """:raise AccessError: whoever comes another way than through the door"""
        if not self.env.su:
            raise self._make_door_error()

    def _make_door_error(self):
        return AccessError(
            self.env._("What stands in archives is read from the archive, with leave.")
        )

    def _check_access(self, operation):
        if self.env.su:
            return super()._check_access(operation)
        return self, self._make_door_error

    @api.model
    def _search(
        self,
        domain,
        offset=0,
        limit=None,
        order=None,
        *,
        active_test=True,
        bypass_access=False,
    ):
        # also where a domain of another model leads here
        self._check_door()
        return super()._search(
            domain, offset, limit, order, active_test=active_test, bypass_access=bypass_access
        )

    def _get_digest(self):
        """Salted, so that nobody finds out by guessing what a short text says.

        :return: 64 hexadecimal digits
        """
        self.ensure_one()
        digest = hashlib.sha256(self.salt.encode())
        for part in (self.body or "", self.file_name or ""):
            digest.update(part.encode() + b"\0")
        digest.update(self.with_context(bin_size=False).file or b"")
        return digest.hexdigest()
