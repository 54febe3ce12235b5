import contextlib
import os

from odoo import api, models


class IrAttachment(models.Model):
    """Files of what is destroyed leave the disk at once, not with the next clean-up."""

    _inherit = "ir.attachment"

    @api.model
    def _get_crm_files(self, model, ids):
        """:return: the files of documents, those of their fields too"""
        domain = [("res_model", "=", model), ("res_id", "in", ids)]
        # a condition on the field is what makes the core look at files of fields as well
        return self.search([*domain, "|", ("res_field", "=", False), ("res_field", "!=", False)])

    @api.model
    def _purge_crm_files(self, names):
        """Take files that no attachment names any more off the disk; safe to run again.

        :param names: names of files in the filestore
        :return: list of the names that other attachments still need
        """
        names = list(names)
        self.env.cr.execute(
            "SELECT DISTINCT store_fname FROM ir_attachment WHERE store_fname = ANY(%s)", [names]
        )
        shared = [name for (name,) in self.env.cr.fetchall()]
        for name in set(names).difference(shared):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._full_path(name))
        return shared
