from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .common import CaseCommon


@tagged("post_install", "-at_install")
class TestCaseFacts(CaseCommon):
    """Cases where others look for them: contacts, grading, visit brief, daily work record."""

    def _contacts(self, user=None):
        contacts = self.env["crm.service.contact"].with_user(user or self.specialist)
        return contacts.search([("commercial_partner_id", "=", self.customer.id)])

    @requirement("C1.R2")
    def test_cases_stand_in_the_list_of_contacts(self):
        case = self._make_case(date_opened=self._hours_ago(3), description="Which cable?")
        complaint = self._make_complaint(solution="Replaced")
        self._make_case(partner_id=False, phone="13800138000")
        contacts = self._contacts()
        self.assertEqual(contacts.mapped("kind"), ["complaint", "case"])
        self.assertEqual(contacts.mapped("reference"), [complaint.name, case.name])
        self.assertIn("Which cable?", contacts[1].summary)
        self.assertEqual((contacts[0].result, contacts[0].user_id), ("Replaced", self.specialist))
        self.assertEqual(contacts[0].action_open_document()["res_id"], complaint.id)
        case.sudo().state = "cancelled"
        self.assertEqual(self._contacts().mapped("reference"), [complaint.name])

    @requirement("C1.R2")
    def test_contacts_of_a_customer_come_by_the_index(self):
        """However many cases there are, one customer's are read from his index."""
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        query = self.env["crm.service.contact"]._case_query()
        rows = self.env.execute_query(
            query.__class__(
                "EXPLAIN SELECT * FROM (%s) part WHERE commercial_partner_id = %s ",
                query,
                self.customer.id,
            )
        )
        plan = "\n".join(row[0] for row in rows)
        self.assertRegex(plan, "crm_service_case_.*(customer_idx|commercial_partner_id)")

    @requirement("C1.R3")
    def test_cases_stand_in_the_daily_work_record(self):
        known = self._make_case(subject="Price of the cable")
        unknown = self._make_case(
            self.supervisor, partner_id=False, contact_name="Mrs Li", phone="139", subject="Who?"
        )
        report_type = self.env.ref("crm_visits.statistics_type_work")
        today = report_type._get_today()
        people = report_type._crm_statistics_persons_work_day(self.company, today, today)
        self.assertLessEqual(self.specialist | self.supervisor, people)

        def rows(user):
            (table,) = report_type._compute_tables(self.company, today, today, user)
            return [" ".join(str(cell or "") for cell in row) for row in table["rows"]]

        mine = rows(self.specialist)
        self.assertTrue(any(known.name in row for row in mine))
        self.assertFalse(any(unknown.name in row for row in mine))
        (row,) = rows(self.supervisor)
        for word in (unknown.name, "Mrs Li", "Who?"):
            self.assertIn(word, row)

    def test_facts_for_grading(self):
        partners = self.customer | self.other_customer
        self._make_complaint()
        major = self._make_complaint()
        major.sudo().severity = "major"
        self._make_complaint().sudo().write({"severity": "major", "validity": "invalid"})
        self._make_complaint(date_opened=self._hours_ago(24 * 40))
        self._make_case()
        facts = partners._get_crm_service_facts(self.today, self.today)
        mine = facts[self.customer.id]
        self.assertEqual((mine["complaints"], mine["grave_complaints_open"]), (2, 1))
        self.assertNotIn("complaints", facts[self.other_customer.id])
        major.sudo().state = "solved"
        facts = partners._get_crm_service_facts(self.today, self.today)
        self.assertNotIn("grave_complaints_open", facts[self.customer.id])
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        facts = partners.with_context(allowed_company_ids=elsewhere.ids)._get_crm_service_facts(
            self.today, self.today
        )
        self.assertNotIn("complaints", facts[self.customer.id])

    def test_how_content_customers_were_with_complaints(self):
        visits = self.env["crm.visit"].with_user(self.specialist)
        method = self.env.ref("crm_visits.visit_method_callback_complaint")
        for answer in ("good", "poor"):
            visits.create(
                {
                    "method_id": method.id,
                    "partner_id": self.customer.id,
                    "date_start": self.now,
                    "satisfaction_complaint": answer,
                }
            )
        facts = self.customer._get_crm_service_facts(self.today, self.today)
        self.assertEqual(facts[self.customer.id]["complaint_satisfaction"], 3.5)

    def test_brief_before_a_visit(self):
        open_case = self._make_case(subject="Price of the cable")
        complaint = self._make_complaint(subject="Late delivery")
        ended = self._solve(self._make_complaint(subject="Hot charger"))
        inquiry = self._solve(self._make_case(subject="Opening hours"))
        visit = self._make_call()
        sections = {section["key"]: section for section in visit._get_brief_sections()}
        rows = sections["cases"]["rows"]
        self.assertEqual(
            {row[0]["text"] for row in rows}, {open_case.name, complaint.name, ended.name}
        )
        self.assertNotIn(inquiry.name, str(rows))
        bad = [row[0]["text"] for row in rows if row[2]["is_bad"]]
        self.assertEqual(bad, [complaint.name])
        other = self._make_call(partner_id=self.other_customer.id)
        self.assertNotIn("cases", [section["key"] for section in other._get_brief_sections()])
