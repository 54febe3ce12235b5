from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .common import CaseCommon


@tagged("post_install", "-at_install")
@requirement("E2.R7")
class TestComplaintCallback(CaseCommon):
    """Solved, called back, closed; not satisfied, opened again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.method_minor = cls.env.ref("crm_visits.visit_method_callback_complaint")
        cls.method_major = cls.env.ref("crm_aftersales.visit_method_callback_major")

    def _cron(self):
        with patch.object(self.registry["ir.cron"], "_commit_progress", return_value=60):
            self.env["crm.service.case"]._cron_close_satisfied()
        self.env.invalidate_all()

    def test_minor_by_phone_by_who_took_it(self):
        case = self._make_complaint()
        self._solve(case.with_user(self.supervisor))
        visit = case.callback_id
        self.assertEqual((visit.method_id, visit.channel), (self.method_minor, "phone"))
        self.assertEqual((visit.user_id, visit.visitor_ids), (self.specialist, self.specialist))
        self.assertEqual(visit.date_callback_due, case.date_solved + timedelta(hours=24))
        self.assertEqual(case.date_callback_due, visit.date_callback_due)
        self.assertEqual((visit.case_id, case.callback_state), (case, "due"))

    def test_major_face_to_face_by_the_head_of_the_area(self):
        case = self._solve(self._make_complaint(is_third_party=True))
        visit = case.callback_id
        self.assertEqual((visit.method_id, visit.channel), (self.method_major, "face"))
        self.assertEqual(visit.user_id, self.supervisor)

    def test_a_major_complaint_is_not_called_back_otherwise(self):
        case = self._solve(self._make_complaint(is_third_party=True))
        visit = case.sudo().callback_id
        visit.method_id = self.method_minor
        with self.assertRefused(UserError, "method for major"):
            self._call_back(case)
        visit.method_id = self.method_major
        visit.visitor_ids = self.specialist
        with self.assertRefused(UserError, "visited by the head"):
            self._call_back(case)

    def test_what_becomes_major_after_solving_is_visited(self):
        case = self._solve(self._make_complaint())
        first = case.callback_id
        case.is_injury = True
        self.assertEqual(first.state, "cancelled")
        self.assertEqual(case.callback_id.method_id, self.method_major)

    @requirement("D5.R4")
    def test_requests_are_called_back_if_wanted(self):
        case = self._solve(self._make_case(kind="request"))
        self.assertEqual(case.callback_id.callback_kind, "other")
        case.action_close()
        self.company.crm_is_request_called_back = False
        self.assertFalse(self._solve(self._make_case(kind="request")).callback_id)
        self.assertFalse(self._solve(self._make_case(kind="inquiry")).callback_id)

    def test_not_closed_before_the_callback(self):
        case = self._solve(self._make_complaint())
        with self.assertRefused(UserError, "called back before"):
            case.action_close()
        with self.assertRefused(UserError, "called back before"):
            case.stage_id = self.stage_closed
        events = []
        self.patch(
            type(case),
            "_record_event",
            lambda records, event, date=None, message=None: events.append((event, date)),
        )
        visit = self._call_back(case)
        self.assertEqual(events, [("called_back", visit.date_start)])
        self.assertEqual((case.callback_result, case.callback_state), ("satisfied", "satisfied"))
        self.assertEqual(case.date_called_back, visit.date_start)
        case.action_close()

    def test_a_record_that_is_not_submitted_does_not_count(self):
        case = self._solve(self._make_complaint())
        visit = case.sudo().callback_id.with_user(self.specialist)
        visit.write({"date_start": fields.Datetime.now(), "satisfaction_complaint": "good"})
        visit.action_finish()
        self.assertFalse(case.callback_result)
        with self.assertRefused(UserError, "not complete"):
            visit.action_approval_submit()

    def test_no_callback_before_the_matter_was_solved(self):
        case = self._solve(self._make_complaint())
        with self.assertRefused(UserError, "after the matter was solved"):
            self._call_back(case, date_start=case.date_solved - timedelta(minutes=5))

    def test_not_satisfied_opens_it_again(self):
        case = self._solve(self._make_complaint())
        events, passed_on = [], []
        self.patch(
            type(case),
            "_record_event",
            lambda records, event, date=None, message=None: events.append(event),
        )
        hook = type(case)._on_callback_bad
        self.patch(
            type(case),
            "_on_callback_bad",
            lambda record, visit: (passed_on.append(visit), hook(record, visit)),
        )
        visit = self._call_back(
            case, satisfaction_complaint="poor", callback_shortcoming="It is still hot"
        )
        self.assertEqual((case.state, case.reopen_count), ("open", 1))
        self.assertFalse(case.callback_id)
        self.assertEqual(events, ["called_back", "reopened"])
        self.assertEqual([v.id for v in passed_on], visit.ids, "letters pass it on")
        bodies = "".join(case.sudo().message_ids.mapped("body"))
        self.assertIn("It is still hot", bodies)
        self.assertTrue(case.sudo().activity_ids.filtered(lambda a: a.user_id == self.specialist))
        again = self._solve(case)
        self.assertNotEqual(again.callback_id.id, visit.id)
        self.assertEqual(again.visit_count, 2)
        self._call_back(again)
        again.action_close()

    def test_closed_by_itself_after_the_grace_time(self):
        cases = self._make_complaint() | self._make_complaint() | self._make_complaint()
        satisfied, fresh, waiting = cases
        for case in cases:
            self._solve(case)
        self._call_back(satisfied)
        satisfied.sudo().date_called_back = self.now - timedelta(days=3)
        self._call_back(fresh)
        fresh.sudo().date_called_back = self.now - timedelta(days=2, hours=23)
        self._cron()
        self.assertEqual(cases.mapped("state"), ["closed", "solved", "solved"])
        self.assertEqual(satisfied.stage_id, self.stage_closed)
        self.assertEqual(waiting.callback_state, "due")
        closed = satisfied.date_closed
        self._cron()
        self.assertEqual(satisfied.date_closed, closed, "twice does nothing twice")

    def test_one_case_that_cannot_be_closed_stops_no_other(self):
        first = self._solve(self._make_complaint())
        second = self._solve(self._make_complaint())
        for case in (first, second):
            self._call_back(case)
            case.sudo().date_called_back = self.now - timedelta(days=4)
        first._appeal("No")
        self._cron()
        self.assertEqual((first.state, second.state), ("solved", "closed"))

    @requirement("E2.R10")
    def test_a_supervisor_does_without_and_it_counts_as_not_made(self):
        case = self._solve(self._make_complaint())
        visit = case.callback_id
        with self.assertRefused(AccessError, "supervisor"):
            case._waive_callback("Moved abroad")
        case.with_user(self.supervisor)._waive_callback("Moved abroad")
        self.assertEqual((case.callback_state, visit.state), ("waived", "cancelled"))
        case.action_close()
        self.assertEqual(case.callback_waived_by_id, self.supervisor)

    @requirement("E2.R10")
    def test_case_callbacks_are_in_the_callback_rate(self):
        company = self.env["res.company"].create({"name": "Counted"})
        for user in self.specialist | self.manager:
            user.company_ids |= company
        team = self.team.copy({"name": "Counted", "company_id": company.id, "department_id": False})
        values = {"company_id": company.id, "team_id": team.id, "user_id": self.specialist.id}
        specialist = self.specialist.with_company(company)
        cases = self.env["crm.service.case"]
        for _n in range(3):
            cases |= self._solve(self._make_complaint(specialist, **values))
        self._call_back(cases[0])
        cases[1].sudo()._waive_callback("Moved abroad")
        report_type = self.env.ref("crm_visits.statistics_type_callback")
        last = self.today + timedelta(days=2)
        (figures,) = report_type._crm_statistics_callback_rate(company, self.today, last)
        [row] = figures["rows"]
        self.assertEqual(row[1:3], [3, 1])
        self.assertAlmostEqual(row[3], 100 / 3, 1)
        self.assertEqual(row[7], 1, "the waived one was due and not made")

    @requirement("E2.R10")
    def test_the_rate_stands_on_the_board_of_the_teams(self):
        for _n in range(2):
            case = self._solve(self._make_complaint())
            case.sudo().callback_id.date_callback_from = self.now - timedelta(hours=30)
        self.assertTrue(case.is_callback_overdue)
        self.assertIn(case, case.search([("is_callback_overdue", "=", True)]))
        self._call_back(case)
        self.assertNotIn(case, case.search([("is_callback_overdue", "=", True)]))
        self.env.invalidate_all()
        team = self.team.with_user(self.supervisor)
        self.assertEqual((team.callback_rate, team.callback_overdue_count), (0.5, 1))

    def test_an_unknown_customer_is_called_once_known(self):
        case = self._solve(self._make_complaint(partner_id=False, phone="13800138000"))
        self.assertFalse(case.callback_id)
        with self.assertRefused(UserError, "not known"):
            case.action_create_callback()
        case.partner_id = self.customer
        case.action_create_callback()
        self.assertEqual(case.callback_id.partner_id, self.customer)
        with self.assertRefused(UserError, "has its callback"):
            case.action_create_callback()

    def test_reopening_cancels_the_call(self):
        case = self._solve(self._make_complaint())
        visit = case.callback_id
        case._reopen("The customer rang")
        self.assertEqual(visit.state, "cancelled")

    def test_callbacks_are_not_forged(self):
        case = self._solve(self._make_complaint())
        other = self._solve(self._make_complaint())
        for values in (
            {"callback_result": "satisfied"},
            {"date_called_back": self.now},
            {"callback_waived_by_id": self.supervisor.id},
            {"callback_id": False},
        ):
            with self.assertRefused(AccessError, "buttons"):
                case.with_user(self.manager).write(values)
        with self.assertRefused(AccessError, "computed"):
            case.date_callback_due = self.now
        visit = case.sudo().callback_id.with_user(self.specialist)
        with self.assertRefused(AccessError, "buttons"):
            visit.case_id = other
        forged = self._make_call(case_id=case.id)
        self.assertFalse(forged.case_id)

    def test_an_older_callback_says_nothing_any_more(self):
        case = self._solve(self._make_complaint())
        visit = case.sudo().callback_id.with_user(self.specialist)
        visit.write(
            {
                "date_start": fields.Datetime.now(),
                "callback_attitude": "good",
                "satisfaction_service": "good",
                "satisfaction_complaint": "good",
                "result": "Fine",
            }
        )
        visit.action_finish()
        case._reopen("It is hot again")
        self._solve(case)
        visit.action_approval_submit()
        self.assertFalse(case.callback_result)
