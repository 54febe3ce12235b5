import subprocess
from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .letter_common import LetterCommon

MONTH = datetime(2026, 3, 1), datetime(2026, 3, 31)
APRIL = datetime(2026, 3, 31, 16, 0)  # midnight in China


@tagged("post_install", "-at_install")
class TestCaseStatistics(LetterCommon):
    """Monthly figures, each counted here a second time by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.lang = "en_US"
        cls.cause_quality, cls.cause_late = cls.env["crm.case.cause"].create(
            [{"name": "Bad batch"}, {"name": "Late lorry"}]
        )
        cls.delivery = cls.env["crm.case.category"].create({"name": "Delivery"})
        cls.types = {
            name: cls.env.ref(f"crm_aftersales.statistics_type_case_{name}")
            for name in ("complaints", "table", "problems")
        }

    def _complain(self, day, hour=4, **values):
        """A complaint of March by day; ``met`` hours before (+) or after its deadline."""
        met = values.pop("met", None)
        state = values.pop("after", {})
        severity = values.pop("severity", "minor")
        case = self._make_complaint(
            date_opened=datetime(2026, 3, 1, hour) + timedelta(days=day - 1), **values
        )
        case = case.sudo()
        case.write({"validity": "valid", "severity": severity, **state})
        if met is not None:
            clock = case.clock_ids.filtered(lambda clock: clock.target == "solve")[-1:]
            clock.write({"date_met": clock.date_deadline - timedelta(hours=met), "state": "met"})
        return case

    def _make_march(self):
        solved = {"state": "solved", "date_solved": datetime(2026, 3, 20)}
        good = {**solved, "callback_result": "satisfied", "date_called_back": solved["date_solved"]}
        bad = {**good, "callback_result": "dissatisfied"}
        first = self._complain(2, met=1, after=good, cause_id=self.cause_quality.id)
        second = self._complain(
            9, met=-1, after=bad, cause_id=self.cause_quality.id, severity="major"
        )
        third = self._complain(
            15,
            met=2,
            after=solved,
            cause_id=self.cause_late.id,
            partner_id=self.other_customer.id,
            category_id=self.delivery.id,
        )
        fourth = self._complain(20, after={"validity": "invalid"})
        self._complain(31, hour=17)  # the first of April in China
        before = self._complain(-3, met=1, after=good)
        self._make_case(date_opened=datetime(2026, 3, 5))
        return first, second, third, fourth, before

    def _tables(self, name):
        period = (fields.Date.to_date(day) for day in MONTH)
        tables = self.types[name]._compute_tables(self.company, *period, self.env["res.users"])
        return {table["key"]: table for table in tables}

    def _rows(self, table):
        """The rows of a table as dicts by column, under their first cell."""
        keys = [column["key"] for column in table["columns"]]
        return {row[0]: dict(zip(keys, row, strict=True)) for row in table["rows"]}

    @requirement("E2.F029")
    def test_totals_beside_the_month_before(self):
        first, second, *_others = self._make_march()
        second._link_repeat(first)
        rows = self._rows(self._tables("complaints")["totals"])
        expected = {
            "Complaints received": (4, 1, 3),
            "Valid": (3, 1, 2),
            "Not valid": (1, 0, 1),
            "Major": (1, 0, 1),
            "Solved": (3, 1, 2),
            # the one that is not valid has been waiting for an answer ever since: it is not late
            "Solved on time": (66.7, 100, -33.3),
            "Callback rate": (66.7, 100, -33.3),
            "Satisfied with the handling": (50, 100, -50),
            "Opened again": (0, 0, 0),
            # only what was linked counts, not what happens to be of the same category
            "Customer came again about a matter": (25, 0, 25),
        }
        found = {name: (row["value"], row["before"], row["change"]) for name, row in rows.items()}
        self.assertEqual(found, expected)

    @requirement("E2.F029")
    def test_by_class_cause_department_team_and_person(self):
        self._make_march()
        late = self._complain(21, user=self.supervisor, cause_id=False)
        tables = self._tables("complaints")
        severities = self._rows(tables["by_severity"])
        received = {key: row["received"] for key, row in severities.items()}
        self.assertEqual(received, {"Minor": 4, "Major": 1})
        self.assertEqual(severities["Major"]["time"], 0)
        self.assertEqual(severities["Minor"]["time"], 66.7)
        causes = self._rows(tables["by_cause_id"])
        self.assertEqual(
            {key: (row["received"], row["solved"]) for key, row in causes.items()},
            {"Bad batch": (2, 2), "Late lorry": (1, 1), "Not named": (2, 0)},
        )
        self.assertEqual(causes["Bad batch"]["satisfied"], 50)
        departments = self._rows(tables["by_department_id"])
        self.assertEqual(departments["Technical department"]["received"], 4)
        self.assertEqual(departments["Service department"]["received"], 1, "no one answers for it")
        self.assertEqual(self._rows(tables["by_team_id"])["Hotline"]["received"], 5)
        people = self._rows(tables["by_user_id"])
        self.assertEqual(people[self.supervisor.name]["received"], 1)
        self.assertEqual(people[self.specialist.name]["received"], 4)
        referral = self.env["crm.case.referral"].create(
            {"case_id": late.id, "department_id": self.stores.id, "content": "x"}
        )
        departments = self._rows(self._tables("complaints")["by_department_id"])
        self.assertEqual(departments["Stores"]["received"], 1, "the department complained of")
        referral.state = "cancelled"
        self.assertNotIn("Stores", self._rows(self._tables("complaints")["by_department_id"]))

    @requirement("E2.F029")
    def test_a_clock_that_runs_and_has_time_left_says_nothing(self):
        self._complain(10)
        late = self._rows(self._tables("complaints")["totals"])["Solved on time"]
        self.assertEqual(late["value"], 0, "months ago, and not solved")
        clocks = self.env["crm.deadline.clock"].search([("target", "=", "solve")])
        clocks.date_deadline = self.now + timedelta(days=1)
        early = self._rows(self._tables("complaints")["totals"])["Solved on time"]
        self.assertIsNone(early["value"])

    @requirement("E2.F029")
    def test_typical_cases_and_measures(self):
        first, second, *_rest = self._make_march()
        first.write({"state": "closed", "cause_analysis": "Glue", "solution": "Replaced"})
        first.with_user(self.specialist).action_add_to_library()
        self.env["crm.case.measure"].create(
            {"case_id": second.id, "name": "Test each", "date_due": "2026-04-02"}
        )
        discussion = self.env["crm.case.discussion"].create(
            {
                "subject": "x",
                "date": datetime(2026, 3, 12),
                "measure_ids": [
                    Command.create(
                        {"name": "Recall", "user_id": self.fitter.id, "date_due": "2026-04-01"}
                    )
                ],
            }
        )
        tables = self._tables("complaints")
        self.assertEqual(list(self._rows(tables["typical"])), [first.name, second.name])
        self.assertEqual(self._rows(tables["typical"])[first.name]["cause"], "Glue")
        self.assertEqual(list(self._rows(tables["measures"])), ["Test each"], "minutes not final")
        discussion.state = "held"
        measures = self._rows(self._tables("complaints")["measures"])
        self.assertEqual(list(measures), ["Recall", "Test each"])
        self.assertEqual(measures["Recall"]["owner"], "Fitter")

    @requirement("E2.R12")
    def test_every_valid_complaint_and_its_handling(self):
        first, second, third, *_rest = self._make_march()
        second.write({"solution": "A new one", "measures": "Batch sorted out"})
        rows = self._rows(self._tables("table")["complaints"])
        self.assertEqual(list(rows), [first.name, second.name, third.name])
        row = rows[second.name]
        self.assertEqual(row["handling"], "Batch sorted out\nA new one")
        self.assertEqual((row["class"], row["state"]), ("Major", "Solved"))
        self.assertEqual((row["time"], row["callback"]), ("No", "Not Satisfied"))
        self.assertEqual(rows[first.name]["time"], "Yes")
        self.assertEqual(row["date"], "2026-03-09 12:00", "local time")
        self.assertEqual(row["department"], "Technical department")

    @requirement("E2.R12")
    def test_a_complaint_that_nobody_judged_is_not_left_out(self):
        self._make_march()
        pending = self._complain(16, after={"validity": "pending"})
        rows = self._rows(self._tables("table")["complaints"])
        self.assertEqual(rows[pending.name]["class"], "Not Judged Yet")
        self.assertIn(pending, self._cases_behind("table"))

    def _cases_behind(self, name):
        action = self._make_report(name).with_user(self.specialist).sudo(False).action_open_cases()
        return self.env["crm.service.case"].search(action["domain"])

    @requirement("D6.R3")
    def test_common_problems_and_what_rises(self):
        self._make_march()
        self.types["problems"].problem_limit = 2
        case = self._make_case(
            kind="suggestion", category_id=self.category.id, date_opened=datetime(2026, 3, 6)
        )
        measures = self.env["crm.case.measure"].create(
            [{"case_id": case.id, "name": name, "date_due": "2026-04-02"} for name in "ab"]
        )
        measures[0].date_done = self.now
        rows = self._rows(self._tables("problems")["problems"])
        self.assertEqual(set(rows), {self.category.display_name, "Bad batch"})
        row = rows[self.category.display_name]
        # two complaints, the suggestion and the inquiry of March; the invalid one does not count
        self.assertEqual((row["cases"], row["complaints"], row["customers"]), (4, 2, 1))
        self.assertEqual((row["before"], row["change"]), (1, 3))
        self.assertEqual(row["share"], 80)
        self.assertEqual((row["measures"], row["done"]), (2, 1))
        self.types["problems"].problem_limit = 5
        self.assertFalse(self._tables("problems")["problems"]["rows"])

    @requirement("E2.F029", "E2.R12")
    def test_companies_stay_apart(self):
        self._make_march()
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        for name in ("complaints", "table"):
            tables = self.types[name]._compute_tables(
                elsewhere, *(fields.Date.to_date(day) for day in MONTH), self.env["res.users"]
            )
            counts = [row[2] for row in tables[0]["rows"] if name == "complaints"]
            self.assertFalse(any(counts))
            self.assertFalse(any(table["rows"] for table in tables[1:]))

    @requirement("E2.F029")
    def test_the_period_is_found_by_the_index(self):
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        bounds = self.types["complaints"]._get_bounds(*map(fields.Date.to_date, MONTH))
        query = self.types["complaints"]._sql_complaints(self.company, *bounds)
        plan = self.env.execute_query(type(query)("EXPLAIN %s", query))
        self.assertIn("crm_service_case__date_opened_index", "\n".join(row[0] for row in plan))

    def _make_report(self, name):
        report_type = self.types[name]
        report_type.write({"department_id": self.department.id, "user_id": self.specialist.id})
        period = (fields.Date.to_date(day) for day in MONTH)
        return report_type._generate(self.company, *period)

    @requirement("E2.F029")
    def test_reviewed_by_the_head_and_handed_to_him(self):
        self._make_march()
        report = self._make_report("complaints").with_user(self.specialist).sudo(False)
        report.write({"analysis": "One batch", "improvement_plan": "Test each charger"})
        report.action_approval_submit()
        report.with_user(self.supervisor).action_approval_approve()
        self.assertEqual(report.state, "issued")
        self.assertIn(self.supervisor, report.sudo().distribution_ids.user_id)

    @requirement("E2.F029", "E2.R12", "D6.R3")
    def test_cases_behind_the_figures(self):
        first, second, third, fourth, _before = self._make_march()
        expected = {
            "complaints": first | second | third | fourth,
            "table": first | second | third,
        }
        for name, cases in expected.items():
            report = self._make_report(name).with_user(self.specialist).sudo(False)
            action = report.action_open_cases()
            self.assertEqual(self.env["crm.service.case"].search(action["domain"]), cases[::-1])

    @requirement("E2.F029")
    def test_made_by_the_end_of_the_month(self):
        report_type = self.types["complaints"]
        self.assertEqual((report_type.schedule, report_type.days_after), ("monthly", 0))
        report_type.date_start = date(2026, 2, 1)
        due = {}
        for day in (30, 31):
            today = date(2026, 3, day)
            with patch.object(type(report_type), "_get_today", lambda self, today=today: today):
                due[day] = [to for _from, to, _user in report_type._get_due_work(self.company)]
        self.assertEqual(due[31], [*due[30], date(2026, 3, 31)], "on its last day")

    @requirement("E2.F029", "E2.R12", "D6.R3")
    def test_printed(self):
        self._make_march()
        captions = {
            "complaints": ("ZC-QR-029", "Typical Cases", "Bad batch", "Measures to Improve"),
            "table": ("KF-QR-072", "Lanzhou Optics"),
            "problems": ("KF-QR-073", "Common Problems"),
        }
        for name, words in captions.items():
            report = self._make_report(name)
            action = report.type_id.print_report_id
            content, kind = action.with_context(force_report_rendering=True)._render_qweb_pdf(
                action.report_name, report.ids
            )
            self.assertEqual(kind, "pdf")
            text = subprocess.run(
                ["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True
            ).stdout.decode()
            for word in words:
                self.assertIn(word, text)
