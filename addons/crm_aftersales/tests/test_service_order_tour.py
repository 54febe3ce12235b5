from odoo.tests import HttpCase, tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .order_common import OrderCommon


@tagged("post_install", "-at_install")
class TestServiceOrderTour(OrderCommon, HttpCase):
    @requirement("C2.F2", "C2.R15", "E2.R7")
    def test_repair_from_the_call_to_the_signed_order_in_chinese(self):
        """Called, taken, approved; packed, on the way, on site, done and signed on the phone."""
        modules = ["crm_service_base", "crm_visits", "crm_aftersales"]
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(modules, ["zh_CN"])
        self.technician.name = "杨立新"
        people = self.specialist | self.supervisor | self.technician
        people.write({"lang": "zh_CN", "tz": "Asia/Shanghai"})
        self.customer.name = "兰州光学"
        case = self._make_case(kind="request", subject="平台上看不到车")
        self._tour(
            f"/odoo/action-crm_aftersales.crm_service_case_action/{case.id}",
            "take",
            self.specialist,
        )
        order = case.service_order_ids
        self.assertEqual((order.state, order.technician_id), ("submitted", self.technician))
        self._tour(
            f"/odoo/action-crm_aftersales.crm_service_order_action/{order.id}",
            "approve",
            self.supervisor,
        )
        self.assertEqual(order.approved_by_id, self.supervisor)
        order.with_user(self.specialist).date_planned = self.now
        self.browser_size = "390x844"
        self.touch_enabled = True
        self._tour(
            "/odoo/action-crm_aftersales.crm_service_order_action_today", "work", self.technician
        )
        self.assertEqual((order.state, order.signature_state), ("done", "valid"))
        self.assertEqual(self.device.terminal_number, "T860999")
        self.assertEqual(order.callback_id.user_id, self.specialist)

    def _tour(self, url, name, user):
        self.start_tour(url, f"crm_service_order_{name}", login=user.login)
        self.env.invalidate_all()
