from odoo import _, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class IrSequence(models.Model):
    """Numbers for a whole batch of documents in one query."""

    _inherit = "ir.sequence"

    @api.model
    def _next_batch(self, code, count, company):
        """Draw several numbers at once.

        :param str code: code of the sequence; one of the company wins over a shared one
        :param int count: how many numbers, at least 1
        :param company: ``res.company`` record
        :return: list of ``count`` numbers, in ascending order
        :raise UserError: no sequence with that code serves the company
        """
        sequence = self.sudo().search(
            [("code", "=", code), ("company_id", "in", [company.id, False])],
            order="company_id",
            limit=1,
        )
        if not sequence:
            raise UserError(
                _(
                    "No number sequence “%(code)s” serves %(company)s. Ask an administrator "
                    "to create it under Settings, Technical, Sequences.",
                    code=code,
                    company=company.name,
                )
            )
        return sequence._draw(count)

    def _draw(self, count):
        self.ensure_one()
        source = self._get_current_sequence(fields.Date.context_today(self))
        if self.implementation == "standard":
            numbers = source._draw_standard(count)
        else:
            numbers = source._draw_no_gap(count, self.number_increment)
        prefix, suffix = self._get_prefix_suffix(
            date_range=source.date_from if self.use_date_range else None
        )
        return [f"{prefix}{number:0{self.padding}d}{suffix}" for number in numbers]

    def _draw_standard(self, count):
        return _draw_from_postgres(self.env, f"ir_sequence_{self.id:03d}", count)

    def _draw_no_gap(self, count, increment):
        return _draw_from_row(self, count, increment)


class IrSequenceDateRange(models.Model):
    _inherit = "ir.sequence.date_range"

    def _draw_standard(self, count):
        name = f"ir_sequence_{self.sequence_id.id:03d}_{self.id:03d}"
        return _draw_from_postgres(self.env, name, count)

    def _draw_no_gap(self, count, increment):
        return _draw_from_row(self, count, increment)


def _draw_from_postgres(env, name, count):
    rows = env.execute_query(SQL("SELECT nextval(%s) FROM generate_series(1, %s)", name, count))
    return [number for [number] in rows]


def _draw_from_row(record, count, increment):
    """Numbers without gaps: the row stays locked until the transaction ends."""
    record.flush_recordset(["number_next"])
    [[after]] = record.env.execute_query(
        SQL(
            "UPDATE %s SET number_next = number_next + %s WHERE id = %s RETURNING number_next",
            SQL.identifier(record._table),
            count * increment,
            record.id,
        )
    )
    record.invalidate_recordset(["number_next"])
    first = after - count * increment
    return [first + index * increment for index in range(count)]
