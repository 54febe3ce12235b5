from odoo import fields, models
from odoo.tools import SQL


class CrmStatisticsFigure(models.Model):
    """The summary figures of issued reports, one by one, to compare over the periods."""

    _name = "crm.statistics.figure"
    _description = "Figure of a Statistical Report"
    _auto = False
    _order = "date_to desc, id"
    _rec_name = "label"
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
    date_from = fields.Date("From", readonly=True)
    date_to = fields.Date("To", readonly=True)
    table_caption = fields.Char("Table", readonly=True)
    label = fields.Char("Row", readonly=True)
    column_caption = fields.Char("Column", readonly=True)
    value = fields.Float(readonly=True, aggregator="avg")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT ((r.id::bigint * 16 + t.ord) * 1024 + row.ord) * 32 + col.ord AS id,
                   r.id AS report_id, r.type_id, r.company_id, r.department_id, r.date_from,
                   r.date_to, t.item->>'caption' AS table_caption, row.item->>0 AS label,
                   col.item->>'caption' AS column_caption,
                   (row.item->>(col.ord::int - 1))::float AS value
              FROM crm_statistics_report r
              JOIN LATERAL jsonb_array_elements(coalesce(r.data_corrected, r.data)->'tables')
                           WITH ORDINALITY t(item, ord) ON (t.item->>'is_summary')::boolean
              JOIN LATERAL jsonb_array_elements(t.item->'columns')
                           WITH ORDINALITY col(item, ord)
                   ON col.item->>'type' IN ('integer', 'float', 'percent')
              JOIN LATERAL jsonb_array_elements(t.item->'rows')
                           WITH ORDINALITY row(item, ord) ON row.ord < 1024
             WHERE r.state = 'issued' AND r.subject_id IS NULL
            """
        )
