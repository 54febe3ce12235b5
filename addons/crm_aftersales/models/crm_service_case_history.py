from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..tools.working_time import RUN, STOP

# what may be put right of an old record until it is taken in
HISTORY_FIELDS = {"date_solved", "date_closed"}


class CrmServiceCase(models.Model):
    """Cases from before this system: imported with their own dates, then taken in."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    origin = fields.Char("Old Number", index="btree_not_null", help="In the books before.")
    date_solved = fields.Datetime(readonly=False)
    date_closed = fields.Datetime(readonly=False)

    @api.constrains("date_opened", "date_solved", "date_closed", "is_history")
    def _check_history_dates(self):
        now = fields.Datetime.now()
        for case in self.filtered("is_history"):
            dates = [date for date in (case.date_solved, case.date_closed) if date]
            if dates != sorted(dates) or any(d < case.date_opened or d > now for d in dates):
                raise ValidationError(
                    self.env._(
                        "Old record %s: received, solved and closed follow in this order, none "
                        "lies in the future.",
                        case.origin or case.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        old = [vals for vals in vals_list if vals.get("is_history")]
        if not old:
            return super().create(vals_list)
        self._check_history_right()
        dates = [{name: vals.get(name) for name in HISTORY_FIELDS} for vals in vals_list]
        cases = super().create(vals_list)
        for case, values in zip(cases, dates, strict=True):
            if case.is_history:
                case.sudo().write(values)
        return cases

    def _check_case_write(self, vals):
        if "is_history" in vals:
            raise AccessError(self.env._("A case is an old record from its creation on, or never."))
        names = vals.keys() & HISTORY_FIELDS
        if names and all(case.is_history and case.state == "open" for case in self.sudo()):
            self._check_history_right()
            vals = {name: value for name, value in vals.items() if name not in names}
        super()._check_case_write(vals)

    def _check_history_right(self):
        if not (self.env.su or self._is_supervisor()):
            raise AccessError(self.env._("Only a supervisor takes in old cases."))

    def action_accept_history(self):
        """Take in old records: they end where their dates say, with the clocks they had.

        :raise AccessError: the user is no supervisor
        :raise UserError: no old record, or it has been taken in
        """
        self.check_access("write")
        self._check_history_right()
        self._check_state(("open",), self.env._("taken in"))
        for case in self:
            if not (case.is_history and (case.date_solved or case.date_closed)):
                raise UserError(
                    self.env._(
                        "%s is not marked as an old record, or it says neither when it was solved "
                        "nor when it was closed.",
                        case.name,
                    )
                )
        cases = self.sudo()
        cases._start_history_clocks()
        for state, group in cases.grouped(lambda case: bool(case.date_closed)).items():
            end = "closed" if state else "solved"
            group.write({"state": end, "stage_id": group._get_stage(end).id})
        for case in cases.filtered(lambda case: not case.date_solved):
            case.date_solved = case.date_closed

    def _start_history_clocks(self):
        """What an old record proves: when it was solved, against the date it was due by.

        That of the record itself, else the term of the policy as it is today. Whether somebody
        answered in time before is not known, so no other clock is made up.
        """
        policies, clocks = self.env["crm.deadline.policy"], self.env["crm.deadline.clock"]
        vals_list, ledgers = [], []
        for case in self:
            rule = policies._match(case, "solve")
            given = case.date_due_agreed
            if not (rule or given):
                continue
            done = case.date_solved or case.date_closed
            values = clocks._prepare_history_values(case, rule, given)
            ledger = [(case.date_opened, RUN, False)]
            values.update(clocks._find_deadline(case, values, ledger))
            vals_list.append({**values, "state": "met", "date_met": done})
            ledgers.append([(done, STOP, False)])
        created = clocks.create(vals_list)
        created._write_ledger(zip(created, ledgers, strict=True))

    # ------------------------------------------------------------------ import template

    @api.model
    def _get_import_template_title(self):
        return self.env._("Old Cases")

    @api.model
    def _get_import_template_rows(self):
        """Old records: a supervisor imports them and then takes them in."""
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        channels = dict(self._fields["channel"]._description_selection(self.env))
        severities = dict(self._fields["severity"]._description_selection(self.env))
        day = datetime.combine(fields.Date.context_today(self), time(9)) - timedelta(days=90)
        team = self.env["crm.service.team"].search([], limit=1)
        category = self.env["crm.case.category"].search([], limit=1)
        customer = self.env["crm.visit.plan"]._get_import_template_customers()[0]
        return [
            {
                "is_history": True,
                "origin": "2019-0001",
                "kind": kinds["complaint"],
                "channel": channels["phone"],
                "severity": severities["minor"],
                "subject": self.env._("The charger gets hot"),
                "description": self.env._("Hot after an hour, wants a new one."),
                "partner_id": customer,
                "contact_name": self.env._("Example Person"),
                "phone": "0931 1234567",
                "category_id": category.display_name or "",
                "team_id": team.display_name or "",
                "user_id": self.env.user.login,
                "date_opened": day,
                "date_due_agreed": day + timedelta(days=5),
                "date_solved": day + timedelta(days=3),
                "date_closed": day + timedelta(days=4),
                "solution": self.env._("Exchanged"),
            }
        ]
