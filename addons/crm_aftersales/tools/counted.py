"""Means of what was counted: a record where nothing happened is no zero among the others."""

from odoo.tools import SQL


def mean(model, aggregate_spec, query, witnesses):
    """SQL of a mean over the records that have a figure.

    :param dict witnesses: figure to the field that says whether there is one: a count above zero,
        anything else that is filled in
    :return: None where the aggregate is not the mean of such a figure
    """
    fname, _, func = aggregate_spec.partition(":")
    if func != "avg" or fname not in witnesses:
        return None
    witness = witnesses[fname]
    there = model._field_to_sql(model._table, witness, query)
    if model._fields[witness].type == "integer":
        there = SQL("NULLIF(%s, 0)", there)
    figure = model._field_to_sql(model._table, fname, query)
    return SQL("AVG(%s) FILTER (WHERE %s IS NOT NULL)", figure, there)
