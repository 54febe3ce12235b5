from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ..tools.statistics_table import parse, show


class CrmStatisticsCorrectionLine(models.Model):
    """One figure of a report: before and after."""

    _name = "crm.statistics.correction.line"
    _description = "Line of a Correction"
    _inherit = ["crm.approval.line.mixin"]
    _order = "correction_id, table_number, row_number, column_number, id"

    _approval_parent_field = "correction_id"

    correction_id = fields.Many2one(
        "crm.statistics.correction", required=True, index=True, ondelete="cascade"
    )
    table_number = fields.Integer("Table", default=1, required=True)
    row_number = fields.Integer("Row", required=True)
    column_number = fields.Integer("Column", required=True)
    label = fields.Char("Figure", compute="_compute_label")
    value_before = fields.Char("Before", readonly=True, copy=False)
    value_after = fields.Char("After")

    @api.depends("table_number", "row_number", "column_number", "correction_id.report_id")
    def _compute_label(self):
        for line in self:
            cell = line._find_cell(line.correction_id.report_id._get_tables())
            line.label = cell and f"{cell[0]['caption']} / {cell[2]['caption']}"

    @api.depends("label", "row_number")
    def _compute_display_name(self):
        for line in self:
            line.display_name = f"{line.label or ''} {line.row_number}"

    @api.constrains("table_number", "row_number", "column_number", "value_after")
    def _check_cell(self):
        for line in self:
            cell = line._find_cell(line.correction_id.report_id._get_tables())
            if not cell:
                raise ValidationError(
                    self.env._(
                        "There is no table %(table)s with row %(row)s and column %(column)s: take "
                        "the numbers from the report.",
                        table=line.table_number,
                        row=line.row_number,
                        column=line.column_number,
                    )
                )
            line._parse_after(cell[2])

    def _parse_after(self, col):
        try:
            return parse(self.value_after, col["type"])
        except ValueError:
            raise ValidationError(
                self.env._(
                    "“%(value)s” does not fit column “%(column)s”.",
                    value=self.value_after,
                    column=col["caption"],
                )
            ) from None

    def _check_approval_write(self, names):
        if "value_before" in names:
            raise AccessError(self.env._("The value before is taken from the report."))
        return super()._check_approval_write(names)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals.pop("value_before", None)
        lines = super().create(vals_list)
        lines._freeze_before()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if not {"table_number", "row_number", "column_number"}.isdisjoint(vals):
            self._freeze_before()
        return result

    def _freeze_before(self):
        """Note what the report says today."""
        by_report = self.sudo().grouped(lambda line: line.correction_id.report_id)
        for report, lines in by_report.items():
            tables = report._get_tables()
            for line in lines:
                line.value_before = line._get_shown(tables)

    def _find_cell(self, tables):
        """:return: ``(table, row, column)``, or None where the numbers fit nothing"""
        self.ensure_one()
        numbers = (self.table_number, self.row_number, self.column_number)
        if min(numbers) < 1 or self.table_number > len(tables):
            return None
        item = tables[self.table_number - 1]
        if self.row_number > len(item["rows"]) or self.column_number > len(item["columns"]):
            return None
        return item, item["rows"][self.row_number - 1], item["columns"][self.column_number - 1]

    def _get_shown(self, tables):
        """What a figure is as text, False where there is none."""
        cell = self._find_cell(tables)
        return cell and show(cell[1][self.column_number - 1], cell[2]["type"]) or False

    def _apply(self, tables):
        """Lay the figure over the tables."""
        for line in self:
            item, row, col = line._find_cell(tables)
            row[line.column_number - 1] = parse(line.value_after, col["type"])
            item["corrected"].append((line.row_number - 1, line.column_number - 1))
