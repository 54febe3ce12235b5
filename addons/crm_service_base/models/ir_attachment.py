from collections import defaultdict

from odoo import api, models

# what else a person may write on a locked file changes neither content nor place
OPEN_FIELDS = frozenset(("access_token", "description", "public", "original_id"))


class IrAttachment(models.Model):
    """Files that were submitted stay as they were; new files can be added to the chatter."""

    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            self._check_approval_targets(
                (vals.get("res_model"), vals.get("res_id"), vals.get("res_field"))
                for vals in vals_list
            )
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and not OPEN_FIELDS.issuperset(vals):
            self._check_approval_files()
            if not vals.keys().isdisjoint(("res_model", "res_id", "res_field")):
                self._check_approval_targets(
                    (
                        vals.get("res_model", file.res_model),
                        vals.get("res_id", file.res_id),
                        vals.get("res_field", file.res_field),
                    )
                    for file in self.sudo()
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_submitted(self):
        # also with sudo: a controller of mail deletes that way for whoever owns the file
        self._check_approval_files()

    def _check_approval_files(self):
        """:raise UserError: one of the files belongs to what was submitted"""
        by_model = defaultdict(self.sudo().browse)
        for file in self.sudo():
            if file.res_id and self._is_approval_model(file.res_model):
                by_model[file.res_model] |= file
        for name, files in by_model.items():
            records = self.env[name].sudo().browse(files.mapped("res_id")).exists()
            locked = records._approval_documents()._get_approval_locked()
            if locked:
                files._check_approval_not_submitted(records, locked)

    def _check_approval_not_submitted(self, records, locked):
        ids = locked.approval_request_id._get_attachment_ids()
        for file in self:
            record = records.browse(file.res_id)
            if record not in records or not (record._approval_documents() & locked):
                continue
            if file.id in ids or self._is_approval_content(file):
                raise locked._make_locked_error()

    @api.model
    def _check_approval_targets(self, targets):
        """Refuse a file that would become the value of a locked field.

        :param targets: iterable of ``(res_model, res_id, res_field)``
        """
        for name, res_id, field in targets:
            if field and res_id and self._is_approval_model(name):
                records = self.env[name].sudo().browse(int(res_id)).exists()
                if field not in records._approval_field_sets()[1]:
                    records._approval_documents()._check_approval_draft()

    @api.model
    def _is_approval_content(self, file):
        return file.res_field and (
            file.res_field not in self.env[file.res_model]._approval_field_sets()[1]
        )

    @api.model
    def _is_approval_model(self, name):
        return name in self.env and hasattr(self.env.registry[name], "_approval_documents")
