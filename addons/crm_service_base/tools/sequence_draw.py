"""Drawing several numbers of an ``ir.sequence`` at once."""

from odoo.tools import SQL


def from_postgres(env, name, count):
    """Draw ``count`` numbers of a PostgreSQL sequence in one query.

    :return: list of int
    """
    rows = env.execute_query(SQL("SELECT nextval(%s) FROM generate_series(1, %s)", name, count))
    return [number for [number] in rows]


def from_row(record, count, increment):
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
