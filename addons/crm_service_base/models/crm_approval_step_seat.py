from odoo import api, fields, models
from odoo.fields import Command, Domain


class CrmApprovalStep(models.Model):
    """The seats of a step: who still has to decide, and who may sit there for somebody absent.

    A seat belongs to one of ``user_ids``. With "one is enough" one of those the route named
    suffices; whoever was added later must decide as well. One person fills at most one seat of a
    step: a deputy of two absent colleagues decides for one of them, so that "all are needed"
    keeps meaning as many people.
    """

    _inherit = "crm.approval.step"

    added_user_ids = fields.Many2many(
        "res.users",
        "crm_approval_step_added_rel",
        "step_id",
        "user_id",
        "Added Approvers",
        readonly=True,
        ondelete="restrict",
        context={"active_test": False},
        help="Must decide too, whoever else does.",
    )
    round_start = fields.Integer(
        readonly=True, help="Approvals up to this entry of the log were undone by sending back."
    )
    deputy_ids = fields.Many2many("res.users", string="Deputies", compute="_compute_deputy_ids")
    is_asked = fields.Boolean(compute="_compute_is_asked", search="_search_is_asked")
    is_deputy = fields.Boolean(
        "As Deputy", compute="_compute_is_deputy", search="_search_is_deputy"
    )

    @api.depends("pending_user_ids")
    def _compute_deputy_ids(self):
        absences = self.env["crm.approval.absence"]
        deputies = absences._get_deputies() if any(self.mapped("pending_user_ids")) else {}
        for step in self:
            step.deputy_ids = step.sudo()._get_able_stand_ins(step.pending_user_ids, deputies)

    @api.depends("user_ids", "decision_ids")
    @api.depends_context("uid")
    def _compute_is_asked(self):
        user = self.env.user
        absent = self._get_absentees(user)
        for step, known in zip(self, self.sudo(), strict=True):
            # the value belongs to who asks: with sudo it would be kept for another
            step.is_asked = bool(
                user in known.user_ids
                or absent & known.pending_user_ids
                or user in known.decision_ids.user_id
            )

    def _search_is_asked(self, operator, value):
        if operator != "in":
            return NotImplemented
        user = self.env.user
        asked = Domain("user_ids", "in", user.ids) | Domain("decision_ids.user_id", "=", user.id)
        absent = self._get_absentees(user)
        if absent:
            asked |= Domain("pending_user_ids", "in", absent.ids)
        return Domain.OR(asked if wanted else ~asked for wanted in value)

    @api.depends("pending_user_ids")
    @api.depends_context("uid")
    def _compute_is_deputy(self):
        for step in self:
            step.is_deputy = bool(step.sudo()._get_seat(self.env.user) - self.env.user)

    def _search_is_deputy(self, operator, value):
        if operator != "in":
            return NotImplemented
        mine = Domain("id", "in", self._get_deputy_steps().ids)
        return Domain.OR(mine if wanted else ~mine for wanted in value)

    @api.model
    def _get_mine_domain(self):
        """Steps where the current user may decide now, for themselves or somebody absent."""
        mine = Domain("pending_user_ids", "in", self.env.user.ids)
        return mine | Domain("id", "in", self._get_deputy_steps().ids)

    @api.model
    def _get_deputy_steps(self):
        """Steps with ``sudo`` that the current user may decide only for somebody absent."""
        user = self.env.user
        steps = self.sudo()
        absent = self._get_absentees(user)
        if not absent:
            return steps.browse()
        waiting = steps.search(
            [("pending_user_ids", "in", absent.ids), ("pending_user_ids", "not in", user.ids)]
        )
        deputies = self.env["crm.approval.absence"]._get_deputies()
        return waiting.filtered(lambda step: step._get_seat(user, deputies))

    @api.model
    def _get_absentees(self, user):
        """Those whose deputy a user is today in some company, directly or through others."""
        absences = self.env["crm.approval.absence"]
        deputies = absences._get_deputies()
        companies = self.env["res.company"].browse(
            {company for pairs in deputies.values() for company, _deputy in pairs}
        )
        absent = self.env["res.users"]
        for person in absent.browse(deputies):
            for company in companies:
                if user in absences._get_stand_ins(person, company, deputies=deputies):
                    absent |= person
                    break
        return absent

    # ------------------------------------------------------------------
    # Who fills which seat
    # ------------------------------------------------------------------

    def _get_seat(self, user, deputies=None):
        """Whose seat a user may fill now.

        :param deputies: of ``crm.approval.absence._get_deputies``, when at hand
        :return: ``res.users``: the user, an absent person, or empty
        """
        self.ensure_one()
        if user in self.pending_user_ids:
            return user
        if self.state != "open" or user in self._get_counted_decisions().user_id:
            return self.env["res.users"]
        if deputies is None:
            deputies = self.env["crm.approval.absence"]._get_deputies()
        for absent in self.pending_user_ids.sorted("id"):
            if user in self._get_chain(absent, deputies) and self._filter_eligible(user):
                return absent
        return self.env["res.users"]

    def _get_chain(self, absent, deputies):
        """Deputies of an absent person, up to who wrote or submitted the document.

        Whom those name for their own absence decides nothing here: nobody picks the approver of
        their own document.
        """
        chain = self.env["crm.approval.absence"]._get_stand_ins(
            absent, self.request_id.company_id, deputies=deputies
        )
        if chain:
            document = self.request_id._get_documents()
            own = chain & (self.request_id.user_id | document._approval_document_author())
            chain = chain[: min(chain.ids.index(user.id) for user in own)] if own else chain
        return chain

    def _get_able_stand_ins(self, users, deputies):
        """Those who may decide now for absent ones of these users, and can read the document."""
        stand_ins = self.env["res.users"]
        for absent in users:
            stand_ins |= self._get_chain(absent, deputies)
        if stand_ins:
            stand_ins -= users | self._get_counted_decisions().user_id
            stand_ins = self._filter_able(stand_ins)
        return stand_ins

    def _get_notified_users(self, deputies):
        """Who is reminded: those who have to decide, where they are absent the deputies.

        :param deputies: of ``crm.approval.absence._get_deputies``
        :return: ``res.users``; an absent person without a deputy who may decide stays in it
        """
        told = self.env["res.users"]
        for step in self:
            for user in step.pending_user_ids:
                stand_ins = step._get_able_stand_ins(user, deputies)
                present = stand_ins.filtered(lambda deputy: deputy.id not in deputies)
                told |= present or stand_ins or user
        return told

    def _filter_eligible(self, users):
        """Drop requester, author, archived and outside users, and those of other companies."""
        return self.env["crm.approval.route.step"]._filter_eligible(
            users, self.request_id._get_documents(), self.request_id.user_id
        )

    def _filter_able(self, users):
        """Those of the users who are eligible and can read the document."""
        document = self.request_id._get_documents()
        as_user = self.request_id._as_user
        return self._filter_eligible(users).filtered(
            lambda user: as_user(document, user).has_access("read")
        )

    def _get_counted_decisions(self):
        return self.decision_ids.filtered(lambda d: d.kind == "approve" and d._is_counted())

    def _get_filled_seats(self):
        """:return: ``res.users`` whose seats hold an approval that counts"""
        users = self.env["res.users"]
        for decision in self._get_counted_decisions():
            users |= decision._get_seat()
        return users

    def _get_missing_seats(self):
        """Who still has to decide by what the log holds; empty: the step is complete."""
        filled = self._get_filled_seats()
        if self.mode == "all":
            return self.user_ids - filled
        named = self.user_ids - self.added_user_ids
        open_seats = self.added_user_ids - filled
        return open_seats if named & filled else open_seats | named

    def _get_named_seats(self):
        """Those of whom one is enough; all, where all are needed."""
        return self.user_ids if self.mode == "all" else self.user_ids - self.added_user_ids

    def _get_heirs(self, gone):
        """Who decides when the approvers left; empty when nobody may and can."""
        return self._pick_able(self._get_fallback_candidates(), gone)

    def _get_fallback_candidates(self):
        """:return: iterable of ``res.users``: the fallback group, then the service managers"""
        manager = self.env.ref("crm_service_base.group_manager")
        return [group.all_user_ids for group in self.route_step_id.fallback_group_id | manager]

    def _pick_able(self, candidates, excluded):
        """The first set with somebody who may decide here and can read the document.

        :param candidates: iterable of ``res.users``
        :param excluded: ``res.users`` who are not wanted
        """
        excluded |= self._get_counted_decisions().user_id
        for users in candidates:
            users = self._filter_eligible(users) - excluded
            seats = self.user_ids
            self.user_ids = seats | users  # reading can hang on being asked
            able = self._filter_able(users)
            self.user_ids = seats
            if able:
                return able
        return self.env["res.users"]

    def _record_approval(self):
        """Close the step, or wait for those who are still missing."""
        missing = self._get_missing_seats()
        if missing:
            self.pending_user_ids = missing
        else:
            self._close("approved")

    def _set_seats(self, users, added, **values):
        """Who decides, and who of them must in any case; only the open step waits for them."""
        self.write(
            {
                "user_ids": [Command.set(users.ids)],
                "added_user_ids": [Command.set((added & users).ids)],
                **values,
            }
        )
        if self.state == "open":
            self.pending_user_ids = self._get_missing_seats()

    def _reassign_seats(self, users):
        """Who decides instead of all who have not; approvals that were given stand."""
        filled = self._get_filled_seats() & self.user_ids
        named = self.user_ids - self.added_user_ids
        added = self.added_user_ids & filled
        if self.mode == "one" and named & filled:
            added |= users
        self._set_seats(filled | users, added)
