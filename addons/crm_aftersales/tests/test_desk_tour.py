from datetime import timedelta

from odoo.tests import HttpCase, tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .desk_common import DeskCommon


@tagged("post_install", "-at_install")
class TestDeskTour(DeskCommon, HttpCase):
    @requirement("C3.R2", "D5.R1", "D6.R1")
    def test_a_call_in_chinese(self):
        """A call comes in, customer and last cases are in sight, replied, handed over, accepted."""
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(["crm_aftersales"], ["zh_CN"])
        (self.specialist | self.colleague).write({"lang": "zh_CN", "tz": "Asia/Shanghai"})
        customer = self.env["res.partner"].create(
            self._prepare_customer_values("兰州光学", phone="+86 931 7654321", lang="zh_CN")
        )
        old = self._make_case(subject="充电器发热", partner_id=customer.id)
        self._solve(old)
        self._make_case(subject="发票没有收到", partner_id=customer.id)
        self.env["crm.customer.promise"].with_user(self.specialist).create(
            {
                "partner_id": customer.id,
                "description": "寄送说明书二十本",
                "date_deadline": self.today + timedelta(days=2),
            }
        )
        self.env["crm.case.reply.template"].search([("sequence", ">", 10)]).active = False
        self.start_tour(
            "/odoo/action-crm_aftersales.crm_service_case_action",
            "crm_aftersales_call",
            login=self.specialist.login,
        )
        self.env.invalidate_all()
        case = self.env["crm.service.case"].search([("subject", "=", "想换一块电池")])
        self.assertEqual((case.partner_id, case.kind, case.channel), (customer, "request", "phone"))
        self.assertEqual((case.user_id, case.handover_id.state), (self.specialist, "offered"))
        self.assertIn(case.name, " ".join(case.message_ids.mapped("body")))
        self.start_tour(
            "/odoo/action-crm_aftersales.crm_service_case_action_offered",
            "crm_aftersales_accept",
            login=self.colleague.login,
        )
        self.env.invalidate_all()
        self.assertEqual(case.user_id, self.colleague)
        self.assertEqual(case.handover_ids.state, "accepted")
