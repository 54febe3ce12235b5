from odoo.fields import Command
from odoo.tests import new_test_user

from .order_common import OrderCommon


class MoneyCommon(OrderCommon):
    """A technician, a keeper who is the head, finance without a role here."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.finance = cls._new_finance("test_finance")
        cls.outsider = cls._new_user("test_outsider", "specialist")
        cls.product = cls.terminal

    @classmethod
    def _new_finance(cls, login, groups="base.group_user,account.group_account_invoice", **values):
        return new_test_user(
            cls.env,
            login=login,
            groups=groups,
            name=login.title(),
            lang="en_US",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            **values,
        )

    @classmethod
    def _load_chart(cls):
        """Accounts and journals, where the company has none."""
        if not cls.company.chart_template:
            charts = cls.env["account.chart.template"]
            charts.try_loading("generic_coa", company=cls.company, install_demo=False)

    @classmethod
    def _make_receipt(cls, user=None, **values):
        return (
            cls.env["crm.field.receipt"]
            .with_user(user or cls.specialist)
            .create(
                {
                    "partner_id": cls.customer.id,
                    "description": "Cable replaced",
                    "amount": 120,
                    **values,
                }
            )
        )

    @classmethod
    def _hand_in(cls, receipt):
        receipt.action_collect()
        receipt.action_hand_in()
        return receipt

    @classmethod
    def _make_item(cls, **values):
        """A tool that the keeper prepared for the technician."""
        return (
            cls.env["crm.custody.item"]
            .with_user(cls.supervisor)
            .create({"title": "Multimeter", "holder_id": cls.specialist.id, **values})
        )

    @classmethod
    def _hold(cls, **values):
        item = cls._make_item(**values)
        item.action_issue()
        item.with_user(item.holder_id).action_receive()
        return item

    @classmethod
    def _make_return(cls, user=None, **values):
        return (
            cls.env["crm.device.return"]
            .with_user(user or cls.specialist)
            .create({"device_id": cls.device.id, "symptom": "Black screen", **values})
        )
