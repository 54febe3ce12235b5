from odoo import api, fields, models, tools
from odoo.exceptions import UserError

from ..tools import sequence_draw

# what changes within a day
OF_THE_TIME = ("%(h24)", "%(h12)", "%(min)", "%(sec)")


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
        sequence = self.sudo().browse(self._find_of_company(code, company.id))
        if not sequence:
            raise UserError(
                self.env._(
                    "No number sequence “%(code)s” serves %(company)s. Ask an administrator "
                    "to create it under Settings, Technical, Sequences.",
                    code=code,
                    company=company.name,
                )
            )
        return sequence._draw(count)

    @api.model
    @tools.ormcache("code", "company_id")
    def _find_of_company(self, code, company_id):
        domain = [("code", "=", code), ("company_id", "in", [company_id, False])]
        sequences = self.sudo().with_context({})
        return sequences.search(domain, order="company_id", limit=1).id or ()

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self.env.registry.clear_cache()
        return records

    def write(self, vals):
        res = super().write(vals)
        if not vals.keys().isdisjoint(("code", "company_id", "active", "prefix", "suffix")):
            self.env.registry.clear_cache()
        return res

    def unlink(self):
        res = super().unlink()
        self.env.registry.clear_cache()
        return res

    def _draw(self, count):
        self.ensure_one()
        today = fields.Date.context_today(self)
        source = self._get_current_sequence(today)
        if self.implementation == "standard":
            numbers = source._draw_standard(count)
        else:
            numbers = source._draw_no_gap(count, self.number_increment)
        date_range = source.date_from if self.use_date_range else None
        if any(name in f"{self.prefix}{self.suffix}" for name in OF_THE_TIME):
            prefix, suffix = self._get_prefix_suffix(date_range=date_range)
        else:
            prefix, suffix = self._get_prefix_suffix_of_day(today, date_range)
        return [f"{prefix}{number:0{self.padding}d}{suffix}" for number in numbers]

    @tools.ormcache("self.id", "today", "date_range")
    def _get_prefix_suffix_of_day(self, today, date_range):
        """What stands around the numbers of a day, which is the same for all of them."""
        sequence = self.with_context(ir_sequence_date=None, ir_sequence_date_range=None)
        return sequence._get_prefix_suffix(date_range=date_range)

    def _draw_standard(self, count):
        return sequence_draw.from_postgres(self.env, f"ir_sequence_{self.id:03d}", count)

    def _draw_no_gap(self, count, increment):
        return sequence_draw.from_row(self, count, increment)
