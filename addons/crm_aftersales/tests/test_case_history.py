import csv
from datetime import date, datetime, timedelta
from pathlib import Path

import pytz

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement
from odoo.addons.crm_service_base.tests.import_case import ImportCase

from .clock_common import CHINA, ClockCommon

NEW_YORK = pytz.timezone("America/New_York")
SAMPLE = Path(__file__).resolve().parents[3] / "docs" / "sample" / "service_requests.csv"


def read_sample():
    """The rows of the file, their times in UTC."""
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        for name in ("Created Date", "Closed Date", "Due Date"):
            local = row[name] and datetime.strptime(row[name], "%m/%d/%Y %I:%M:%S %p")
            row[name] = local and NEW_YORK.localize(local).astimezone(pytz.utc)
    return rows


@tagged("post_install", "-at_install")
class TestCaseHistory(ClockCommon, ImportCase):
    """Old cases: imported with their dates, taken in, counted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hours.tz = "America/New_York"
        cls.company.country_id = cls.env.ref("base.us")
        cls.env["crm.service.calendar.day"].search([]).unlink()

    def _import(self, rows):
        def text(moment):
            return moment and f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"

        captions = [
            "Old Record",
            "Old Number",
            "Kind",
            "Channel",
            "Subject",
            "Team",
            "Owner",
            "Received On",
            "Agreed Due Date",
            "Closed On",
            "Solution",
        ]
        lines = [
            [
                "TRUE",
                row["Unique Key"],
                "Complaint",
                "Other",
                f"{row['Complaint Type']}: {row['Descriptor']}",
                self.team.name,
                self.specialist.login,
                text(row["Created Date"]),
                text(row["Due Date"]),
                text(row["Closed Date"]),
                row["Resolution Description"],
            ]
            for row in rows
        ]
        return self.import_file("crm.service.case", [captions, *lines], self.supervisor)

    def _expect_due(self, row):
        """Plain Python: the date of the file, else closing time five weekdays later."""
        if row["Due Date"]:
            return row["Due Date"].replace(tzinfo=None)
        day, count = row["Created Date"].astimezone(NEW_YORK).date(), 0
        while count < 5:
            day += timedelta(days=1)
            count += day.weekday() < 5
        closing = datetime(day.year, day.month, day.day, 18)
        return NEW_YORK.localize(closing).astimezone(pytz.utc).replace(tzinfo=None)

    @requirement("D5.R2")
    def test_real_complaints(self):
        """Clocks and statistics are what plain Python makes of the file."""
        rows = read_sample()
        cases, messages = self._import(rows)
        self.assertFalse(messages)
        self.assertFalse(cases.sudo().clock_ids, "no clock runs for what is over")
        cases.with_user(self.supervisor).action_accept_history()
        self.assertEqual(set(cases.mapped("state")), {"closed"})
        self.assertEqual(set(cases.stage_id), {self.stage_closed})
        by_number = {case.origin: case.sudo() for case in cases}
        expected = {}
        for row in rows:
            case = by_number[row["Unique Key"]]
            due, closed = self._expect_due(row), row["Closed Date"].replace(tzinfo=None)
            self.assertEqual(case.date_opened, row["Created Date"].replace(tzinfo=None))
            self.assertEqual(case.date_closed, closed)
            clock = case.clock_ids
            self.assertEqual(
                (clock.target, clock.date_deadline, clock.date_met, clock.is_late),
                ("solve", due, closed, closed > due),
                row["Unique Key"],
            )
            self.assertEqual(clock.is_given, bool(row["Due Date"]))
            self.assertTrue(clock.explanation)
            month = due.replace(tzinfo=pytz.utc).astimezone(NEW_YORK).strftime("%Y-%m")
            counts = expected.setdefault(month, [0, 0])
            counts[closed > due] += 1
        self.assertEqual(self._read_statistics(expected), expected)

    def _read_statistics(self, months):
        report_type = self.env.ref("crm_aftersales.statistics_type_clock")
        report_type.tz = "America/New_York"
        found = {}
        for month in months:
            first = date.fromisoformat(f"{month}-01")
            last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
            tables = report_type._crm_statistics_clock_on_time(self.company, first, last)
            targets, teams, persons = (table["rows"] for table in tables)
            for label, rows in ((None, targets), (self.team.name, teams)):
                self.assertEqual([row[0] for row in rows], [label or "Solve"])
            self.assertEqual(persons[0][0], self.specialist.name)
            self.assertEqual(targets[0][1:], teams[0][2:])
            self.assertEqual(targets[0][1:], persons[0][2:])
            _name, due, kept, late, still_open, _rate = targets[0]
            self.assertEqual((due, still_open), (kept + late, 0))
            found[month] = [kept, late]
        return found

    def test_template(self):
        for lang in ("en_US", "zh_CN", "zh_TW"):
            case, messages = self.import_template("crm.service.case", self.supervisor, lang)
            self.assertFalse(messages, lang)
            self.assertEqual((case.origin, case.state), ("2019-0001", "open"))
            case.with_user(self.supervisor).action_accept_history()
            self.assertEqual(case.state, "closed")
            self.assertEqual((case.date_closed - case.date_solved).days, 1)

    def test_who_takes_in(self):
        values = {"is_history": True, "date_opened": self._hours_ago(50)}
        with self.assertRefused(AccessError, "supervisor"):
            self._make_case(**values)
        old = self._make_case(self.supervisor, user_id=self.specialist.id, **values)
        with self.assertRefused(UserError, "neither"):
            old.action_accept_history()
        with self.assertRefused(AccessError, ""):
            old.with_user(self.specialist).date_closed = self._hours_ago(40)
        with self.assertRefused(ValidationError, "order"):
            old.date_closed = self._hours_ago(60)
        old.date_solved = self._hours_ago(40)
        with self.assertRefused(AccessError, "supervisor"):
            old.with_user(self.specialist).action_accept_history()
        old.action_accept_history()
        self.assertEqual((old.state, old.date_solved), ("solved", self._hours_ago(40)))
        fresh = self._make_case(self.supervisor)
        for values in ({"date_solved": self.now}, {"is_history": True}):
            with self.assertRefused(AccessError, ""):
                fresh.write(values)
        with self.assertRefused(UserError, "not marked"):
            fresh.action_accept_history()
