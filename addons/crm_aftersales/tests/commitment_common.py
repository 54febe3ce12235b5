from odoo import fields
from odoo.fields import Command

from .desk_common import DeskCommon


class CommitmentCommon(DeskCommon):
    """A commitment in force, a compensation plan, and accounting enough for credit notes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.commitment = cls._enforce(cls._make_commitment("Answer within two hours"))
        cls.plan = cls._enforce(cls._make_plan())
        cls.finance = cls._new_user("test_finance", "specialist")
        cls.finance.group_ids = [
            Command.set(
                (cls.env.ref("base.group_user") | cls.env.ref("account.group_account_invoice")).ids
            )
        ]
        cls._make_accounting()

    @classmethod
    def _make_plan(cls, title="SECRET PLAN", rules=None, **values):
        """An implicit commitment that is nothing but a compensation plan."""
        rules = rules or [{"amount": 100}, {"amount": 300, "hours_late": 24}]
        return cls._make_commitment(
            title,
            audience="implicit",
            statement="SECRET WORDS",
            item_ids=False,
            rule_ids=[Command.create(rule) for rule in rules],
            **values,
        )

    @classmethod
    def _make_accounting(cls):
        company = {"company_ids": [Command.set(cls.company.ids)]}
        receivable, income = cls.env["account.account"].create(
            [
                {
                    "name": "Receivable",
                    "code": "112299",
                    "account_type": "asset_receivable",
                    "reconcile": True,
                    **company,
                },
                {"name": "Sales", "code": "600199", "account_type": "income", **company},
            ]
        )
        defaults = cls.env["ir.default"]
        name = "property_account_receivable_id"
        defaults.set("res.partner", name, receivable.id, company_id=cls.company.id)
        (cls.customer | cls.other_customer).with_company(cls.company)[name] = receivable
        cls.journal = cls.env["account.journal"].create(
            {
                "name": "Sales",
                "code": "TSAL",
                "type": "sale",
                "company_id": cls.company.id,
                "default_account_id": income.id,
                "sequence": 1,
            }
        )

    def _breach(self, case=None, user=None, **values):
        """The specialist notes that the customer of a case was let down."""
        case = case or self._make_case()
        return (
            self.env["crm.commitment.breach"]
            .with_user(user or self.specialist)
            .create(
                {
                    "case_id": case.id,
                    "commitment_id": self.commitment.id,
                    "cause": "own",
                    "cause_note": "Nobody looked",
                    "satisfaction": "dissatisfied",
                    "remedy": "Called at once",
                    **values,
                }
            )
        )

    def _propose(self, breach, **values):
        """The compensation as the plan has it, with the words it needs."""
        action = breach.action_propose_compensation()
        compensation = self.env["crm.compensation"].with_env(breach.env).browse(action["res_id"])
        compensation.write(
            {"reason": "As the plan says", "customer_text": "You get a credit", **values}
        )
        return compensation

    def _approve_compensation(self, compensation, *users):
        compensation.action_approval_submit()
        for user in users or (self.manager,):
            compensation.with_user(user).action_approval_approve()
        return compensation

    def _months_ago(self, months, day=15):
        return fields.Datetime.subtract(self.now, months=months).replace(day=day)
