from odoo import models
from odoo.tools import SQL


class CrmMeanMixin(models.AbstractModel):
    """Means over records: what was not measured is left out, and a mean of nothing is empty.

    A number that nobody measured is stored as zero. ``_mean_bases`` says of each averaged field
    which field tells whether it was measured: a number that is not zero, a tick, anything set.
    """

    _name = "crm.mean.mixin"
    _description = "Means of What Was Measured"

    _mean_bases = {}

    def _read_group_select(self, aggregate_spec, query):
        name, _separator, function = aggregate_spec.partition(":")
        if function != "avg" or name not in self._mean_bases:
            return super()._read_group_select(aggregate_spec, query)
        value = self._field_to_sql(self._table, name, query)
        is_measured = self._sql_is_measured(self._mean_bases[name], query)
        return SQL("AVG(%s) FILTER (WHERE %s)", value, is_measured)

    def _sql_is_measured(self, basis, query):
        """Whether a row counts in a mean; a model whose basis says it otherwise overrides this.

        :param str basis: field of ``_mean_bases``
        :return: ``SQL`` condition
        """
        given = self._field_to_sql(self._table, basis, query)
        match self._fields[basis].type:
            case "boolean":
                return given
            case "integer" | "float":
                return SQL("%s <> 0", given)
        return SQL("%s IS NOT NULL", given)
