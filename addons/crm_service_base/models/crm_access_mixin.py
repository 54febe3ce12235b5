from odoo import api, models, tools
from odoo.exceptions import AccessError


class CrmAccessMixin(models.AbstractModel):
    """What the server computes is computed for everybody, and nothing leaves one's companies.

    The core takes whatever is written over RPC into a stored computed field, and checks the rules
    of the company against the values from before a change only.
    """

    _name = "crm.access.mixin"
    _description = "Record Guarded against Forged Values"

    @api.model
    @tools.ormcache()
    def _get_computed_names(self):
        """:return: frozenset of the names of the stored fields that only the server computes"""
        return frozenset(
            name
            for name, field in self._fields.items()
            if field.store and field.compute and field.readonly
        )

    def write(self, vals):
        if not self.env.su:
            self._check_guarded_write(vals)
        return super().write(vals)

    def _check_guarded_write(self, vals):
        """:raise AccessError: a computed value, or a company that is not the user's"""
        forged = self._get_computed_names() & vals.keys()
        if forged:
            raise AccessError(
                self.env._(
                    "%s is computed by the system: change what it is computed from.",
                    self._fields[min(forged)]._description_string(self.env),
                )
            )
        company = vals.get("company_id")
        if company and company not in self.env.companies.ids:
            raise AccessError(
                self.env._("Choose one of the companies you work in and have switched on.")
            )
