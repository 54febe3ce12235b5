from odoo import api, fields, models, tools

from .crm_archive_item import CLASSES


class CrmArchiveRight(models.Model):
    """What a role reads by itself, without a request (B5.R2); never what is classified.

    A role and a class that have no row are read on request only.
    """

    _name = "crm.archive.right"
    _description = "Reading by Role"
    _order = "group_id, archive_class, id"
    _rec_name = "group_id"

    group_id = fields.Many2one("res.groups", "Role", required=True, index=True, ondelete="cascade")
    archive_class = fields.Selection(CLASSES, "Class", required=True)
    scope = fields.Selection(
        [("own", "Their own and their department's customers"), ("all", "All customers")],
        "Whose",
        required=True,
        default="own",
    )

    _role_uniq = models.UniqueIndex(
        "(group_id, archive_class)", "This role has a row for this class already."
    )

    @api.model
    def _get_scopes(self, user):
        """What a person reads by role.

        :param user: ``res.users``
        :return: dict of class to ``"own"`` or ``"all"``
        """
        return dict(self._find_scopes(tuple(sorted(user.all_group_ids.ids))))

    @api.model
    @tools.ormcache("group_ids")
    def _find_scopes(self, group_ids):
        rights = self.sudo().with_context({}).search([("group_id", "in", group_ids)])
        scopes = {}
        for right in rights:
            if scopes.get(right.archive_class) != "all":
                scopes[right.archive_class] = right.scope
        return tuple(scopes.items())

    @api.model_create_multi
    def create(self, vals_list):
        rights = super().create(vals_list)
        self.env.registry.clear_cache()
        return rights

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
