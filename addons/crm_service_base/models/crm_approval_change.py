from odoo import api, fields, models
from odoo.tools import format_datetime


class CrmApprovalChange(models.AbstractModel):
    """Tells a person what differs between two snapshots; see ``tools.approval_hash.changes``."""

    _name = "crm.approval.change"
    _description = "Change between Submissions"

    @api.model
    def _describe(self, model, changed):
        """Changes as texts, without the fields that the current user may not read.

        :param str model: model of the document
        :param changed: list of ``(path, before, after)``
        :return: list of ``(label, before, after)``
        """
        return [
            (
                self._get_label(model, path),
                self._get_text(model, path, before),
                self._get_text(model, path, after),
            )
            for path, before, after in changed
            if path[0] != "schema" and self._is_readable(model, path)
        ]

    @api.model
    def _get_label(self, model, path):
        if path[0] == "attachments":
            return self.env._("Attachments")
        field = self._get_field(model, path)
        label = field._description_string(self.env) if field else path[-1]
        numbers = [key for key in path if key.isdecimal()]
        return f"{label} #{numbers[-1]}" if numbers else label

    @api.model
    def _get_field(self, model, path):
        """The field a path ends in, following the lines."""
        records, field = self.env.get(model), None
        for key in path:
            if records is not None and key in records._fields:
                field = records._fields[key]
                records = self.env.get(field.comodel_name) if field.relational else None
        return field

    @api.model
    def _is_readable(self, model, path):
        field = self._get_field(model, path)
        return not field or self.env[field.model_name]._has_field_access(field, "read")

    @api.model
    def _get_text(self, model, path, value):
        """A value of a snapshot as a person reads it."""
        if value in (None, False, [], {}):
            return ""
        if isinstance(value, dict):
            return self._get_node_text(model, path, value)
        field = self._get_field(model, path)
        match field and field.type:
            case "many2one" | "many2many":
                records = self.env[field.comodel_name].sudo()
                ids = value if isinstance(value, list) else [value]
                return ", ".join(records.browse(ids).exists().mapped("display_name"))
            case "selection":
                return dict(field._description_selection(self.env)).get(value, value)
            case "datetime":
                moment = fields.Datetime.from_string(value.replace("T", " "))
                return format_datetime(self.env, moment)
            case "float" | "monetary":
                return value.rstrip("0").rstrip(".")
            case "binary":
                return self.env._("(file)")
            case _:
                return str(value)

    @api.model
    def _get_node_text(self, model, path, value):
        """A line, an attachment or the languages of a text."""
        if "values" not in value:
            return str(value.get("name") or value.get(self.env.lang) or value.get("en_US") or "")
        lines = self.env[self._get_field(model, path).comodel_name]
        texts = (
            self._get_text(model, (*path, key), part)
            for key, part in value["values"].items()
            if key not in ("sequence", lines._approval_parent_field)
            and self._is_readable(model, (*path, key))
        )
        return " · ".join(filter(None, texts))
