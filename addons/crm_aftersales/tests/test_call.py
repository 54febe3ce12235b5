from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.crm_service_base.tests.common import requirement

from .desk_common import DeskCommon


@tagged("post_install", "-at_install")
@requirement("D6.R1", "D5.R1")
class TestCall(DeskCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cases = cls.env["crm.service.case"].with_user(cls.specialist)
        cls.contact = cls.env["res.partner"].create(
            {"name": "Mr Han", "parent_id": cls.customer.id, "phone": "+86 139 1234 5678"}
        )

    def _found(self, query):
        return {partner["id"] for partner in self.cases.get_call_matches(query)["partners"]}

    def test_number_however_it_is_written(self):
        for query in (
            "139-1234-5678",
            "+8613912345678",
            "0086 139 1234 5678",
            "１３９１２３４５６７８",
            "91234567",
        ):
            self.assertIn(self.contact.id, self._found(query), query)
        self.assertNotIn(self.contact.id, self._found("13912345679"))
        self.assertIn(self.customer.id, self._found("0931-1234567"))
        self.assertIn(self.customer.id, self._found("+86 931 1234567"))

    def test_name_of_customer_or_contact(self):
        self.assertIn(self.contact.id, self._found("Mr Han"))
        self.assertEqual(self._found("Lanzhou Opt"), {self.customer.id, self.contact.id})
        self.assertFalse(self._found("L"))

    def test_the_number_uses_an_index(self):
        partners = self.env["res.partner"]
        self.env.cr.execute(
            "INSERT INTO res_partner (name, phone, active, autopost_bills)"
            " SELECT 'x', '1' || (3000000000 + n), TRUE, 'ask' FROM generate_series(1, 5000) n"
        )
        self.env.cr.execute("ANALYZE res_partner")
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        query = partners._search(self.cases._get_phone_domain("13000004321"))
        self.env.cr.execute(SQL("EXPLAIN %s", query.select()))
        plan = "\n".join(row[0] for row in self.env.cr.fetchall())
        self.assertIn("phone_partial_gin_idx", plan)

    def test_earlier_unknown_caller(self):
        case = self._make_case(partner_id=False, phone="150 0000 1111", contact_name="Ms Li")
        callers = self.cases.get_call_matches("+86 15000001111")["callers"]
        self.assertEqual([caller["case_id"] for caller in callers], case.ids)
        context = self.cases.get_call_context(False, "15000001111")
        self.assertEqual([line["id"] for line in context["open"]], case.ids)

    def test_everything_in_sight(self):
        self.customer.crm_grade_id = self.env["crm.customer.grade"].search([], limit=1)
        old = self._solve(self._make_case(subject="Old"))
        case = self._make_case()
        self.env["crm.customer.promise"].with_user(self.specialist).create(
            {
                "partner_id": self.customer.id,
                "description": "New charger",
                "date_deadline": self.today + timedelta(days=2),
            }
        )
        self._make_call(date_start=self.now - timedelta(days=3))
        context = self.cases.get_call_context(self.contact.id, "13912345678")
        self.assertEqual(context["partner"]["grade"], self.customer.crm_grade_id.name)
        self.assertEqual([line["id"] for line in context["open"]], case.ids)
        self.assertEqual([line["id"] for line in context["last"]], old.ids)
        self.assertEqual(context["promises"][0]["description"], "New charger")
        self.assertIn("Last Visit", dict(context["facts"]))

    def test_registered_with_what_is_known(self):
        case_id = self.cases.register_call(
            {
                "partner_id": self.contact.id,
                "phone": "13912345678",
                "kind": "complaint",
                "subject": "Charger burnt",
                "urgency": "2",
                "user_id": self.colleague.id,
                "state": "closed",
            }
        )
        case = self.cases.browse(case_id)
        self.assertEqual((case.kind, case.urgency, case.channel), ("complaint", "2", "phone"))
        self.assertEqual((case.user_id, case.state), (self.specialist, "open"))
        self.assertEqual(case.commercial_partner_id, self.customer)
        with self.assertRefused(UserError, "few words"):
            self.cases.register_call({"partner_id": self.contact.id, "subject": " "})

    @requirement("C3.R2")
    def test_same_matter_opens_no_second_case(self):
        case = self._make_case(self.colleague, team_id=False)
        before = self.cases.search_count([])
        case.with_user(self.specialist).note_repeat("Still hot", "13912345678")
        self.assertEqual(self.cases.search_count([]), before)
        self.assertEqual((case.repeat_count, case.contact_number), (1, 2))
        bodies = " ".join(case.message_ids.mapped("body"))
        self.assertIn("Still hot", bodies)
        notice = self._get_notices(case)
        self.assertEqual(notice.partner_ids, self.colleague.partner_id)
        self._solve(case)
        with self.assertRefused(UserError, "cannot be"):
            case.with_user(self.specialist).note_repeat("Again")

    def test_only_staff(self):
        for user in (self.plain_user, self.portal_user):
            cases = self.cases.with_user(user)
            for call in (
                lambda cases=cases: cases.get_call_matches("13912345678"),
                lambda cases=cases: cases.get_call_context(self.contact.id),
                lambda cases=cases: cases.get_call_choices(),
                lambda cases=cases: cases.register_call({"subject": "x"}),
                lambda cases=cases: cases.browse(self._make_case().id).note_repeat("x"),
            ):
                with self.assertRefused(AccessError, ""):
                    call()
        with self.assertRefused(AccessError, "allowed|access"):
            self._make_case().with_user(self.auditor).note_repeat("x")
