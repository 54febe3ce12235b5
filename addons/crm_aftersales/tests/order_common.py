from odoo import fields
from odoo.fields import Command

from .common import CaseCommon


class OrderCommon(CaseCommon):
    """The specialist takes orders, a technician goes, the supervisor heads their department."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.technician = cls._new_user("test_technician", "specialist")
        cls.foreign = cls._new_user("test_foreign", "specialist")
        cls.department.member_ids = [Command.link(cls.technician.id)]
        cls.terminal = cls.env["product.product"].create(
            {"name": "GPS terminal", "crm_is_device": True, "crm_warranty_months": 24}
        )
        cls.battery = cls.env["product.product"].create({"name": "Battery", "list_price": 80})
        cls.labour = cls.env["product.product"].create(
            {"name": "Labour", "type": "service", "list_price": 100}
        )
        cls.device = cls.env["crm.device"].create(
            {
                "name": "GPS-1",
                "product_id": cls.terminal.id,
                "partner_id": cls.customer.id,
                "terminal_number": "T1",
                "sim_number": "S1",
                "plate": "甘A12345",
                "date_sold": fields.Date.subtract(cls.today, months=3),
            }
        )
        cls.customer.street = "Donggang 12"

    @classmethod
    def _make_order(cls, user=None, **values):
        """A repair order that the specialist takes."""
        return (
            cls.env["crm.service.order"]
            .with_user(user or cls.specialist)
            .create(
                {
                    "partner_id": cls.customer.id,
                    "device_id": cls.device.id,
                    "problem": "No position since yesterday",
                    "technician_id": cls.technician.id,
                    **values,
                }
            )
        )

    @classmethod
    def _approve(cls, order):
        """The order is submitted and approved by the head of the department."""
        order.action_approval_submit()
        order.with_user(cls.supervisor).action_approval_approve()
        cls.env.invalidate_all()
        return order

    @classmethod
    def _pack(cls, order):
        """What has to be packed is packed."""
        if order.check_open_count:
            order.action_check_all()

    @classmethod
    def _go(cls, order, until="done", **values):
        """The technician departs, arrives and, if wanted, finishes.

        :return: the order as the technician
        """
        work = order.with_user(cls.technician)
        cls._pack(work)
        work.action_depart()
        if until != "departed":
            work.action_arrive()
        if until == "done":
            work.write({"handling": "Terminal replaced", **values})
            work.action_finish()
        return work
