from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_list


class CrmServiceCase(models.Model):
    """Minor or major, by the rules of E2.R1; great matters go to the general manager (C3.R2)."""

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    currency_id = fields.Many2one(related="company_id.currency_id")
    loss_amount = fields.Monetary("Loss", help="What the customer lost by our fault.")
    is_injury = fields.Boolean("Somebody Was Hurt")
    is_promise_missing = fields.Boolean(
        "Promised Service Missing",
        help="A service we promised or contracted is missing or plainly wrong.",
    )
    is_third_party = fields.Boolean(
        "Disturbance by a Third Party", help="A neighbour or somebody else, not the company."
    )
    request_count = fields.Integer(
        "Times Asked", default=1, help="How often the customer had to bring it up."
    )
    is_media = fields.Boolean("Media", help="The press or the internet took it up.")
    is_great = fields.Boolean(
        "Great Matter", help="Anything else that the general manager must know at once."
    )
    date_great = fields.Datetime("General Manager Told On", readonly=True, copy=False)
    severity_log_ids = fields.One2many(
        "crm.case.severity", "case_id", "Severity Decisions", readonly=True
    )
    severity_reason = fields.Char("Why Major", compute="_compute_severity_reason")
    date_reported = fields.Datetime("Reported to the Head On", readonly=True, copy=False)
    reported_to_id = fields.Many2one("res.users", readonly=True, copy=False)
    is_report_mine = fields.Boolean(compute="_compute_is_report_mine")
    days_open = fields.Integer(compute="_compute_days_open", help="By the clock.")

    _age_idx = models.Index(
        "(company_id, date_opened) "
        "WHERE kind = 'complaint' AND state = 'open' AND severity = 'minor' AND active"
    )

    @api.depends("severity", "severity_log_ids")
    def _compute_severity_reason(self):
        for case in self:
            logs = case.sudo().severity_log_ids.sorted("id")
            rules = dict(logs._fields["rule"]._description_selection(self.env))
            current = [log for log in logs if log.severity == case.severity]
            labels = [log.reason or rules[log.rule] for log in current]
            is_major = case.severity == "major"
            case.severity_reason = is_major and self._format_names(dict.fromkeys(labels))

    @api.depends("severity", "date_reported")
    @api.depends_context("uid")
    def _compute_is_report_mine(self):
        for case in self:
            is_due = case.severity == "major" and not case.date_reported
            case.is_report_mine = is_due and self.env.user in case._get_report_users()

    @api.depends("date_opened", "date_solved")
    def _compute_days_open(self):
        now, days = fields.Datetime.now(), defaultdict(list)
        for case in self:
            opened = case.date_opened
            days[opened and ((case.date_solved or now) - opened).days].append(case)
        for count, cases in days.items():
            self.browse().concat(*cases).days_open = count

    @api.model
    def _format_names(self, names):
        return format_list(self.env, list(names))

    # ------------------------------------------------------------------ what nobody writes

    @api.model
    def _get_server_fields(self):
        return {
            **super()._get_server_fields(),
            "severity": "minor",
            **dict.fromkeys(("date_great", "date_reported", "reported_to_id"), False),
        }

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        cases._raise_by_facts()
        return cases

    def write(self, vals):
        res = super().write(vals)
        if not self._get_severity_facts().isdisjoint(vals):
            self._raise_by_facts()
        return res

    # ------------------------------------------------------------------ the rules

    def _get_major_rules(self):
        """Rules of E2.R1 that make a complaint major by its facts.

        :return: set of keys of ``crm.case.severity.rule`` for a single record
        """
        self.ensure_one()
        company = self.company_id
        requests = self._get_request_count()
        found = {
            "repeats": requests >= company.crm_major_requests,
            "promise": self.is_promise_missing and requests > 1,
            "injury": self.is_injury,
            "loss": self.loss_amount > 0 and self.loss_amount >= company.crm_major_loss,
            "third_party": self.is_third_party,
        }
        return {rule for rule, applies in found.items() if applies}

    def _is_great_matter(self):
        """Whether the general manager is told at once.

        :return: bool for a single record
        """
        self.ensure_one()
        is_heavy = self.loss_amount > 0 and self.loss_amount >= self.company_id.crm_great_loss
        return self.is_injury or self.is_media or self.is_great or is_heavy

    def _raise_by_facts(self):
        """Apply the rules to what the cases say now; each rule once a case."""
        for case in self.sudo():
            if case.is_history or case.state not in ("open", "solved"):
                continue
            if case.kind == "complaint" and case.validity != "invalid":
                if rules := case._get_major_rules():
                    case._raise(rules - set(case.severity_log_ids.mapped("rule")))
            if not case.date_great and case._is_great_matter():
                case._report_great()

    def _raise(self, rules, reason=False, user=None):
        """Complaints become major, by rules or by hand; the reason is kept.

        :param rules: keys of ``crm.case.severity.rule``
        :param str reason: in words
        :param user: ``res.users`` who decided, None for the rules
        """
        if not rules:
            return
        cases = self.sudo()
        self.env["crm.case.severity"].sudo().create(
            [
                {
                    "case_id": case.id,
                    "severity": "major",
                    "rule": rule,
                    "reason": reason,
                    "user_id": user and user.id,
                }
                for case in cases
                for rule in sorted(rules)
            ]
        )
        minor = cases.filtered(lambda case: case.severity == "minor")
        minor.write({"severity": "major"})
        minor._record_event("raised")
        minor._report_upwards()
        minor._renew_callbacks()

    def action_set_severity(self):
        """Ask a supervisor for minor or major, and why."""
        severity = "minor" if self[:1].severity == "major" else "major"
        title = self.env._("Minor or Major")
        return self._open_decision("severity", title, default_severity=severity)

    def _set_severity(self, severity, reason):
        """A supervisor decides by hand.

        :param str severity: ``minor`` or ``major``
        :param str reason: in words, needed
        :raise AccessError: the user is no supervisor
        :raise UserError: no complaint, ended, or no reason
        """
        self.check_access("write")
        self._check_reason(reason)
        self._check_state(("open", "solved"), self.env._("changed"))
        if not self._is_supervisor():
            raise AccessError(self.env._("Minor or major by hand is a supervisor's decision."))
        cases = self.sudo().filtered(lambda case: case.severity != severity)
        if any(case.kind != "complaint" for case in cases):
            raise UserError(self.env._("Only complaints are minor or major."))
        if severity == "major":
            cases._raise({"hand"}, reason, self.env.user)
            return
        self.env["crm.case.severity"].sudo().create(
            [
                {
                    "case_id": case.id,
                    "severity": "minor",
                    "rule": "hand",
                    "reason": reason,
                    "user_id": self.env.uid,
                }
                for case in cases
            ]
        )
        cases.write({"severity": "minor"})

    @api.model
    def _cron_raise_unsolved(self):
        """Complaints not solved after the company's days become major; safe to run again."""
        for company in self.env["res.company"].search([("crm_major_days", ">", 0)]):
            limit = fields.Datetime.subtract(fields.Datetime.now(), days=company.crm_major_days)
            domain = [
                ("company_id", "=", company.id),
                ("kind", "=", "complaint"),
                ("state", "=", "open"),
                ("severity", "=", "minor"),
                ("date_opened", "<=", limit),
                ("validity", "!=", "invalid"),
                ("is_history", "=", False),
                ("severity_log_ids", "not any", [("rule", "=", "age")]),
            ]
            local = self.with_context(lang=company._get_crm_lang())
            while cases := local.search(domain, limit=100, order="date_opened, id"):
                reason = local.env._("Not solved after %s days", company.crm_major_days)
                cases._raise({"age"}, reason)
                if not self.env["ir.cron"]._commit_progress(len(cases)):
                    return

    # ------------------------------------------------------------------ told upwards

    def _get_report_head(self):
        """Who is told of a major complaint: the first head, from the department upwards, who does
        not own it.

        :return: ``res.users``, may be empty
        """
        self.ensure_one()
        department = self.sudo().department_id
        while department:
            heads = (department.head_id | department.deputy_id).filtered("active") - self.user_id
            if heads:
                return heads[0]
            department = department.parent_id
        return self.env["res.users"]

    def _get_report_users(self):
        """Who can acknowledge the report: heads and deputies from the department upwards, service
        managers and general managers.

        :return: ``res.users``
        """
        self.ensure_one()
        department = self.sudo().department_id
        users = self.env["res.users"]
        while department:
            users |= department.head_id | department.deputy_id
            department = department.parent_id
        manager = self.env.ref("crm_service_base.group_manager").sudo().all_user_ids
        return users | manager | self._get_general_managers()

    def _get_general_managers(self):
        """:return: ``res.users`` who hold the office in the company of the case"""
        self.ensure_one()
        group = self.env.ref("crm_service_base.group_general_manager").sudo()
        company = self.sudo().company_id
        return group.all_user_ids.filtered(lambda u: u.active and company in u.company_ids)

    def _report_upwards(self):
        """Tell the head of each department at once; the clock runs until it is acknowledged."""
        for case in self.sudo():
            case._tell_user(
                case._get_report_head(), self.env._("Major complaint: %s", case.display_name)
            )

    def _report_great(self):
        """Tell the general managers at once, once a case."""
        self.ensure_one()
        managers = self._get_general_managers()
        if not managers:
            self._message_log(
                body=self.env._("A great matter, but nobody holds the office of general manager.")
            )
            return
        self.date_great = fields.Datetime.now()
        self._tell_user(managers, self.env._("Great matter: %s", self.display_name))

    def _tell_user(self, users, subject):
        """A task and a notification; only whoever can read the case has use for them."""
        readers = users.filtered(self._is_readable_by)
        # the task itself says nothing: the notification does
        case = self.with_context(mail_activity_quick_update=True)
        for user in readers:
            case.activity_schedule(
                "crm_aftersales.mail_activity_type_report", user_id=user.id, summary=subject
            )
        if readers:
            self.message_notify(
                partner_ids=readers.partner_id.ids,
                subject=subject,
                body=self.description or self.subject,
            )

    def _is_readable_by(self, user):
        company = self.sudo().company_id
        case = self.with_context(allowed_company_ids=company.ids).with_user(user)
        return company in user.company_ids and case.has_access("read")

    def action_acknowledge_report(self):
        """The head notes that the report came; this ends the clock (E2.R5).

        :raise AccessError: the user is none of those who are told
        :raise UserError: not major, or reported before
        """
        self.check_access("read")
        for case in self:
            if self.env.user not in case._get_report_users():
                raise AccessError(
                    self.env._("Reports are acknowledged by the head of the department.")
                )
        self._report(self.env.user, fields.Datetime.now())

    def _report(self, head, date):
        """The head was told.

        :param head: ``res.users``
        :param datetime date: when, UTC
        :raise UserError: not major, or reported before
        """
        for case in self.sudo():
            if case.severity != "major" or case.date_reported:
                raise UserError(
                    self.env._("Case %s is not major, or its report is noted.", case.name)
                )
        self.sudo().write({"date_reported": date, "reported_to_id": head.id})
        self._record_event("reported", date)
        self.sudo().activity_feedback(["crm_aftersales.mail_activity_type_report"], user_id=head.id)
