from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .crm_service_case import CHANNELS

KINDS = [
    ("progress", "Progress Told"),
    ("apology", "Apology"),
    ("explanation", "Explanation"),
    ("proposal", "Solution Proposed"),
    ("agreement", "Solution Agreed"),
    ("final", "Final Word without Agreement"),
    ("measure", "Improvement Told"),
    ("mediation", "Mediation"),
    ("authority", "Answer to the Authority"),
    ("report", "Report to the Head"),
    ("appeal", "Appeal"),
    ("decision", "Decision on the Appeal Told"),
]
# something reached the customer
ANSWERS = ("progress", "apology", "explanation", "proposal", "measure", "decision")


class CrmCaseTalk(models.Model):
    """What was said about a case: to whom, when, how, and who says so. Lines are never changed.

    What a line means for its case is done by ``crm.service.case._on_talk_<kind>``.
    """

    _name = "crm.case.talk"
    _description = "Talk about a Case"
    _order = "date desc, id desc"
    _rec_name = "kind"

    case_id = fields.Many2one("crm.service.case", required=True, index=True, ondelete="cascade")
    kind = fields.Selection(KINDS, required=True, default="progress")
    date = fields.Datetime(
        "When", required=True, default=lambda self: fields.Datetime.now().replace(microsecond=0)
    )
    channel = fields.Selection(CHANNELS, "How", required=True, default="phone")
    contact = fields.Char("With Whom", help="The person who was spoken to.")
    colleague_id = fields.Many2one(
        "res.users", "Head", domain="[('share', '=', False)]", ondelete="restrict"
    )
    text = fields.Text("What Was Said", required=True)
    is_agreed = fields.Boolean("Agreed", help="The parties came to terms.")
    user_id = fields.Many2one(
        "res.users", "Noted by", required=True, readonly=True, default=lambda self: self.env.uid
    )

    @api.constrains("date", "case_id")
    def _check_date(self):
        limit = fields.Datetime.add(fields.Datetime.now(), minutes=5)
        for talk in self:
            if not talk.case_id.date_opened <= talk.date <= limit:
                raise ValidationError(
                    self.env._("A talk lies between the day the case came in and now.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [{**vals, "user_id": self.env.uid} for vals in vals_list]
        talks = super().create(vals_list)
        if not self.env.su:
            talks._check_talkers()
        for talk in talks:
            talk.case_id._on_talk(talk)
        return talks

    def _check_talkers(self):
        """:raise AccessError: the case is not the user's; :raise UserError: it is over"""
        self.case_id.check_access("write")
        for talk in self:
            states = ("open", "solved", "closed") if talk._is_after() else ("open", "solved")
            talk.case_id._check_state(states, self.env._("talked about"))

    def _is_after(self):
        """Whether it can be said when the case is closed."""
        return self.kind in ("appeal", "decision", "measure", "authority")

    def _check_contact(self):
        if not (self.contact or "").strip():
            raise UserError(self.env._("Write with whom it was spoken."))

    def _check_supervisor(self):
        if not (self.env.su or self.case_id._is_supervisor()):
            raise AccessError(
                self.env._("The final word without agreement is spoken by a supervisor.")
            )
