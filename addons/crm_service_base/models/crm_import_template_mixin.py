import datetime
import io

import xlsxwriter

from odoo import api, models


class CrmImportTemplateMixin(models.AbstractModel):
    """Offers a template in Odoo's import dialog.

    The workbook is made when it is downloaded, so its captions are those of the user's language,
    which the import knows again, and its example rows name records of this database. A model says
    in ``_get_import_template_rows`` which columns it has.
    """

    _name = "crm.import.template.mixin"
    _description = "Import Template"

    @api.model
    def get_import_templates(self):
        """Adds ours to the templates of the import dialog."""
        return [*super().get_import_templates(), self._prepare_import_template()]

    @api.model
    def _prepare_import_template(self):
        """The link in the import dialog."""
        return {
            "label": self.env._("Import Template for %s", self._get_import_template_title()),
            "template": f"/crm_service/import_template/{self._name}",
        }

    @api.model
    def _get_import_template_title(self):
        """What the rows of the template are.

        :return: str in the user's language
        """
        return self.env["ir.model"]._get(self._name).name

    @api.model
    def _get_import_template_rows(self):
        """The example rows of the template, which can be imported as they are.

        :return: list of dicts of import path (``"line_ids/partner_id"``) to value; the first one
            has every column
        """
        raise NotImplementedError

    @api.model
    def _render_import_template(self):
        """The workbook: the rows on its first sheet, on the second what each column takes.

        :return: bytes, xlsx
        """
        rows = self._get_import_template_rows()
        paths = list(rows[0])
        output = io.BytesIO()
        # A text that begins with "=" stays a text.
        book = xlsxwriter.Workbook(output, {"in_memory": True, "strings_to_formulas": False})
        bold = book.add_format({"bold": True, "bg_color": "#EEEEEE", "border": 1})
        formats = {
            datetime.datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
            datetime.date: book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        sheet = book.add_worksheet(self.env._("Data"))
        sheet.freeze_panes(1, 0)
        captions = {path: self._get_import_caption(path) for path in paths}
        for column, (path, caption) in enumerate(captions.items()):
            sheet.set_column(column, column, max(12, 2 * len(caption)))
            sheet.write_string(0, column, caption, bold)
            for line, row in enumerate(rows, 1):
                value = row.get(path)
                if value not in (None, False, ""):
                    sheet.write(line, column, value, formats.get(type(value)))
        self._write_import_notes(book.add_worksheet(self.env._("Columns")), captions, bold)
        book.close()
        return output.getvalue()

    @api.model
    def _write_import_notes(self, sheet, captions, bold):
        """A line a column: its caption, whether it is required, what it takes."""
        sheet.set_column(0, 1, 24)
        sheet.set_column(2, 2, 100)
        for column, title in enumerate(
            (self.env._("Column"), self.env._("Required"), self.env._("Takes"))
        ):
            sheet.write_string(0, column, title, bold)
        for line, (path, caption) in enumerate(captions.items(), 1):
            field = self._get_import_fields(path)[-1]
            sheet.write_string(line, 0, caption)
            sheet.write_string(line, 1, self.env._("Yes") if field.required else "")
            sheet.write_string(line, 2, self._describe_import_values(field))

    @api.model
    def _describe_import_values(self, field):
        """What a column takes, in words: the choices where there are few."""
        if field.type == "selection":
            return ", ".join(label for _key, label in field._description_selection(self.env))
        if field.type == "boolean":
            return self.env._("TRUE or FALSE")
        if field.type == "date":
            return self.env._("A date like 2026-03-31")
        if field.type == "datetime":
            return self.env._("Date and time like 2026-03-31 14:30, in your time zone")
        if field.relational:
            records = self.env[field.comodel_name].search([], limit=21)
            names = records[:20].mapped("display_name") + (["…"] if len(records) > 20 else [])
            several = (
                self.env._("Several with commas between them:") if field.type == "many2many" else ""
            )
            return f"{several} {', '.join(names)}".strip()
        return field._description_help(self.env) or ""

    @api.model
    def _get_import_fields(self, path):
        """The fields along an import path."""
        model, fields_along = self, []
        for name in path.split("/"):
            fields_along.append(model._fields[name])
            model = (
                self.env.get(fields_along[-1].comodel_name) if fields_along[-1].relational else None
            )
        return fields_along

    @api.model
    def _get_import_caption(self, path):
        """The caption of a column, which the import dialog matches with its field.

        A label that two fields have, or with a slash in it, would be matched with another one:
        there the field's name serves.
        """
        captions = []
        for field in self._get_import_fields(path):
            described = self.env[field.model_name].fields_get(attributes=["string", "readonly"])
            label = described[field.name]["string"]
            same = [
                name
                for name, other in described.items()
                if other["string"].casefold() == label.casefold() and not other.get("readonly")
            ]
            captions.append(field.name if "/" in label or len(same) > 1 else label)
        return "/".join(captions)
