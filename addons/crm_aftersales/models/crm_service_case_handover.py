from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from .crm_case_handover import PASSES_LIMIT, RETURNS_LIMIT


class CrmServiceCase(models.Model):
    """The owner of a case changes by hand-over or by a supervisor, with a record (C3.R2)."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    handover_ids = fields.One2many("crm.case.handover", "case_id", "Hand-Overs")
    handover_id = fields.Many2one(
        "crm.case.handover", "Offered Hand-Over", compute="_compute_handover_id"
    )
    handover_to = fields.Char("Offered To", compute="_compute_handover_id")
    handover_limit = fields.Datetime("Answer Until", compute="_compute_handover_id")
    handover_reason = fields.Text("What Is to Be Done", compute="_compute_handover_id")
    handover_count = fields.Integer("Handed Over", readonly=True, copy=False)
    is_handover_mine = fields.Boolean(
        "Offered to Me", compute="_compute_handover_id", search="_search_is_handover_mine"
    )
    is_owner = fields.Boolean(compute="_compute_is_owner")
    is_passed_around = fields.Boolean(
        readonly=True,
        copy=False,
        help="Handed to and fro, or declined again and again: the supervisor was told.",
    )

    @api.model
    def _get_server_fields(self):
        return {**super()._get_server_fields(), "handover_count": 0, "is_passed_around": False}

    @api.depends("handover_ids.state")
    @api.depends_context("uid")
    def _compute_handover_id(self):
        for case in self:
            offered = case.handover_ids.filtered(lambda row: row.state == "offered")[:1]
            case.handover_id = offered
            case.is_handover_mine = offered.is_mine
            case.handover_to = offered and offered._get_receiver_text()
            case.handover_limit = offered.date_limit
            case.handover_reason = offered.reason

    def _search_is_handover_mine(self, operator, value):
        if operator != "in":
            return NotImplemented
        mine = Domain("handover_ids", "any", [("is_mine", "=", True)])
        return Domain.OR(mine if wanted else ~mine for wanted in value)

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_owner(self):
        for case in self:
            case.is_owner = case.user_id == self.env.user

    # ------------------------------------------------------------------ create, write

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        if not self.env.su and cases.user_id - self.env.user:
            cases._check_first_owner()
        return cases

    def _check_first_owner(self):
        """Staff own what they register; a supervisor may give it to somebody, which is recorded."""
        if not self._is_supervisor():
            raise AccessError(
                self.env._(
                    "You own what you register, or leave it without owner. Hand it over "
                    "afterwards, so that your colleague knows of it."
                )
            )
        assigned = self.sudo().filtered(lambda case: case.user_id - self.env.user)
        assigned._record_owners(dict.fromkeys(assigned, self.env.user))

    def write(self, vals):
        if "user_id" not in vals:
            return super().write(vals)
        before = {case: case.user_id for case in self.sudo() if case.user_id.id != vals["user_id"]}
        if before and not self.env.su and not self._is_supervisor():
            raise AccessError(
                self.env._(
                    "Offer the case to your colleague with “Hand Over”, or ask your supervisor to "
                    "assign it."
                )
            )
        result = super().write(vals)
        self.browse(case.id for case in before).sudo()._record_owners(before)
        return result

    def _record_owners(self, before):
        """The record of a change of owners; an accepted offer is its own.

        :param dict before: ``{case: res.users}``, who owned it
        """
        values = []
        for case in self:
            last = case.handover_ids[:1]
            is_record = (
                last.kind == "offer"
                and last.state == "accepted"
                and last.from_user_id == before[case]
                and last.answered_by_id == case.user_id
            )
            if not is_record:
                values.append(case._prepare_assignment_values(before[case]))
        self.handover_ids.filtered(lambda row: row.state == "offered")._answer("cancelled")
        if values:
            self.env["crm.case.handover"].create(values)

    def _prepare_assignment_values(self, before):
        is_taken = not before and self.user_id == self.env.user
        return self._prepare_handover_values(
            kind="take" if is_taken else "assign",
            state="accepted",
            from_user_id=before.id,
            to_user_id=self.user_id.id,
            date_answered=fields.Datetime.now(),
        )

    def _prepare_handover_values(self, **values):
        """:return: dict of a row of ``crm.case.handover``"""
        self.ensure_one()
        return {
            "case_id": self.id,
            "from_user_id": self.user_id.id,
            "created_by_id": self.env.uid,
            "date_offered": fields.Datetime.now(),
            **values,
        }

    # ------------------------------------------------------------------ handing over

    def action_hand_over(self):
        """Offer the case to a colleague or a team."""
        self.ensure_one()
        self._check_giver()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Hand Over"),
            "res_model": "crm.case.handover.offer",
            "view_mode": "form",
            "target": "new",
            "context": {"default_case_id": self.id},
        }

    def action_accept_handover(self):
        """Take over what was offered."""
        self.handover_id.action_accept()

    def action_decline_handover(self):
        """Say why one does not take over what was offered."""
        return self.handover_id.action_decline()

    def action_cancel_handover(self):
        """Withdraw what was offered."""
        self.handover_id.action_cancel()

    def action_open_handovers(self):
        """How the case went from hand to hand."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_case_handover_action"
        )
        action["domain"] = [("case_id", "=", self.id)]
        action["context"] = {}
        return action

    def _check_giver(self):
        """:raise AccessError: not the owner's to give; :raise UserError: over, or offered"""
        self.check_access("write")
        self._check_state(("open",), self.env._("handed over"))
        for case in self.sudo():
            if case.user_id - self.env.user and not self._is_supervisor():
                raise AccessError(self.env._("Case %s is handed over by who owns it.", case.name))
            if case.handover_id:
                raise UserError(
                    self.env._(
                        "Case %(case)s is offered to %(name)s. Withdraw that first.",
                        case=case.name,
                        name=case.handover_id._get_receiver_name(),
                    )
                )

    def _hand_over(self, user, team, reason):
        """Offer cases; until the offer is accepted they stay where they are.

        :param user: ``res.users`` or empty
        :param team: ``crm.service.team`` or empty, where no colleague is named
        :param str reason: in words, needed
        :return: ``crm.case.handover``
        :raise AccessError: not the owner; :raise UserError: nobody named, or no reason
        """
        self._check_giver()
        self._check_receiver(user, team)
        if not (reason or "").strip():
            raise UserError(
                self.env._("Say what is to be done: the customer should not have to tell it twice.")
            )
        now = fields.Datetime.now()
        handovers = self.env["crm.case.handover"].sudo()
        for case in self.sudo():
            deputy = self.env["crm.approval.absence"]._get_stand_ins(user, case.company_id)[:1]
            hours = (team or case.team_id).handover_hours or 4
            handover = handovers.create(
                case._prepare_handover_values(
                    to_user_id=user.id,
                    to_team_id=not user and team.id,
                    deputy_id=deputy.id,
                    reason=reason,
                    date_limit=fields.Datetime.add(now, hours=hours),
                )
            )
            case._tell_receiver(handover)
            handovers |= handover
        return handovers

    def _check_receiver(self, user, team):
        if not (user or team):
            raise UserError(self.env._("Choose a colleague or a team."))
        if user == self.env.user and user == self.user_id:
            raise UserError(self.env._("You own the case already."))
        if user:
            people = user.sudo()
        else:
            people = (team.sudo().member_ids | team.sudo().leader_id).filtered("active")
        companies = self.company_id
        able = people.filtered(
            lambda person: (
                person.active
                and companies <= person.company_ids
                and person.has_group("crm_service_base.group_specialist")
            )
        )
        is_foreign = not user and team.sudo().company_id != companies
        if is_foreign or not able:
            raise UserError(
                self.env._(
                    "%s cannot work on cases of this company. Choose a colleague of customer "
                    "service, or write to the department.",
                    user.name or team.name,
                )
            )

    def _tell_receiver(self, handover):
        self.ensure_one()
        team = handover.to_team_id
        receivers = handover.deputy_id or handover.to_user_id or team.leader_id or team.member_ids
        for user in receivers.filtered("active"):
            self.activity_schedule(
                "crm_aftersales.mail_activity_type_handover",
                user_id=user.id,
                note=handover.reason,
                summary=self.env._("Case from %s", handover.created_by_id.name),
            )
        text = [handover._get_receiver_text(), handover.reason]
        self._message_log(body=self.env._("Hand-over offered: %s", " · ".join(text)))

    def _get_handover_activities(self):
        kind = self.env.ref("crm_aftersales.mail_activity_type_handover")
        return self.sudo().activity_ids.filtered(lambda a: a.activity_type_id == kind)

    # ------------------------------------------------------------------ shirking

    def _get_passing_counts(self):
        """How often cases went from hand to hand.

        :return: dict ``{case: (returns, passes)}``: how often a case came back to somebody who had
            handed it over, and how often it was accepted, declined or left unanswered
        """
        counts = {}
        for case in self.sudo():
            rows = case.handover_ids.sorted("id").filtered(lambda h: h.kind == "offer")
            givers, returns = set(), 0
            for row in rows.filtered(lambda row: row.state == "accepted"):
                returns += row.answered_by_id.id in givers
                givers.add(row.from_user_id.id)
            ended = rows.filtered(lambda row: row.state in ("accepted", "declined", "expired"))
            counts[case] = (returns, len(ended))
        return counts

    def _check_passing_around(self):
        """Flag cases that are handed to and fro, once each."""
        parameters = self.env["ir.config_parameter"].sudo()
        returns_limit, passes_limit = (
            int(parameters.get_param(f"crm_aftersales.{key}") or default)
            for key, default in (
                ("handover_returns_limit", RETURNS_LIMIT),
                ("handover_passes_limit", PASSES_LIMIT),
            )
        )
        for case, (returns, passes) in self._get_passing_counts().items():
            is_flagged = returns >= returns_limit or passes >= passes_limit
            if is_flagged and not case.is_passed_around:
                case.is_passed_around = True
                case._flag_passing_around(returns, passes)

    def _flag_passing_around(self, returns, passes):
        """Tell the supervisor; an addon that keeps merit entries extends it.

        :param int returns: how often the case came back to somebody who had handed it over
        :param int passes: how often it was accepted, declined or left unanswered
        """
        self.ensure_one()
        supervisor = self.team_id.leader_id or self.department_id.head_id
        text = self.env._(
            "Handed over %(passes)s times, came back %(returns)s times. Decide who does it.",
            passes=passes,
            returns=returns,
        )
        self._message_log(body=text)
        if supervisor.active:
            self.activity_schedule(
                "crm_aftersales.mail_activity_type_passing", user_id=supervisor.id, note=text
            )
