from odoo.tests import Form, tagged

from odoo.addons.crm_service_base.tests.common import requirement
from odoo.addons.crm_visits.tests.common import draw_signature
from odoo.addons.crm_visits.tests.test_visit_forms import FormsCommon

from .common import CaseCommon

# Captions of the paper forms, as in the source procedures.
REGISTER = "序号 投诉时间 客户 单元 联系方式 投诉方式 投诉内容 分类 轻微 重大 接待人 处理情况 回访"
HANDLING = """
    客户 单元 投诉时间 分类 投诉内容及客户要求 处理方法 被投诉部门 负责人签字 时间 处理结果
    验证、回访结果 验证人签名 回访人 资产管理部意见
"""


@tagged("post_install", "-at_install")
class TestComplaintForms(FormsCommon, CaseCommon):
    """The register and the handling form, read back from their PDFs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.module.module"]._load_module_terms(["crm_aftersales"], ["zh_CN"])

    def _form(self, name):
        return self.env.ref(f"crm_aftersales.crm_service_case_{name}")

    def _closed(self, **values):
        """A major complaint with everything on file."""
        case = self._make_complaint(
            description="The charger burns",
            remedy="replace",
            remedy_note="A new one today",
            is_third_party=True,
            **values,
        )
        workshop = self.env["crm.service.department"].create(
            {"name": "Workshop", "company_id": self.company.id, "head_id": self.manager.id}
        )
        referral = (
            self.env["crm.case.referral"]
            .with_user(self.specialist)
            .create({"case_id": case.id, "department_id": workshop.id})
        )
        referral.with_user(self.manager).write(
            {
                "analysis": "A bad cell",
                "measures": "Cell replaced",
                "responsible_id": self.manager.id,
                "date_promised": self.today,
            }
        )
        referral.with_user(self.manager).action_answer()
        referral._verify("Seen on site")
        self._solve(case)
        self._call_back(case, callback_advice="Ring before you come")
        case.action_close()
        case.with_user(self.supervisor)._give_opinion("Handled well")
        return case

    @requirement("E2.F027")
    def test_register(self):
        cases = self._closed() | self._make_complaint(
            description="Late again", date_opened="2026-02-03 01:30:00", phone="0931 999"
        )
        cases[1]._judge("invalid", "It was in time")
        printed = self._print("report_register", cases)
        self.assertPrinted(REGISTER, printed)
        self.assertPrinted(["客户投诉记录表", "ZC-QR-027", self.company.name], printed)
        values = [
            self.customer.name,
            "2026-02-03 09:30",
            "0931 999",
            "Late again",
            "The charger burns",
            self.specialist.name,
            "Charger replaced",
            "Ring before you come",
            "无效",
        ]
        self.assertPrinted(values, printed)
        english = self._print("report_register", cases, lang="en_US")
        self.assertPrinted(["Customer Complaint Register", "Received by", "Major"], english)

    @requirement("E2.F027")
    def test_register_lists_complaints_only(self):
        cases = self._make_complaint(description="Hot-1.") | self._make_case(description="Ask-1.")
        html = self._html("report_register", cases)
        self.assertIn("Hot-1.", html)
        self.assertNotIn("Ask-1.", html)

    @requirement("E2.F027")
    def test_register_of_sixty(self):
        cases = self.env["crm.service.case"]
        for number in range(60):
            cases |= self._make_complaint(description=f"Matter-{number}.")
        pages = self._pages("report_register", cases)
        self.assertGreater(len(pages), 2)
        self.assertTrue(all("投诉内容" in page for page in pages if "Matter" in page))
        self.assertPrinted([f"Matter-{number}." for number in range(60)], "".join(pages))

    @requirement("E2.F027")
    def test_register_of_a_month(self):
        inside = self._make_complaint(date_opened="2026-01-31 16:30:00")  # 1 February in Shanghai
        before = self._make_complaint(date_opened="2026-01-31 15:30:00")
        dialog = Form(self.env["crm.case.register.print"].with_user(self.specialist))
        dialog.date_month = "2026-02-14"
        action = dialog.save().action_print()
        ids = action["context"]["active_ids"]
        self.assertIn(inside.id, ids)
        self.assertNotIn(before.id, ids)

    @requirement("E2.F028", "E2.R8")
    def test_handling_form(self):
        case = self._closed()
        printed = self._print("report_handling", case)
        self.assertPrinted(HANDLING, printed)
        values = [
            "客户投诉处置表",
            "ZC-QR-028",
            case.name,
            "☑重大",
            "The charger burns",
            "A new one today",
            "Workshop",
            "A bad cell",
            "Cell replaced",
            self.manager.name,
            "Seen on site",
            "Charger replaced",
            "Ring before you come",
            "Handled well",
            self.supervisor.name,
            "Words of the agreement",
        ]
        self.assertPrinted(values, printed)
        other = self._make_complaint(description="Other-1.")
        both = self._print("report_handling", case | other)
        self.assertPrinted(["Other-1.", "Handled well"], both)

    @requirement("E2.F028")
    def test_signatures_come_from_records(self):
        case = self._closed()
        head = self._cell("report_handling", case, "Signature of the Responsible Person")
        self.assertIn(self.manager.name, head)
        self.assertIn(
            self.supervisor.name, self._cell("report_handling", case, "Verified by: Visitor")
        )
        opinion = self._cell("report_handling", case, "Opinion of the Department in Charge")
        self.assertIn(self.supervisor.name, opinion)
        fresh = self._make_complaint()
        for caption in ("Verified by: Visitor", "Verified by: Customer"):
            self.assertNotIn(self.specialist.name, self._cell("report_handling", fresh, caption))
        self.assertIn("____", self._cell("report_handling", fresh, "Verified by: Visitor"))

    @requirement("E2.F028")
    def test_the_customer_signs_the_callback(self):
        case = self._closed()
        visit = case.sudo().callback_id.with_user(self.supervisor)
        action = visit.action_sign_customer()
        model = self.env[action["res_model"]].with_user(self.supervisor)
        dialog = Form(model.with_context(**action["context"]))
        dialog.name = "Mr Wang"
        dialog.image = draw_signature()
        dialog.save().action_sign()
        self.assertIn("Mr Wang", self._cell("report_handling", case, "Verified by: Customer"))

    def test_empty_form(self):
        blank = self._print("report_handling")
        self.assertPrinted(HANDLING, blank)
