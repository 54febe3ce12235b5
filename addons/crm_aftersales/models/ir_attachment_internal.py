from odoo import api, models
from odoo.exceptions import AccessError


class IrAttachment(models.Model):
    """Files of what is for colleagues only get no link that opens without a login (A4.R10)."""

    _name = "ir.attachment"
    _inherit = ["ir.attachment"]

    @api.model_create_multi
    def create(self, vals_list):
        files = super().create(vals_list)
        files._check_internal_links(set().union(*vals_list))
        return files

    def write(self, vals):
        res = super().write(vals)
        self._check_internal_links(vals)
        return res

    def _check_internal_links(self, names):
        """:raise AccessError: a file of an internal document was opened to the outside"""
        if {"public", "access_token", "res_model"}.isdisjoint(names):
            return
        for file in self.sudo():
            model = file.res_model and self.env.get(file.res_model)
            is_internal = model is not None and getattr(model, "_is_for_colleagues", False)
            if is_internal and (file.public or file.access_token):
                raise AccessError(
                    self.env._("This file is for colleagues: no link opens it to others.")
                )
