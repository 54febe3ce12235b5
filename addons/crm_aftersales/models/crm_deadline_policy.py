from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import ormcache

from ..tools.policy_rule import PolicyRule
from ..tools.working_time import Rule
from .crm_service_case import KINDS, URGENCIES

TARGETS = [
    ("acknowledge", "Answer the Customer"),
    ("department", "Department Answers"),
    ("report", "Report Upwards"),
    ("progress", "Tell Progress"),
    ("first_solution", "First Solution"),
    ("solve", "Solve"),
    ("callback", "Call Back"),
    ("arrive", "Arrive on Site"),
]
UNITS = [
    ("minute", "Minutes by the Clock"),
    ("hour", "Hours by the Clock"),
    ("work_hour", "Working Hours"),
    ("work_day", "Working Days"),
]
PAUSES = {
    "customer": "is_paused_customer",
    "parts": "is_paused_parts",
    "third_party": "is_paused_third_party",
}
# what a clock keeps of its policy as long as it runs
RULE_FIELDS = {"target", "amount", "unit", "is_repeated", "met_by", *PAUSES.values()}


class CrmDeadlinePolicy(models.Model):
    """Within what time something has to happen to which cases (D5.R2).

    A clock takes term and pauses of its policy with it when it starts, and their version: changing
    a policy makes a new version for the clocks to come, the running ones keep theirs.
    """

    _name = "crm.deadline.policy"
    _description = "Deadline Policy"
    _inherit = ["crm.access.mixin", "mail.thread"]
    _order = "target, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, help="The first policy that fits a case is taken.")
    active = fields.Boolean(default=True)
    target = fields.Selection(TARGETS, "What", required=True, index=True, tracking=True)
    company_id = fields.Many2one("res.company", index=True, help="Leave empty for all companies.")

    # for which cases
    kind = fields.Selection(KINDS, help="Leave empty for all kinds.")
    severity = fields.Selection([("minor", "Minor"), ("major", "Major")])
    urgency = fields.Selection(URGENCIES)
    team_id = fields.Many2one(
        "crm.service.team", index="btree_not_null", ondelete="restrict", check_company=True
    )
    grade_id = fields.Many2one(
        "crm.customer.grade", "Customer Grade", index="btree_not_null", ondelete="restrict"
    )
    category_id = fields.Many2one(
        "crm.case.category",
        index="btree_not_null",
        ondelete="restrict",
        help="With the categories below it.",
    )

    # how long
    amount = fields.Float("Term", required=True, default=1, tracking=True, aggregator=None)
    unit = fields.Selection(UNITS, "Measured In", required=True, default="work_hour", tracking=True)
    is_paused_customer = fields.Boolean("Pauses While Waiting for the Customer", tracking=True)
    is_paused_parts = fields.Boolean("Pauses While Waiting for Parts", tracking=True)
    is_paused_third_party = fields.Boolean("Pauses While Waiting for a Third Party", tracking=True)
    is_repeated = fields.Boolean(
        "Again and Again",
        default=True,
        help="After each message to the customer the next one is due in the same term.",
    )
    met_by = fields.Selection(
        [("proposed", "The Customer Was Told a Solution"), ("agreed", "The Customer Agreed")],
        required=True,
        default="agreed",
        tracking=True,
    )
    version = fields.Integer(
        default=1,
        readonly=True,
        copy=False,
        tracking=True,
        aggregator=None,
        help="Counts up with each new term.",
    )
    step_ids = fields.One2many("crm.deadline.policy.step", "policy_id", "Escalation", copy=True)
    note = fields.Text("Explanation", translate=True)

    _amount_positive = models.Constraint("CHECK (amount > 0)", "A term is longer than nothing.")
    _amount_sane = models.Constraint(
        "CHECK (amount <= 10000 AND (unit != 'work_day' OR (amount <= 1000 AND "
        "amount = floor(amount))))",
        "Working days are whole ones, at most 1000; hours and minutes at most 10000.",
    )

    @api.depends("target", "name", "version")
    def _compute_display_name(self):
        for policy in self:
            policy.display_name = self.env._(
                "%(name)s, version %(version)s", name=policy.name, version=policy.version
            )

    # ------------------------------------------------------------------ create, write, delete

    @api.model_create_multi
    def create(self, vals_list):
        policies = super().create([{**vals, "version": 1} for vals in vals_list])
        self.env.registry.clear_cache()
        return policies

    def write(self, vals):
        vals = {name: value for name, value in vals.items() if name != "version"}
        rules = vals.keys() & RULE_FIELDS
        changed = self.filtered(lambda policy: any(policy[n] != vals[n] for n in rules))
        res = super().write(vals)
        for policy in changed:
            super(CrmDeadlinePolicy, policy).write({"version": policy.version + 1})
        self.env.registry.clear_cache()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        clocks = self.env["crm.deadline.clock"].sudo()
        if used := clocks.search([("policy_id", "in", self.ids)], limit=1).policy_id:
            raise UserError(
                self.env._("Clocks have run by the policy “%s”. Archive it.", used.name)
            )

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    def _on_steps_changed(self):
        """Running clocks follow the ladder as it is now; what was told is not told again."""
        self.env.registry.clear_cache()
        self.env["crm.deadline.clock"]._refresh_steps(self)

    # ------------------------------------------------------------------ which policy

    @api.model
    @ormcache("company_id")
    def _get_rules(self, company_id):
        """The policies of a company, to match cases in memory.

        :return: dict of target to list of :class:`PolicyRule`, in the order they are tried
        """
        domain = Domain("company_id", "in", (False, company_id))
        rules = {}
        for policy in self.sudo().with_context({}).search(domain, order="sequence, id"):
            rules.setdefault(policy.target, []).append(policy._prepare_rule())
        return rules

    def _prepare_rule(self):
        values = {
            "kind": self.kind,
            "severity": self.severity,
            "urgency": self.urgency,
            "team_id": self.team_id.id,
            "grade_id": self.grade_id.id,
            "category_id": self.category_id.id,
        }
        return PolicyRule(
            id=self.id,
            version=self.version,
            target=self.target,
            conditions=tuple((name, value) for name, value in values.items() if value),
            term=Rule(self.amount, self.unit),
            pauses=",".join(reason for reason, name in PAUSES.items() if self[name]),
            is_repeated=self.target == "progress" and self.is_repeated,
            met_by=self.met_by,
            steps=tuple((step.id, step._get_minutes()) for step in self.step_ids._in_order()),
        )

    @api.model
    def _match(self, case, target):
        """The policy that holds for a case.

        :param case: ``crm.service.case``, with ``sudo``
        :return: :class:`PolicyRule` or None
        """
        rules = self._get_rules(case.company_id.id).get(target, ())
        return next((rule for rule in rules if self._is_met(case, rule)), None)

    @api.model
    def _is_met(self, case, rule):
        for name, value in rule.conditions:
            if name == "category_id":
                if str(value) not in (case.category_id.parent_path or "").split("/"):
                    return False
            elif name == "grade_id":
                partner = case.commercial_partner_id.with_company(case.company_id)
                if partner.crm_grade_id.id != value:
                    return False
            elif name == "team_id":
                if case.team_id.id != value:
                    return False
            elif case[name] != value:
                return False
        return True
