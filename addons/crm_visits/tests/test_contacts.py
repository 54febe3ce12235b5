from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .common import VisitCommon


@tagged("post_install", "-at_install")
class TestContacts(VisitCommon):
    def _contacts(self, user=None):
        return (
            self.env["crm.service.contact"]
            .with_user(user or self.specialist)
            .search([("commercial_partner_id", "=", self.customer.id)])
        )

    @requirement("C1.R2")
    def test_every_contact_stands_in_one_list_newest_first(self):
        person = self.env["res.partner"].create(
            {"name": "Mr Wang", "parent_id": self.customer.id, "phone": "0931 7654321"}
        )
        visit = self._carry_out(self._make_visit(self.method_face))
        call = self._make_call(partner_id=person.id, date_start=self.now - timedelta(days=1))
        incoming = self._make_call(
            method_id=self.method_incoming_call.id, date_start=self.now - timedelta(days=2)
        )
        self.env["calendar.event"].create(
            {
                "name": "Price talk",
                "start": self.now - timedelta(days=3),
                "stop": self.now - timedelta(days=3),
                "partner_ids": [(6, 0, (person | self.specialist.partner_id).ids)],
            }
        )
        self.customer.message_post(
            body="Your offer, please", message_type="email", date=self.now - timedelta(days=4)
        )
        contacts = self._contacts()
        self.assertEqual(
            contacts.mapped("kind"), ["visit", "call", "incoming", "meeting", "message"]
        )
        self.assertEqual(contacts[:3].mapped("reference"), [visit.name, call.name, incoming.name])
        self.assertEqual(contacts[4].summary, "Your offer, please")
        self.assertEqual(contacts[1].action_open_document()["res_id"], call.id)
        customer = self.customer.with_user(self.specialist)
        self.assertEqual((customer.crm_contact_count, customer.crm_visit_count), (5, 3))
        self.assertEqual(person.with_user(self.specialist).crm_contact_count, 5)
        counts = person.with_user(self.specialist).get_crm_service_counts()
        self.assertEqual((counts["crm_contact_count"], counts["crm_visit_count"]), (5, 3))

    @requirement("C1.R2")
    def test_planned_and_cancelled_visits_are_no_contacts(self):
        visit = self._make_visit()
        self.assertFalse(self._contacts())
        visit._cancel("customer", "Not now")
        self.assertFalse(self._contacts())

    @requirement("C1.R2")
    def test_each_way_of_contact_has_its_name(self):
        kinds = {
            "qq": "online",
            "wechat": "online",
            "letter": "letter",
            "email": "letter",
            "phone": "call",
            "face": "visit",
        }
        for name, kind in kinds.items():
            method = self.env.ref(f"crm_visits.visit_method_{name}")
            method.is_plan_required = False
            call = self._make_call(method_id=method.id, date_start=self.now)
            found = self._contacts().filtered(lambda c, call=call: c.reference == call.name)
            self.assertEqual(found.kind, kind, name)

    @requirement("C1.R2")
    def test_internal_notes_and_private_meetings_stay_out(self):
        self.customer.message_post(body="Pays late, careful", subtype_xmlid="mail.mt_note")
        self.env["calendar.event"].create(
            {
                "name": "Dinner",
                "start": self.now,
                "stop": self.now,
                "privacy": "private",
                "partner_ids": [(6, 0, (self.customer | self.specialist.partner_id).ids)],
            }
        )
        self.assertFalse(self._contacts())

    @requirement("D5.R1")
    def test_a_reception_is_recorded_in_the_same_register(self):
        reception = self._make_call(
            method_id=self.method_reception.id,
            opinion="Looks for a partner in Wuwei",
            result="Passed on to sales",
        )
        reception.action_log_call()
        self._approve_pending(reception)
        self.assertEqual(reception.state, "reviewed")
        contact = self._contacts()
        self.assertEqual((contact.kind, contact.result), ("reception", "Passed on to sales"))

    def _approve_pending(self, document):
        document.with_user(self.supervisor).action_approval_approve()

    def test_contacts_of_other_companies_stay_there(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self._make_call(date_start=self.now)
        stranger = self._new_user("test_elsewhere", "manager")
        stranger.write({"company_ids": [(6, 0, company.ids)], "company_id": company.id})
        self.assertFalse(self._contacts(stranger))
        self.assertTrue(self._contacts(self.auditor))

    def test_facts_for_other_addons(self):
        self._carry_out(self._make_visit())
        self._carry_out(self._make_call(), satisfaction_service="average")
        facts = (self.customer | self.other_customer)._get_crm_service_facts(self.today, self.today)
        self.assertEqual(facts[self.customer.id], {"visits": 2, "visit_satisfaction": 4})
        self.assertEqual(facts[self.other_customer.id], {})
