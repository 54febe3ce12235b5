from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from ..tools import month

BATCH = 50


class CrmCommitmentFulfilment(models.Model):
    """How a commitment was kept in a month (A4.R7): computed once after its end, then frozen.

    Where no register counts it, a person does, with the evidence; the row says so.
    """

    _name = "crm.commitment.fulfilment"
    _description = "Fulfilment of a Commitment"
    _inherit = ["crm.access.mixin", "crm.mean.mixin"]
    _mean_bases = {"value": "result", "gap": "result"}
    _order = "month desc, commitment_id, id"

    item_id = fields.Many2one("crm.commitment.item", required=True, index=True, ondelete="restrict")
    commitment_id = fields.Many2one(
        related="item_id.commitment_id", store=True, index=True, ondelete="restrict"
    )
    metric_id = fields.Many2one(
        related="item_id.metric_id", store=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    month = fields.Date(required=True, help="Its first day.")
    period = fields.Char(compute="_compute_period")
    value = fields.Float("Measured", aggregator="avg")
    target = fields.Float(aggregator="avg")
    gap = fields.Float(
        "Better than Target By", aggregator="avg", help="Below zero: the target was missed."
    )
    count = fields.Integer("Cases Counted")
    result = fields.Selection(
        [("kept", "Kept"), ("missed", "Missed"), ("none", "Nothing to count")], required=True
    )
    is_manual = fields.Boolean("Counted by Hand")
    evidence = fields.Binary(attachment=True)
    evidence_name = fields.Char()
    note = fields.Text("Remarks")
    user_id = fields.Many2one("res.users", "Count Made By", ondelete="restrict")

    _month_uniq = models.UniqueIndex("(item_id, month)", "This month is counted already.")

    @api.depends("month")
    def _compute_period(self):
        for row in self:
            row.period = f"{row.month:%Y-%m}"

    @api.depends("item_id", "month")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.month:%Y-%m} · {row.item_id.display_name}"

    def _sql_is_measured(self, basis, query):
        return SQL("%s <> 'none'", self._field_to_sql(self._table, basis, query))

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Figures are computed: nobody types them."))
        return super().create(vals_list)

    def write(self, vals):
        if vals:
            raise UserError(self.env._("A month that was counted stays as it is."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        raise UserError(self.env._("A month that was counted stays as it is."))

    @api.model
    def _read_last(self, items):
        """:return: dict of item id to its last row, with ``sudo``, in one query"""
        rows = self.sudo().search([("item_id", "in", items.ids)], order="month, id")
        return {row.item_id.id: row for row in rows}

    @api.model
    def _prepare_values(self, item, first, value, count):
        """Values of a frozen month.

        :param date first: first day of the month
        :param value: measured figure, None where nothing happened
        """
        gap = value is not None and value - item.target
        is_up = item.metric_id.is_higher_better
        reached = value is not None and item._is_reached(value)
        return {
            "item_id": item.id,
            "company_id": item.company_id.id,
            "month": first,
            "value": value or 0,
            "target": item.target,
            "gap": gap if is_up else -gap,
            "count": count,
            "result": "none" if value is None else "kept" if reached else "missed",
        }

    @api.model
    def _freeze(self, items):
        """Count the closed months of items that were not counted yet; safe to run again.

        :param items: ``crm.commitment.item`` that are measured by the system
        """
        counted = dict(
            self.sudo()._read_group([("item_id", "in", items.ids)], ["item_id"], ["month:max"])
        )
        vals_list = []
        for item in items:
            commitment = item.commitment_id
            today = item.company_id._get_crm_today()
            last = counted.get(item)
            first = month.following(last) if last else commitment._get_first_month()
            end = min(month.first_day(today), commitment._get_end_month(today))
            months = month.span(first, end)
            figures = item.metric_id._measure_months(item, months)
            vals_list += [self._prepare_values(item, day, *figures[day]) for day in months]
        return self.sudo().create(vals_list)

    @api.model
    def _count(self, item, first, value, count, note, evidence, name):
        """A person counted a month that no register knows.

        :param date first: any day of the month
        :raise UserError: no evidence, a month that is not over, or counted before
        """
        first = month.first_day(first)
        if not evidence:
            raise UserError(self.env._("Add the evidence: a list, a photo, a report."))
        if first >= month.first_day(fields.Date.context_today(self)):
            raise UserError(self.env._("Count a month after its end."))
        if first < item.commitment_id._get_first_month():
            raise UserError(self.env._("The commitment was not in force in this month."))
        if value < 0 or count < 0 or (item.unit == "percent" and value > 100):
            raise ValidationError(self.env._("This figure cannot be right."))
        if self.sudo().search_count([("item_id", "=", item.id), ("month", "=", first)], limit=1):
            raise UserError(self.env._("This month is counted already."))
        values = self._prepare_values(item, first, value if count else None, count)
        return self.sudo().create(
            {
                **values,
                "is_manual": True,
                "user_id": self.env.uid,
                "note": note,
                "evidence": evidence,
                "evidence_name": name,
            }
        )

    @api.model
    def _cron_freeze(self):
        """Write the months that are over; killed anywhere or run twice it does nothing twice."""
        items = self.env["crm.commitment.item"].search(
            [
                ("metric_id.method", "!=", "manual"),
                ("commitment_id.state", "in", ("in_force", "retired")),
            ],
            order="id",
        )
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(items))
        for start in range(0, len(items), BATCH):
            batch = items[start : start + BATCH]
            self._freeze(batch)
            if not cron._commit_progress(len(batch)):
                break
