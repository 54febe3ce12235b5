from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class CrmArchiveCarrier(models.Model):
    """指定人员: who is named to send, receive or carry documents of archives (A2.R23)."""

    _name = "crm.archive.carrier"
    _description = "Named Carrier"
    _inherit = ["crm.access.mixin"]
    _order = "user_id, date_from desc, id desc"
    _rec_name = "user_id"
    _check_company_auto = True

    user_id = fields.Many2one(
        "res.users",
        "Person",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    is_sending = fields.Boolean("May Send", default=True)
    is_receiving = fields.Boolean("May Receive", default=True)
    is_carrying = fields.Boolean("May Carry Outside")
    date_from = fields.Date("Named From", required=True, default=fields.Date.context_today)
    date_to = fields.Date("Named Until")
    measures = fields.Text(
        "Security Measures", required=True, help="For instance sealed, in a locked case, by two."
    )
    active = fields.Boolean(default=True)

    _dates_in_order = models.Constraint(
        "CHECK(date_to >= date_from)", "The time cannot end before it begins."
    )

    @api.model
    def _check_named(self, user, task, company):
        """Refuse whoever is not named for a task today.

        :param user: ``res.users`` who is to do it
        :param str task: ``is_sending``, ``is_receiving`` or ``is_carrying``
        :raise UserError: not named
        """
        day = company._get_crm_today()
        domain = (
            Domain("user_id", "=", user.id)
            & Domain("company_id", "=", company.id)
            & Domain(task, "=", True)
            & Domain("date_from", "<=", day)
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", day))
        )
        model = self.sudo().with_context({})  # pylint: disable=context-overridden
        if not model.search_count(domain, limit=1):
            raise UserError(
                self.env._(
                    "%(user)s is not named for this (%(task)s): only named persons do it.",
                    user=user.sudo().name,
                    task=self._fields[task]._description_string(self.env),
                )
            )
