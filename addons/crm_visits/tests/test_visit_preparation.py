from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .common import VisitCommon


@tagged("post_install", "-at_install")
class TestVisitPreparation(VisitCommon):
    def _notices(self, visit):
        notice = self.env.ref("crm_visits.mail_activity_type_notice")
        return visit.activity_ids.filtered(lambda a: a.activity_type_id == notice)

    @requirement("A1.R2")
    def test_standing_methods_and_one_more_by_configuration(self):
        channels = self.env["crm.visit.method"].search([]).mapped("channel")
        self.assertLessEqual({"face", "qq", "phone"}, set(channels))
        video = (
            self.env["crm.visit.method"]
            .with_user(self.supervisor)
            .create(
                {
                    "name": "Video call",
                    "code": "video",
                    "channel": "other",
                    "is_plan_required": False,
                    "checklist_ids": [(0, 0, {"name": "Camera works"})],
                    "question_ids": [(0, 0, {"name": "May we call again?", "is_required": True})],
                }
            )
        )
        visit = self._make_call(method_id=video.id)
        self.assertEqual(visit.check_ids.mapped("name"), ["Camera works"])
        self.assertEqual(visit.answer_ids.mapped("question"), ["May we call again?"])
        with self.assertRaises(AccessError):
            video.with_user(self.specialist).write({"is_plan_required": True})

    @requirement("A1.R4")
    def test_each_method_brings_its_preparation_list(self):
        face = self._make_visit(self.method_face)
        self.assertIn("Clothes are tidy and clean", face.check_ids.mapped("name"))
        phone = self._make_visit(self.method_phone)
        self.assertIn("Voice is clear", phone.check_ids.mapped("name"))
        with self.assertRefused(UserError, "Please prepare first: .*Voice is clear"):
            phone.action_start()
        phone.check_ids.write({"is_done": True})
        phone.action_start()
        self.assertEqual(phone.state, "in_progress")

    @requirement("A1.R4")
    def test_the_three_day_notice_raises_itself(self):
        visit = self._make_visit(self.method_face, days=10)
        self.assertEqual(visit.date_notice_deadline, visit.date_scheduled - timedelta(days=3))
        notice = self._notices(visit)
        self.assertEqual(notice.user_id, self.specialist)
        self.assertEqual(notice.date_deadline, visit.date_notice_deadline.date())
        self.assertFalse(self._notices(self._make_visit(self.method_phone)))

    @requirement("A1.R4")
    def test_customer_confirms_time_and_place(self):
        visit = self._make_visit(self.method_face)
        dialog = Form(
            self.env["crm.visit.notify"]
            .with_user(self.specialist)
            .with_context(**visit.action_notify()["context"])
        )
        dialog.contact = "Mr Wang"
        dialog.outcome = "confirmed"
        dialog.save().action_apply()
        self.assertEqual(visit.confirmation_state, "confirmed")
        self.assertEqual(visit.notified_contact, "Mr Wang")
        self.assertEqual(visit.notified_by_id, self.specialist)
        self.assertFalse(visit.is_notice_late)
        self.assertFalse(self._notices(visit))

    @requirement("A1.R4")
    def test_customer_wants_another_time(self):
        visit = self._make_visit(self.method_face)
        date = visit.date_scheduled + timedelta(days=2)
        dialog = self.env["crm.visit.notify"].with_user(self.specialist)
        values = {"visit_ids": [(6, 0, visit.ids)], "contact": "Mr Wang", "outcome": "moved"}
        with self.assertRefused(UserError, "new time or the new place"):
            dialog.create(values).action_apply()
        dialog.create({**values, "date": date}).action_apply()
        self.assertEqual((visit.date_scheduled, visit.confirmation_state), (date, "confirmed"))
        self.assertEqual(visit.change_ids.date_to, date)
        self.assertNotEqual(visit.date_planned, date)

    @requirement("A1.R4")
    def test_a_late_notice_is_visible(self):
        visits = self.env["crm.visit"]
        late = self._make_visit(self.method_face, days=2)
        in_time = self._make_visit(self.method_face, days=5)
        never = self._make_visit(self.method_face, days=4)
        in_time._notify("Mr Li", "confirmed")
        with freeze_time(self.now + timedelta(days=3)):
            never._notify("Mr Li", "asked")
            (late + in_time + never).invalidate_recordset(["is_notice_late"])
            self.assertEqual((late + in_time + never).mapped("is_notice_late"), [True, False, True])
            found = visits.search(
                [("is_notice_late", "=", True), ("id", "in", (late + in_time + never).ids)]
            )
            self.assertEqual(found, (late + never).sorted(lambda v: found.ids.index(v.id)))

    @requirement("A1.R4")
    def test_a_notice_that_never_was_is_late_for_good(self):
        visit = self._carry_out(self._make_visit(self.method_face, days=2))
        self.assertFalse(visit.date_notified)
        with freeze_time(self.now + timedelta(days=30)):
            visit.invalidate_recordset(["is_notice_late"])
            self.assertTrue(visit.is_notice_late)
            for wanted, found in ((True, visit), (False, visit.browse())):
                domain = [("is_notice_late", "=", wanted), ("id", "=", visit.id)]
                self.assertEqual(visit.search(domain), found)

    @requirement("A1.R4")
    def test_a_customer_who_declined_is_to_be_asked_again(self):
        visit = self._make_visit(self.method_face)
        visit._notify("Mr Li", "declined")
        self.assertTrue(self._notices(visit), "no other time was agreed yet")
        visit._notify("Mr Li", "confirmed")
        self.assertFalse(self._notices(visit))

    @requirement("A1.R4")
    def test_moving_a_visit_asks_the_customer_again(self):
        visit = self._make_visit(self.method_face)
        visit._notify("Mr Li", "confirmed")
        date = visit.date_scheduled + timedelta(days=7)
        visit._reschedule(date, "At the fair", "own", "Visitor is ill")
        self.assertEqual((visit.date_scheduled, visit.place), (date, "At the fair"))
        self.assertEqual(visit.confirmation_state, "none")
        self.assertFalse(visit.date_notified)
        self.assertEqual(self._notices(visit).date_deadline, (date - timedelta(days=3)).date())
        change = visit.change_ids
        self.assertEqual((change.reason, change.user_id), ("Visitor is ill", self.specialist))

    def test_everybody_who_goes_has_it_in_the_calendar(self):
        plan = self._make_plan(
            self.method_face,
            customers=self.customer,
            visitor_ids=[(6, 0, (self.specialist | self.manager).ids)],
        )
        self._approve(plan)
        visit = plan.visit_ids
        event = visit.event_id
        self.assertEqual(event.partner_ids, (self.specialist | self.manager).partner_id)
        self.assertEqual((event.start, event.location), (visit.date_scheduled, "Their office"))
        date = visit.date_scheduled + timedelta(days=1)
        visit._reschedule(date, False, "customer", "Asked for a day later")
        self.assertEqual(event.start, date)
        visit._cancel("customer", "No time this year")
        self.assertFalse(event.exists())

    def test_three_attempts_then_a_decision(self):
        visit = self._make_visit(self.method_phone)
        decision = self.env.ref("crm_visits.mail_activity_type_decision")
        for number in (1, 2, 3):
            self.assertFalse(visit.is_decision_needed)
            visit.action_no_answer()
            self.assertEqual(visit.attempt_count, number)
        self.assertTrue(visit.is_decision_needed)
        asked = visit.activity_ids.filtered(lambda a: a.activity_type_id == decision)
        self.assertEqual(asked.user_id, self.supervisor)
        visit.action_no_answer()
        self.assertEqual(len(asked.exists()), 1)
        visit._cancel("unreachable", "Number no longer exists")
        self.assertEqual((visit.state, visit.is_decision_needed), ("cancelled", False))
        with self.assertRaises(UserError):
            visit.action_no_answer()

    def test_attempts_are_kept_as_they_were(self):
        visit = self._make_visit(self.method_phone)
        attempt = (
            self.env["crm.visit.attempt"]
            .with_user(self.specialist)
            .create(
                {"visit_id": visit.id, "date": "2020-01-01 00:00:00", "user_id": self.manager.id}
            )
        )
        self.assertEqual(attempt.user_id, self.specialist)
        self.assertGreater(attempt.date, self.now - timedelta(minutes=1))
        with self.assertRaises(AccessError):
            attempt.write({"outcome": "busy"})
        with self.assertRaises(AccessError):
            attempt.unlink()
        with self.assertRaises(AccessError):
            visit.write({"attempt_count": 0})
