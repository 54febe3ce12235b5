from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmServiceCase(models.Model):
    """Third parties and mediation (E2.R14), and complaints that an authority passes on."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    respondent_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="The neighbour or third party complained of.",
    )
    respondent_name = fields.Char("Respondent's Name", help="Where it is no known contact.")

    authority_name = fields.Char("Authority", help="For example the 12315 hotline.")
    authority_number = fields.Char("Authority's Reference")
    date_authority_received = fields.Date("Received from the Authority On")
    date_authority_due = fields.Date("Answer to the Authority Due")
    date_authority_answered = fields.Datetime("Authority Answered On", readonly=True, copy=False)

    @api.model
    def _get_server_fields(self):
        return {**super()._get_server_fields(), "date_authority_answered": False}

    @api.model
    def _get_severity_facts(self):
        return super()._get_severity_facts() | {"authority_name", "authority_number"}

    def _is_great_matter(self):
        return super()._is_great_matter() or bool(self.authority_name or self.authority_number)

    def action_mediate(self):
        """Note a talk with the respondent or between both (E2.R14)."""
        if not (self.respondent_id or self.respondent_name):
            raise UserError(self.env._("Fill in first who is complained of."))
        action = self._open_talk("mediation", self.env._("Mediation"))
        contact = self.respondent_id.name or self.respondent_name
        return {**action, "context": {**action["context"], "default_contact": contact}}

    def _on_talk_mediation(self, talk):
        talk._check_contact()
        if not (self.respondent_id or self.respondent_name):
            raise UserError(self.env._("Fill in first who is complained of."))

    def action_answer_authority(self):
        """Note what the authority was answered."""
        return self._open_talk("authority", self.env._("Answer to the Authority"))

    def _on_talk_authority(self, talk):
        if not (self.authority_name or self.authority_number):
            raise UserError(self.env._("Fill in first which authority passed the complaint on."))
        self.date_authority_answered = talk.date
