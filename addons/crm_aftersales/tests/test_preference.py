from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from odoo.addons.crm_service_base.tests.common import requirement
from odoo.addons.crm_service_base.tests.import_case import ImportCase

from .common import CaseCommon


@tagged("post_install", "-at_install")
class TestPreference(CaseCommon, ImportCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wang = cls.env["res.partner"].create({"name": "Wang Wei", "parent_id": cls.customer.id})
        cls.taboo, cls.time = (
            cls.env["crm.customer.preference"]
            .with_user(cls.specialist)
            .create(
                [
                    {
                        "partner_id": cls.customer.id,
                        "topic": "taboo",
                        "description": "Never mention the fire of 2023",
                    },
                    {
                        "partner_id": cls.wang.id,
                        "topic": "time",
                        "description": "Call after ten",
                        "source": "Said on the phone",
                    },
                ]
            )
        )

    @requirement("C3.R17")
    def test_in_sight_on_the_case(self):
        case = self._make_case(partner_id=self.wang.id).with_user(self.specialist)
        taboo, time = case.preference_summary.splitlines()
        self.assertEqual(taboo, "Taboos: Never mention the fire of 2023")
        self.assertEqual(time, "When to Contact: Wang Wei: Call after ten")
        self.assertFalse(self._make_case(partner_id=self.other_customer.id).preference_summary)
        self.assertFalse(self._make_case(partner_id=False).preference_summary)

    @requirement("C3.R17")
    def test_in_sight_while_the_phone_rings(self):
        form = Form(self.env["crm.service.case"].with_user(self.specialist))
        self.assertFalse(form.preference_summary)
        form.partner_id = self.customer
        self.assertIn("fire of 2023", form.preference_summary)
        form.partner_id = self.other_customer
        self.assertFalse(form.preference_summary)

    @requirement("C3.R17")
    def test_first_of_all_on_the_screen_of_a_call(self):
        model = self.env["crm.service.case"].with_user(self.specialist)
        facts = model.get_call_context(partner_id=self.wang.id)["facts"]
        self.assertEqual(
            [tuple(fact) for fact in facts[:2]],
            [
                ("Taboos", "Never mention the fire of 2023"),
                ("When to Contact", "Wang Wei: Call after ten"),
            ],
        )
        others = model.get_call_context(partner_id=self.other_customer.id)["facts"]
        self.assertNotIn("Taboos", [caption for caption, _text in others])

    @requirement("C3.R17")
    def test_in_the_brief_of_a_visit(self):
        call = self._make_call()
        sections = {section["key"]: section for section in call._get_brief_sections()}
        rows = sections["preferences"]["rows"]
        self.assertEqual(rows[0][1]["text"], "Never mention the fire of 2023")
        self.assertTrue(rows[0][0]["is_bad"])
        self.assertIn("fire of 2023", call.brief)
        other = self._make_call(partner_id=self.other_customer.id)
        self.assertNotIn("preferences", [s["key"] for s in other._get_brief_sections()])

    def test_what_is_no_longer_so(self):
        case = self._make_case()
        self.taboo.with_user(self.specialist).active = False
        self.assertNotIn("fire", case.preference_summary or "")

    def test_old_lists_come_in(self):
        for lang in ("en_US", "zh_CN"):
            preferences, messages = self.import_template(
                "crm.customer.preference", self.specialist, lang
            )
            self.assertFalse(messages)
            self.assertCountEqual(preferences.mapped("topic"), ["taboo", "time"])

    def test_who_noted_it_stays(self):
        self.assertEqual(self.taboo.user_id, self.specialist)
        forged = self.env["crm.customer.preference"].with_user(self.specialist)
        forged = forged.create(
            {"partner_id": self.customer.id, "description": "x", "user_id": self.manager.id}
        )
        self.assertEqual(forged.user_id, self.specialist)
        with self.assertRefused(AccessError, "noted"):
            forged.user_id = self.manager

    def test_another_company_does_not_see_it(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.specialist.company_ids |= other
        case = self._make_case(company_id=other.id, team_id=False)
        self.assertFalse(case.preference_summary)
        stranger = self._new_user("test_elsewhere", "specialist")
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        found = self.env["crm.customer.preference"].with_user(stranger).search([])
        self.assertFalse(found & (self.taboo | self.time))

    def test_one_query_for_a_list(self):
        cases = self.env["crm.service.case"]
        for _number in range(5):
            cases |= self._make_case()
        cases.mapped("partner_id.commercial_partner_id.name")
        cases.mapped("preference_summary")
        self.env.invalidate_all()
        cases.mapped("partner_id.commercial_partner_id.name")
        with self.assertQueryCount(4):
            cases.mapped("preference_summary")
        action = cases[0].action_open_preferences()
        found = self.env["crm.customer.preference"].search(action["domain"])
        self.assertEqual(found, self.taboo | self.time)
