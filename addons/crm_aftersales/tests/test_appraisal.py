from datetime import date, datetime, timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement

from .merit_common import MeritCommon

QUARTER = date(2026, 1, 1), date(2026, 3, 31)
BEFORE = date(2025, 10, 1), date(2025, 12, 31)


@tagged("post_install", "-at_install")
class TestAppraisal(MeritCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.lang = "en_US"
        cls.evaluation = cls.env.ref("crm_service_base.statistics_type_evaluation")

    def _receive(self, day, after=None, **values):
        case = self._make_case(date_opened=datetime(2026, 3, day, 4), **values).sudo()
        case.write({"state": "solved", "date_solved": datetime(2026, 3, 20), **(after or {})})
        return case

    def _make_quarter(self):
        """Five cases of the specialist: four solved at once, two of three customers satisfied."""
        cases = [
            self._receive(2),
            self._receive(3, {"reopen_count": 1}),
            *(self._receive(4) for _i in range(3)),
        ]
        for case, is_bad in zip(cases[2:], (False, False, True), strict=True):
            self._called_back(case, datetime(2026, 3, 22), is_bad)
        for number, clock in enumerate(self.env["crm.deadline.clock"].search([], order="id")):
            if clock.case_id in cases:
                met = clock.date_deadline - timedelta(hours=1 if number % 3 else -1)
                clock.write({"state": "met", "date_met": met})
        entry = self._enforce(self._make_entry()).sudo()
        entry.write({"source": "customer", "date_approved": datetime(2026, 3, 10)})
        return cases

    def _appraise(self, user=None, period=QUARTER, **values):
        return (
            self.env["crm.appraisal"]
            .with_user(user or self.supervisor)
            .create(
                {
                    **({} if "scope" in values else {"person_id": self.specialist.id}),
                    "date_from": period[0],
                    "date_to": period[1],
                    **values,
                }
            )
        )

    def _line(self, appraisal, fact):
        return appraisal.line_ids.filtered(lambda line: line.indicator_id.fact == fact)

    def _approve(self, appraisal, user=None, **measure):
        if measure:
            appraisal.measure_ids = [Command.create(measure)]
        appraisal.opinion = "Careful work; be quicker."
        appraisal.action_tell()
        appraisal.with_user(appraisal.person_id)._give_comment("I agree")
        appraisal.action_approval_submit()
        appraisal.with_user(user or self.manager).action_approval_approve()
        self.env.invalidate_all()
        return appraisal

    @requirement("D8.R2")
    def test_figures_are_counted(self):
        cases = self._make_quarter()
        appraisal = self._appraise()
        self.assertRegex(appraisal.name, r"^KH/\d{4}/\d+$")
        once, reopened, callback, complaint, clock = (
            self._line(appraisal, fact)
            for fact in ("once", "reopened", "callback", "complaint", "clock")
        )
        self.assertEqual((once.value, once.explanation), (80, "4 / 5"))
        self.assertEqual((reopened.value, reopened.explanation), (20, "1 / 5"))
        self.assertEqual((callback.value, callback.explanation), (66.7, "2 / 3"))
        self.assertEqual(complaint.value, 1)
        start, end = self.evaluation._get_bounds(*QUARTER)
        clocks = self.env["crm.deadline.clock"].search(
            [
                ("case_id", "in", [case.id for case in cases]),
                ("date_deadline", ">=", start),
                ("date_deadline", "<", end),
                ("state", "=", "met"),
            ]
        )
        kept = clocks.filtered(lambda c: c.date_met <= c.date_deadline)
        self.assertEqual(clock.explanation, f"{len(kept)} / {len(clocks)}")
        # 80 between 40 and 90; 20 between 30 and 0; 66.7 between 50 and 100; 1 between 3 and 0
        self.assertEqual((once.score, reopened.score), (80, 33.3))
        self.assertEqual((callback.score, complaint.score), (33.4, 66.7))
        known = appraisal.line_ids.filtered("is_known")
        weight = sum(known.mapped("weight"))
        total = sum(line.weight * line.score for line in known) / weight
        self.assertEqual(appraisal.score, round(total, 1))
        visit = self._line(appraisal, "visit")
        self.assertFalse(visit.is_known, "no visit was planned: it weighs nothing")
        self.assertNotIn(visit, known)

    @requirement("D8.R2")
    def test_what_customers_wrote_counts(self):
        feedback = {"partner_id": self.customer.id, "service_user_id": self.specialist.id}
        answered = {"state": "answered", "date_answered": datetime(2026, 3, 10)}
        records = self.env["crm.service.feedback"].create([dict(feedback) for _number in range(4)])
        judgements = ("excellent", "good", "good", "poor")
        for record, overall in zip(records, judgements, strict=True):
            record.sudo().write({**answered, "overall": overall})
        line = self._line(self._appraise(), "feedback")
        self.assertEqual((line.value, line.explanation, line.score), (75, "3 / 4", 50))

    @requirement("D8.R2")
    def test_weights_and_bands_are_configured(self):
        self._make_quarter()
        indicators = self.env["crm.appraisal.indicator"].search([])
        indicators.filtered(lambda i: i.fact != "once").active = False
        appraisal = self._appraise()
        self.assertEqual(appraisal.score, 80)
        self.assertEqual(appraisal.band_id, self.env.ref("crm_aftersales.appraisal_band_good"))
        once = indicators.filtered(lambda i: i.fact == "once")
        once.value_worst = 75
        appraisal.action_compute()
        self.assertEqual(appraisal.score, 33.3)
        failed = self.env.ref("crm_aftersales.appraisal_band_failed")
        self.assertEqual(appraisal.band_id, failed)
        own = self.env["crm.appraisal.indicator"].create(
            {
                "name": "Ours",
                "fact": "reopened",
                "value_worst": 50,
                "value_best": 0,
                "weight": 1,
                "company_id": self.company.id,
            }
        )
        appraisal.action_compute()
        self.assertEqual(appraisal.line_ids.indicator_id, own, "the company's own go before")
        self.assertEqual(appraisal.score, 60)
        with self.assertRefused(ValidationError, "departments only"):
            own.fact = "evaluation_churn"

    @requirement("D8.R2")
    def test_of_a_department_from_the_evaluation(self):
        self._make_quarter()
        report = self.evaluation._generate(self.company, *QUARTER)
        tables = report.data["tables"]
        for row in tables[0]["rows"]:
            if row[0] == "Promises kept in time":
                row[2] = 77.0
        report.sudo().data = {"tables": tables}
        appraisal = self._appraise(
            self.manager, scope="department", department_id=self.department.id
        )
        self.assertEqual(appraisal.person_id, self.supervisor, "its head comments")
        self.assertEqual(appraisal.evaluation_id, report)
        self.assertEqual(self._line(appraisal, "evaluation_promise_rate").value, 77)
        self.assertEqual(self._line(appraisal, "once").explanation, "4 / 5", "all of its staff")
        self.assertFalse(self._line(appraisal, "complaint"))
        report.sudo().unlink()
        appraisal.action_compute()
        self.assertFalse(appraisal.evaluation_id)
        self.assertFalse(self._line(appraisal, "evaluation_promise_rate").is_known)

    @requirement("D8.R2")
    def test_nobody_types_a_figure(self):
        appraisal = self._appraise(
            score=100, band_id=self.env.ref("crm_aftersales.appraisal_band_excellent").id
        )
        line = appraisal.line_ids[0]
        self.assertLess(appraisal.score, 100)
        for user in (self.supervisor, self.manager, self.general_manager):
            with self.assertRefused(AccessError, ""):
                appraisal.with_user(user).write({"score": 100})
            for values in ({"value": 100}, {"score": 100}, {"weight": 0}):
                with self.assertRefused(AccessError, ""):
                    line.with_user(user).write(values)
            with self.assertRefused(AccessError, ""):
                appraisal.with_user(user).write({"line_ids": [Command.delete(line.id)]})
            with self.assertRefused(AccessError, ""):
                line.with_user(user).unlink()
            with self.assertRefused(AccessError, ""):
                appraisal.with_user(user).write({"comment": "I am happy"})

    @requirement("D8.R2")
    def test_shown_commented_approved(self):
        appraisal = self._appraise()
        own = appraisal.with_user(self.specialist)
        with self.assertRefused(AccessError, ""):
            own.read(["score"])
        with self.assertRefused(UserError, "cannot be submitted"):
            appraisal.action_approval_submit()
        with self.assertRefused(UserError, "your words"):
            appraisal.action_tell()
        appraisal.opinion = "Careful work"
        band = self.env.ref("crm_aftersales.appraisal_band_failed")
        appraisal.sudo().band_id = band
        with self.assertRefused(UserError, "improvement plan"):
            appraisal.action_tell()
        appraisal.measure_ids = [
            Command.create(
                {"name": "Training", "user_id": self.specialist.id, "date_due": "2099-01-01"}
            )
        ]
        appraisal.action_tell()
        with self.assertRefused(UserError, "locked"):
            appraisal.opinion = "Something else"
        with self.assertRefused(UserError, "may comment until"):
            appraisal.action_approval_submit()
        with self.assertRefused(AccessError, "Only who is appraised"):
            appraisal.with_user(self.manager)._give_comment("He agrees")
        self._note(own.action_comment(), self.specialist, note="The queue was long")
        self.assertEqual(appraisal.comment, "The queue was long")
        appraisal.action_approval_submit()
        for user in (self.supervisor, self.specialist, self.general_manager):
            with self.assertRefused((AccessError, UserError), ""):
                appraisal.with_user(user).action_approval_approve()
        appraisal.with_user(self.manager).action_approval_approve()
        self.assertEqual(appraisal.state, "approved")
        self.assertEqual(appraisal.measure_ids.state, "open")
        kind = self.env.ref("crm_aftersales.mail_activity_type_appraisal_measure")
        activity = appraisal.activity_ids.filtered(lambda a: a.activity_type_id == kind)
        self.assertEqual(
            (activity.user_id, str(activity.date_deadline)), (self.specialist, "2099-01-01")
        )
        with self.assertRefused(UserError, "locked"):
            appraisal.opinion = "Afterwards"
        with self.assertRefused(UserError, ""):
            appraisal.action_compute()

    @requirement("D8.R2")
    def test_changed_once_more(self):
        appraisal = self._appraise(opinion="Good")
        appraisal.sudo().band_id = False
        with self.assertRefused(UserError, "is not with the person"):
            appraisal.action_back_to_draft()
        with self.assertRefused(UserError, "while it is shown to you"):
            appraisal.with_user(self.specialist).sudo()._give_comment("Too early")
        appraisal.action_tell()
        kind = self.env.ref("crm_aftersales.mail_activity_type_appraisal")

        def asked():
            found = appraisal.sudo().activity_ids.filtered(lambda a: a.activity_type_id == kind)
            return found.user_id

        self.assertEqual(asked(), self.specialist)
        own = appraisal.with_user(self.specialist)
        with self.assertRefused(UserError, "comment in words"):
            own._give_comment(" ")
        with self.assertRefused(AccessError, "Only who is appraised"):
            appraisal.action_comment()
        own._give_comment("I agree")
        self.assertFalse(asked(), "he has done so")
        told = self._get_notices(appraisal).filtered(lambda m: "Commented" in m.subject)
        self.assertEqual(told.partner_ids, self.supervisor.partner_id)
        appraisal.action_back_to_draft()
        self.assertEqual(appraisal.state, "draft")
        appraisal.opinion = "Better"
        appraisal.action_tell()
        self.assertFalse(appraisal.comment or appraisal.date_commented, "it is read anew")
        self.assertEqual(asked(), self.specialist)
        appraisal.action_back_to_draft()
        self.assertFalse(asked())
        appraisal.action_tell()
        with freeze_time(fields.Datetime.now() + timedelta(days=4)):
            appraisal.action_approval_submit()
        self.assertFalse(asked(), "too late to comment")

    @requirement("D8.R2")
    def test_the_person_hears_the_grade(self):
        appraisal = self._approve(self._appraise())
        told = self._get_notices(appraisal).filtered(lambda m: "approved" in m.subject)
        self.assertEqual(told.partner_ids, self.specialist.partner_id)

    @requirement("D8.R2")
    def test_counted_anew_for_another_period(self):
        self._make_quarter()
        appraisal = self._appraise()
        self.assertEqual(self._line(appraisal, "once").explanation, "4 / 5")
        appraisal.write({"date_from": BEFORE[0], "date_to": BEFORE[1]})
        self.assertFalse(self._line(appraisal, "once").is_known)

    @requirement("D8.R2")
    def test_nobody_turns_an_appraisal_on_himself(self):
        appraisal = self._appraise()
        with self.assertRefused(AccessError, "Nobody appraises himself"):
            appraisal.with_user(self.manager).person_id = self.manager
        # whatever right it is called with
        with self.assertRefused(AccessError, "Nobody decides about himself"):
            appraisal.with_user(self.specialist).sudo()._approval_check_submit()

    @requirement("D8.R2")
    def test_compared_with_the_last_one_of_the_same(self):
        """Approved, of the same person and before: no draft, no colleague, nothing later."""
        first = self._approve(self._appraise(period=BEFORE))
        elsewhere = self._approve(
            self._appraise(self.engineer, period=BEFORE, person_id=self.fitter.id)
        )
        of_all = self._approve(
            self._appraise(
                self.manager, BEFORE, scope="department", department_id=self.department.id
            ),
            self.general_manager,
        )
        appraisal = self._appraise()
        self.assertEqual(appraisal.previous_id, first)
        after = (date(2026, 4, 1), date(2026, 6, 30))
        self.assertEqual(self._appraise(period=after).previous_id, first, "the draft is none")
        department = self._appraise(
            self.manager, scope="department", department_id=self.department.id
        )
        self.assertEqual(department.previous_id, of_all)
        self.assertFalse(self._appraise(period=(date(2025, 7, 1), date(2025, 9, 30))).previous_id)
        self.assertFalse(elsewhere.previous_id)

    @requirement("D8.R2")
    def test_without_a_comment_after_the_days(self):
        appraisal = self._appraise(opinion="Good")
        appraisal.sudo().band_id = False
        appraisal.action_tell()
        with freeze_time(fields.Datetime.now() + timedelta(days=4)):
            appraisal.action_approval_submit()
        self.assertEqual(appraisal.state, "submitted")
        running = self._appraise(
            period=(self.today - timedelta(days=3), self.today), opinion="Too early"
        )
        with self.assertRefused(UserError, "not over"):
            running.action_tell()

    @requirement("D8.R2")
    def test_the_plan_is_followed_up(self):
        first = self._approve(
            self._appraise(period=BEFORE),
            name="Call back within a day",
            user_id=self.specialist.id,
            date_due=self.today - timedelta(days=1),
        )
        measure = first.measure_ids
        self.assertTrue(measure.is_overdue)
        self.assertIn(measure, measure.search([("is_overdue", "=", True)]))
        measure.sudo()._cron_report_overdue()
        told = self._get_notices(first).filtered(lambda m: "Overdue" in m.subject)
        self.assertEqual(told.partner_ids, self.specialist.partner_id | self.supervisor.partner_id)
        measure.sudo()._cron_report_overdue()
        self.assertEqual(len(self._get_notices(first)), len(self._get_notices(first) | told))
        again = self._get_notices(first).filtered(lambda m: "Overdue" in m.subject)
        self.assertEqual(again, told, "told once")
        mine = measure.with_user(self.specialist)
        with self.assertRefused(UserError, "once it was done"):
            measure._check_effect(True, "Looks fine")
        with self.assertRefused(AccessError, "responsible"):
            measure.with_user(self.auditor)._done("I did it")
        with self.assertRefused(UserError, "in words"):
            mine._done(" ")
        self._note(mine.action_done(), self.specialist, note="A list on the wall")
        self.assertEqual((measure.state, measure.is_overdue), ("done", False))
        with self.assertRefused(UserError, "is not under way"):
            mine._done("Twice")
        with self.assertRefused(UserError, "in words"):
            measure._check_effect(True, " ")
        self.assertFalse(first._get_measure_activities(measure), "the reminder is done as well")
        with self.assertRefused(AccessError, "not who carried it"):
            mine._check_effect(True, "I am good")
        self._note(measure.action_check(), self.supervisor, effect="no", note="Still two days")
        self.assertEqual(measure.state, "ineffective")
        heard = self._get_notices(first).filtered(lambda m: "Not effective" in m.subject)
        self.assertEqual(heard.partner_ids, self.specialist.partner_id)
        second = self._appraise()
        self.assertEqual(second.previous_id, first)
        self.assertEqual(second.previous_measure_ids.mapped("check_note"), ["Still two days"])
        for values in ({"date_done": False}, {"is_effective": True}, {"name": "Less"}):
            with self.assertRefused((AccessError, UserError), ""):
                measure.with_user(self.manager).write(values)

    @requirement("D8.R2")
    def test_who_carries_a_measure_out_does_not_check_it(self):
        appraisal = self._appraise()
        due = self.today + timedelta(days=9)
        appraisal.measure_ids = [
            Command.create({"name": name, "user_id": self.second_manager.id, "date_due": due})
            for name in ("one", "two")
        ]
        self._approve(appraisal)
        first, second = appraisal.measure_ids.sorted("name")
        mine = first.with_user(self.second_manager)
        mine._done("It is written down")
        self.assertFalse(appraisal._get_measure_activities(first))
        self.assertTrue(appraisal._get_measure_activities(second), "the other one still waits")
        told = self._get_notices(appraisal).filtered(lambda m: "Done: one" in m.subject)
        self.assertEqual(told.partner_ids, self.supervisor.partner_id)
        with self.assertRefused(AccessError, "not who carried it"):
            mine._check_effect(True, "I am good")
        first.with_user(self.manager)._check_effect(True, "Seen")
        self.assertEqual(first.state, "effective")
        told = self._get_notices(appraisal).filtered(lambda m: "Effective: one" in m.subject)
        self.assertEqual(told.partner_ids, (self.supervisor | self.second_manager).partner_id)

    @requirement("D8.R2")
    def test_cron_killed_in_the_middle(self):
        appraisal = self._appraise()
        late = self.today - timedelta(days=2)
        appraisal.measure_ids = [
            Command.create({"name": name, "user_id": self.fitter.id, "date_due": late})
            for name in ("one", "two", "three")
        ]
        self._approve(appraisal)
        measures = self.env["crm.appraisal.measure"]
        calls = []

        def progress(*_args, **values):
            calls.append(values)
            return len(calls) < 2  # the run is out of time after the first

        self.patch(type(self.env["ir.cron"]), "_commit_progress", progress)
        measures._cron_report_overdue()
        told = appraisal.measure_ids.filtered("date_overdue_told")
        self.assertEqual(len(told), 1)
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *_a, **_v: True)
        measures._cron_report_overdue()
        notices = self._get_notices(appraisal).filtered(lambda m: "Overdue" in m.subject)
        self.assertEqual(len(notices), 3)

    @requirement("D8.R2")
    def test_who_sees_what(self):
        colleague = self._new_user("test_colleague", "specialist")
        self.department.member_ids |= colleague
        appraisal = self._appraise()
        appraisal.measure_ids = [
            Command.create({"name": "x", "user_id": colleague.id, "date_due": "2099-01-01"})
        ]
        measure = appraisal.measure_ids

        def readers(record):
            users = (
                self.specialist,
                colleague,
                self.supervisor,
                self.manager,
                self.auditor,
                self.engineer,
                self.plain_user,
                self.general_manager,
            )
            return {user for user in users if record in record.with_user(user).search([])}

        above = {self.supervisor, self.manager, self.auditor, self.general_manager}
        self.assertEqual(readers(appraisal), above)
        self._approve(appraisal)
        self.assertEqual(readers(appraisal), above | {self.specialist})
        self.assertEqual(readers(appraisal.line_ids[0]), above | {self.specialist})
        self.assertEqual(readers(measure), above | {self.specialist, colleague})
        for user in (self.specialist, colleague):
            with self.assertRefused((AccessError, UserError), ""):
                appraisal.with_user(user).write({"opinion": "x"})
            with self.assertRefused((AccessError, UserError), ""):
                measure.with_user(user).write({"name": "x"})

    @requirement("D8.R2")
    def test_nobody_appraises_himself_or_another_department(self):
        with self.assertRefused((AccessError, ValidationError), ""):
            self._appraise(self.specialist)
        with self.assertRefused((AccessError, ValidationError), "himself"):
            self._appraise(person_id=self.supervisor.id)
        with self.assertRefused((AccessError, ValidationError), "himself"):
            self._appraise(scope="department", department_id=self.department.id)
        with self.assertRefused(AccessError, ""):
            self._appraise(self.manager, person_id=self.manager.id, user_id=self.second_manager.id)
        with self.assertRefused((AccessError, ValidationError), ""):
            self._appraise(person_id=self.fitter.id)
        with self.assertRefused((AccessError, ValidationError), ""):
            self._appraise(person_id=self.fitter.id, department_id=self.department.id)
        self._appraise(self.engineer, person_id=self.fitter.id)
        with mute_logger("odoo.sql_db"), self.assertRefused((IntegrityError, ValidationError), ""):
            self._appraise()
            self._appraise(self.manager)
            self.env.flush_all()

    @requirement("D8.R2")
    def test_of_a_department_without_a_head(self):
        empty = self.env["crm.service.department"].create(
            {"name": "Nobody's", "company_id": self.company.id}
        )
        appraisal = self._appraise(self.manager, scope="department", department_id=empty.id)
        self.assertEqual((appraisal.person_id.id, appraisal.department_id), (False, empty))
        with self.assertRefused(ValidationError, "Name the member of staff"):
            self._appraise(self.manager, person_id=False)
        form = Form(self.env["crm.appraisal"].with_user(self.manager))
        self.assertFalse(form.person_id or form.department_id)
        form.person_id = self.specialist
        self.assertEqual(form.department_id, self.department)
        with self.assertRefused(ValidationError, "Name the department"):
            self._appraise(self.manager, scope="department")

    @requirement("D8.R2")
    def test_companies_stay_apart(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._new_user("test_else", "manager")
        stranger.write({"company_ids": [Command.set(elsewhere.ids)], "company_id": elsewhere.id})
        appraisal = self._appraise()
        with self.assertRefused(AccessError, ""):
            appraisal.with_user(stranger).with_company(elsewhere).read(["score"])
        with self.assertRefused(AccessError, ""):
            appraisal.line_ids.with_user(stranger).with_company(elsewhere).read(["score"])
        with self.assertRefused((AccessError, UserError), ""):
            self._appraise(stranger, company_id=elsewhere.id)

    @requirement("D8.R2")
    def test_made_for_whole_departments(self):
        self._make_quarter()
        dialog = (
            self.env["crm.appraisal.generate"]
            .with_user(self.manager)
            .create(
                {
                    "department_ids": [Command.set(self.department.ids)],
                    "date_from": QUARTER[0],
                    "date_to": QUARTER[1],
                }
            )
        )
        action = dialog.action_generate()
        made = self.env["crm.appraisal"].search(action["domain"])
        self.assertEqual(set(made.mapped("scope")), {"staff", "department"})
        staff = made.filtered(lambda a: a.scope == "staff")
        self.assertEqual(staff.person_id, self.specialist | self.supervisor)
        with self.assertRefused(UserError, "have been appraised"):
            dialog.action_generate()
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        dialog.sudo().company_id = elsewhere
        with self.assertRefused(AccessError, "companies you work in"):
            dialog.action_generate()
        last = self.env["crm.appraisal.generate"].with_user(self.manager).new()
        self.assertEqual((last.date_to + timedelta(days=1)).day, 1)
