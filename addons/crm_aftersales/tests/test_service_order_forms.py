from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement
from odoo.addons.crm_visits.tests.common import draw_signature
from odoo.addons.crm_visits.tests.test_visit_forms import FormsCommon

from .order_common import OrderCommon

# Captions of the paper forms, as in the source procedures.
REQUEST = """
    编号 客户 联系人 电话 现场地址 希望时间 产品 数量 安装位置 设计与安装位置意见 设计人
    安装车辆明细 车牌号 车型 颜色 司机信息和车辆基本信息 司机
"""
DISPATCH = """
    编号 安装需求单 客户 联系人 电话 现场地址 时间段 安装人员 车辆明细 车牌号 车型 颜色 终端号
    SIM卡号 司机 工具与备品核对 部门经理审批 完工时间 客户签字
"""
REPAIR = """
    编号 客户名称 具体地址 联系方式 商品型号 购买日期 保修期内 保修期外 车牌号 问题和故障现象
    处理经过 原终端号 新终端号 原SIM 新SIM 零部件 数量 单价 金额 收费合计 收款 交财务时间 维修人员
    部门经理审批 回访 态度 质量 收费核实 满意程度 客户签字
"""


@tagged("post_install", "-at_install")
class TestServiceOrderForms(FormsCommon, OrderCommon):
    """安装需求单, 安装任务派工单 and 维修服务单, read back from their PDFs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.module.module"]._load_module_terms(["crm_aftersales"], ["zh_CN"])

    def _form(self, name):
        return self.env.ref(f"crm_aftersales.crm_{name}")

    def _sign(self, work):
        values = {"role": "customer", "channel": "backend", "name": "Mr Wang"}
        image = draw_signature()
        work._sign_by_user({**values, "image": image}, work._get_signature_digest())

    @requirement("C2.F2")
    def test_repair(self):
        self.device.date_sold = fields.Date.subtract(self.today, years=3)
        order = self._approve(self._make_order())
        work = self._go(order, until="arrived")
        work.write(
            {
                "handling": "Board replaced",
                "new_terminal_number": "T2",
                "new_sim_number": "S2",
                "part_ids": [
                    Command.create({"product_id": self.battery.id, "quantity": 2}),
                    Command.create({"product_id": self.labour.id}),
                ],
            }
        )
        work.action_finish()
        self._sign(work)
        order.sudo().date_done = self._hours_ago(1)
        visit = order.callback_id.with_user(self.specialist)
        visit.write(
            {
                "date_start": fields.Datetime.now(),
                "callback_quality": "good",
                "callback_attitude": "fair",
                "satisfaction_service": "average",
                "callback_price": "right",
                "result": "Works",
            }
        )
        visit.action_finish()
        visit.action_approval_submit()
        self.env.invalidate_all()
        pages = self._pages("service_order_report_repair", order)
        self.assertEqual(len(pages), 1)
        self.assertPrinted(REPAIR, pages[0])
        self.assertPrinted(
            ["维修服务单", "KF-QR-082", order.name, self.customer.name, "☑保修期外", "□保修期内"],
            pages[0],
        )
        self.assertPrinted(["Board replaced", "T1", "T2", "S1", "S2", "160.00"], pages[0])
        self.assertPrinted(["免费", "态度：较好", "质量：好", "满意程度：一般"], pages[0])
        self.assertPrinted([self.supervisor.name, "Mr Wang", self.technician.name], pages[0])

    @requirement("C2.R3", "C2.F1")
    def test_request_and_dispatch(self):
        request = (
            self.env["crm.installation.request"]
            .with_user(self.specialist)
            .create(
                {
                    "partner_id": self.customer.id,
                    "line_ids": [Command.create({"product_id": self.terminal.id, "place": "Roof"})],
                    "vehicle_ids": [
                        Command.create({"plate": "甘A1", "model": "Lorry", "color": "White"})
                    ],
                    "driver_ids": [
                        Command.create({"name": "Li Qiang", "phone": "138", "plate": "甘A1"})
                    ],
                    "design": "Under the roof",
                    "design_by_id": self.technician.id,
                }
            )
        )
        request.action_confirm()
        printed = self._print("installation_request_report", request)
        self.assertPrinted(REQUEST, printed)
        self.assertPrinted(["安装需求单", "KF-QR-080", request.name, "Under the roof"], printed)
        self.assertPrinted(["甘A1", "Lorry", "White", "Li Qiang", "Roof"], printed)
        order = request._dispatch(request.vehicle_ids, technician_id=self.technician.id)
        self._approve(order)
        work = self._go(order, until="arrived")
        work.vehicle_ids.write({"terminal_number": "T55", "sim_number": "S55"})
        work.handling = "Fitted"
        work.action_finish()
        self._sign(work)
        pages = self._pages("service_order_report_dispatch", order)
        self.assertEqual(len(pages), 1)
        self.assertPrinted(DISPATCH, pages[0])
        self.assertPrinted(["安装任务派工单", "KF-QR-081", order.name, request.name], pages[0])
        self.assertPrinted(["T55", "S55", "Li Qiang", "☑Multimeter", "Mr Wang"], pages[0])
        self.assertPrinted([self.supervisor.name], pages[0])

    @requirement("C2.R10", "C2.R11")
    def test_exceptions_stand_above_the_managers_name(self):
        order = self._make_order(technician_id=False)
        order._ask_outside(
            {
                "outside_kind": "partner",
                "outside_partner_id": self.other_customer.id,
                "outside_reason": "Nobody is here",
            }
        )
        order.with_user(self.manager).action_consent_outside()
        order._record_verbal("go", self.supervisor, self.now, "On the motorway")
        printed = self._print("service_order_report_repair", order)
        self.assertPrinted(["口头批准", "On the motorway", self.supervisor.name], printed)
        self.assertPrinted([self.other_customer.name, self.manager.name], printed)

    def test_empty_forms(self):
        for name in ("installation_request_report", "service_order_report_dispatch"):
            self.assertPrinted(["部门经理审批" if "order" in name else "设计人"], self._print(name))
