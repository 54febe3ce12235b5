from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from ..models import crm_service_calendar_day
from .clock_common import ClockCommon


@tagged("post_install", "-at_install")
class TestClock(ClockCommon):
    def _open(self, text, **values):
        """A complaint that is registered at a time of day in China."""
        with freeze_time(self._utc(text)):
            values = {"kind": "complaint", "date_opened": self._utc(text), **values}
            return self._make_case(**values)

    def _at(self, text):
        return freeze_time(self._utc(text))

    # ------------------------------------------------------------------ terms

    @requirement("E2.R4", "B3.R3")
    def test_minor_complaint(self):
        """Opened on the Friday before Spring Festival: worked out by hand on the notice of 2026.

        14 February is worked, 15 to 23 are off.
        """
        case = self._open("2026-02-13 10:00")
        self.assertEqual(self._due(case, "acknowledge"), self._utc("2026-02-14 10:00"))
        self.assertEqual(self._due(case, "first_solution"), self._utc("2026-02-25 18:00"))
        self.assertEqual(self._due(case, "progress"), self._utc("2026-02-25 18:00"))
        self.assertEqual(self._due(case, "solve"), self._utc("2026-02-27 18:00"))
        self.assertFalse(self._clock(case, "report"))
        case._record_event("referred", self._utc("2026-02-13 11:50"))
        self.assertEqual(self._due(case, "department"), self._utc("2026-02-13 12:50"))

    @requirement("E2.R5")
    def test_major_complaint(self):
        case = self._open("2026-03-02 17:55", is_injury=True)
        self.assertEqual(self._due(case, "report"), self._utc("2026-03-02 18:05"))
        self.assertEqual(self._due(case, "first_solution"), self._utc("2026-03-03 05:55"))
        case._record_event("proposed", self._utc("2026-03-02 20:00"))
        self.assertEqual(self._clock(case, "first_solution").state, "running", "not agreed yet")
        case._record_event("agreed", self._utc("2026-03-03 06:00"))
        clock = self._clock(case, "first_solution")
        self.assertEqual((clock.state, clock.is_late), ("met", True))

    @requirement("D5.R2")
    def test_terms_by_urgency(self):
        for urgency, answer, solve in (
            ("0", "2026-03-03 10:00", "2026-03-09 18:00"),
            ("1", "2026-03-02 15:00", "2026-03-04 18:00"),
            ("2", "2026-03-02 11:00", "2026-03-03 18:00"),
        ):
            case = self._open("2026-03-02 10:00", urgency=urgency, kind="request")
            self.assertEqual(self._due(case, "acknowledge"), self._utc(answer), urgency)
            self.assertEqual(self._due(case, "solve"), self._utc(solve), urgency)
            self.assertFalse(self._clock(case, "progress"))

    @requirement("D5.R2")
    def test_the_narrower_policy_comes_first(self):
        grade = self.env["crm.customer.grade"].search([], limit=1)
        part = self.env["crm.case.category"].create(
            {"name": "Battery", "parent_id": self.category.id}
        )
        values = {"target": "solve", "unit": "hour", "sequence": 1, "company_id": self.company.id}
        self.env["crm.deadline.policy"].create(
            [
                {**values, "name": "Graded", "grade_id": grade.id, "amount": 1},
                {**values, "name": "Product", "category_id": self.category.id, "amount": 2},
                {**values, "name": "Team", "team_id": self.team.id, "amount": 3, "sequence": 2},
            ]
        )

        def hours(**values):
            case = self._open("2026-03-02 10:00", **values)
            return (self._due(case, "solve") - case.date_opened) / timedelta(hours=1)

        self.assertEqual(hours(category_id=part.id), 2)
        self.assertEqual(hours(category_id=False), 3)
        self.customer.with_company(self.company).crm_grade_id = grade
        self.assertEqual(hours(category_id=part.id), 1)
        self.assertGreater(hours(partner_id=False, category_id=False, team_id=False), 24)

    def test_hours_of_the_team(self):
        self.team.resource_calendar_id = self.hours.copy({"tz": "Europe/London"})
        case = self._open("2026-03-02 10:00", kind="request", urgency="2")
        self.assertEqual(self._due(case, "acknowledge"), self._utc("2026-03-02 18:00"))

    # ------------------------------------------------------------------ what really happened

    @requirement("E2.R4")
    def test_met_by_what_went_out_not_by_a_stage(self):
        case = self._open("2026-03-02 10:00")
        with self._at("2026-03-02 15:00"):
            case.stage_id = self.stage_progress
            self.assertEqual(self._clock(case, "acknowledge").state, "running")
            message = case.message_post(
                body="We are looking into it", subtype_xmlid="mail.mt_comment"
            )
            case._record_event("answered", message.date, message)
        clock = self._clock(case, "acknowledge")
        self.assertEqual((clock.state, clock.date_met), ("met", self._utc("2026-03-02 15:00")))
        self.assertEqual(clock.message_id, message)
        self.assertEqual(clock.met_user_id, self.specialist)
        self.assertFalse(clock.is_late)

    @requirement("B3.R3")
    def test_progress_is_due_again_after_each_answer(self):
        case = self._open("2026-03-02 10:00")
        case._record_event("answered", self._utc("2026-03-03 11:00"))
        case._record_event("answered", self._utc("2026-03-04 11:00"))
        clocks = case.sudo().clock_ids.filtered(lambda c: c.target == "progress").sorted("id")
        self.assertEqual(clocks.mapped("state"), ["met", "met", "running"])
        self.assertEqual(clocks[-1].date_start, self._utc("2026-03-04 11:00"))
        self.assertEqual(clocks[-1].date_deadline, self._utc("2026-03-09 18:00"))
        with self._at("2026-03-05 10:00"):
            self._solve(case)
        self.assertEqual(self._clock(case, "progress").state, "stopped")
        self.assertFalse(self._clock(case, "progress", "running"))

    @requirement("E2.R4")
    def test_department(self):
        case = self._open("2026-03-02 10:00")
        case._record_event("referred", self._utc("2026-03-02 10:30"))
        case._record_event("department_answered", self._utc("2026-03-02 11:15"))
        clock = self._clock(case, "department")
        self.assertEqual((clock.state, clock.is_late), ("met", False))

    @requirement("B3.R3")
    def test_waiting_pauses_what_the_policy_says(self):
        case = self._open("2026-03-02 10:00")
        with self._at("2026-03-03 09:00"):
            case.stage_id = self.stage_customer
        solve = self._clock(case, "solve")
        self.assertEqual((solve.state, solve.date_deadline), ("paused", False))
        self.assertEqual(self._clock(case, "acknowledge").state, "running")
        with self._at("2026-03-04 09:00"):
            case.stage_id = self.stage_progress
        # eight working hours later than 9 March 18:00
        self.assertEqual(solve.date_deadline, self._utc("2026-03-10 18:00"))
        self.assertEqual(
            solve.segment_ids.sorted("id").mapped(lambda s: (s.kind, s.waiting or "")),
            [("pause", "customer"), ("run", "")],
        )

    @requirement("E2.R7")
    def test_reopened_goes_on_with_the_same_clock(self):
        case = self._open("2026-03-02 10:00")
        with self._at("2026-03-03 09:00"):
            self._solve(case)
        solve, callback = self._clock(case, "solve"), self._clock(case, "callback")
        self.assertEqual(solve.state, "met")
        self.assertEqual(callback.date_deadline, self._utc("2026-03-04 09:00"))
        with self._at("2026-03-04 09:00"):
            case._reopen("Hot again")
        self.assertEqual(self._clock(case, "solve"), solve)
        self.assertEqual((solve.state, solve.round, solve.date_met), ("running", 2, False))
        self.assertEqual(solve.date_deadline, self._utc("2026-03-10 18:00"))
        self.assertEqual(callback.state, "stopped")
        with self._at("2026-03-04 10:00"):
            self._solve(case)
            self._call_back(case)
        self.assertEqual(self._clock(case, "callback").state, "met")
        with self._at("2026-03-05 10:00"):
            case.action_close()
        self.assertFalse(case.sudo().clock_ids.filtered(lambda c: c.state == "running"))
        self.assertFalse(case.date_next_deadline)

    # ------------------------------------------------------------------ other policies

    @requirement("E2.R5")
    def test_raised_to_major(self):
        case = self._open("2026-03-02 10:00")
        old = self._clock(case, "first_solution")
        with self._at("2026-03-02 16:00"):
            case.sudo().severity = "major"
            case._record_event("raised")
        self.assertEqual((old.state, old.reason), ("stopped", "replaced"))
        new = self._clock(case, "first_solution")
        self.assertEqual(new.date_start, old.date_start)
        self.assertEqual(new.date_deadline, self._utc("2026-03-02 22:00"))
        self.assertEqual(self._due(case, "report"), self._utc("2026-03-02 16:10"))
        running = case.sudo().clock_ids.filtered(lambda clock: clock.state == "running")
        targets = running.mapped("target")
        self.assertEqual(len(targets), len(set(targets)), "one clock a target")
        case.sudo().severity = "major"
        self.assertEqual(self._clock(case, "first_solution"), new, "nothing changed")

    def test_pauses_go_with_the_start(self):
        case = self._open("2026-03-02 10:00")
        with self._at("2026-03-03 09:00"):
            case.stage_id = self.stage_customer
        with self._at("2026-03-04 09:00"):
            case.stage_id = self.stage_progress
            case.urgency = "1"
        solve = self._clock(case, "solve")
        self.assertEqual(
            solve.policy_id, self.env.ref("crm_aftersales.deadline_policy_solve_urgent")
        )
        self.assertEqual(solve.date_deadline, self._utc("2026-03-05 18:00"))

    def test_a_policy_in_use_gets_a_version(self):
        policy = self.env.ref("crm_aftersales.deadline_policy_solve")
        before = self._open("2026-03-02 10:00")
        policy.with_user(self.manager).write({"amount": 1, "version": 7})
        self.assertEqual(policy.version, 2)
        policy.with_user(self.manager).note = "Agreed in the board"
        self.assertEqual(policy.version, 2, "not another term")
        self.assertEqual(self._due(before, "solve"), self._utc("2026-03-09 18:00"))
        with self._at("2026-03-02 11:00"):
            before.stage_id = self.stage_customer
        with self._at("2026-03-02 13:30"):
            before.stage_id = self.stage_progress
        self.assertEqual(self._due(before, "solve"), self._utc("2026-03-10 10:30"))
        self.assertEqual(self._clock(before, "solve").policy_version, 1)
        after = self._open("2026-03-02 10:00")
        self.assertEqual(self._due(after, "solve"), self._utc("2026-03-03 18:00"))
        with self.assertRefused(UserError, "Archive"):
            policy.with_user(self.manager).unlink()

    def test_a_date_that_was_agreed(self):
        case = self._open("2026-03-02 10:00")
        with self.assertRefused(AccessError, "supervisor"):
            case.date_due_agreed = self._utc("2026-04-02 10:00")
        case.with_user(self.supervisor).date_due_agreed = self._utc("2026-03-05 10:00")
        clock = self._clock(case, "solve")
        self.assertEqual(clock.date_deadline, self._utc("2026-03-05 10:00"))
        self.assertTrue(clock.is_given)
        case.with_user(self.supervisor).date_due_agreed = False
        self.assertEqual(clock.date_deadline, self._utc("2026-03-09 18:00"))

    # ------------------------------------------------------------------ days

    @requirement("B3.R3")
    def test_changed_days_move_running_clocks(self):
        case = self._open("2026-03-02 10:00")
        other = self._open("2026-03-02 10:00")
        with self._at("2026-03-03 10:00"):
            self._solve(other)
        day = self.env["crm.service.calendar.day"].with_user(self.manager)
        day = day.create({"date": "2026-03-05", "name": "Stocktaking"})
        clock = self._clock(case, "solve")
        self.assertTrue(clock.is_stale)
        self.env["crm.deadline.clock"]._cron_refresh(batch=1)
        self.assertEqual(clock.date_deadline, self._utc("2026-03-10 18:00"))
        self.assertEqual(self._due(case, "acknowledge"), self._utc("2026-03-03 10:00"))
        self.assertEqual(self._due(other, "solve"), self._utc("2026-03-09 18:00"), "it is over")
        day.unlink()
        self.hours.attendance_ids.filtered(lambda line: line.dayofweek == "4").unlink()
        self.env["crm.deadline.clock"]._cron_refresh()
        self.assertEqual(clock.date_deadline, self._utc("2026-03-10 18:00"))

    @requirement("B3.R3")
    def test_days_off_of_the_company_count_those_of_others_do_not(self):
        london = self.env["res.company"].create(
            {"name": "London", "country_id": self.env.ref("base.uk").id}
        )
        off = {
            "name": "Off",
            "date_from": self._utc("2026-03-04 00:00"),
            "date_to": self._utc("2026-03-04 23:59"),
        }
        leaves = self.env["resource.calendar.leaves"]
        leaf = leaves.create({**off, "calendar_id": False, "company_id": london.id})
        leaf.company_id = london
        self.env["crm.service.calendar.day"].create(
            {"date": "2026-03-04", "name": "Theirs", "company_id": london.id, "country_id": False}
        )
        self.env["crm.service.calendar.day"].create(
            {"date": "2026-03-04", "name": "UK", "country_id": london.country_id.id}
        )
        self.assertEqual(
            self._due(self._open("2026-03-02 10:00"), "solve"), self._utc("2026-03-09 18:00")
        )
        leaves.create({**off, "calendar_id": self.hours.id})
        self.assertEqual(
            self._due(self._open("2026-03-02 10:00"), "solve"), self._utc("2026-03-10 18:00")
        )

    def test_the_companys_own_day_goes_before_the_countrys(self):
        days = self.env["crm.service.calendar.day"]
        self.assertFalse(days._get_working_time(self.company).is_working_day(date(2026, 10, 1)))
        days.create(
            {
                "date": "2026-10-01",
                "name": "Open all the same",
                "kind": "working",
                "weekday": "3",
                "company_id": self.company.id,
            }
        )
        self.assertTrue(days._get_working_time(self.company).is_working_day(date(2026, 10, 1)))

    def test_shipped_days_are_those_of_the_package(self):
        """Two sources that do not know of each other: the notices typed in, and the package."""
        package = crm_service_calendar_day.holidays
        if package is None:
            self.skipTest("the holidays package is not installed")
        days = self.env["crm.service.calendar.day"]
        for year in (2025, 2026):
            shipped = days.search(days._get_year_domain(self.env.ref("base.cn"), year))
            known = package.country_holidays("CN", years=year)
            off = {day.date for day in shipped if day.kind == "holiday"}
            self.assertLessEqual({d for d in known if d.year == year}, off)
            self.assertTrue(all(d in known or d.weekday() >= 5 for d in off))
            working = {day.date for day in shipped if day.kind == "working"}
            self.assertEqual(working, {d for d in known.weekend_workdays if d.year == year})

    def test_filling_in_keeps_what_people_wrote(self):
        if crm_service_calendar_day.holidays is None:
            self.skipTest("the holidays package is not installed")
        days = self.env["crm.service.calendar.day"].with_user(self.manager)
        own = days.create({"date": "2027-05-01", "name": "Fair"})
        with freeze_time("2026-11-20"):
            action = days.with_company(self.company).action_fill()
            self.assertIn("2027", action["params"]["message"])
            count = days.search_count([])
            days.with_company(self.company).action_fill()
            self.env["crm.service.calendar.day"]._cron_fill()
        self.assertEqual((own.name, own.is_filled), ("Fair", False))
        new_year = days.search([("date", "=", "2027-01-01")])
        self.assertTrue(new_year.is_filled)
        self.assertIn("元旦", new_year.mapped("name"), "named in the words of the country")
        china = [("country_id", "=", self.env.ref("base.cn").id)]
        self.assertLessEqual(days.search_count(china), count)
        with self.assertRefused(AccessError, ""):
            days.with_user(self.supervisor).action_fill()

    # ------------------------------------------------------------------ board

    @requirement("D5.R2")
    def test_badges(self):
        case = self._open("2026-03-02 10:00")
        for moment, state, text in (
            ("2026-03-02 10:30", "green", "23 h left"),
            ("2026-03-03 06:00", "amber", "4 h left"),
            ("2026-03-03 09:50", "amber", "10 min left"),
            ("2026-03-03 10:05", "red", "Overdue by 5 min"),
            ("2026-03-05 11:00", "red", "Overdue by 2 days"),
        ):
            with self._at(moment):
                case.invalidate_recordset()
                self.assertEqual((case.clock_state, case.clock_text), (state, text))
                late = self.env["crm.service.case"].search(
                    [("is_clock_late", "=", True), ("id", "=", case.id)]
                )
                self.assertEqual(bool(late), state == "red")
        self.assertEqual(case.next_target, "acknowledge")
        with self._at("2026-03-02 11:00"):
            case._record_event("answered")
            for clock in case.sudo().clock_ids.filtered(lambda c: c.state == "running"):
                clock.pauses = "customer"
            case.stage_id = self.stage_customer
        self.assertEqual((case.clock_state, case.clock_text), ("paused", "Paused"))

    def test_badges_cost_no_query_a_card(self):
        cases = self._make_complaint()
        for number in range(5):
            cases |= self._make_complaint(subject=str(number))
        self.env.flush_all()
        self.env.invalidate_all()
        cases.mapped("date_next_deadline")
        with self.assertQueryCount(0):
            self.assertEqual(set(cases.mapped("clock_state")), {"green"})

    def test_why_this_deadline(self):
        case = self._open("2026-02-13 10:00")
        with self._at("2026-02-13 15:00"):
            case.stage_id = self.stage_customer
        with self._at("2026-02-24 10:00"):
            case.stage_id = self.stage_progress
        clock = self._clock(case, "solve").with_context(tz="Asia/Shanghai", lang="en_US")
        text = clock.explanation
        for part in (
            "5 working days",
            "version 1",
            "2/13/26, 10:00",
            "The Customer",
            "2026-02-15 Spring Festival",
            "2026-02-14 Make-up day",
            "Asia/Shanghai",
        ):
            self.assertIn(part, text.replace("\u202f", " "))

    @requirement("D5.R2")
    def test_statistics(self):
        """Kept, late and open by what fell due; replaced and needless ones do not count, nor a
        complaint that was none."""
        policies = self.env["crm.deadline.policy"]
        policies.search([("target", "!=", "solve")]).active = False
        kept, late, open_late, replaced, stopped, refused = (
            self._open("2026-03-02 10:00", subject=str(number)) for number in range(6)
        )
        refused._judge("invalid", "Another product")
        for case, moment in ((kept, "2026-03-09 18:00"), (late, "2026-03-09 18:01")):
            with self._at(moment):
                self._solve(case)
        with self._at("2026-03-03 10:00"):
            replaced.urgency = "2"
            stopped._record_event("cancelled")
        report_type = self.env.ref("crm_aftersales.statistics_type_clock")
        for moment, numbers in (
            ("2026-03-08 10:00", (4, 1, 2, 1)),
            ("2026-03-10 10:00", (4, 1, 3, 0)),
        ):
            with self._at(moment):
                tables = report_type._crm_statistics_clock_on_time(
                    self.company, date(2026, 3, 1), date(2026, 3, 31)
                )
            self.assertEqual(tuple(tables[0]["rows"][0][1:5]), numbers, moment)
            self.assertEqual(tables[1]["rows"][0][0], self.team.name)
            self.assertEqual(tables[2]["rows"][0][:2], [self.specialist.name, "Solve"])
        self.assertEqual(self._clock(open_late, "solve").state, "running")

    # ------------------------------------------------------------------ many, safe

    def test_opening_a_hundred_costs_a_handful_of_queries(self):
        def values(number):
            return {
                "subject": str(number),
                "kind": "complaint",
                "partner_id": self.customer.id,
                "category_id": self.category.id,
            }

        model = self.env["crm.service.case"].with_user(self.specialist)
        counts = []
        for size in (10, 100):
            model.create([values(0)])  # the caches are warm
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            cases = model.create([values(number) for number in range(size)])
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(len(cases.sudo().clock_ids), 400)
        self.assertLessEqual(counts[1], 20)
        self.assertEqual(counts[1], counts[0])

    def test_cases_of_a_batch_stay_apart(self):
        """What is computed for many at once is each one's own."""
        colleague = self._new_user("test_elsewhere", "specialist")
        other = self.env["crm.service.department"].create(
            {"name": "Other", "company_id": self.company.id, "member_ids": colleague.ids}
        )
        people = self.specialist | colleague
        cases = self.env["crm.service.case"].create(
            [
                {
                    "subject": user.name,
                    "kind": "complaint",
                    "user_id": user.id,
                    "partner_id": self.customer.id,
                    "date_opened": datetime(2026, 1, day),
                }
                for user, day in zip(people, (5, 9), strict=True)
            ]
        )
        self.assertEqual(cases[1].department_id, other)
        self.assertNotEqual(cases[0].department_id, other)
        self.assertEqual((cases[0].days_open - cases[1].days_open), 4)
        self.assertNotEqual(*cases.mapped("clock_text"))

    def test_nobody_writes_clocks_or_the_ledger(self):
        case = self._open("2026-03-02 10:00")
        with self._at("2026-03-03 09:00"):
            case.stage_id = self.stage_customer
        clock = self._clock(case, "solve")
        for user in (self.specialist, self.manager, self.general_manager):
            own = clock.with_user(user)
            with self.assertRefused(AccessError, ""):
                own.write({"date_deadline": datetime(2030, 1, 1)})
            with self.assertRefused(AccessError, ""):
                own.segment_ids.write({"date": datetime(2030, 1, 1)})
            with self.assertRefused(AccessError, ""):
                own.unlink()
            with self.assertRefused(AccessError, ""):
                case.with_user(user).write({"date_next_deadline": datetime(2030, 1, 1)})
        with self.assertRefused(UserError, "ledger"):
            clock.segment_ids.write({"date": datetime(2030, 1, 1)})
        with self.assertRefused(UserError, "ledger"):
            clock.segment_ids.unlink()
        forged = self._make_complaint(date_next_deadline=datetime(2030, 1, 1))
        self.assertLess(forged.date_next_deadline, datetime(2030, 1, 1))
