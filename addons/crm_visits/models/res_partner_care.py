import datetime

from odoo import api, fields, models

from ..tools import lunar

CARE_ROLES = (
    "crm_service_base.group_specialist,crm_service_base.group_director,"
    "crm_service_base.group_general_manager,crm_service_base.group_auditor"
)


class ResPartner(models.Model):
    """What care needs to know of customers and the people who work there."""

    _name = "res.partner"
    _inherit = ["res.partner"]

    crm_birthday_calendar = fields.Selection(
        [("solar", "Solar Birthday"), ("lunar", "Lunar Birthday")],
        "Birthday Kept By",
        prefetch="crm_service",
        help="Lunar: celebrated on the day of the Chinese calendar that the date of birth was.",
    )
    crm_birthday_lunar = fields.Char("Lunar Date of Birth", compute="_compute_crm_birthday_lunar")
    crm_founding_date = fields.Date("Founded On", prefetch="crm_service")
    crm_no_greetings = fields.Boolean(
        "No Greetings and News",
        prefetch="crm_service",
        help="This customer, or this person, wants no greetings and no news from us.",
    )
    crm_care_task_ids = fields.One2many(
        "crm.care.task", "commercial_partner_id", "Care", groups=CARE_ROLES
    )
    crm_telling_ids = fields.One2many(
        "crm.customer.news.telling", "commercial_partner_id", "News Told", groups=CARE_ROLES
    )

    @api.depends("crm_birthday")
    def _compute_crm_birthday_lunar(self):
        for partner in self:
            found = partner.crm_birthday and lunar.from_solar(partner.crm_birthday)
            partner.crm_birthday_lunar = found and lunar.show(*found)

    def _is_crm_opted_out(self):
        """Whether the person, or the company it belongs to, wants no greetings and no news."""
        self.ensure_one()
        partner = self.sudo()
        return partner.crm_no_greetings or partner.commercial_partner_id.crm_no_greetings

    def _get_crm_mail_partner(self):
        """Who gets an e-mail for the customer.

        :return: the contact, or its company, with an address that is not on the blacklist; empty
            where there is none or where greetings are not wanted
        """
        self.ensure_one()
        partner = self.sudo()
        if partner._is_crm_opted_out():
            return partner.browse()
        people = partner | partner.commercial_partner_id
        return people.filtered(lambda p: p.email_normalized and not p.is_blacklisted)[:1]

    @api.model
    def _get_import_template_rows(self):
        first, *rest = super()._get_import_template_rows()
        calendars = self._fields["crm_birthday_calendar"]._description_selection(self.env)
        first = {
            **first,
            "crm_birthday_calendar": dict(calendars)["lunar"],
            "crm_founding_date": datetime.date(2006, 6, 1),
            "crm_no_greetings": False,
        }
        return [first, *rest]

    def action_open_crm_care(self):
        """Care for the customer: greetings, gifts, calls."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_visits.crm_care_task_action")
        commercial = self.commercial_partner_id
        action["display_name"] = self.env._("Care for %s", commercial.display_name)
        action["domain"] = [("commercial_partner_id", "=", commercial.id)]
        action["context"] = {"default_partner_id": self.id}
        return action

    def _remind_crm_news(self, activity_type):
        """The owners are reminded to tell these customers something; no e-mails for it."""
        model_id = self.env["ir.model"]._get_id("res.partner")
        self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": activity_type.id,
                    "res_model_id": model_id,
                    "res_id": partner.id,
                    "user_id": partner.user_id.id,
                    "date_deadline": fields.Date.add(fields.Date.context_today(self), days=7),
                }
                for partner in self
            ]
        )
