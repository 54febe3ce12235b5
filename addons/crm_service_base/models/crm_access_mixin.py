from collections import defaultdict

from odoo import api, models, tools
from odoo.exceptions import AccessError, MissingError
from odoo.fields import Command


class CrmAccessMixin(models.AbstractModel):
    """What the server computes is computed for everybody, and nothing leaves one's companies.

    The core takes whatever is written over RPC into a stored computed field, and checks the rules
    of the company against the values from before a change only.
    """

    _name = "crm.access.mixin"
    _description = "Record Guarded against Forged Values"

    # who may not read it neither writes into its log nor sees it through a form linked to it
    _is_guarded = True

    @api.model
    @tools.ormcache()
    def _get_computed_names(self):
        """:return: frozenset of the names of the stored fields that only the server computes"""
        return frozenset(
            name
            for name, field in self._fields.items()
            if field.store and field.compute and field.readonly
        )

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.su:
            return super().create(vals_list)
        computed = self._get_computed_names()
        forged = {f"default_{name}" for name in computed} & self.env.context.keys()
        context = {key: value for key, value in self.env.context.items() if key not in forged}
        model = self.with_env(self.env(context=context)) if forged else self
        vals_list = [
            {name: value for name, value in vals.items() if name not in computed}
            for vals in vals_list
        ]
        defaults = model._get_context_defaults()
        model._check_links([{**defaults, **vals} for vals in vals_list])
        records = super(CrmAccessMixin, model).create(vals_list).with_env(self.env)
        records._check_dialog()
        return records

    def onchange(self, values, field_names, fields_spec):
        """Related fields show as superuser what a form is linked to: link what one reads only.

        :raise AccessError: a link to a document that the user may not read
        """
        if not self.env.su:
            self._check_links([{**self._get_context_defaults(), **values}])
        return super().onchange(values, field_names, fields_spec)

    @api.model
    def _get_context_defaults(self):
        prefix = "default_"
        context = self.env.context.items()
        return {key[len(prefix) :]: value for key, value in context if key.startswith(prefix)}

    def _check_links(self, vals_list):
        """Nobody links what he may not read: refusals would name it, related fields show it.

        :param vals_list: list of dicts of values, with those of new lines in them
        :raise AccessError: a link to a document that the user may not read
        """
        linked = defaultdict(set)
        known = defaultdict(set)
        for values in vals_list:
            for name, value in values.items():
                field = self._fields.get(name)
                if not field or not field.relational:
                    continue
                lines = self.env[field.comodel_name]
                if not getattr(lines, "_is_guarded", False):
                    continue
                if field.type == "one2many":
                    lines._check_links(self._read_lines(value))
                else:
                    linked[field.comodel_name].update(self._read_link_ids(field, value))
                    known[field.comodel_name].update(self.sudo()[name].ids)
        for model, ids in linked.items():
            self.env[model].browse(ids - known[model])._check_linked()

    def _check_linked(self):
        """:raise AccessError: the user may not read one; what is gone is refused by the database"""
        try:
            is_readable = self.has_access("read")
        except MissingError:
            is_readable = False
        if self and not is_readable and (known := self.exists()):
            known.check_access("read")

    @api.model
    def _read_lines(self, commands):
        """:return: list of the values of new and changed lines"""
        return [
            command[2]
            for command in commands or ()
            if not isinstance(command, int)
            and command[0] in (Command.CREATE, Command.UPDATE)
            and command[2]
        ]

    @api.model
    def _read_link_ids(self, field, value):
        """:return: list of the ids that a value of a form links to"""
        if field.type == "many2one":
            found = [value.get("id")] if isinstance(value, dict) else [value]
        else:
            found = []
            for command in value or ():
                if isinstance(command, int):
                    found.append(command)
                elif command[0] == Command.SET:
                    found.extend(command[2])
                elif command[0] == Command.LINK:
                    found.append(command[1])
        return [id_ for id_ in found if isinstance(id_, int) and id_]

    def write(self, vals):
        if not self.env.su:
            self._check_guarded_write(vals)
            self._check_links([vals])
        res = super().write(vals)
        if not self.env.su:
            self._check_dialog()
        return res

    def _check_dialog(self):
        """A dialog is about documents that its user reads.

        :raise AccessError: it is about another one
        """
        if not self._transient:
            return
        for name, field in self._fields.items():
            if field.store and field.type in ("many2one", "many2many"):
                documents = self.sudo()[name].sudo(False)
                if documents and getattr(documents, "_is_guarded", False):
                    documents.check_access("read")

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
