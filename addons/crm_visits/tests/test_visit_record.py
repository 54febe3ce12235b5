from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .common import VisitCommon


@tagged("post_install", "-at_install")
class TestVisitRecord(VisitCommon):
    @requirement("A1.F2", "A1.R7")
    def test_a_record_is_valid_with_the_leaders_signature_and_then_locked(self):
        visit = self._carry_out(self._make_visit(self.method_face))
        self.assertEqual(visit.state, "done")
        visit.action_approval_submit()
        self.assertEqual((visit.state, visit.approval_state), ("submitted", "pending"))
        with self.assertRaises(AccessError):
            visit.action_approval_approve()
        visit.with_user(self.supervisor).action_approval_approve("Well asked")
        self.assertEqual(visit.state, "reviewed")
        signature = visit._approval_signatures()[-1]
        self.assertEqual((signature["user"], signature["comment"]), (self.supervisor, "Well asked"))
        self.assertEqual(visit.date_approved, signature["date"])
        for values in ({"opinion": "x"}, {"satisfaction_service": "poor"}, {"note": "x"}):
            with self.subTest(values=values), self.assertRaises(UserError):
                visit.with_user(self.manager).write(values)
        with self.assertRaises(UserError):
            visit.answer_ids[0].with_user(self.manager).write({"answer": "x"})
        with self.assertRaises(UserError):
            visit.check_ids[0].with_user(self.manager).write({"is_done": False})
        with self.assertRaises(UserError):
            visit.with_user(self.manager).unlink()

    @requirement("A1.R7")
    def test_nobody_who_was_there_signs_the_record(self):
        plan = self._make_plan(
            customers=self.customer,
            visitor_ids=[(6, 0, (self.specialist | self.supervisor).ids)],
        )
        self._approve(plan, self.supervisor)
        visit = self._carry_out(plan.visit_ids)
        visit.action_approval_submit()
        with self.assertRaises(AccessError):
            visit.with_user(self.supervisor).action_approval_approve()
        visit.with_user(self.manager).action_approval_approve()
        self.assertEqual(visit.approved_by_id, self.manager)

    @requirement("A1.R7")
    def test_nobody_signs_who_wrote_it_or_was_to_go(self):
        call = self._make_call()
        self.assertIn(call.create_uid, call._approval_document_author())
        call.with_user(self.manager).write(
            {"user_id": self.manager.id, "visitor_ids": [(6, 0, self.manager.ids)]}
        )
        self.assertLessEqual(self.specialist | self.manager, call._approval_document_author())
        plan = self._make_plan(
            customers=self.customer,
            visitor_ids=[(6, 0, (self.specialist | self.supervisor).ids)],
        )
        self._approve(plan, self.supervisor)
        visit = plan.visit_ids
        visit.visitor_ids = self.specialist
        self._carry_out(visit).action_approval_submit()
        with self.assertRefused(AccessError, ""):
            visit.with_user(self.supervisor).action_approval_approve()

    @requirement("A1.R7")
    def test_answers_changed_in_the_database_are_found(self):
        visit = self._carry_out(self._make_visit(self.method_face))
        visit.answer_ids[0].answer = "All is well"
        visit.action_approval_submit()
        visit.flush_recordset()
        self.env.cr.execute(
            "UPDATE crm_visit_answer SET answer = 'Nothing works' WHERE id = %s",
            (visit.answer_ids[0].id,),
        )
        self.env.invalidate_all()
        with self.assertRefused(UserError, ""):
            visit.with_user(self.supervisor).action_approval_approve()
        self.assertEqual(visit.state, "submitted")

    @requirement("A1.R7")
    def test_an_unfinished_visit_is_not_submitted(self):
        call = self._make_call()
        with self.assertRefused(UserError, "cannot be submitted"):
            call.action_approval_submit()
        call.action_start()
        with self.assertRefused(UserError, "cannot be submitted"):
            call.action_approval_submit()

    @requirement("A1.R7")
    def test_a_returned_record_is_mended_and_submitted_again(self):
        visit = self._carry_out(self._make_visit())
        visit.action_approval_submit()
        visit.with_user(self.supervisor).action_approval_reject("What about the charger?")
        self.assertEqual(visit.state, "done")
        visit.write({"countermeasure": "Exchange the charger"})
        self._approve(visit)
        self.assertEqual(visit.state, "reviewed")

    @requirement("A1.R6")
    def test_the_record_asks_for_what_the_method_says(self):
        visit = self._carry_out(
            self._make_visit(self.method_face), stock_advice=False, local_demand="  "
        )
        with self.assertRefused(
            UserError,
            "Local Market Demand.*Stock Advice Given|Stock Advice Given.*Local Market Demand",
        ):
            visit.action_approval_submit()
        self.assertEqual(visit.state, "done")
        visit.write({"stock_advice": "Order less", "local_demand": "Growing"})
        visit.action_approval_submit()
        self.assertEqual(visit.state, "submitted")

    @requirement("A1.R6")
    def test_a_required_question_must_be_answered(self):
        self.method_callback.question_ids = [
            (0, 0, {"name": "Is the price as agreed?", "is_required": True})
        ]
        call = self._carry_out(self._make_call())
        with self.assertRefused(UserError, "Is the price as agreed"):
            call.action_approval_submit()
        call.answer_ids.answer = "Yes"
        call.action_approval_submit()
        self.assertEqual(call.state, "submitted")

    @requirement("A1.R6")
    def test_complaints_and_disputes_and_the_next_order_have_their_place(self):
        visit = self._carry_out(
            self._make_visit(),
            satisfaction_complaint="poor",
            next_order_note="200 batteries in March",
        )
        self.specialist.group_ids += self.env.ref("sales_team.group_sale_salesman")
        action = visit.action_new_opportunity()
        lead = (
            self.env["crm.lead"]
            .with_user(self.specialist)
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual((lead.partner_id, lead.crm_visit_id), (self.customer, visit))
        self.assertIn("200 batteries in March", lead.description)
        action = visit.action_new_quotation()
        order = (
            self.env["sale.order"]
            .with_user(self.specialist)
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual((order.partner_id, order.crm_visit_id), (self.customer, visit))
        self.assertEqual((visit.lead_count, visit.sale_order_count), (1, 1))

    @requirement("A1.F3")
    def test_a_call_is_logged_in_one_step(self):
        call = self._make_call(
            opinion="Works again", satisfaction_service="good", result="Satisfied"
        )
        self.assertEqual(call.phone, "0931 1234567")
        call.action_log_call()
        self.assertEqual(call.state, "submitted")
        self.assertTrue(call.date_start <= call.date_end)

    @requirement("A1.F3")
    def test_the_phone_is_that_of_the_person_else_of_the_company(self):
        person = self.env["res.partner"].create({"name": "Mr Li", "parent_id": self.customer.id})
        self.assertEqual(self._make_call(partner_id=person.id).phone, self.customer.phone)
        person.phone = "0931 555"
        call = self._make_call(partner_id=person.id)
        self.assertEqual(call.phone, "0931 555")
        call.phone = "0931 777"
        self.assertEqual((call.phone, person.phone), ("0931 777", "0931 555"))

    def test_the_servers_time_is_kept_beside_the_written_one(self):
        visit = self._make_call()
        visit.action_start()
        started = visit.date_checkin
        self.assertEqual(visit.date_start, started)
        visit.write({"date_start": started - timedelta(hours=1)})
        self.assertEqual(visit.date_checkin, started)
        with self.assertRaises(AccessError):
            visit.write({"date_checkin": False})

    def test_times_that_cannot_be(self):
        visit = self._make_call()
        with self.assertRefused(ValidationError, "future"):
            visit.write({"date_start": self.now + timedelta(days=1)})
        with self.assertRefused(UserError, "Start visit"):
            visit.action_finish()

    def test_states_move_only_by_their_buttons(self):
        for state in ("in_progress", "done", "submitted", "reviewed", "history"):
            visit = self._make_call(state=state)
            self.assertEqual(visit.state, "planned")
            with self.assertRaises(AccessError):
                visit.write({"state": state})
        visit = (
            self.env["crm.visit"]
            .with_user(self.specialist)
            .with_context(default_state="reviewed", default_date_checkin=self.now)
            .create({"partner_id": self.customer.id, "method_id": self.method_callback.id})
        )
        self.assertEqual((visit.state, visit.date_checkin), ("planned", False))

    def test_a_colleague_reads_but_does_not_write(self):
        colleague = self._new_user("test_colleague", "specialist")
        visit = self._make_call()
        self.assertEqual(visit.with_user(colleague).purpose, "Callback after repair")
        for attempt in (
            lambda: visit.with_user(colleague).write({"note": "x"}),
            lambda: visit.with_user(colleague).action_start(),
            lambda: visit.with_user(colleague).action_no_answer(),
            lambda: visit.with_user(colleague)._cancel("own", "x"),
            lambda: visit.with_user(self.auditor).action_start(),
            lambda: visit.with_user(self.plain_user).read(["note"]),
            lambda: visit.with_user(self.portal_user).read(["note"]),
        ):
            with self.assertRaises(AccessError):
                attempt()

    def test_old_records_keep_author_and_date_and_carry_no_signature(self):
        values = {
            "partner_id": self.customer.id,
            "method_id": self.method_face.id,
            "user_id": self.specialist.id,
            "is_history": True,
            "origin": "2019-17",
            "date_start": "2019-05-04 02:00:00",
            "opinion": "Content",
        }
        visits = self.env["crm.visit"]
        with self.assertRaises(AccessError):
            visits.with_user(self.specialist).create(values)
        old = visits.with_user(self.supervisor).create(values)
        self.assertFalse(old.check_ids or old.event_id or old.activity_ids)
        with self.assertRaises(AccessError):
            old.with_user(self.specialist).action_accept_history()
        old.action_accept_history()
        self.assertEqual((old.state, old.user_id), ("history", self.specialist))
        self.assertEqual(str(old.date_start), "2019-05-04 02:00:00")
        self.assertFalse(old._approval_signatures())
        with self.assertRaises(UserError):
            old.write({"opinion": "Changed"})
        fresh = self._make_call()
        with self.assertRaises(UserError):
            fresh.with_user(self.supervisor).action_accept_history()
