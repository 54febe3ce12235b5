from odoo import api, fields, models
from odoo.exceptions import UserError

from .crm_case_talk import ANSWERS


class CrmServiceCase(models.Model):
    """What is said to the customer and others, and what follows from it."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    talk_ids = fields.One2many("crm.case.talk", "case_id", "Talks", readonly=True)
    date_explained = fields.Datetime("Explained On", readonly=True, copy=False)
    date_apologized = fields.Datetime("Apologised On", readonly=True, copy=False)
    date_proposed = fields.Datetime("Solution Proposed On", readonly=True, copy=False)
    date_agreed = fields.Datetime("Solution Agreed On", readonly=True, copy=False)
    agreed_by = fields.Char(readonly=True, copy=False, help="The customer's person who agreed.")
    date_final = fields.Datetime("Final Word On", readonly=True, copy=False)
    date_measure_told = fields.Datetime("Improvement Told On", readonly=True, copy=False)

    @api.model
    def _get_talk_fields(self):
        return (
            "date_explained",
            "date_apologized",
            "date_proposed",
            "date_agreed",
            "agreed_by",
            "date_final",
            "date_measure_told",
        )

    @api.model
    def _get_server_fields(self):
        return {**super()._get_server_fields(), **dict.fromkeys(self._get_talk_fields(), False)}

    @api.model
    def _get_reopen_values(self):
        """What was agreed did not hold: it is agreed anew."""
        forgotten = ("date_proposed", "date_agreed", "agreed_by", "date_final")
        return {**super()._get_reopen_values(), **dict.fromkeys(forgotten, False)}

    # ------------------------------------------------------------------ the buttons

    def _open_talk(self, kind, title):
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "crm.case.talk",
            "views": [(self.env.ref("crm_aftersales.crm_case_talk_view_form").id, "form")],
            "target": "new",
            "context": {
                "default_case_id": self.id,
                "default_kind": kind,
                "default_contact": self.contact_name,
                "default_colleague_id": self._get_report_head().id,
            },
        }

    def action_note_talk(self):
        """Note what was said to the customer or another party."""
        return self._open_talk("progress", self.env._("Note a Talk"))

    def action_explain(self):
        """Note how the customer was told why the complaint is not valid (E2.R4)."""
        return self._open_talk("explanation", self.env._("Explain to the Customer"))

    def action_propose(self):
        """Note the solution that the customer was told (E2.R5)."""
        return self._open_talk("proposal", self.env._("Propose a Solution"))

    def action_agree(self):
        """Note that the customer agreed (E2.R5)."""
        return self._open_talk("agreement", self.env._("The Customer Agreed"))

    def action_apologize(self):
        """Note the apology; only for what was our fault (C1.R9)."""
        return self._open_talk("apology", self.env._("Apology"))

    def action_note_report(self):
        """Note that the head was told, by phone or in person."""
        return self._open_talk("report", self.env._("Report to the Head"))

    # ------------------------------------------------------------------ what follows

    def _on_talk(self, talk):
        """A talk was noted, with the rights of whoever noted it.

        :param talk: ``crm.case.talk``
        """
        if handler := getattr(self.sudo(), f"_on_talk_{talk.kind}", None):
            handler(talk)
        if talk.kind in ANSWERS:
            self._record_event("answered", talk.date)

    def _on_talk_explanation(self, talk):
        self.date_explained = talk.date

    def _on_talk_apology(self, talk):
        if self.fault != "own":
            raise UserError(
                self.env._(
                    "No word of apology before it is clear that the fault was ours: set “Fault” "
                    "of case %s first.",
                    self.name,
                )
            )
        talk._check_contact()
        self.date_apologized = talk.date

    def _on_talk_proposal(self, talk):
        self.write({"date_proposed": talk.date, "date_agreed": False, "agreed_by": False})
        self._record_event("proposed", talk.date)

    def _on_talk_agreement(self, talk):
        talk._check_contact()
        if not self.date_proposed or talk.date < self.date_proposed:
            raise UserError(
                self.env._("The customer can agree to what was proposed: note the proposal first.")
            )
        self.write({"date_agreed": talk.date, "agreed_by": talk.contact})
        self._record_event("agreed", talk.date)

    def _on_talk_final(self, talk):
        talk._check_supervisor()
        talk._check_contact()
        self.date_final = talk.date

    def _on_talk_measure(self, talk):
        if not (self.expectation_cause and self.expectation_measure):
            raise UserError(
                self.env._("Write first why the expectation was not met and what is improved.")
            )
        self.date_measure_told = talk.date

    def _on_talk_report(self, talk):
        if talk.colleague_id not in self._get_report_users() or talk.colleague_id == talk.user_id:
            raise UserError(
                self.env._("Choose the head who was told: of the department or above it.")
            )
        self._report(talk.colleague_id, talk.date)
