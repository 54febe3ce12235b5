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

    item_id = fields.Many2one("crm.archive.item", required=True, index=True, ondelete="cascade")
    body = fields.Text()
    file = fields.Binary(attachment=False)
    file_name = fields.Char()

    @api.model_create_multi
    def create(self, vals_list):
        self._check_door()
        return super().create(vals_list)

    def _check_door(self):
        """:raise AccessError: whoever comes another way than through the door"""
        if not self.env.su:
            raise AccessError(
                self.env._("What stands in archives is read from the archive, with leave.")
            )

    def _check_access(self, operation):
        if self.env.su:
            return super()._check_access(operation)
        return self, lambda: AccessError(
            self.env._("What stands in archives is read from the archive, with leave.")
        )

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
