from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class CrmArchiveIncidentPerson(models.Model):
    """Somebody whose data a leak concerns, and when and how they were told of it."""

    _name = "crm.archive.incident.person"
    _description = "Person Told of an Incident"
    _inherit = ["crm.access.mixin"]
    _order = "date_due, id"
    _rec_name = "partner_id"
    _check_company_auto = True

    incident_id = fields.Many2one(
        "crm.archive.incident", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="incident_id.company_id", store=True)
    partner_id = fields.Many2one(
        "res.partner", "Person", required=True, ondelete="restrict", check_company=True
    )
    date_due = fields.Date("Tell Until", required=True, default=fields.Date.context_today)
    channel = fields.Selection(
        [
            ("phone", "Phone"),
            ("letter", "Letter"),
            ("mail", "Mail"),
            ("message", "Text Message or WeChat"),
            ("visit", "In Person"),
        ]
    )
    text = fields.Text("What Was Said")
    date_told = fields.Datetime("Told On", readonly=True, copy=False)
    told_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")

    @api.model_create_multi
    def create(self, vals_list):
        persons = super().create(
            [{**vals, "date_told": False, "told_by_id": False} for vals in vals_list]
        )
        persons._check_open()
        return persons

    def write(self, vals):
        if not self.env.su:
            if {"date_told", "told_by_id", "incident_id"} & vals.keys():
                raise AccessError(
                    self.env._("The buttons of the document change this, nothing else.")
                )
            self._check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_told(self):
        self._check_open()

    def _check_open(self):
        for person in self.sudo():
            person.incident_id._check_state(person.incident_id._editable_states)
            if person.date_told:
                raise UserError(self.env._("%s was told already.", person.partner_id.display_name))

    def action_told(self):
        """The person has been told, now, by the user.

        :raise UserError: told already, or it does not say how and what
        """
        self.check_access("write")
        self._check_open()
        for person in self:
            if not person.channel or not (person.text or "").strip():
                raise UserError(
                    self.env._(
                        "Enter how %s was told, and what was said.",
                        person.partner_id.display_name,
                    )
                )
        self.sudo().write({"date_told": fields.Datetime.now(), "told_by_id": self.env.uid})
