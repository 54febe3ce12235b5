from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.crm_service_base.tools.state_order import in_order

STAMPS = ("answer", "date_answered", "answered_by_id", "draft_id", "date_proposed")


class CrmCommitmentProposal(models.Model):
    """Sales and service staff propose a commitment or a change of one (A4.R3).

    The service department adopts it, which drafts the commitment, or declines it and says why.
    """

    _name = "crm.commitment.proposal"
    _description = "Proposal about Commitments"
    _inherit = ["crm.service.mixin", "crm.colleague.thread"]
    _order = "id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "title"]

    title = fields.Char(required=True)
    user_id = fields.Many2one(string="Proposed By", required=True)
    kind = fields.Selection(
        [
            ("new", "New Commitment"),
            ("change", "Change a Commitment"),
            ("withdraw", "Withdraw Commitment"),
        ],
        required=True,
        default="new",
    )
    commitment_id = fields.Many2one(
        "crm.service.commitment", index="btree_not_null", ondelete="restrict", check_company=True
    )
    case_id = fields.Many2one(
        "crm.service.case",
        "Because of Case",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        groups="crm_service_base.group_specialist,crm_service_base.group_director,"
        "crm_service_base.group_general_manager,crm_service_base.group_auditor",
    )
    text = fields.Text("Proposal", help="What should hold, in figures where it can be.")
    reason = fields.Text(help="What customers say, what competitors do, what we can do today.")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("proposed", "Proposed"),
            ("adopted", "Adopted"),
            ("declined", "Declined"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=in_order,
    )
    date_proposed = fields.Datetime("Proposed On", readonly=True, copy=False)
    answer = fields.Text(readonly=True, copy=False)
    date_answered = fields.Datetime("Answered On", readonly=True, copy=False)
    answered_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    draft_id = fields.Many2one(
        "crm.service.commitment",
        "Drafted Commitment",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    @api.depends("name", "title")
    def _compute_display_name(self):
        for proposal in self:
            proposal.display_name = " · ".join(filter(None, [proposal.name, proposal.title]))

    # ------------------------------------------------------------------ create, write, delete

    @api.model
    def _get_server_fields(self):
        """:return: dict of fields that only the buttons write to what a new proposal has"""
        return {"state": "draft", **dict.fromkeys(STAMPS, False)}

    @api.model_create_multi
    def create(self, vals_list):
        initial = self._get_server_fields()
        if self.env.su:
            return super().create([{**initial, **vals} for vals in vals_list])
        return super().create([{"user_id": self.env.uid, **vals, **initial} for vals in vals_list])

    def write(self, vals):
        if not self.env.su:
            self.check_access("write")
            if self._get_server_fields().keys() & vals.keys():
                raise AccessError(self.env._("A proposal is made and answered with its buttons."))
            log = (
                self.env["mail.thread"]._fields.keys()
                | self.env["mail.activity.mixin"]._fields.keys()
            )
            moved = self.sudo().filtered(lambda p: p.state != "draft")
            if moved and not (log | {"active"}).issuperset(vals):
                raise UserError(
                    self.env._("%s was proposed and stays as it is.", moved[0].display_name)
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_proposed(self):
        if any(proposal.state != "draft" for proposal in self):
            raise UserError(self.env._("What was proposed is answered, not deleted."))

    def _can_file(self):
        return super()._can_file() and self.state in ("adopted", "declined")

    # ------------------------------------------------------------------ proposed and answered

    def action_propose(self):
        """Hand it to the service department (A4.R3).

        :raise UserError: something is missing, or it was proposed before
        """
        self.check_access("write")
        self._check_state("draft")
        for proposal in self:
            if not (proposal.text or "").strip():
                raise UserError(self.env._("Write what you propose."))
            if proposal.kind != "new" and not proposal.commitment_id:
                raise UserError(self.env._("Choose the commitment it is about."))
        self.sudo().write({"state": "proposed", "date_proposed": fields.Datetime.now()})
        for proposal in self.sudo():
            commitment = proposal.commitment_id
            recipients = commitment.monitor_id | commitment.department_id._get_recipients()
            recipients |= not recipients and proposal.department_id._get_recipients() or recipients
            proposal._tell(
                recipients - self.env.user,
                self.env._("Proposed: %s", proposal.title),
                proposal.text,
            )

    def action_adopt(self):
        """Adopt it: a commitment is drafted from it."""
        self._check_may_answer()
        return self._open_note("adopt", self.env._("Adopt Proposal"))

    def action_decline(self):
        """Decline it, and say why."""
        self._check_may_answer()
        return self._open_note("decline", self.env._("Decline Proposal"))

    def _adopt(self, answer):
        """The service department takes it up: a new commitment, or the next version, is drafted.

        :param str answer: in words, needed
        :return: action on the draft
        """
        self.ensure_one()
        self._answer("adopted", answer)
        if self.kind == "withdraw":
            return {"type": "ir.actions.act_window_close"}
        if self.kind == "change" and self.commitment_id.state in ("in_force", "retired"):
            current = self.commitment_id
            while current.next_ids:
                current = current.next_ids[:1]
            if current.state not in ("in_force", "retired"):
                self.sudo().draft_id = current
                return current._get_records_action()
            action = current.action_new_version()
            self.sudo().draft_id = action["res_id"]
            return action
        draft = self.env["crm.service.commitment"].create(
            {
                "title": self.title,
                "statement": self.text,
                "company_id": self.company_id.id,
                "ground_ids": self.reason
                and [fields.Command.create({"kind": "demand", "text": self.reason})],
            }
        )
        self.sudo().draft_id = draft
        return draft._get_records_action()

    def _decline(self, answer):
        """The service department does not take it up.

        :param str answer: why, needed
        """
        self._answer("declined", answer)

    def _answer(self, state, answer):
        self._check_may_answer()
        self._check_state("proposed")
        if not (answer or "").strip():
            raise UserError(self.env._("Answer in words: whoever proposed it reads them."))
        self.sudo().write(
            {
                "state": state,
                "answer": answer,
                "date_answered": fields.Datetime.now(),
                "answered_by_id": self.env.uid,
            }
        )
        states = dict(self._fields["state"]._description_selection(self.env))
        for proposal in self.sudo():
            proposal._tell(
                proposal.user_id, f"{states[state]}: {proposal.display_name}", proposal.answer
            )

    def _check_may_answer(self):
        """:raise AccessError: not the service department"""
        self.check_access("read")
        if not self.env.user.has_group("crm_service_base.group_supervisor"):
            raise AccessError(
                self.env._("The heads of customer service adopt and decline proposals.")
            )
        if self.env.user in self.sudo().user_id and not self.env.user.has_group(
            "crm_service_base.group_manager"
        ):
            raise AccessError(self.env._("Somebody else answers what you proposed."))

    def _check_state(self, state):
        for proposal in self.sudo():
            if proposal.state != state:
                raise UserError(
                    self.env._("%s does not stand where this can be done.", proposal.display_name)
                )

    def _tell(self, users, subject, body):
        users = users.filtered("active")
        if users:
            self.message_subscribe(users.partner_id.ids)
            self.message_notify(partner_ids=users.partner_id.ids, subject=subject, body=body)

    def _open_note(self, kind, title):
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "crm.commitment.note",
            "view_mode": "form",
            "target": "new",
            "context": {"default_kind": kind, "default_proposal_ids": self.ids},
        }
