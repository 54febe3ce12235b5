"""Files through the doors of Odoo's import dialog."""

from odoo.addons.crm_service_base.controllers.crm_import_template import XLSX


class ImportCase:
    """For a TransactionCase: imports a file as the dialog does."""

    def import_file(self, model, content, user=None, lang="en_US", columns=None):
        """Match the columns by their captions, then import.

        :param str model: name of the model
        :param content: bytes of a workbook, or rows as a list of lists of str, captions first
        :param columns: import paths that the captions must match, in their order
        :return: (records, list of messages)
        """
        is_rows = isinstance(content, list)
        if is_rows:
            content = "\n".join(
                ",".join('"{}"'.format(cell.replace('"', '""')) for cell in row) for row in content
            ).encode()
        env = self.env(user=user or self.env.user, context={"lang": lang, "tz": "Asia/Shanghai"})
        dialog = env["base_import.import"].create(
            {
                "res_model": model,
                "file": content,
                "file_name": "rows.csv" if is_rows else "rows.xlsx",
                "file_type": "text/csv" if is_rows else XLSX,
            }
        )
        preview = dialog.parse_preview({"has_headers": True, "quoting": '"', "separator": ","})
        self.assertNotIn("error", preview)
        headers = preview["headers"]
        matched = ["/".join(preview["matches"].get(i, [])) for i in range(len(headers))]
        if columns:
            self.assertEqual(
                dict(zip(headers, matched, strict=True)), dict(zip(headers, columns, strict=True))
            )
        options = {**preview["options"], "tracking_disable": True}
        captions = [header.lower() for header in headers]
        result = dialog.execute_import([path or False for path in matched], captions, options)
        return env[model].browse(result.get("ids") or []), result["messages"]

    def import_template(self, model, user, lang):
        """Import the template of a model as somebody would who downloads it.

        :return: (records, list of messages)
        """
        records = self.env(user=user, context={"lang": lang, "tz": "Asia/Shanghai"})[model]
        return self.import_file(
            model,
            records._render_import_template(),
            user,
            lang,
            columns=list(records._get_import_template_rows()[0]),
        )
