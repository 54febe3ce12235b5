from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class CrmServiceCase(models.Model):
    """The customer appeals against how a case was solved; somebody else decides."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    appeal_state = fields.Selection(
        [("open", "Appeal to Decide"), ("upheld", "Upheld"), ("rejected", "Rejected")],
        "Appeal",
        readonly=True,
        copy=False,
        index="btree_not_null",
        tracking=True,
    )
    appeal_text = fields.Text("Appeal in Words", readonly=True, copy=False)
    date_appeal = fields.Datetime("Appealed On", readonly=True, copy=False)
    appeal_decision = fields.Text("Decision on the Appeal", readonly=True, copy=False)
    appeal_decided_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    date_appeal_decided = fields.Datetime("Appeal Decided On", readonly=True, copy=False)
    date_appeal_told = fields.Datetime("Decision Told On", readonly=True, copy=False)

    @api.model
    def _get_server_fields(self):
        names = (
            "appeal_state",
            "appeal_text",
            "date_appeal",
            "appeal_decision",
            "appeal_decided_by_id",
            "date_appeal_decided",
            "date_appeal_told",
        )
        return {**super()._get_server_fields(), **dict.fromkeys(names, False)}

    def action_note_appeal(self):
        """Note that the customer appeals against how the case was solved."""
        return self._open_talk("appeal", self.env._("Appeal"))

    def _on_talk_appeal(self, talk):
        self._appeal(talk.text, talk.date)

    def _appeal(self, text, date=None):
        """The customer appeals; the caller has checked who does.

        :param str text: the customer's words, needed
        :param datetime date: when, UTC; now if None
        :raise UserError: not solved yet, an appeal is open, or nothing said
        """
        self.ensure_one()
        self._check_reason(text)
        self._check_state(("solved", "closed"), self.env._("appealed against"))
        case = self.sudo()
        if case.appeal_state == "open":
            raise UserError(self.env._("There is an appeal already; it will be decided."))
        case.write(
            {
                "appeal_state": "open",
                "appeal_text": text,
                "date_appeal": date or fields.Datetime.now(),
                "appeal_decision": False,
                "appeal_decided_by_id": False,
                "date_appeal_decided": False,
                "date_appeal_told": False,
            }
        )
        judge = case._get_report_head()
        if judge == case.solved_by_id:
            judge = (case._get_report_users() - case.solved_by_id)[:1]
        case._tell_user(judge, self.env._("Appeal to decide: %s", case.display_name))

    def action_decide_appeal(self):
        """Ask for the decision on the appeal."""
        return self._open_decision("appeal", self.env._("Decide the Appeal"))

    def _decide_appeal(self, outcome, reason):
        """A supervisor who did not solve the case decides; upheld, it is opened again.

        :param str outcome: ``upheld`` or ``rejected``
        :param str reason: in words, needed
        :raise AccessError: no supervisor, or the one who solved or owns the case
        :raise UserError: no open appeal, or no reason
        """
        self.check_access("write")
        self._check_reason(reason)
        for case in self.sudo():
            if case.appeal_state != "open":
                raise UserError(self.env._("Case %s has no appeal to decide.", case.name))
            is_party = self.env.user in case.solved_by_id | case.user_id
            if is_party or not self._is_supervisor():
                raise AccessError(
                    self.env._(
                        "An appeal is decided by a supervisor who neither owns nor solved the case."
                    )
                )
        self.sudo().write(
            {
                "appeal_state": outcome,
                "appeal_decision": reason,
                "appeal_decided_by_id": self.env.uid,
                "date_appeal_decided": fields.Datetime.now(),
            }
        )
        if outcome == "upheld":
            self._reopen(self.env._("the appeal was upheld: %s", reason))

    def action_tell_decision(self):
        """Note that the customer knows the decision."""
        return self._open_talk("decision", self.env._("Tell the Decision"))

    def _on_talk_decision(self, talk):
        if not self.date_appeal_decided:
            raise UserError(self.env._("Nobody has decided the appeal yet."))
        self.date_appeal_told = talk.date

    def _check_close(self):
        super()._check_close()
        for case in self.sudo():
            if case.appeal_state == "open":
                raise UserError(self.env._("Decide the appeal of case %s first.", case.name))
