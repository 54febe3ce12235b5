from datetime import date, datetime, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import VisitCommon

SETTLED = datetime(2026, 3, 6, 9, 0)


@tagged("post_install", "-at_install")
class TestVisitCallback(VisitCommon):
    """Customers are called back after complaints, repairs and paid services, and it is counted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for kind in ("complaint", "repair", "paid", "survey"):
            setattr(cls, kind, cls.env.ref(f"crm_visits.visit_method_callback_{kind}"))

    @classmethod
    def _make_callback(cls, kind="repair", settled=SETTLED, **values):
        visit_model = cls.env["crm.visit"].with_user(cls.specialist)
        return visit_model._create_callback(kind, cls.customer, settled, **values)

    def _answer(self, visit, **values):
        visit.write(
            {
                "date_start": visit.date_start or SETTLED + timedelta(hours=20),
                "callback_quality": "good",
                "callback_attitude": "fair",
                "satisfaction_service": "good",
                "result": "Works again",
                **values,
            }
        )
        visit.action_finish()
        return visit

    def test_due_by_the_clock(self):
        """Friday evening until Saturday evening: no working hours."""
        visit = self._make_callback(purpose="Charger")
        self.assertEqual(visit.date_callback_due, SETTLED + timedelta(hours=24))
        self.assertEqual((visit.method_id, visit.purpose), (self.repair, "Charger"))
        self.assertTrue(visit.is_callback_overdue)
        self.assertFalse(self._make_callback("survey").date_callback_due)
        self.assertFalse(self._make_callback(settled=self.now).is_callback_overdue)
        overdue = self.env["crm.visit"].search([("is_callback_overdue", "=", True)])
        self.assertIn(visit, overdue)
        self.assertEqual(set(overdue.mapped("is_callback_overdue")), {True})

    def test_in_time_or_late(self):
        visit = self._answer(self._make_callback())
        self.assertEqual(visit.callback_timing, "in_time")
        late = self._answer(self._make_callback(date_start=SETTLED + timedelta(hours=25)))
        self.assertEqual(late.callback_timing, "late")
        self.assertEqual(self._make_callback().callback_timing, "open")
        self.assertFalse(self._make_call().callback_timing)

    def test_the_clock_is_not_moved_by_who_is_late(self):
        visit = self._make_callback()
        with self.assertRefused(AccessError, "Only a supervisor"):
            visit.date_callback_from = self.now
        visit.with_user(self.supervisor).date_callback_from = self.now
        self.assertEqual(visit.date_callback_due, self.now + timedelta(hours=24))

    def test_each_kind_asks_its_questions(self):
        asked = {
            "complaint": ("satisfaction_complaint", "callback_attitude"),
            "repair": ("callback_quality", "callback_attitude"),
            "paid": ("callback_quality", "callback_attitude", "callback_price"),
            "survey": ("callback_shortcoming", "callback_advice"),
        }
        for kind, names in asked.items():
            visit = self._make_callback(kind, date_start=SETTLED + timedelta(hours=1))
            visit.action_finish()
            captions = visit.fields_get(names, ["string"])
            for name in names:
                with self.assertRefused(UserError, captions[name]["string"]):
                    visit.action_approval_submit()

    def test_answered_on_the_form(self):
        visit = self._make_callback("paid")
        with Form(visit) as form:
            form.callback_quality = "good"
            form.callback_attitude = "good"
            form.callback_price = "right"
            form.callback_advice = "A text message before you come"
        self.assertFalse(visit.is_callback_bad)

    def test_bad_answers_reach_the_head_once(self):
        fine = self._answer(self._make_callback())
        fine.action_approval_submit()
        self.assertFalse(self._tasks(fine))
        for values in ({"callback_attitude": "poor"}, {"callback_price": "wrong"}):
            visit = self._answer(self._make_callback(), callback_shortcoming="Came late", **values)
            self.assertTrue(visit.is_callback_bad)
            visit.action_approval_submit()
            self.assertIn("Came late", self._tasks(visit).note)
        bad_call = self._make_call(satisfaction_service="very_poor")
        self.assertFalse(bad_call.is_callback_bad)

    def _tasks(self, visit):
        todo = self.env.ref("mail.mail_activity_data_todo")
        tasks = visit.sudo().activity_ids.filtered(lambda a: a.activity_type_id == todo)
        self.assertLessEqual(tasks.user_id, self.supervisor)
        return tasks

    def test_no_method_of_the_kind(self):
        self.paid.callback_kind = False
        with self.assertRefused(UserError, "Paid Service"):
            self._make_callback("paid")

    def test_rates_of_a_month(self):
        report_type = self.env.ref("crm_visits.statistics_type_callback")
        company = self.env["res.company"].create({"name": "Counted"})
        self.specialist.company_ids = [Command.link(company.id)]
        values = {"company_id": company.id, "department_id": False}
        for day in (2, 3, 4):
            start = datetime(2026, 3, day, 9, 0)
            self._answer(
                self._make_callback(
                    settled=start, date_start=start + timedelta(hours=day * 8), **values
                ),
                callback_quality="poor" if day == 2 else "good",
            )
        cancelled = self._make_callback(**values)
        cancelled._cancel("unreachable", "Moved away")
        self._make_callback(**values)
        # due in April, by the clock of Shanghai
        self._make_callback(settled=datetime(2026, 3, 30, 16, 0), **values)
        self._make_callback("survey", date_scheduled=datetime(2026, 3, 20, 1, 0), **values)
        self._make_callback("complaint")
        (figures,) = report_type._crm_statistics_callback_rate(
            company, date(2026, 3, 1), date(2026, 3, 31)
        )
        repair, survey = figures["rows"]
        self.assertEqual(repair, ["Callback: Repair", 5, 3, 60.0, 100.0, 2, 40.0, 1, 1])
        self.assertEqual(survey, ["Callback: Survey", 1, 0, 0.0, None, 0, None, 0, 0])
