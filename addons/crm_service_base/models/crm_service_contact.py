from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class CrmServiceContact(models.Model):
    """Every contact with a customer, of whatever kind, in one chronological list (C1.R2).

    A view over the documents of all addons: each adds its part in ``_contact_queries``.
    """

    _name = "crm.service.contact"
    _description = "Customer Contact"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "reference"
    _depends = {
        "mail.message": [
            "body",
            "date",
            "message_type",
            "model",
            "res_id",
            "subject",
            "subtype_id",
        ],
        "res.partner": ["commercial_partner_id", "company_id"],
    }

    date = fields.Datetime(readonly=True)
    kind = fields.Selection([("message", "Message")], readonly=True)
    reference = fields.Char(readonly=True)
    summary = fields.Char(readonly=True)
    result = fields.Char(readonly=True)
    partner_id = fields.Many2one("res.partner", "Contact", readonly=True)
    commercial_partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    user_id = fields.Many2one("res.users", "By", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    res_model = fields.Char("Document Model", readonly=True)
    res_id = fields.Many2oneReference("Document", model_field="res_model", readonly=True)

    @property
    def _table_query(self):
        columns = self._sql_columns()
        parts = [
            SQL("SELECT part.id * 16 + %s AS id, %s FROM (%s) part", slot, columns, query)
            for slot, query in sorted(self._contact_queries().items())
        ]
        return SQL(" UNION ALL ").join(parts)

    @api.model
    def _sql_columns(self):
        names = [name for name, field in self._fields.items() if field.store and name != "id"]
        return SQL(", ").join(SQL("part.%s", SQL.identifier(name)) for name in sorted(names))

    @api.model
    def _contact_queries(self):
        """One part of the list a document model; an addon adds its own.

        :return: dict of slot (0 to 15, fixed for good: it goes into the row's id) to ``SQL``
            that selects ``id`` of the document and every stored column of this model
        """
        return {0: self._message_query()}

    @api.model
    def _message_query(self):
        return SQL(
            """
            SELECT m.id, m.date, 'message' AS kind, m.subject AS reference,
                   left(regexp_replace(m.body, '<[^>]*>', '', 'g'), 160) AS summary,
                   NULL::varchar AS result, p.id AS partner_id,
                   p.commercial_partner_id,
                   (SELECT u.id FROM res_users u WHERE u.partner_id = m.author_id AND NOT u.share
                     ORDER BY u.id LIMIT 1) AS user_id,
                   p.company_id, m.model AS res_model, m.res_id
              FROM mail_message m
              JOIN res_partner p ON m.model = 'res.partner' AND p.id = m.res_id
             WHERE NOT coalesce(m.is_internal, FALSE)
               AND (m.message_type IN ('email', 'email_outgoing')
                    OR m.message_type = 'comment' AND m.subtype_id = %s)
            """,
            self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment"),
        )

    def action_open_document(self):
        """Open the document behind the line.

        :raise UserError: the document is gone
        """
        self.ensure_one()
        document = self.env[self.res_model].browse(self.res_id).exists()
        if not document:
            raise UserError(self.env._("The document behind this line no longer exists."))
        return document.get_formview_action()
