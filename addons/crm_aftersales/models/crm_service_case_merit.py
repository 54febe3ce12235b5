from odoo import api, fields, models
from odoo.exceptions import AccessError

# what decides whether a complaint counts against the person
MERIT_FIELDS = {"complained_user_id", "fault", "kind"}
CRITICISM = "criticism"


class CrmServiceCase(models.Model):
    """A complaint against a member of staff proposes a merit entry by itself, once (C1.R12).

    Nothing of it runs while cases are created: the proposal is made when the complaint is judged
    valid, or when the person or the fault is named afterwards.
    """

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    merit_ids = fields.One2many("crm.merit.entry", "case_id", "Merit Entries", readonly=True)
    merit_count = fields.Integer("Merit Entry Count", compute="_compute_merit_count")

    @api.depends("merit_ids")
    def _compute_merit_count(self):
        for case in self:
            case.merit_count = len(case.merit_ids)

    def write(self, vals):
        res = super().write(vals)
        if not MERIT_FIELDS.isdisjoint(vals):
            self._follow_merit()
        return res

    def _check_case_write(self, vals):
        super()._check_case_write(vals)
        is_renamed = "complained_user_id" in vals and self._is_supervisor()
        if is_renamed or not {"fault", "kind"}.isdisjoint(vals):
            self._check_not_accused()

    def _check_not_accused(self):
        """:raise AccessError: the user is the one complained of"""
        if any(case.complained_user_id == self.env.user for case in self.sudo()):
            raise AccessError(
                self.env._(
                    "The complaint is about you: a colleague judges it and whose fault it was."
                )
            )

    def _judge(self, validity, reason):
        self._check_not_accused()
        super()._judge(validity, reason)
        self._follow_merit()

    def _is_staff_at_fault(self):
        """Whether a complaint counts against the member of staff it names.

        :return: bool for a single record
        """
        self.ensure_one()
        person = self.complained_user_id
        is_ours = bool(person) and not person.share and self.company_id in person.company_ids
        return is_ours and self._is_valid_complaint() and self.fault != "not_own"

    def _follow_merit(self):
        """Propose an entry where a complaint counts against somebody; drop what was proposed where
        it does not any more. What was submitted or approved stays for people to decide."""
        for case in self.sudo():
            is_at_fault = case._is_staff_at_fault()
            proposals = case.merit_ids.filtered(
                lambda entry: entry.is_proposal and entry.source == "customer"
            )
            person = case.complained_user_id
            wrong = proposals.filtered(
                lambda entry, is_right=is_at_fault, person=person: (
                    entry.state == "draft" and not (is_right and entry.person_id == person)
                )
            )
            wrong._cancel_now(self.env._("The complaint does not count against the person."))
            if is_at_fault and person not in proposals.person_id:
                case._propose_merit()

    def _propose_merit(self):
        self.ensure_one()
        severities = self.env["crm.merit.severity"].sudo()
        severity = severities._find_for_complaint(self.company_id, self.severity)
        self.env["crm.merit.entry"]._propose(
            self.complained_user_id,
            self.company_id,
            kind="deduction" if severity else CRITICISM,
            severity_id=severity.id,
            case_id=self.id,
            source="customer",
            is_proposal=True,
            date=self._get_merit_date(),
            grounds="\n".join(filter(None, [self.subject, self.validity_reason])),
        )

    def _get_merit_date(self):
        return fields.Datetime.context_timestamp(self, self.date_opened).date()

    def _flag_passing_around(self, returns, passes):
        """Who declined, kept silent or gave it back is proposed for criticism (C3.R2)."""
        super()._flag_passing_around(returns, passes)
        case = self.sudo()
        rows = case.handover_ids.filtered(lambda row: row.kind == "offer")
        refused = rows.filtered(lambda row: row.state in ("declined", "expired"))
        people = (
            refused.answered_by_id | refused.filtered(lambda row: row.state == "expired").to_user_id
        )
        accepted = rows.filtered(lambda row: row.state == "accepted").sorted("id")
        for number, row in enumerate(accepted):
            if row.from_user_id in accepted[:number].answered_by_id:
                people |= row.from_user_id  # took it over, and passed it on
        known = case.merit_ids.filtered(lambda entry: entry.source == "passing").person_id
        for person in people.filtered(lambda user: not user.share) - known:
            self.env["crm.merit.entry"]._propose(
                person,
                case.company_id,
                kind=CRITICISM,
                case_id=case.id,
                source="passing",
                is_proposal=True,
                grounds=self.env._(
                    "%(case)s was handed over %(passes)s times, and came back %(returns)s times.",
                    case=case.display_name,
                    passes=passes,
                    returns=returns,
                ),
            )

    def action_open_merits(self):
        """The merit entries this case led to, those that one may read."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_aftersales.crm_merit_entry_action"
        )
        action["domain"] = [("case_id", "=", self.id)]
        action["context"] = {"default_case_id": self.id}
        return action
