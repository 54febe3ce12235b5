from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import ServiceCommon, requirement


@tagged("post_install", "-at_install")
class TestCustomerFacts(ServiceCommon):
    @requirement("A2.R2")
    def test_shipped_types_and_one_more(self):
        types = self.env["crm.customer.type"].search([])
        self.assertLessEqual({"D", "W", "R", "T"}, set(types.mapped("code")))
        with self.assertRaises(AccessError):
            types.with_user(self.specialist).create({"name": "Agent", "code": "A"})
        agent = types.with_user(self.manager).create({"name": "Agent", "code": "A"})
        self.customer.with_user(self.specialist).crm_customer_type_id = agent
        self.assertEqual(
            self.env["res.partner"].search([("crm_customer_type_id.code", "=", "A")]), self.customer
        )

    @requirement("A2.R2")
    def test_contacts_share_the_type_of_their_company(self):
        person = self.env["res.partner"].create({"name": "Mr Wang", "parent_id": self.customer.id})
        self.assertEqual(person.crm_customer_type_id, self.customer.crm_customer_type_id)

    def test_the_grade_is_the_companys_own(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        grade = self.env.ref("crm_service_base.customer_grade_a")
        self.customer.with_company(self.company).crm_grade_id = grade
        self.assertFalse(self.customer.with_company(other).crm_grade_id)

    def test_departments_of_other_companies_are_out_of_sight(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        foreign = self.env["crm.service.department"].create(
            {
                "name": "Elsewhere's",
                "company_id": other.id,
                "member_ids": [Command.set(self.specialist.ids)],
            }
        )
        departments = self.env["crm.service.department"].with_user(self.specialist)
        self.assertFalse(departments.search([("id", "=", foreign.id)]))
        self.assertEqual(
            departments._get_user_department(self.specialist, self.company), self.department
        )

    def test_the_department_is_the_same_in_every_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        departments = self.env["crm.service.department"]
        values = {"company_id": self.company.id, "member_ids": [Command.set(self.director.ids)]}
        first, second = departments.create([{**values, "name": name} for name in ("A", "B")])
        first.with_context(lang="zh_CN").name = "Z"
        for lang in ("en_US", "zh_CN"):
            self.env.registry.clear_cache()  # whoever asks first fills it for all
            found = departments.with_context(lang=lang)
            self.assertEqual(found._get_user_department(self.director, self.company), first)
        first.active = False
        self.assertEqual(departments._get_user_department(self.director, self.company), second)

    def test_rank_is_not_office(self):
        for office in ("director", "general_manager", "auditor"):
            self.assertFalse(self.manager.has_group(f"crm_service_base.group_{office}"))
            user = getattr(self, office)
            self.assertFalse(user.has_group("crm_service_base.group_specialist"))
