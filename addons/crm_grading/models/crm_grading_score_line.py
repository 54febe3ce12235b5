from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date, formatLang

LIMIT = 100


class CrmGradingScoreLine(models.Model):
    """One item of a score: its figure, its points, and the documents it was counted from."""

    _name = "crm.grading.score.line"
    _description = "Item of a Grading Score"
    _order = "score_id, sequence, id"
    _log_access = False

    score_id = fields.Many2one(
        "crm.grading.score", required=True, readonly=True, index=True, ondelete="cascade"
    )
    criterion_id = fields.Many2one(
        "crm.grading.criterion", "Item", required=True, readonly=True, ondelete="restrict"
    )
    sequence = fields.Integer(readonly=True)
    weight = fields.Float("Points at Most", digits=(16, 2), readonly=True)
    date_from = fields.Date("Period From", readonly=True)
    value = fields.Float("Figure", digits=(16, 2), readonly=True)
    is_rated = fields.Boolean("Rated", readonly=True)
    points_scale = fields.Float("Points by the Scale", digits=(16, 2), readonly=True)
    points = fields.Float("Points Scored", digits=(16, 2), readonly=True)
    figures = fields.Json(readonly=True)
    documents = fields.Json(readonly=True)
    value_text = fields.Char("Result", compute="_compute_value_text")
    document_count = fields.Integer("Documents Counted", compute="_compute_document_count")
    document_list = fields.Html("Counted From", compute="_compute_document_list")
    data_source = fields.Text(related="criterion_id.data_source")
    rule_text = fields.Text(related="criterion_id.rule_text")

    @api.depends("criterion_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.criterion_id.name

    @api.depends("value", "is_rated", "figures")
    @api.depends_context("lang")
    def _compute_value_text(self):
        for line in self:
            line.value_text = line._describe()

    def _describe(self):
        """The figure in words, with what one must know to trust it.

        :return: str
        """
        if not self.is_rated:
            return self.env._("Not rated: %s", self._get_missing_reason())
        measure = self.env["crm.grading.measure"]
        source = self.criterion_id.source
        text = measure._format_value(source, self.value)
        note = self._get_figure_note(source, self.figures or {})
        return self.env._("%(figure)s (%(note)s)", figure=text, note=note) if note else text

    def _get_missing_reason(self):
        match self.criterion_id.source:
            case "profit":
                return self.env._("no costs are known")
            case "order_amount" | "order_count" | "years":
                return self.env._("never ordered")
            case "days_late" | "on_time_rate" | "overdue_days" | "overdue_amount":
                return self.env._("no invoice fell due")
            case "judgement":
                return self.env._("nobody judged it, or the judgement expired")
            case _other:
                return self.env._("no data")

    def _get_figure_note(self, source, figures):
        match source:
            case "order_amount" | "order_count":
                return self.env._("%s orders", figures.get("count") or 0)
            case "judgement":
                judgement = self.env["crm.grading.judgement"].sudo().browse(self.documents)
                return self.env._(
                    "%(name)s: %(reason)s", name=judgement.user_id.name, reason=judgement.reason
                )
            case "profit":
                return self._get_profit_note(figures)
            case "return_rate":
                return self.env._(
                    "%(returned)s of %(sold)s pieces",
                    returned=f"{figures['returned']:g}",
                    sold=f"{figures['sold']:g}",
                )
            case "years" if figures.get("first_day"):
                return self.env._(
                    "first order %s",
                    format_date(self.env, fields.Date.to_date(figures["first_day"])),
                )
            case "days_late" | "on_time_rate" | "overdue_days" | "overdue_amount":
                note = self.env._(
                    "%(late)s of %(invoices)s invoices late, %(days_max)s days at most",
                    late=figures["late"],
                    invoices=figures["invoices"],
                    days_max=figures["days_max"],
                )
                semicolon = "；" if (self.env.lang or "").startswith("zh") else "; "
                return semicolon.join([note, *self._get_delay_reasons()])
        return ""

    def _get_delay_reasons(self):
        """Why payments were late, as it stands with the invoices; each reason once.

        :return: list of str
        """
        invoices = self.env["account.move"].sudo().browse(self.documents).exists()
        return list(dict.fromkeys(filter(None, invoices.mapped("crm_delay_reason"))))

    def _get_profit_note(self, figures):
        """Of which lines a margin is, and by which cost.

        :return: str
        """
        lines, uncosted = figures.get("lines") or 0, figures.get("uncosted")
        note = self.env._("%s order lines", lines)
        if uncosted:
            note = self.env._(
                "%(uncosted)s of %(lines)s order lines without cost are left out",
                uncosted=uncosted,
                lines=lines,
            )
        if figures.get("orders_now"):
            note = self.env._(
                "%(note)s; %(orders)s orders at the product cost on the day of grading, as none "
                "was kept when they were confirmed",
                note=note,
                orders=figures["orders_now"],
            )
        return note

    @api.depends("documents")
    def _compute_document_count(self):
        for line in self:
            line.document_count = len(line.documents or ())

    @api.depends("documents")
    @api.depends_context("lang")
    def _compute_document_list(self):
        """The documents by number, day and amount, for those who may read the score.

        Reading a score needs no rights on orders and invoices; opening them does.
        """
        for line in self:
            rows = line._get_document_rows()
            body = Markup("").join(
                Markup("<tr>%s</tr>")
                % Markup("").join(Markup("<td>%s</td>") % cell for cell in row)
                for row in rows
            )
            line.document_list = (
                Markup("<table class='table table-sm'>%s</table>") % body if rows else False
            )

    def _get_document_rows(self):
        model = self._get_document_model()
        documents = self.documents or []
        if not model or not documents:
            return []
        records = self.env[model].sudo().browse(documents[:LIMIT]).exists()
        rows = [self._prepare_document_row(record) for record in records]
        if len(documents) > LIMIT:
            rows.append((self.env._("… and %s more", len(documents) - LIMIT), "", ""))
        return rows

    def _prepare_document_row(self, record):
        match record._name:
            case "sale.order":
                local = fields.Datetime.context_timestamp(self, record.date_order)
                amount = formatLang(
                    self.env, record.amount_untaxed, currency_obj=record.currency_id
                )
                return (record.name, format_date(self.env, local.date()), amount)
            case "account.move":
                due = format_date(self.env, record.invoice_date_due)
                states = dict(record._fields["payment_state"]._description_selection(self.env))
                return (
                    record.name,
                    self.env._("due %s", due),
                    formatLang(self.env, record.amount_total, currency_obj=record.currency_id),
                    states.get(record.payment_state, ""),
                    record.crm_delay_reason or "",
                )
            case _other:
                return (str(record.date), record.user_id.name, f"{record.value}", record.reason)

    def _get_document_model(self):
        sources = self.env["crm.grading.measure"]._get_sources()
        return sources[self.criterion_id.source]["model"]

    def action_open_documents(self):
        """The very orders, invoices or judgements the figure was counted from.

        :raise UserError: there are none, or the user may not read them
        """
        self.ensure_one()
        self.check_access("read")
        model = self._get_document_model()
        if not model or not self.documents:
            raise UserError(self.env._("There are no documents behind this figure."))
        try:
            self.env[model].check_access("read")
        except AccessError:
            raise UserError(
                self.env._(
                    "You have no rights on these documents. Their numbers, dates and amounts "
                    "stand in the list of the item."
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.criterion_id.name,
            "res_model": model,
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", self.documents)],
            "context": {"create": False},
        }
