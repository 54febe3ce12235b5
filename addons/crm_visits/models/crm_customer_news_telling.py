from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .crm_visit_method import CHANNELS


class CrmCustomerNewsTelling(models.Model):
    """Who was told what, when, how and by whom; never taken back (C1.R5)."""

    _name = "crm.customer.news.telling"
    _description = "News Told to a Customer"
    _inherit = ["crm.customer.mixin"]
    _order = "date desc, id desc"
    _rec_name = "news_id"
    _check_company_auto = True

    news_id = fields.Many2one(
        "crm.customer.news",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('state', 'in', ('approved', 'sent'))]",
    )
    kind = fields.Selection(related="news_id.kind")
    company_id = fields.Many2one(related="news_id.company_id", store=True, index=True)
    date = fields.Datetime("Told On", required=True, default=fields.Datetime.now)
    channel = fields.Selection(CHANNELS, "How", required=True, default="phone")
    user_id = fields.Many2one(
        "res.users",
        "Told By",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        default=lambda self: self.env.user,
    )
    reaction = fields.Selection(
        [
            ("interested", "Interested"),
            ("later", "Perhaps Later"),
            ("none", "Not Interested"),
            ("ordered", "Ordered"),
        ]
    )
    note = fields.Char("Remarks")
    visit_id = fields.Many2one(
        "crm.visit", "Visit or Call", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    is_mailed = fields.Boolean(readonly=True)

    _mailed_uniq = models.UniqueIndex(
        "(news_id, commercial_partner_id) WHERE is_mailed", "This customer was written to already."
    )
    _visit_uniq = models.UniqueIndex(
        "(visit_id, news_id) WHERE visit_id IS NOT NULL", "This visit holds this news already."
    )
    _told_idx = models.Index("(commercial_partner_id, date DESC)")

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            own = {"user_id": self.env.uid, "is_mailed": False, "visit_id": False}
            vals_list = [{**vals, **own} for vals in vals_list]
        tellings = super().create(vals_list)
        if not self.env.su:
            tellings._check_told()
        tellings._clear_reminders()
        return tellings

    def _check_told(self):
        self.news_id._check_current()
        if any(telling.date > fields.Datetime.now() for telling in self):
            raise UserError(self.env._("Nobody was told anything in the future: mend the time."))

    def write(self, vals):
        if not self.env.su and vals.keys() - {"reaction", "note"}:
            raise AccessError(
                self.env._("Who was told what stays as it is; only the reaction can be changed.")
            )
        return super().write(vals)

    def _clear_reminders(self):
        """The customer was told something: the reminder for it is done."""
        activity_type = self.env.ref("crm_visits.mail_activity_type_news")
        self.env["mail.activity"].sudo().search(
            [
                ("res_model", "=", "res.partner"),
                ("res_id", "in", self.commercial_partner_id.ids),
                ("activity_type_id", "=", activity_type.id),
            ]
        ).unlink()
