from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

REMEDIES = [
    ("repair", "Repair"),
    ("replace", "Replacement"),
    ("refund", "Refund"),
    ("compensation", "Compensation"),
    ("apology", "Apology"),
    ("explanation", "Explanation"),
    ("other", "Other"),
]


class CrmServiceCase(models.Model):
    """A complaint: what is wanted, whether it is valid, its cause and what is learned from it.

    Validity and severity are decisions with a reason: a person judges with ``_judge``, the rules
    and supervisors set the severity (crm_service_case_severity.py). Nobody writes them.
    """

    _name = "crm.service.case"
    _inherit = ["crm.service.case"]

    # what the customer wants
    remedy = fields.Selection(REMEDIES, "Wanted Remedy")
    remedy_note = fields.Text("Customer's Wishes", help="What the customer asks for, in words.")
    immediate_action = fields.Text(help="What was done on the spot.")

    # the judgement
    validity_reason = fields.Text("Why Valid or Not", readonly=True, copy=False)
    judged_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    date_judged = fields.Datetime("Judged On", readonly=True, copy=False)

    # cause, measures, lessons (B3.R3); what fell short of what was expected (C3.R17)
    cause_analysis = fields.Text()
    measures = fields.Text("Measures Taken")
    lessons = fields.Text("Lessons Learned")
    measure_ids = fields.One2many(
        "crm.case.measure", "case_id", "Corrective and Preventive Measures"
    )
    unmet_expectation = fields.Text(
        "Expectation Not Met", help="What the customer expected and did not get."
    )
    expectation_cause = fields.Text("Why It Was Not Met")
    expectation_measure = fields.Text("Improvement", help="What changes, as the customer is told.")

    department_opinion = fields.Text("Department's Opinion", readonly=True, copy=False)
    opinion_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    date_opinion = fields.Datetime("Opinion Given On", readonly=True, copy=False)
    is_opinion_mine = fields.Boolean(compute="_compute_is_opinion_mine")
    date_keep_until = fields.Date(
        "Kept until", readonly=True, copy=False, help="Files are kept for years after closing."
    )

    @api.depends("department_id", "state")
    @api.depends_context("uid")
    def _compute_is_opinion_mine(self):
        """Whether the form offers the box of the department's head."""
        for case in self:
            is_over = case.kind == "complaint" and case.state in ("solved", "closed")
            case.is_opinion_mine = is_over and case._is_department_head()

    # ------------------------------------------------------------------ what nobody writes

    @api.model
    def _get_server_fields(self):
        return {
            **super()._get_server_fields(),
            "validity": "pending",
            **dict.fromkeys(
                (
                    "validity_reason",
                    "judged_by_id",
                    "date_judged",
                    "department_opinion",
                    "opinion_by_id",
                    "date_opinion",
                    "date_keep_until",
                ),
                False,
            ),
        }

    @api.model
    def _get_reopen_values(self):
        return {
            **super()._get_reopen_values(),
            **dict.fromkeys(
                ("date_keep_until", "department_opinion", "opinion_by_id", "date_opinion"), False
            ),
        }

    @api.model_create_multi
    def create(self, vals_list):
        if not (self.env.su or self._is_supervisor()):
            vals_list = [{**vals, "is_history": False} for vals in vals_list]
        return super().create(vals_list)

    def _check_case_write(self, vals):
        """No way round the rules: neither as an old record nor as no complaint any more."""
        super()._check_case_write(vals)
        is_turned = "kind" in vals and vals["kind"] != "complaint"
        is_turned = is_turned and any(case.kind == "complaint" for case in self.sudo())
        if (is_turned or "is_history" in vals) and not self._is_supervisor():
            raise AccessError(
                self.env._(
                    "A supervisor decides that a complaint is none, or that a case is an old "
                    "record."
                )
            )

    # ------------------------------------------------------------------ hooks of the severity

    @api.model
    def _get_severity_facts(self):
        """Fields whose change can make a case major or great; an addon adds its own.

        :return: set of field names
        """
        return {
            "kind",
            "loss_amount",
            "is_injury",
            "is_promise_missing",
            "is_third_party",
            "request_count",
            "is_media",
            "is_great",
        }

    def _get_request_count(self):
        """How often the customer turned to us about the matter; crm_service_case_repeat.py takes
        the contacts that were linked.

        :return: int for a single record
        """
        self.ensure_one()
        return self.request_count

    # ------------------------------------------------------------------ valid or not

    def _is_valid_complaint(self):
        """Whether the rules for valid complaints apply.

        :return: bool for a single record
        """
        self.ensure_one()
        return self.kind == "complaint" and self.validity == "valid" and not self.is_history

    def action_judge(self):
        """Ask whether the complaints are valid, and why."""
        return self._open_decision("judge", self.env._("Valid or Not"))

    def _open_decision(self, kind, title, **defaults):
        """The dialog in which a person decides with a reason."""
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "crm.service.case.decide",
            "view_mode": "form",
            "target": "new",
            "context": {"default_kind": kind, "default_case_ids": self.ids, **defaults},
        }

    def _judge(self, validity, reason):
        """A person decides whether complaints are valid.

        :param str validity: ``valid`` or ``invalid``
        :param str reason: in words, needed
        :raise AccessError: a judgement is changed, or a major complaint refused, by no supervisor
        :raise UserError: no complaint, not open, or no reason
        """
        self.check_access("write")
        self._check_reason(reason)
        self._check_state(("open",), self.env._("judged"))
        for case in self.sudo():
            if case.kind != "complaint":
                raise UserError(self.env._("Case %s is no complaint.", case.name))
            is_grave = case.severity == "major" and validity == "invalid"
            if (case.validity != "pending" or is_grave) and not self._is_supervisor():
                raise AccessError(
                    self.env._(
                        "A supervisor changes a judgement, and decides that a major complaint is "
                        "not valid."
                    )
                )
        self.sudo().write(
            {
                "validity": validity,
                "validity_reason": reason,
                "judged_by_id": self.env.uid,
                "date_judged": fields.Datetime.now(),
            }
        )
        if validity == "valid":
            self._raise_by_facts()

    def _check_reason(self, reason):
        if not (reason or "").strip():
            raise UserError(self.env._("Give the reason in a sentence: it stays with the case."))

    # ------------------------------------------------------------------ before solving and closing

    def _check_solve(self):
        super()._check_solve()
        for case in self.sudo():
            if case.kind == "complaint" and not case.is_history:
                case._check_complaint_solved()

    def _check_complaint_solved(self):
        """:raise UserError: what a complaint lacks before it counts as solved"""
        self.ensure_one()
        if self.validity == "pending":
            raise UserError(
                self.env._("Press “Valid or Not” on complaint %s first and say why.", self.name)
            )
        if self.validity == "invalid":
            if not self.date_explained:
                raise UserError(
                    self.env._(
                        "Complaint %s is not valid: explain it to the customer, and note who was "
                        "told what and when.",
                        self.name,
                    )
                )
            return
        if not self.cause_id or self.fault == "open":
            raise UserError(
                self.env._("Choose the cause of complaint %s, and whose fault it was.", self.name)
            )
        if self.fault == "own" and not self.date_apologized:
            raise UserError(
                self.env._(
                    "Complaint %s was our fault: apologise to the customer and note it.", self.name
                )
            )
        if self.severity == "major":
            self._check_major_solved()

    def _check_major_solved(self):
        missing = [
            self._fields[name]._description_string(self.env)
            for name in ("cause_analysis", "measures")
            if not (self[name] or "").strip()
        ]
        if missing:
            raise UserError(
                self.env._(
                    "Complaint %(case)s is major. Please fill in: %(missing)s.",
                    case=self.name,
                    missing=self._format_names(missing),
                )
            )
        if not (self.date_agreed or self.date_final):
            raise UserError(
                self.env._(
                    "Complaint %s is major: note that the customer agreed to the solution. Where "
                    "no agreement can be reached, a supervisor notes the final word.",
                    self.name,
                )
            )

    def _close(self):
        super()._close()
        today = fields.Date.context_today(self)
        for company, cases in self.sudo().grouped("company_id").items():
            cases.date_keep_until = fields.Date.add(today, years=company.crm_case_keep_years)

    # ------------------------------------------------------------------ the department's opinion

    def _is_department_head(self):
        """Whether the user signs for the department that keeps the case.

        :return: bool for a single record
        """
        self.ensure_one()
        department = self.sudo().department_id
        return self.env.user in department.head_id | department.deputy_id

    def action_give_opinion(self):
        """Ask the head of the department for an opinion on how the complaint was handled."""
        return self._open_decision("opinion", self.env._("Department's Opinion"))

    def _give_opinion(self, opinion):
        """The last box of the complaint form (E2.F028).

        :param str opinion: in words, needed
        :raise AccessError: the user does not head the department
        :raise UserError: not solved yet, or nothing said
        """
        self.check_access("read")
        self._check_reason(opinion)
        self._check_state(("solved", "closed"), self.env._("commented on"))
        if not all(case._is_department_head() for case in self):
            raise AccessError(
                self.env._("The opinion is given by the head of the department of the case.")
            )
        self.sudo().write(
            {
                "department_opinion": opinion,
                "opinion_by_id": self.env.uid,
                "date_opinion": fields.Datetime.now(),
            }
        )

    def _can_file(self):
        is_waiting = self._is_valid_complaint() and self.state == "closed" and not self.date_opinion
        return super()._can_file() and not is_waiting
