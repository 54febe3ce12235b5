from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

RETURNS_LIMIT = 2
PASSES_LIMIT = 4


class CrmCaseHandover(models.Model):
    """How a case went from one owner to the next (C3.R2): nobody writes or deletes a row.

    An offer leaves the case with its owner until a colleague accepts it; what a supervisor
    assigned and what somebody took over stands here as well.
    """

    _name = "crm.case.handover"
    _description = "Hand-Over of a Case"
    _order = "id desc"
    _rec_name = "case_id"

    case_id = fields.Many2one(
        "crm.service.case", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    kind = fields.Selection(
        [("offer", "Hand-Over"), ("assign", "Assigned"), ("take", "Taken Over")],
        required=True,
        readonly=True,
        default="offer",
    )
    state = fields.Selection(
        [
            ("offered", "Offered"),
            ("accepted", "Accepted"),
            ("declined", "Refused"),
            ("cancelled", "Withdrawn"),
            ("expired", "Not Accepted in Time"),
        ],
        required=True,
        readonly=True,
        default="offered",
        index=True,
    )
    from_user_id = fields.Many2one(
        "res.users", "Handed Over By", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    to_user_id = fields.Many2one(
        "res.users", "Handed Over To", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    to_team_id = fields.Many2one(
        "crm.service.team", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    deputy_id = fields.Many2one(
        "res.users",
        "Stand-in",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Asked because the colleague was absent.",
    )
    reason = fields.Text(readonly=True)
    date_offered = fields.Datetime("Offered On", required=True, readonly=True)
    date_limit = fields.Datetime("Answer Until", readonly=True)
    date_answered = fields.Datetime("Answered On", readonly=True)
    answered_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    answer = fields.Text(readonly=True, help="Why it was declined.")
    created_by_id = fields.Many2one(
        "res.users", "Recorded By", required=True, readonly=True, ondelete="restrict"
    )
    is_mine = fields.Boolean("Offered to Me", compute="_compute_is_mine", search="_search_is_mine")

    _offered_idx = models.Index("(date_limit) WHERE state = 'offered'")
    _offered_uniq = models.UniqueIndex(
        "(case_id) WHERE state = 'offered'", "This case is offered to somebody already."
    )

    @api.depends("state", "to_user_id", "to_team_id", "deputy_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for handover in self:
            handover.is_mine = handover.state == "offered" and (
                self.env.user in handover._get_receivers()
            )

    def _search_is_mine(self, operator, value):
        if operator != "in":
            return NotImplemented
        uid = self.env.uid
        mine = Domain("state", "=", "offered") & Domain.OR(
            Domain(name, "=", uid) for name in ("to_user_id", "deputy_id", "to_team_id.member_ids")
        )
        return Domain.OR(mine if wanted else ~mine for wanted in value)

    def _get_receivers(self):
        """Who may accept: the colleague, who stands in for him now, or the members of the team.

        :return: ``res.users``
        """
        self.ensure_one()
        handover = self.sudo()
        users = handover.to_user_id | handover.deputy_id
        users |= handover.to_team_id.member_ids | handover.to_team_id.leader_id
        if handover.to_user_id:
            absences = self.env["crm.approval.absence"]
            users |= absences._get_stand_ins(handover.to_user_id, handover.company_id)
        return users.filtered("active")

    # ------------------------------------------------------------------ answers

    def action_accept(self):
        """Take the case over.

        :raise AccessError: it was offered to somebody else
        :raise UserError: it is not open any more
        """
        self._check_answer()
        self.sudo().case_id._check_state(("open",), self.env._("taken over"))
        for handover in self.sudo():
            handover._answer("accepted")
            case = handover.case_id
            values = {"user_id": self.env.uid, "handover_count": case.handover_count + 1}
            if handover.to_team_id:
                values["team_id"] = handover.to_team_id.id
            case.write(values)
            handover._tell_giver(
                self.env._("%s has taken over your case", self.env.user.name), handover.reason
            )
            case._check_passing_around()

    def action_decline(self):
        """Ask why, then give the case back."""
        self._check_answer()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Decline"),
            "res_model": "crm.case.handover.decline",
            "view_mode": "form",
            "target": "new",
            "context": {"default_handover_id": self.id},
        }

    def _decline(self, reason):
        """The case stays with who offered it.

        :param str reason: in words, needed
        :raise AccessError: it was offered to somebody else
        """
        self._check_answer()
        if not (reason or "").strip():
            raise UserError(self.env._("Say why you decline: your colleague reads it."))
        handover = self.sudo()
        handover._answer("declined", reason)
        handover._tell_giver(
            self.env._("%s has declined your case", self.env.user.name),
            reason,
        )
        handover.case_id._check_passing_around()

    def action_cancel(self):
        """Withdraw an offer that nobody has accepted.

        :raise AccessError: somebody else offered it, and the user is no supervisor
        """
        self.check_access("read")
        self._check_offered()
        for handover in self.sudo():
            own = self.env.user in (handover.from_user_id, handover.created_by_id)
            if not (own or handover.case_id._is_supervisor()):
                raise AccessError(self.env._("The offer is withdrawn by who made it."))
            handover._answer("cancelled")

    def _check_answer(self):
        self.check_access("read")
        self._check_offered()
        for handover in self:
            if self.env.user not in handover._get_receivers():
                raise AccessError(
                    self.env._(
                        "Case %s was offered to somebody else.", handover.sudo().case_id.name
                    )
                )

    def _check_offered(self):
        for handover in self.sudo():
            handover.lock_for_update()
            if handover.state != "offered":
                raise UserError(
                    self.env._("The hand-over of case %s is answered.", handover.case_id.name)
                )

    def _answer(self, state, answer=False):
        self.write(
            {
                "state": state,
                "answer": answer,
                "date_answered": fields.Datetime.now(),
                "answered_by_id": self.env.uid,
            }
        )
        labels = dict(self._fields["state"]._description_selection(self.env))
        for handover in self:
            case = handover.case_id
            case._get_handover_activities().unlink()
            text = [labels[state], handover._get_receiver_name(), answer]
            case._message_log(body=self.env._("Hand-over: %s", " · ".join(filter(None, text))))

    def _get_receiver_name(self):
        self.ensure_one()
        return self.to_user_id.name or self.to_team_id.name

    def _get_receiver_text(self):
        """:return: str, whom it is offered to, and who stands in for him"""
        name = self._get_receiver_name()
        if not self.deputy_id:
            return name
        return self.env._(
            "%(name)s (absent, stand-in %(deputy)s)", name=name, deputy=self.deputy_id.name
        )

    def _tell_giver(self, subject, body):
        giver = (self.from_user_id or self.created_by_id).filtered("active")
        if giver:
            self.case_id.message_notify(
                partner_ids=giver.partner_id.ids, subject=subject, body=body or subject
            )

    # ------------------------------------------------------------------ not accepted in time

    @api.model
    def _cron_expire(self, batch=200):
        """Offers that nobody accepted in time go back with a notice; safe to run again."""
        domain = [("state", "=", "offered"), ("date_limit", "<", fields.Datetime.now())]
        self.env["ir.cron"]._commit_progress(remaining=self.search_count(domain))
        while offers := self.search(domain, order="date_limit, id", limit=batch):
            for company, back in offers.grouped("company_id").items():
                back.with_context(lang=company._get_crm_lang())._expire()
            if not self.env["ir.cron"]._commit_progress(len(offers)):
                break

    def _expire(self):
        self._answer("expired")
        for handover in self:
            case = handover.case_id
            receiver = handover._get_receiver_name()
            handover._tell_giver(
                self.env._("Not accepted in time: %s", case.display_name),
                self.env._("%s did not accept the case. It is still yours.", receiver),
            )
            case._check_passing_around()
