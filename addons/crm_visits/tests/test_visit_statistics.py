import io
import subprocess
import unicodedata
from datetime import date, datetime, timedelta

import openpyxl
from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .common import VisitCommon

MONDAY = date(2026, 3, 2)
SUNDAY = date(2026, 3, 8)


@tagged("post_install", "-at_install")
class TestVisitStatistics(VisitCommon):
    """A week of visits, counted once by the addon and once by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        people = cls.specialist | cls.supervisor | cls.manager | cls.general_manager
        (people.partner_id | cls.company.partner_id).lang = "en_US"
        cls.env["crm.statistics.report.type"].search([]).tz = "Asia/Shanghai"
        for name in ("week", "meeting", "work"):
            setattr(cls, name, cls.env.ref(f"crm_visits.statistics_type_{name}"))
        cls.env["crm.visit"].search([]).active = False
        cls.marketing_head = cls._new_user("test_marketing", "auditor")
        cls.marketing_head.group_ids = [Command.set(cls.env.ref("base.group_user").ids)]
        cls.marketing = cls.env["crm.service.department"].create(
            {
                "name": "Marketing",
                "company_id": cls.company.id,
                "head_id": cls.marketing_head.id,
            }
        )
        cls.colleague = cls._new_user("test_colleague", "specialist")
        cls.department.member_ids |= cls.colleague
        # of the week: the first and last minute of it in Shanghai, and what lies just outside
        cls.visits = cls.env["crm.visit"].create(
            [
                cls._prepare_record("2026-03-01 16:00:00", cls.method_phone, "good", "fair"),
                cls._prepare_record("2026-03-08 15:59:00", cls.method_face, "poor", "good"),
                cls._prepare_record("2026-03-04 02:00:00", cls.method_phone, "fair", None),
                cls._prepare_record("2026-03-04 03:00:00", cls.method_phone, None, "very_poor"),
                cls._prepare_record("2026-03-01 15:59:00", cls.method_phone, "poor", "poor"),
                cls._prepare_record("2026-03-08 16:00:00", cls.method_phone, "poor", "poor"),
                cls._prepare_record("2026-03-04 05:00:00", cls.method_reception, "good", "good"),
            ]
        )
        # planned: two done in the week, one done too late, one cancelled, one never done
        planned = datetime(2026, 3, 5, 1, 0)
        (cls.visits[0] | cls.visits[1] | cls.visits[5]).date_planned = planned
        cls.open = cls.env["crm.visit"].create(
            [
                {
                    "partner_id": cls.customer.id,
                    "method_id": cls.method_face.id,
                    "user_id": cls.specialist.id,
                    "date_scheduled": "2026-03-06 01:00:00",
                }
                for _index in range(2)
            ]
        )
        cls.open.date_planned = planned
        cls.open[0].state = "cancelled"

    @classmethod
    def _prepare_record(cls, start, method, service, product, **values):
        begin = datetime.fromisoformat(start)
        return {
            "partner_id": cls.customer.id,
            "method_id": method.id,
            "user_id": cls.specialist.id,
            "visitor_ids": [Command.set(cls.specialist.ids)],
            "is_history": True,
            "state": "reviewed",
            "date_start": begin,
            "date_end": begin + timedelta(minutes=20),
            "satisfaction_service": service,
            "satisfaction_product": product,
            "opinion": f"=Opinion {start}",
            "countermeasure": "Send the manual",
            "result": "Agreed",
            "purpose": "Quarterly visit",
            **values,
        }

    def _generate(self, report_type, date_from=MONDAY, date_to=SUNDAY, user=None):
        report_type.department_id = self.department
        report = report_type._generate(self.company, date_from, date_to, user)
        owner = user or self.specialist
        report.user_id = owner
        return report.with_user(owner).sudo(False)

    @requirement("A1.R8")
    def test_the_weekly_summary_lists_the_weeks_records(self):
        visits, _methods = self._generate(self.week)._get_tables()
        self.assertEqual(
            [row[3] for row in visits["rows"]],
            ["2026-03-02 00:00", "2026-03-04 10:00", "2026-03-04 11:00", "2026-03-08 23:59"],
        )
        row = visits["rows"][0]
        self.assertEqual(
            row[:3], [self.customer.name, self.specialist.name, self.method_phone.name]
        )
        self.assertEqual(row[4:6], ["Good", "Fairly Good"])
        self.assertEqual(row[7:], ["Send the manual", "Agreed"])

    @requirement("A1.R8")
    def test_the_totals_are_those_counted_by_hand(self):
        _visits, methods = self._generate(self.week)._get_tables()
        rows = {row[0]: row[1:] for row in methods["rows"]}
        expected = self._count_by_hand()
        self.assertEqual(rows, expected)
        self.assertEqual(rows[self.method_face.name], [3, 1, 33.3, 0, 0.0, 100.0])
        self.assertEqual(rows[self.method_phone.name], [2, 1, 50.0, 2, 100.0, 50.0])
        self.assertEqual(rows["Total"], [5, 2, 40.0, 2, 66.7, 66.7])

    @requirement("A1.R8", "C3.R8")
    def test_visits_of_another_company_stay_there(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        before = [report._get_tables() for report in self._make_both()]
        self.env["crm.visit"].create(
            self._prepare_record(
                "2026-03-04 02:00:00",
                self.method_phone,
                "poor",
                "poor",
                company_id=company.id,
                user_id=False,
            )
        )
        for report, tables in zip(self._make_both(), before, strict=True):
            report.action_refresh()
            self.assertEqual(report._get_tables(), tables)

    def _make_both(self):
        return [
            self._generate(self.week),
            self._generate(self.meeting, date(2026, 2, 27), date(2026, 3, 5)),
        ]

    @requirement("A1.R8")
    def test_everybody_who_went_stands_in_the_summary(self):
        self.visits[0].visitor_ids = self.specialist | self.colleague
        visits, _methods = self._generate(self.week)._get_tables()
        names = visits["rows"][0][1].split(", ")
        self.assertEqual(set(names), {self.specialist.name, self.colleague.name})

    def _count_by_hand(self):
        start, end = datetime(2026, 3, 1, 16), datetime(2026, 3, 8, 16)
        outbound = (self.visits | self.open).filtered(lambda v: v.direction == "outbound")
        groups = {
            m.name: outbound.filtered(lambda v, m=m: v.method_id == m) for m in outbound.method_id
        }
        return {
            name: self._count_group(visits, start, end)
            for name, visits in [*groups.items(), ("Total", outbound)]
        }

    def _count_group(self, visits, start, end):
        planned = [v for v in visits if v.date_planned and start <= v.date_planned < end]
        took_place = [v for v in visits if v.date_start and v.state in v._get_done_states()]
        now = [v for v in took_place if start <= v.date_start < end]
        done = [v for v in planned if v in took_place and v.date_start < end]

        def share(name):
            told = [v[name] for v in now if v[name]]
            return round(100 * sum(a in ("good", "fair") for a in told) / len(told), 1)

        return [
            len(planned),
            len(done),
            round(100 * len(done) / len(planned), 1),
            len([v for v in now if v not in planned]),
            share("satisfaction_service"),
            share("satisfaction_product"),
        ]

    @requirement("A1.R8")
    def test_the_general_manager_reviews_and_departments_get_copies_and_tasks(self):
        self.week.department_ids = self.marketing
        report = self._generate(self.week)
        report.action_approval_submit()
        for user in (self.supervisor, self.manager, self.director):
            with self.assertRefused(AccessError, ""):
                report.with_user(user).action_approval_approve()
        with self.assertRaises(AccessError):
            report.with_user(self.marketing_head).read(["name"])
        report.with_user(self.general_manager).action_approval_approve("Call more")
        self.assertEqual(report.state, "issued")
        self.assertTrue(report.issue_number)
        rows = report.sudo().distribution_ids
        self.assertEqual(rows.user_id, self.marketing_head)
        self.assertEqual(rows.department_id, self.marketing)
        task = report.sudo().activity_ids
        self.assertEqual(task.user_id, self.marketing_head)
        mine = report.with_user(self.marketing_head)
        self.assertIn("Send the manual", mine.content_html)
        mine.activity_ids.action_feedback(feedback="Read in the meeting")
        self.assertFalse(report.sudo().activity_ids)

    @requirement("A1.R8")
    def test_the_summary_on_paper_and_as_a_spreadsheet(self):
        self.week.department_ids = self.marketing
        report = self._generate(self.week)
        text = self._print(report)
        for word in ("KF-QR-005", "DRAFT", "33.3%", "66.7%", "Marketing", "=Opinion"):
            self.assertIn(word, text)
        report.action_approval_submit()
        report.with_user(self.general_manager).action_approval_approve("Call more")
        text = self._print(report)
        for word in (report.issue_number, self.general_manager.name, "Call more"):
            self.assertIn(word, text)
        book = openpyxl.load_workbook(io.BytesIO(report._make_xlsx()))
        self.assertEqual(book.sheetnames, ["Visits", "By Method"])
        cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value]
        self.assertFalse([cell for cell in cells if cell.data_type == "f"])
        self.assertIn(datetime(2026, 3, 2), [cell.value for cell in cells])

    def _print(self, report):
        action = report.action_print()
        reports = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        pdf, _kind = reports._render_qweb_pdf(action["report_name"], report.ids)
        done = subprocess.run(
            ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
        )
        return unicodedata.normalize("NFKC", done.stdout.decode())

    @requirement("C3.R8")
    def test_the_meeting_report_is_made_on_friday(self):
        self.meeting.date_start = MONDAY
        reports = self.env["crm.statistics.report"]
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *_args, **_kw: None)
        (self.week | self.work).active = False
        with freeze_time("2026-03-05 10:00:00"):  # Thursday
            self.meeting._cron_generate()
            self.assertFalse(reports.search([("type_id", "=", self.meeting.id)]))
        with freeze_time("2026-03-05 16:30:00"):  # Friday in Shanghai
            self.meeting._cron_generate()
        report = reports.search(
            [("type_id", "=", self.meeting.id), ("company_id", "=", self.company.id)]
        )
        self.assertEqual((report.date_from, report.date_to), (date(2026, 2, 27), date(2026, 3, 5)))

    @requirement("C3.R8")
    def test_the_meeting_report_holds_service_and_customer_information(self):
        self.env["crm.lead"].create({"name": "Drones", "crm_visit_id": self.visits[2].id})
        self.visits[3].write({"state": "done", "problem": "No parking", "local_demand": "Railway"})
        self.env["crm.visit.attempt"].with_user(self.colleague).sudo().create(
            {"visit_id": self.open[1].id, "outcome": "busy"}
        ).date = "2026-03-04 01:00:00"
        report = self._generate(self.meeting, date(2026, 2, 27), date(2026, 3, 5))
        persons, voices = report._get_tables()
        rows = {row[0]: row[1:] for row in persons["rows"]}
        self.assertEqual(rows[self.specialist.name], [4, 1, 0, 1, 1])
        self.assertEqual(rows[self.colleague.name], [0, 0, 1, 0, 0])
        self.assertEqual(len(voices["rows"]), 5)
        self.assertIn(["No parking", "Railway", "Send the manual"], [r[4:] for r in voices["rows"]])
        report.action_approval_submit()
        report.with_user(self.supervisor).action_approval_approve()
        self.assertEqual(report.state, "issued")

    @requirement("C1.R3", "E1.F1")
    def test_the_work_record_holds_the_days_real_contacts_of_a_person(self):
        self.visits[2].visitor_ids = self.specialist | self.colleague
        self.visits[2].activity_schedule(
            "mail.mail_activity_data_todo",
            summary="Send a quotation",
            date_deadline=date(2026, 3, 10),
            user_id=self.specialist.id,
        )
        attempt = (
            self.env["crm.visit.attempt"]
            .with_user(self.specialist)
            .sudo()
            .create({"visit_id": self.open[1].id, "outcome": "busy", "note": "Twice"})
        )
        attempt.date = "2026-03-04 01:30:00"
        day = date(2026, 3, 4)
        report = self._generate(self.work, day, day, self.specialist)
        self.assertEqual(report.subject_id, self.specialist)
        (contacts,) = report._get_tables()
        self.assertEqual(
            [(row[0], row[2], row[5]) for row in contacts["rows"]],
            [
                ("09:30", self.method_face.name, "Busy"),
                ("10:00", self.method_phone.name, "Agreed"),
                ("11:00", self.method_phone.name, "Agreed"),
                ("13:00", self.method_reception.name, "Agreed"),
            ],
        )
        row = contacts["rows"][1]
        self.assertEqual(row[3:5], ["Quarterly visit", "Send the manual"])
        self.assertIn("Send a quotation 2026-03-10", row[6])
        colleague = self._generate(self.work, day, day, self.colleague)
        self.assertEqual(len(colleague._get_tables()[0]["rows"]), 1)
        self.assertEqual(
            self.work._crm_statistics_persons_work_day(self.company, day, day),
            (self.specialist | self.colleague).sorted("id"),
        )

    @requirement("C1.R3", "E1.F1")
    def test_other_contacts_stand_in_the_work_record_and_cancelled_visits_do_not(self):
        self.env["mail.message"].create(
            {
                "model": "res.partner",
                "res_id": self.customer.id,
                "date": "2026-03-04 06:00:00",
                "message_type": "comment",
                "subtype_id": self.env.ref("mail.mt_comment").id,
                "author_id": self.specialist.partner_id.id,
                "subject": "Price list",
                "body": "<p>Here it is</p>",
            }
        )
        self.visits[2].state = "cancelled"
        self.visits[3].activity_schedule("crm_service_base.mail_activity_approval", summary="Sign")
        day = date(2026, 3, 4)
        (contacts,) = self._generate(self.work, day, day, self.specialist)._get_tables()
        self.assertEqual([row[0] for row in contacts["rows"]], ["11:00", "13:00", "14:00"])
        self.assertFalse(contacts["rows"][0][6], "signing it is no follow-up")
        self.assertEqual(contacts["rows"][-1][1], self.customer.display_name)
        self.assertEqual(contacts["rows"][-1][3], "Price list\nHere it is")

    @requirement("C1.R3", "E1.F1")
    def test_the_work_record_goes_to_the_department_manager(self):
        day = date(2026, 3, 4)
        report = self._generate(self.work, day, day, self.specialist)
        with self.assertRefused(AccessError, ""):
            report.with_user(self.colleague).action_approval_submit()
        with self.assertRefused(AccessError, ""):
            report.with_user(self.colleague).read(["name"])
        report.action_approval_submit()
        self.assertEqual(report.approval_user_ids, self.supervisor)
        with self.assertRefused(UserError, "locked"):
            report.write({"analysis": "x"})
        report.with_user(self.supervisor).action_approval_approve("Seen")
        self.assertEqual(report.state, "issued")
        self.assertEqual(report.sudo().distribution_ids.user_id, self.supervisor)
        text = self._print(report)
        for word in ("KF-QR-007", self.specialist.name, "10:00", "Send the manual", "Seen"):
            self.assertIn(word, text)

    @requirement("C1.R3")
    @freeze_time("2026-03-05 02:00:00")
    def test_work_records_are_made_at_night_for_whoever_had_contacts(self):
        (self.week | self.meeting).active = False
        self.work.date_start = date(2026, 3, 4)
        done = []

        def commit(*_args, **_kwargs):
            done.append(True)
            if len(done) == 1:
                raise KeyboardInterrupt

        self.visits[2].visitor_ids = self.specialist | self.colleague
        self.patch(type(self.env["ir.cron"]), "_commit_progress", commit)
        try:
            self.work._cron_generate()
        except KeyboardInterrupt:
            self.env.invalidate_all()
        reports = self.env["crm.statistics.report"]
        domain = [("type_id", "=", self.work.id), ("date_to", "=", date(2026, 3, 4))]
        self.assertEqual(reports.search_count(domain), 1)
        self.work._cron_generate()
        self.work._cron_generate()
        made = reports.search(domain)
        self.assertEqual(made.subject_id, self.specialist | self.colleague)
        self.assertEqual(len(made), 2)
        self.assertEqual(made.user_id, made.subject_id)

    @requirement("C1.R3")
    @freeze_time("2026-03-04 09:00:00")
    def test_my_work_of_today_opens_the_one_record_and_fills_it_anew(self):
        types = self.env["crm.statistics.report.type"].with_user(self.specialist)
        action = types.action_my_work_report()
        report = self.env["crm.statistics.report"].browse(action["res_id"])
        self.assertEqual(len(report._get_tables()[0]["rows"]), 3)
        self.env["crm.visit"].create(
            self._prepare_record("2026-03-04 08:00:00", self.method_phone, "good", "good")
        )
        self.assertEqual(types.action_my_work_report()["res_id"], report.id)
        self.assertEqual(len(report._get_tables()[0]["rows"]), 4)
        with self.assertRefused(AccessError, ""):
            types.with_user(self.plain_user).action_my_work_report()

    @requirement("D8.R1")
    def test_the_evaluation_holds_satisfaction_efficiency_and_churn(self):
        report_type = self.env.ref("crm_service_base.statistics_type_evaluation")
        report_type.tz = "Asia/Shanghai"
        orders = self.env["sale.order"].create(
            [
                {"partner_id": customer.id, "company_id": self.company.id}
                for customer in (self.customer, self.other_customer, self.customer)
            ]
        )
        self.env["sale.order"].search([]).flush_recordset()
        self.env.cr.execute("UPDATE sale_order SET date_order = '2024-01-01'")
        for order, day in zip(
            orders, ("2025-12-01 03:00", "2025-11-01 03:00", "2026-02-01 03:00"), strict=True
        ):
            order.state = "sale"
            order.date_order = f"{day}:00"
        for visit in self.visits.filtered(lambda v: v.direction == "outbound"):
            visit.date_approved = visit.date_start + timedelta(days=2)
        self.visits[6].date_approved = self.visits[6].date_start + timedelta(days=2)
        tables = report_type._compute_tables(
            self.company, date(2026, 1, 1), date(2026, 3, 31), self.env["res.users"]
        )
        rows = {row[0]: row[2:] for row in tables[0]["rows"]}
        told = [v.satisfaction_service for v in self.visits if v.satisfaction_service]
        happy = sum(answer in ("good", "fair") for answer in told)
        self.assertEqual(
            rows["Customers satisfied with service"][0], round(100 * happy / len(told), 1)
        )
        self.assertEqual(rows["Visits done"][0], 6)
        compared = [col["key"] for col in tables[0]["columns"] if col.get("is_compared", True)]
        self.assertFalse({"before", "change"} & set(compared), "they tell of another period")
        self.assertIn("Customers satisfied with products", rows)
        self.assertIn("Customers satisfied with complaints and disputes", rows)
        self.assertEqual(rows["Planned visits done"][0], 60.0)
        self.assertEqual(rows["From the visit to the reviewed record"][0], 2.0)
        self.assertEqual(rows["Customers of the period before who ordered nothing"][0], 50.0)
        self.assertIsNone(rows["Customers satisfied with service"][2])
