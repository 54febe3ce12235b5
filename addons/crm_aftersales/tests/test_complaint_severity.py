from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement

from .common import CaseCommon


@tagged("post_install", "-at_install")
@requirement("E2.R1")
class TestComplaintSeverity(CaseCommon):
    """Minor and major by the rules, by hand with a reason, and told upwards."""

    def _rules(self, case):
        return set(case.severity_log_ids.mapped("rule"))

    def _told(self, case, user):
        """Notifications of a user about a case."""
        return self.env["mail.message"].search(
            [
                ("model", "=", case._name),
                ("res_id", "=", case.id),
                ("message_type", "=", "user_notification"),
                ("notified_partner_ids", "in", user.partner_id.ids),
            ]
        )

    def test_each_rule_raises_and_is_recorded(self):
        facts = {
            "injury": {"is_injury": True},
            "loss": {"loss_amount": 10000},
            "third_party": {"is_third_party": True},
            "repeats": {"request_count": 3},
            "promise": {"is_promise_missing": True, "request_count": 2},
        }
        for rule, values in facts.items():
            for case in (self._make_complaint(**values), self._make_complaint()):
                case.write(values)
                self.assertEqual(case.severity, "major", rule)
                self.assertEqual(self._rules(case), {rule})
                self.assertFalse(case.severity_log_ids.user_id, "by itself")
                self.assertTrue(case.severity_reason)

    def test_what_stays_minor(self):
        for values in (
            {"loss_amount": 9999.99},
            {"request_count": 2},
            {"is_promise_missing": True},
            {"is_promise_missing": True, "kind": "request", "request_count": 9},
        ):
            case = self._make_case(**{"kind": "complaint", **values})
            self.assertEqual(case.severity, "minor", values)
            self.assertFalse(case.severity_log_ids)

    def test_an_inquiry_that_becomes_a_complaint(self):
        case = self._make_case(is_injury=True)
        self.assertEqual(case.severity, "minor")
        case.kind = "complaint"
        self.assertEqual(case.severity, "major")

    def test_what_is_not_valid_is_not_raised(self):
        case = self._make_complaint()
        case._judge("invalid", "Another product")
        case.is_third_party = True
        self.assertEqual(case.severity, "minor")
        case.with_user(self.supervisor)._judge("valid", "It was ours after all")
        self.assertEqual(case.severity, "major")

    def test_limits_are_settings(self):
        self.company.write({"crm_major_loss": 500, "crm_major_requests": 2})
        self.assertEqual(self._make_complaint(loss_amount=500).severity, "major")
        self.assertEqual(self._make_complaint(request_count=2).severity, "major")
        with mute_logger("odoo.sql_db"), self.assertRefused(CheckViolation, "complaint_values"):
            self.company.crm_major_days = 0
            self.env.flush_all()

    def test_ten_days(self):
        late = self._make_complaint(date_opened=self.now - timedelta(days=10))
        due = self._make_complaint(date_opened=self.now - timedelta(days=9, hours=23))
        solved = self._solve(self._make_complaint(date_opened=self.now - timedelta(days=11)))
        refused = self._make_complaint(date_opened=self.now - timedelta(days=11))
        refused._judge("invalid", "Warranty")
        request = self._make_case(kind="request", date_opened=self.now - timedelta(days=11))
        cases = late | due | solved | refused | request
        with patch.object(self.registry["ir.cron"], "_commit_progress", return_value=60):
            self.env["crm.service.case"]._cron_raise_unsolved()
            self.env["crm.service.case"]._cron_raise_unsolved()
        self.assertEqual(cases.filtered(lambda case: case.severity == "major"), late)
        self.assertEqual(late.severity_log_ids.mapped("rule"), ["age"], "once")
        self.assertIn("10", late.severity_reason)

    def test_scheduled_actions_write_in_the_language_of_the_company(self):
        """They run without a language: a reason that is printed would be English."""
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(["crm_aftersales"], ["zh_CN"])
        self.company.partner_id.lang = "zh_CN"
        late = self._make_complaint(date_opened=self.now - timedelta(days=10))
        scheduled = self.env["crm.service.case"].with_context(lang=None)
        with patch.object(self.registry["ir.cron"], "_commit_progress", return_value=60):
            scheduled._cron_raise_unsolved()
        self.assertEqual(late.severity_reason, "超过 10 天未解决")
        self.assertIn("重大投诉", "".join(late.activity_ids.mapped("summary")))

    def test_a_supervisor_decides_by_hand_and_the_rule_does_not_fight_back(self):
        late = self._make_complaint(date_opened=self.now - timedelta(days=10))
        with patch.object(self.registry["ir.cron"], "_commit_progress", return_value=60):
            self.env["crm.service.case"]._cron_raise_unsolved()
            supervised = late.with_user(self.supervisor)
            with self.assertRefused(UserError, "reason"):
                supervised._set_severity("minor", "")
            with self.assertRefused(AccessError, "supervisor"):
                late._set_severity("minor", "It is nothing")
            supervised._set_severity("minor", "The customer was on holiday")
            self.assertEqual(late.severity, "minor")
            self.env["crm.service.case"]._cron_raise_unsolved()
        self.assertEqual(late.severity, "minor")
        self.assertEqual(late.severity_log_ids[0].user_id, self.supervisor)
        supervised._set_severity("major", "The press called")
        self.assertEqual((late.severity, late.severity_reason[-9:]), ("major", "ss called"))

    def test_nobody_writes_a_severity(self):
        case = self._make_complaint(severity="major", validity="valid")
        self.assertEqual((case.severity, case.validity), ("minor", "pending"))
        for values in ({"severity": "major"}, {"validity": "valid"}, {"date_reported": self.now}):
            with self.assertRefused(AccessError, "buttons"):
                case.with_user(self.manager).write(values)
        for user in (self.specialist, self.manager):
            logs = self.env["crm.case.severity"].with_user(user)
            with self.assertRefused(AccessError, "allowed"):
                logs.create({"case_id": case.id, "severity": "minor", "rule": "hand"})

    def test_the_head_is_told_and_acknowledges(self):
        case = self._make_complaint(is_third_party=True)
        self.assertTrue(self._told(case, self.supervisor))
        self.assertTrue(case.sudo().activity_ids.filtered(lambda a: a.user_id == self.supervisor))
        self.assertFalse(case.date_reported)
        with self.assertRefused(AccessError, "head of the department"):
            case.action_acknowledge_report()
        events = []
        self.patch(
            type(case),
            "_record_event",
            lambda records, event, date=None, message=None: events.append(event),
        )
        case.with_user(self.supervisor).action_acknowledge_report()
        self.assertEqual(case.reported_to_id, self.supervisor)
        self.assertEqual(events, ["reported"])
        self.assertFalse(case.sudo().activity_ids)
        with self.assertRefused(UserError, "report is noted"):
            case.with_user(self.supervisor).action_acknowledge_report()

    def test_a_report_by_phone_is_noted(self):
        case = self._make_complaint(is_third_party=True)
        with self.assertRefused(UserError, "Choose the head"):
            self._talk(case, "report", colleague_id=self.plain_user.id)
        with self.assertRefused(UserError, "Choose the head"):
            self._talk(case, "report", colleague_id=self.specialist.id)
        talk = self._talk(case, "report", colleague_id=self.supervisor.id)
        self.assertEqual((case.date_reported, case.reported_to_id), (talk.date, self.supervisor))

    def test_a_head_who_owns_the_case_tells_the_next(self):
        above = self.env["crm.service.department"].create(
            {"name": "Office", "company_id": self.company.id, "head_id": self.manager.id}
        )
        self.department.parent_id = above
        case = self._make_complaint(self.supervisor, is_third_party=True)
        self.assertEqual(case._get_report_head(), self.manager)
        self.assertTrue(self._told(case, self.manager))

    @requirement("C3.R2")
    def test_great_matters_reach_the_general_manager_at_once(self):
        for values in (
            {"is_injury": True},
            {"loss_amount": 100000},
            {"is_media": True},
            {"authority_name": "12315"},
            {"is_great": True},
        ):
            case = self._make_complaint(**values)
            self.assertTrue(case.date_great, values)
            self.assertTrue(self._told(case, self.general_manager), values)
            case.is_great = True
            self.assertEqual(len(self._told(case, self.general_manager)), 1, "once")
        request = self._make_case(kind="request", is_great=True)
        self.assertTrue(self._told(request, self.general_manager), "of any kind")
        small = self._make_complaint(loss_amount=99999)
        self.assertFalse(small.date_great)

    def test_major_complaints_are_agreed_before_they_are_solved(self):
        case = self._make_complaint(is_third_party=True, solution="Moved", fault="not_own")
        case._judge("valid", "Heard on the phone")
        case.cause_id = self.env.ref("crm_aftersales.case_cause_third_party")
        with self.assertRefused(UserError, "Cause Analysis"):
            case.action_solve()
        case.write({"cause_analysis": "Works at night", "measures": "Works by day"})
        with self.assertRefused(UserError, "agreed to the solution"):
            case.action_solve()
        with self.assertRefused(AccessError, "supervisor"):
            self._talk(case, "final")
        self._talk(case.with_user(self.supervisor), "final", text="This is what we can do")
        case.action_solve()
        self.assertEqual(case.state, "solved")

    def test_solving_again_needs_a_new_agreement(self):
        case = self._solve(self._make_complaint(is_third_party=True))
        case._reopen("It is loud again")
        case.solution = "Moved again"
        with self.assertRefused(UserError, "agreed to the solution"):
            case.action_solve()
        self.assertEqual(case.severity, "major")

    def test_many_cases_cost_no_query_each(self):
        values = {
            "subject": "Hot",
            "partner_id": self.customer.id,
            "kind": "complaint",
            "team_id": self.team.id,
            "stage_id": self.stage_new.id,
        }
        cases = self.env["crm.service.case"].with_user(self.specialist)
        cases.create([dict(values) for _n in range(3)])
        self.env.flush_all()
        counts = []
        for size in (10, 60):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            cases.create([dict(values) for _n in range(size)])
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1] - counts[0], 5, "batches, not records")

    def test_days_open(self):
        case = self._make_complaint(date_opened=self.now - timedelta(days=3, hours=1))
        self.assertEqual(case.days_open, 3)
