from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmVisit(models.Model):
    """What the customer was told about in a visit or call (C1.R5)."""

    _inherit = "crm.visit"

    telling_ids = fields.One2many(
        "crm.customer.news.telling", "visit_id", "News Told", readonly=True
    )
    told_news_ids = fields.Many2many(
        "crm.customer.news",
        string="Told About",
        compute="_compute_told_news_ids",
        copy=False,
        inverse="_inverse_told_news_ids",
        domain="[('state', 'in', ('approved', 'sent')), ('company_id', '=', company_id)]",
    )

    @api.depends("telling_ids.news_id")
    def _compute_told_news_ids(self):
        for visit in self:
            visit.told_news_ids = visit.telling_ids.news_id

    def _inverse_told_news_ids(self):
        """One row for each news, in the name of who writes the record."""
        self.check_access("write")
        for visit in self:
            new = visit.told_news_ids - visit.telling_ids.news_id
            gone = visit.telling_ids.filtered(
                lambda telling, visit=visit: telling.news_id not in visit.told_news_ids
            )
            if new:
                visit._check_telling()
                new._check_current()
            gone.sudo().unlink()
            telling_model = self.env["crm.customer.news.telling"].sudo()
            telling_model.create([visit._prepare_telling_values(news) for news in new])

    def _check_telling(self):
        planned = self.date_scheduled if self.state == "planned" else False
        if self.state == "cancelled" or (planned and planned > fields.Datetime.now()):
            raise UserError(
                self.env._("Visit %s did not take place yet: nobody was told anything.", self.name)
            )

    def _prepare_telling_values(self, news):
        return {
            "news_id": news.id,
            "partner_id": self.partner_id.id,
            "date": self.date_start or fields.Datetime.now(),
            "channel": self.channel,
            "user_id": self.env.uid,
            "visit_id": self.id,
        }

    @api.model
    def _get_server_fields(self):
        return super()._get_server_fields() | {"telling_ids"}
