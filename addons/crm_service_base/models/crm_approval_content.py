from odoo import api, models, tools
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..tools import approval_hash

FREE_MIXINS = (
    "mail.thread",
    "mail.thread.main.attachment",
    "mail.activity.mixin",
    "portal.mixin",
    "rating.mixin",
)


class CrmApprovalContent(models.AbstractModel):
    """What documents and their lines have in common: which fields are content, and their hash.

    Every stored field is content unless a method below names it: a field that nobody thought of
    is locked and hashed.
    """

    _name = "crm.approval.content"
    _inherit = ["crm.access.mixin"]
    _description = "Content under Approval"

    # one2many fields that are content; their models inherit crm.approval.line.mixin
    _approval_line_fields = ()

    @api.model
    def _approval_guarded_fields(self):
        """Fields that only the server writes, in any state.

        Documents and lines extend it with ``super()``; the answer may not depend on records, users
        or context. At creation such a field gets its own default, else nothing.

        :return: set of field names
        """
        return set()

    @api.model
    def _approval_free_fields(self):
        """Fields that people may write in every state and that are not content.

        :return: set of field names (mail, activities, portal tokens, ratings)
        """
        mixins = [self.env[name] for name in FREE_MIXINS if name in self.env]
        names = set().union(*(mixin._fields for mixin in mixins))
        return names & self._fields.keys() - self.env["base"]._fields.keys()

    @api.model
    def _approval_after_fields(self):
        """Fields filled while or after the approval runs: writable in every state, not hashed.

        :return: set of field names
        """
        return set()

    @api.model
    @tools.ormcache()
    def _approval_field_sets(self):
        """:return: frozen sets ``(guarded, open)`` of field names"""
        guarded = frozenset(self._approval_guarded_fields())
        free = self._approval_free_fields() | self._approval_after_fields()
        return guarded, frozenset(free) - guarded

    @api.model
    @tools.ormcache()
    def _approval_content_fields(self):
        """:return: tuple of the names of the hashed fields, lines apart"""
        outside = set().union(*self._approval_field_sets(), models.MAGIC_COLUMNS, ["parent_path"])
        return tuple(
            name
            for name, field in sorted(self._fields.items())
            if field.store
            and name not in outside
            and field.type != "one2many"
            and not (field.compute and field.readonly)
        )

    def _approval_documents(self):
        """The documents that lock these records; one each, or none."""
        raise NotImplementedError

    def _check_approval_write(self, names):
        """Refuse a person's change of these fields.

        :param names: field names
        :raise AccessError: a field that only the server writes
        :raise UserError: the document is not a draft
        """
        raise NotImplementedError

    def _check_approval_guarded(self, names):
        guarded = self._approval_field_sets()[0].intersection(names)
        if guarded:
            raise AccessError(
                self.env._(
                    "Only the buttons of the document change this: %s.",
                    ", ".join(sorted(self._fields[name].string for name in guarded)),
                )
            )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        initial = self._approval_initial_values()
        if self.env.su:
            return super().create([{**initial, **vals} for vals in vals_list])
        guarded = self._approval_field_sets()[0]
        return super().create(
            [
                {name: value for name, value in vals.items() if name not in guarded} | initial
                for vals in vals_list
            ]
        )

    def write(self, vals):
        # translations end here too: update_field_translations() writes at its end
        if not self.env.su:
            self._check_approval_write(vals.keys())
        return super().write(vals)

    def copy_data(self, default=None):
        guarded = self._approval_field_sets()[0]
        return [
            {name: value for name, value in vals.items() if name not in guarded}
            for vals in super().copy_data(default)
        ]

    @api.model
    def _approval_initial_values(self):
        """Values of the guarded fields of a new record, whatever context or ``ir.default`` say."""
        model = self.with_context({})  # pylint: disable=context-overridden
        return {
            name: model._approval_initial_value(self._fields[name])
            for name in self._approval_field_sets()[0]
            if self._fields[name].store and not self._fields[name].compute
        }

    @api.model
    def _approval_initial_value(self, field):
        if field.type in ("one2many", "many2many"):
            return []
        return field.convert_to_write(field.default(self), self) if field.default else False

    # ------------------------------------------------------------------
    # Content and hash
    # ------------------------------------------------------------------

    @api.model
    def _approval_schema(self):
        """What is hashed today, kept in the snapshot so that a field added later changes no hash.

        :return: dict ``{model: {"fields": [...], "lines": [...]}}``
        """
        schema = {
            self._name: {
                "fields": list(self._approval_content_fields()),
                "lines": sorted(self._approval_line_fields),
            }
        }
        for name in self._approval_line_fields:
            schema.update(self.env[self._fields[name].comodel_name]._approval_schema())
        return schema

    def _approval_nodes(self, schema):
        """Content of each record as plain values.

        Called on ``sudo`` records with ``active_test=False`` after flush and invalidation.

        :param dict schema: see :meth:`_approval_schema`
        :return: dict ``{id: {"values": {...}, "lines": {field: {id: node}}}}``
        """
        parts = schema.get(self._name, {"fields": (), "lines": ()})
        translated = self._approval_translated(parts["fields"])
        nodes = {
            record.id: {
                "values": record._approval_values(parts["fields"]) | translated.get(record.id, {}),
                "lines": {},
            }
            for record in self
        }
        for name in parts["lines"]:
            line_nodes = self[name]._approval_nodes(schema) if name in self._fields else {}
            for record in self:
                lines = record[name].ids if name in self._fields else ()
                nodes[record.id]["lines"][name] = {str(i): line_nodes[i] for i in sorted(lines)}
        return nodes

    def _approval_values(self, names):
        return {
            name: self._approval_value(self._fields[name]) if name in self._fields else None
            for name in names
        }

    def _approval_value(self, field):
        """One field of one record as a value that JSON can say."""
        value = self[field.name]
        match field.type:
            case "boolean" | "integer" | "many2one_reference":
                return value
            case "float" | "monetary":
                return approval_hash.number(value)
            case "many2one":
                return value.id or None
            case "many2many":
                return sorted(value.ids)
            case "reference":
                return f"{value._name},{value.id}" if value else None
            case "date" | "datetime":
                return value.isoformat() if value else None
            case "binary":
                return approval_hash.digest(value) if value else None
            case "properties":
                return field.convert_to_read(value, self) or None
            case _:
                return value or None

    def _approval_translated(self, names):
        """Raw translations of all languages, installed or not, in one query a model.

        Those that say what English says are left out: a language added later is no change.
        """
        names = [name for name in names if name in self._fields and self._fields[name].translate]
        if not names or not self:
            return {}
        rows = self.env.execute_query_dict(
            SQL(
                "SELECT id, %s FROM %s WHERE id IN %s",
                SQL(", ").join(SQL.identifier(name) for name in names),
                SQL.identifier(self._table),
                tuple(self.ids),
            )
        )
        return {row.pop("id"): approval_hash.without_fallbacks(row) for row in rows}
