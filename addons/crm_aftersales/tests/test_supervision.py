import subprocess
from datetime import date, datetime, timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .merit_common import MeritCommon

MARCH = date(2026, 3, 1), date(2026, 3, 31)
FEBRUARY = date(2026, 2, 1), date(2026, 2, 28)


class ServiceReportCommon(MeritCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.lang = "en_US"

    def _tables(self, report_type, period):
        tables = report_type._compute_tables(self.company, *period, self.env["res.users"])
        return {table["key"]: table for table in tables}

    def _rows(self, table):
        keys = [column["key"] for column in table["columns"]]
        return {row[0]: dict(zip(keys, row, strict=True)) for row in table["rows"]}

    def _receive(self, day, month=3, kind="inquiry", met=None, after=None, **values):
        case = self._make_case(
            kind=kind, date_opened=datetime(2026, month, day, 4), **values
        ).sudo()
        case.write(after or {})
        if met is not None:
            for clock in case.clock_ids:
                clock.write(
                    {"date_met": clock.date_deadline - timedelta(hours=met), "state": "met"}
                )
        return case


@tagged("post_install", "-at_install")
class TestSupervision(ServiceReportCommon):
    """服务监督报告, counted a second time by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.type = cls.env.ref("crm_aftersales.statistics_type_supervision")
        cls.type.write({"department_id": cls.stores.id, "user_id": cls.supervisor.id})

    def _make_march(self):
        solved = {"state": "solved", "date_solved": datetime(2026, 3, 20)}
        happy = {
            **solved,
            "callback_result": "satisfied",
            "date_called_back": datetime(2026, 3, 22),
        }
        self._receive(2, kind="complaint", met=1, after={**happy, "validity": "valid"})
        self._receive(5, kind="request", channel="email", after={**solved, "reopen_count": 1})
        self._receive(9, channel="email")
        self._receive(10, after={"is_history": True})
        self._receive(11, after={"state": "cancelled"})
        self._receive(7, month=2, kind="request", met=-1)

    @requirement("C3.R1")
    def test_intake_beside_last_month(self):
        self._make_march()
        tables = self._tables(self.type, MARCH)
        rows = self._rows(tables["totals"])
        found = {name: (row["value"], row["before"]) for name, row in rows.items()}
        self.assertEqual(found["Cases received"], (4, 1), "with the one from the books of before")
        self.assertEqual(found["Solved"], (2, 0))
        self.assertEqual(found["Still open"], (2, 1))
        self.assertEqual(found["Opened again"], (1, 0))
        self.assertEqual(found["Satisfied when called back"], (100, None))
        kinds = self._rows(tables["kind"])
        received = {name: (row["received"], row["before"]) for name, row in kinds.items()}
        self.assertEqual(received, {"Complaint": (1, 0), "Request": (1, 1), "Inquiry": (2, 0)})
        channels = self._rows(tables["channel"])
        self.assertEqual(
            {name: row["received"] for name, row in channels.items()}, {"Hotline": 2, "E-mail": 2}
        )
        departments = self._rows(tables["department"])
        self.assertEqual(departments["Service department"]["received"], 4)

    @requirement("C3.R1")
    def test_deadlines_are_those_of_the_clocks(self):
        self._make_march()
        tables = self._tables(self.type, MARCH)
        start, end = self.type._get_bounds(*MARCH)
        clocks = self.env["crm.deadline.clock"].search(
            [
                ("company_id", "=", self.company.id),
                ("date_deadline", ">=", start),
                ("date_deadline", "<", end),
                ("case_id.active", "=", True),
            ]
        )
        clocks = clocks.filtered(lambda c: c.state != "stopped")
        now = fields.Datetime.now()
        late = clocks.filtered(lambda c: (c.date_met or now) > c.date_deadline)
        rows = self._rows(tables["clocks"])
        self.assertEqual(sum(row["due"] for row in rows.values()), len(clocks))
        self.assertEqual(sum(row["late"] for row in rows.values()), len(late))
        totals = self._rows(tables["totals"])
        self.assertEqual(totals["Deadlines missed"]["value"], len(late))
        rate = round(100 * (len(clocks) - len(late)) / len(clocks), 1)
        self.assertEqual(totals["Deadlines kept"]["value"], rate)
        self.assertEqual(totals["Deadlines kept"]["before"], 0)

    @requirement("C3.R1")
    def test_a_month_without_anything_beside_one_with(self):
        self._make_march()
        tables = self._tables(self.type, (date(2026, 4, 1), date(2026, 4, 30)))
        satisfied = self._rows(tables["totals"])["Satisfied when called back"]
        found = [satisfied[key] for key in ("value", "before", "change")]
        self.assertEqual(found, [None, 100, None])
        received = self._rows(tables["kind"])["Complaint"]
        self.assertEqual((received["received"], received["before"]), (0, 1))
        due = {row["due"] for row in self._rows(tables["clocks"]).values()}
        self.assertIn(0, due, "what fell due in March only is listed")

    @requirement("C3.R1")
    def test_proactive_service(self):
        care = {"name": "Greeting", "partner_id": self.customer.id, "user_id": self.specialist.id}
        tasks = self.env["crm.care.task"].create(
            [
                {**care, "date": date(2026, 3, day), "company_id": self.company.id}
                for day in (3, 8, 31)
            ]
        )
        self.env["crm.care.task"].create({**care, "date": date(2026, 2, 3)})
        tasks[0].write({"state": "done"})
        tasks[2].write({"state": "skipped"})
        rows = self._rows(self._tables(self.type, MARCH)["proactive"])
        row = rows["Greetings, gifts and care"]
        self.assertEqual((row["due"], row["done"], row["rate"], row["before"]), (2, 1, 50, 0))
        self._make_visit().sudo().date_planned = datetime(2026, 3, 9)
        rows = self._rows(self._tables(self.type, MARCH)["proactive"])
        self.assertEqual(rows["Planned visits and calls"]["due"], 1)
        self.assertEqual(rows["Planned visits and calls"]["done"], 0)
        inspection = self.env["crm.inspection.round"].create(
            {"title": "Spring", "date_from": "2026-01-01", "date_to": "2026-03-31"}
        )
        inspection.date_to = "2026-06-30"
        lines = self.env["crm.inspection.line"].create(
            [
                {"round_id": inspection.id, "partner_id": self.customer.id, "date_due": day}
                for day in ("2026-02-27", "2026-03-02", "2026-03-31", "2026-04-01")
            ]
        )
        inspection.copy()  # a draft
        inspection.state = "approved"
        lines[1].date_done = datetime(2026, 3, 2)
        row = self._rows(self._tables(self.type, MARCH)["proactive"])["Inspections"]
        self.assertEqual((row["due"], row["done"], row["rate"]), (2, 1, 50))

    def _make_unasked(self):
        """Two visits and two callbacks planned in March, one each of them done; a greeting and an
        inspection."""
        visits = self.env["crm.visit"]
        for is_done in (True, False):
            visit = self._make_visit()
            visit.sudo().date_planned = datetime(2026, 3, 9)
            visit.plan_id.sudo().date_approved = datetime(2026, 3, 1)
            callback = visits._create_callback(
                "complaint", self.customer, datetime(2026, 3, 9), user_id=self.specialist.id
            )
            if is_done:
                done = {"state": "done", "date_start": datetime(2026, 3, 10)}
                (visit | callback).sudo().write(done)
        self.env["crm.care.task"].create(
            {
                "name": "Greeting",
                "partner_id": self.customer.id,
                "user_id": self.specialist.id,
                "date": MARCH[0],
                "company_id": self.company.id,
            }
        )
        inspection = self.env["crm.inspection.round"].create(
            {"title": "Spring", "date_from": "2026-01-01", "date_to": "2026-03-31"}
        )
        inspection.line_ids = [
            Command.create({"partner_id": self.customer.id, "date_due": "2026-03-02"})
        ]
        inspection.state = "approved"

    @requirement("C3.R1")
    def test_visits_and_callbacks_done_of_those_planned(self):
        self._make_unasked()
        rows = self._rows(self._tables(self.type, MARCH)["proactive"])
        for name in ("Planned visits and calls", "Callbacks"):
            row = rows[name]
            self.assertEqual((row["due"], row["done"], row["rate"]), (2, 1, 50), name)
        report = self.type._generate(self.company, *MARCH).with_user(self.supervisor).sudo(False)
        domain = report.action_open_service_visits()["domain"]
        self.assertEqual(self.env["crm.visit"].search_count(domain), 2, "held in March")

    @requirement("C3.R1")
    def test_came_again_passed_around_called_back(self):
        first = self._receive(2)
        self._receive(3, after={"repeat_of_id": first.id, "is_passed_around": True})
        self._receive(4, after={"callback_id": self._make_visit().id})
        for day, result in ((5, "satisfied"), (6, "dissatisfied")):
            called = {"date_called_back": datetime(2026, 3, day), "callback_result": result}
            solved = {"state": "solved", "date_solved": datetime(2026, 3, day)}
            self._receive(day, after={**solved, **called})
        tables = self._tables(self.type, MARCH)
        rows = {name: row["value"] for name, row in self._rows(tables["totals"]).items()}
        self.assertEqual(rows["Customer came again about a matter"], 1)
        self.assertEqual(rows["Passed around"], 1)
        self.assertEqual(rows["Called back"], 66.7, "two of three that were to be called")
        self.assertEqual(rows["Satisfied when called back"], 50)
        kinds = self._rows(tables["kind"])["Inquiry"]
        found = [kinds[key] for key in ("solved", "open", "called", "satisfied")]
        self.assertEqual(found, [2, 3, 2, 50])

    @requirement("C3.R1")
    def test_to_the_general_manager_with_comments(self):
        self._make_march()
        report = self.type._generate(self.company, *MARCH)
        self.assertEqual(report.department_id, self.stores)
        mine = report.with_user(self.supervisor).sudo(False)
        with self.assertRefused(UserError, "comments"):
            mine.action_approval_submit()
        mine.analysis = "Two of three cases were solved; e-mails wait too long."
        mine.action_approval_submit()
        report.with_user(self.general_manager).sudo(False).action_approval_approve("Agreed")
        self.assertEqual(report.state, "issued")
        self.assertIn(self.general_manager, report.sudo().distribution_ids.user_id)
        content, _kind = (
            self.env["ir.actions.report"]
            .with_context(force_report_rendering=True)
            ._render_qweb_pdf("crm_aftersales.crm_statistics_supervision_report", report.ids)
        )
        command = ["pdftotext", "-layout", "-", "-"]
        text = subprocess.run(command, input=content, capture_output=True, check=True)
        for word in ("KF-QR-108", "e-mails wait too long", "Intake by Channel", "Agreed", "Stores"):
            self.assertIn(word, text.stdout.decode())

    @requirement("C3.R1")
    def test_monthly_by_itself(self):
        self.assertEqual((self.type.schedule, self.type.days_after), ("monthly", 1))
        self.assertEqual(self.type.method, "supervision")
        self.type.date_start = FEBRUARY[0]
        due = self.type._get_due_work(self.company)
        self.assertIn((*MARCH, self.env["res.users"]), due)

    @requirement("C3.R1")
    def test_what_stands_behind_it(self):
        self._make_march()
        report = self.type._generate(self.company, *MARCH).with_user(self.supervisor).sudo(False)
        cases = self.env["crm.service.case"].search(report.action_open_service_cases()["domain"])
        self.assertEqual(len(cases), 4)
        clocks = self.env["crm.deadline.clock"].search(
            report.action_open_service_clocks()["domain"]
        )
        self.assertTrue(clocks)
        other = self.env.ref("crm_aftersales.statistics_type_merit")
        with self.assertRefused(UserError, "not about the service"):
            other._generate(self.company, *MARCH).action_open_service_cases()

    @requirement("C3.R1")
    def test_companies_stay_apart(self):
        self._make_march()
        self._make_unasked()
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        tables = self.type._compute_tables(elsewhere, *MARCH, self.env["res.users"])
        totals = tables[0]["rows"]
        self.assertFalse(any(row[2] for row in totals))
        self.assertFalse(any(table["rows"] for table in tables[1:5]))
        proactive = self._rows(tables[5])
        self.assertEqual([row["due"] for row in proactive.values()], [0] * 4, proactive)


@tagged("post_install", "-at_install")
class TestServiceWeek(ServiceReportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.type = cls.env.ref("crm_aftersales.statistics_type_service_week")

    def _week(self):
        today = self.type._get_today()
        return self._tables(self.type, self.type._get_period(today))

    @requirement("C3.R8", "C3.R1")
    def test_what_is_open_late_or_due(self):
        great = self._make_complaint(is_injury=True)
        small = self._make_case(date_opened=self._hours_ago(24 * 30))
        clock = small.sudo().clock_ids[:1]
        clock.write({"state": "running", "date_deadline": self._hours_ago(48)})
        paused = self._make_case().sudo().clock_ids[:1]
        paused.write({"state": "paused", "date_deadline": self._hours_ago(48)})
        soon, far = (self.now + timedelta(days=days) for days in (3, 20))
        adjudications = self.env["crm.adjudication"].create(
            [
                {
                    "subject": str(due),
                    "user_id": self.specialist.id,
                    "date_due": due,
                    "state": "requested",
                    "department_ids": [Command.set((self.technical | self.stores).ids)],
                }
                for due in (soon, far)
            ]
        )
        promises = self.env["crm.customer.promise"].create(
            [
                {
                    "partner_id": self.customer.id,
                    "description": "x",
                    "user_id": self.specialist.id,
                    "date_deadline": self.today + timedelta(days=days),
                }
                for days in (2, 30)
            ]
        )
        tables = self._week()
        self.assertEqual(list(self._rows(tables["great"])), [great.name])
        overdue = self._rows(tables["overdue"])
        self.assertIn(small.name, overdue)
        self.assertNotIn(paused.case_id.name, overdue)
        self.assertAlmostEqual(overdue[small.name]["late"], 2, delta=0.2)
        decisions = self._rows(tables["adjudications"])
        self.assertEqual(list(decisions), [adjudications[0].name])
        due = self._rows(tables["promises"])
        self.assertIn(promises[0].name, due)
        self.assertNotIn(promises[1].name, due)
        counts = {row[0]: row[1] for row in tables["week"]["rows"]}
        expected = self.env["crm.service.case"].search_count(
            [
                ("company_id", "=", self.company.id),
                ("state", "=", "open"),
                ("severity", "=", "major"),
            ]
        )
        self.assertEqual(counts["Great matters open"], expected)
        self.assertEqual(counts["Promises due"], len(due))
        self.assertEqual(counts["Adjudications due"], 1)

    @requirement("C3.R8", "C3.R1")
    def test_what_is_listed_and_what_is_not(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        told = self._make_case(partner_id=False, contact_name="Mr Ma")
        told.sudo().date_great = self.now
        solved = self._make_complaint(is_injury=True).sudo()
        solved.state = "solved"
        major = self._make_complaint(is_injury=True).sudo()
        major.write({"date_great": False})
        gone = self._make_case().sudo()
        gone.clock_ids.write({"state": "running", "date_deadline": self._hours_ago(48)})
        gone.active = False
        decided = {
            "user_id": self.specialist.id,
            "date_due": self.now + timedelta(days=3),
            "department_ids": [Command.set((self.technical | self.stores).ids)],
        }
        adjudications = self.env["crm.adjudication"].create(
            [
                {**decided, "subject": "Open", "state": "requested"},
                {**decided, "subject": "Done", "state": "done"},
            ]
        )
        promises = self.env["crm.customer.promise"].create(
            [
                {
                    "partner_id": self.customer.id,
                    "description": state,
                    "user_id": self.specialist.id,
                    "date_deadline": self.today,
                }
                for state in ("open", "kept")
            ]
        )
        promises[1].state = "kept"
        tables = self._week()
        great = self._rows(tables["great"])
        self.assertEqual(great[told.name]["customer"], "Mr Ma")
        self.assertEqual(great[major.name]["customer"], self.customer.display_name)
        self.assertNotIn(solved.name, great)
        self.assertNotIn(gone.name, self._rows(tables["overdue"]))
        self.assertEqual(list(self._rows(tables["adjudications"])), [adjudications[0].name])
        due = self._rows(tables["promises"])
        self.assertIn(promises[0].name, due)
        self.assertNotIn(promises[1].name, due)
        period = self.type._get_period(self.type._get_today())
        tables = self.type._compute_tables(elsewhere, *period, self.env["res.users"])
        self.assertFalse(any(table["rows"] for table in tables[1:]), "another company's")

    @requirement("C3.R8")
    def test_before_the_meeting_on_friday(self):
        self.assertEqual((self.type.schedule, self.type.weekday_end), ("weekly", "3"))
        self.assertEqual(self.type.days_after, 1)


@tagged("post_install", "-at_install")
class TestEvaluationOfCases(ServiceReportCommon):
    @requirement("D8.R1")
    def test_cases_are_in_the_evaluation(self):
        report_type = self.env.ref("crm_service_base.statistics_type_evaluation")
        solved = {"state": "solved", "date_solved": datetime(2026, 3, 20)}
        self._receive(2, met=1, after={**solved})
        self._receive(3, met=-1, after={**solved, "reopen_count": 1})
        for is_bad in (False, False, True):
            case = self._receive(4, after=solved)
            self._called_back(case, datetime(2026, 3, 22), is_bad)
        period = date(2026, 1, 1), date(2026, 3, 31)
        rows = report_type._get_crm_service_evaluation_rows(self.company, *period)
        values = {row["key"]: row["value"] for row in rows}
        self.assertEqual(values["case_once"], 80)
        self.assertEqual(values["case_callback"], 66.7)
        clocks = self.env["crm.deadline.clock"].search(
            [("case_id.company_id", "=", self.company.id)]
        )
        start, end = report_type._get_bounds(*period)
        clocks = clocks.filtered(
            lambda c: c.state != "stopped" and c.date_deadline and start <= c.date_deadline < end
        )
        kept = clocks.filtered(lambda c: c.date_met and c.date_met <= c.date_deadline)
        self.assertEqual(values["case_clock"], round(100 * len(kept) / len(clocks), 1))
