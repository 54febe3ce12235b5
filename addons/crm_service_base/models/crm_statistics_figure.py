from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.statistics_table import NUMBERS

# how many bits of the id name the table, the row and the column of a figure, from 1 on
TABLE_BITS, ROW_BITS, COLUMN_BITS = 4, 17, 5


class CrmStatisticsFigure(models.Model):
    """The figures of issued reports one by one: to compare them over the periods, and to name one.

    Those of summary tables are compared; a correction chooses among all of its report.
    """

    _name = "crm.statistics.figure"
    _description = "Figure of a Statistical Report"
    _auto = False
    _order = "date_to desc, id"
    _depends = {
        "crm.statistics.report": [
            "company_id",
            "data",
            "data_corrected",
            "date_from",
            "date_to",
            "department_id",
            "state",
            "subject_id",
            "type_id",
        ],
    }

    report_id = fields.Many2one("crm.statistics.report", readonly=True)
    type_id = fields.Many2one("crm.statistics.report.type", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    department_id = fields.Many2one("crm.service.department", readonly=True)
    subject_id = fields.Many2one("res.users", "Person", readonly=True)
    date_from = fields.Date("From", readonly=True)
    date_to = fields.Date("To", readonly=True)
    table_caption = fields.Char("Table", readonly=True)
    row_number = fields.Integer(readonly=True, aggregator=None)
    label = fields.Char("Row", readonly=True)
    column_caption = fields.Char("Column", readonly=True)
    value = fields.Float(readonly=True, aggregator="avg")
    text = fields.Char("Content", readonly=True)
    is_summary = fields.Boolean("To Compare", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT (((r.id::bigint << %(table_bits)s | t.ord) << %(row_bits)s | row.ord)
                    << %(column_bits)s) | col.ord AS id,
                   r.id AS report_id, r.type_id, r.company_id, r.department_id, r.subject_id,
                   r.date_from, r.date_to, t.item->>'caption' AS table_caption,
                   row.ord::integer AS row_number, row.item->>0 AS label,
                   col.item->>'caption' AS column_caption,
                   row.item->>(col.ord::int - 1) AS text,
                   CASE WHEN col.item->>'type' IN %(numbers)s
                        THEN (row.item->>(col.ord::int - 1))::float END AS value,
                   (t.item->>'is_summary')::boolean AND col.item->>'type' IN %(numbers)s
                   AND coalesce((col.item->>'is_compared')::boolean, TRUE) AS is_summary
              FROM crm_statistics_report r
              JOIN LATERAL jsonb_array_elements(coalesce(r.data_corrected, r.data)->'tables')
                           WITH ORDINALITY t(item, ord) ON t.ord < %(tables)s
              JOIN LATERAL jsonb_array_elements(t.item->'columns')
                           WITH ORDINALITY col(item, ord) ON col.ord < %(columns)s
              JOIN LATERAL jsonb_array_elements(t.item->'rows')
                           WITH ORDINALITY row(item, ord) ON row.ord < %(rows)s
             WHERE r.state = 'issued'
            """,
            table_bits=TABLE_BITS,
            row_bits=ROW_BITS,
            column_bits=COLUMN_BITS,
            tables=1 << TABLE_BITS,
            rows=1 << ROW_BITS,
            columns=1 << COLUMN_BITS,
            numbers=NUMBERS,
        )

    def _compute_display_name(self):
        """Name and content, from the report: by its id the view would go through all of them."""
        by_report = self.grouped(lambda figure: self._split_id(figure.id)[0])
        for report_id, figures in by_report.items():
            report = self.env["crm.statistics.report"].browse(report_id)
            tables = report._get_tables()
            for figure in figures:
                numbers = self._split_id(figure.id)[1:]
                text = report._get_figure_text(tables, *numbers) or "–"
                figure.display_name = f"{report._get_figure_label(tables, *numbers)} = {text}"

    @api.model
    def _search_display_name(self, operator, value):
        """Each word is looked for in row, column and content, in any order."""
        if operator != "ilike" or not isinstance(value, str):
            return super()._search_display_name(operator, value)
        names = ("table_caption", "label", "column_caption", "text")
        return Domain.AND(
            Domain.OR(Domain(name, "ilike", word) for name in names) for word in value.split()
        )

    @api.model
    def _join_id(self, report_id, table, row, column):
        """The id of a figure, from its report and its numbers in it."""
        return ((report_id << TABLE_BITS | table) << ROW_BITS | row) << COLUMN_BITS | column

    @api.model
    def _split_id(self, figure_id):
        """:return: the report's id and the numbers of table, row and column"""
        figure_id, column = divmod(figure_id, 1 << COLUMN_BITS)
        figure_id, row = divmod(figure_id, 1 << ROW_BITS)
        report_id, table = divmod(figure_id, 1 << TABLE_BITS)
        return report_id, table, row, column
