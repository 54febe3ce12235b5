from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ..tools.statistics_table import parse

NUMBERS = ("table_number", "row_number", "column_number")
SERVER = frozenset(("label", "value_before"))


class CrmStatisticsCorrectionLine(models.Model):
    """One figure of a report: before and after.

    People choose the figure by its name; what is kept are its numbers in the report, and its name
    in words.
    """

    _name = "crm.statistics.correction.line"
    _description = "Line of a Correction"
    _inherit = ["crm.approval.line.mixin"]
    _order = "correction_id, table_number, row_number, column_number, id"
    _rec_name = "label"

    _approval_parent_field = "correction_id"

    correction_id = fields.Many2one(
        "crm.statistics.correction", required=True, index=True, ondelete="cascade"
    )
    table_number = fields.Integer("Table", default=1, required=True)
    row_number = fields.Integer("Row", required=True)
    column_number = fields.Integer("Column", required=True)
    figure_id = fields.Many2one(
        "crm.statistics.figure",
        compute="_compute_figure_id",
        inverse="_inverse_figure_id",
        help="Type words of its row and column, or what it says today.",
    )
    label = fields.Char("Figure in Words", compute="_compute_label", store=True)
    value_before = fields.Char("Before", compute="_compute_value_before", store=True, copy=False)
    value_after = fields.Char("After")

    @api.depends(*NUMBERS, "correction_id.report_id")
    def _compute_figure_id(self):
        figures = self.env["crm.statistics.figure"]
        for line in self:
            numbers = line._get_numbers()
            report = line.correction_id.report_id
            is_named = report.ids and all(numbers)
            line.figure_id = figures._join_id(report.ids[0], *numbers) if is_named else False

    @api.onchange("figure_id")
    def _inverse_figure_id(self):
        figures = self.env["crm.statistics.figure"]
        for line in self.filtered("figure_id"):
            report_id, *numbers = figures._split_id(line.figure_id.id)
            if report_id not in line.correction_id.report_id.ids:
                raise ValidationError(self.env._("Choose figures of the report that is corrected."))
            line.update(dict(zip(NUMBERS, numbers, strict=True)))

    @api.depends(*NUMBERS, "correction_id.report_id")
    def _compute_label(self):
        for report, lines in self._group_by_report():
            tables = report._get_tables()
            for line in lines:
                line.label = report._get_figure_label(tables, *line._get_numbers())

    @api.depends(*NUMBERS, "correction_id.report_id")
    def _compute_value_before(self):
        self._freeze_before()

    @api.constrains(*NUMBERS, "value_after")
    def _check_cell(self):
        for line in self:
            report = line.correction_id.report_id
            cell = report._find_cell(report._get_tables(), *line._get_numbers())
            if not cell:
                raise ValidationError(
                    self.env._("There is no such figure in the report: choose it from the list.")
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
        if not SERVER.isdisjoint(names):
            raise AccessError(self.env._("The value before is taken from the report."))
        return super()._check_approval_write(names)

    @api.model_create_multi
    def create(self, vals_list):
        """What a figure is called and says is taken from the report, whoever calls."""
        for vals in vals_list:
            for name in SERVER:
                vals.pop(name, None)
            if figure_id := vals.get("figure_id"):
                numbers = self.env["crm.statistics.figure"]._split_id(figure_id)[1:]
                vals.update(zip(NUMBERS, numbers, strict=True))
        return super().create(vals_list)

    def _freeze_before(self):
        """Note what the report says today."""
        for report, lines in self._group_by_report():
            tables = report._get_tables()
            for line in lines:
                line.value_before = report._get_figure_text(tables, *line._get_numbers())

    def _group_by_report(self):
        return self.grouped(lambda line: line.correction_id.report_id[:1]).items()

    def _get_numbers(self):
        self.ensure_one()
        return [self[name] for name in NUMBERS]

    def _apply(self, tables):
        """Lay the figure over the tables."""
        for line in self:
            report = line.correction_id.report_id
            item, row, col = report._find_cell(tables, *line._get_numbers())
            row[line.column_number - 1] = parse(line.value_after, col["type"])
            item["corrected"].append((line.row_number - 1, line.column_number - 1))
