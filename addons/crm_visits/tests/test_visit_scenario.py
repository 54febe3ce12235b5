import csv
import io
import json
import subprocess
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal

import openpyxl
import pytz
from dateutil.relativedelta import relativedelta
from freezegun import freeze_time

from odoo import http
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.crm_service_base.tests.common import requirement
from odoo.addons.crm_service_base.tests.import_case import ImportCase

from .common import VisitCommon
from .sample import INVOICES, LINES, import_loader

TIMEZONE = pytz.timezone("Asia/Shanghai")
TODAY = date(2012, 1, 4)  # a Wednesday; the invoices end in December 2011
START, END = date(2012, 1, 9), date(2012, 4, 6)
WEEK = [START + timedelta(days=number) for number in range(5)]
LOGINS = ("anna", "ben", "chen")
PROJECTS = 5  # so many of the largest invoices count as projects
SEEN = 6  # so many customers have an old record, a fortnight apart


def at(day, hour):
    """An hour in Shanghai, as UTC without a zone."""
    local = TIMEZONE.localize(datetime(day.year, day.month, day.day, hour))
    return local.astimezone(pytz.utc).replace(tzinfo=None)


def local_day(moment):
    return pytz.utc.localize(moment).astimezone(TIMEZONE).date()


class Expected:
    """What the files say, worked out in plain Python."""

    def __init__(self):
        with INVOICES.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.amounts, self.customers, self.dates = defaultdict(Decimal), {}, {}
        country, net = {}, defaultdict(Decimal)
        for row in rows:
            amount = int(row["quantity"]) * Decimal(row["unit_price"])
            self.amounts[row["invoice"]] += amount
            self.customers[row["invoice"]] = row["customer"]
            self.dates.setdefault(row["invoice"], row["date"])
            country[row["customer"]] = row["country"]
            net[row["customer"]] += amount
        self.numbers = sorted(country, key=lambda number: (country[number], number))
        ranking = sorted(net, key=lambda number: -net[number])
        self.key = set(ranking[: -(-len(ranking) // 10)])
        self.projects = sorted(self.amounts, key=lambda n: -self.amounts[n])[:PROJECTS]
        #: number of a customer to the day of the old record
        self.seen = {
            number: TODAY - timedelta(days=14 * step + 7)
            for step, number in enumerate(self.numbers[:SEEN])
        }
        self.owners = {
            number: LOGINS[index]
            for index in range(3)
            for number in self.numbers[
                len(self.numbers) * index // 3 : len(self.numbers) * (index + 1) // 3
            ]
        }

    def due(self):
        """Days on which each customer and project is due in the quarter.

        :return: dict of (customer number, invoice number or None) to a list of dates
        """
        result = {}
        for number in self.numbers:
            months = 1 if number in self.key else 3
            last = self.seen.get(number)
            result[number, None] = self._days(last, months)
        for invoice in self.projects:
            age = relativedelta(TODAY, date.fromisoformat(self.dates[invoice][:10]))
            months = 1 if age.years == 0 else 3
            result[self.customers[invoice], invoice] = self._days(None, months)
        return result

    @staticmethod
    def _days(last, months):
        day = max(last + relativedelta(months=months), START) if last else START
        days = []
        while day <= END:
            days.append(day)
            day += relativedelta(months=months)
        return days


@tagged("post_install", "-at_install")
class TestVisitScenario(VisitCommon, HttpCase, ImportCase):
    """The main job on real customers: a quarter is planned and a week of it carried out."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(at(TODAY, 10)))
        cls.env = cls.env(context={**cls.env.context, "lang": "en_US", "tz": TIMEZONE.zone})
        cls.env["ir.config_parameter"].set_param("report.print_delay", "50")
        cls.env["res.partner"].search([]).crm_customer_type_id = False
        cls.company.resource_calendar_id.tz = TIMEZONE.zone
        cls.team = cls.env["res.users"]
        for login in LOGINS:
            cls.team |= cls._new_user(login, "specialist", tz=TIMEZONE.zone)
        cls.supervisor.tz = TIMEZONE.zone
        cls.department.member_ids = [Command.set((cls.team | cls.supervisor).ids)]
        cls.expected = Expected()
        sample = import_loader()
        invoices = sample.read_files([INVOICES, LINES], print)
        loader = sample.Loader(cls.env, commit=False)
        cls.made = loader.load(invoices, LOGINS)
        cls.partners = cls.env["res.partner"].browse(loader._ids("customer").values())
        cls.orders = cls.env["sale.order"].browse(loader._ids("order").values())
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})

    @requirement("B3.R1", "C3.R9", "A1.F1", "A1.F2", "A1.F4", "A1.R3", "A1.R4", "C1.R2")
    def test_a_quarter_of_a_team(self):
        self._check_loaded()
        self._mark_projects()
        self._take_in_old_records()
        self._check_board_before()
        plans = self._plan_the_quarter()
        self._approve_plans(plans)
        visits = self._carry_out_a_week(plans)
        self._check_board_after(visits)
        reports = self._report(visits)
        self._print_all(plans, visits, reports)
        self._export(visits)

    # ---------------------------------------------------------------- the real customers

    def _check_loaded(self):
        expected = self.expected
        self.assertEqual(len(self.partners), len(expected.numbers))
        self.assertEqual(len(self.orders), len(expected.amounts))
        self.assertAlmostEqual(
            sum(self.orders.mapped("amount_total")), float(sum(expected.amounts.values())), delta=1
        )
        self.assertEqual(
            {partner.ref: partner.user_id.login for partner in self.partners}, expected.owners
        )
        key = self.partners.filtered(lambda partner: partner.crm_customer_class == "key")
        self.assertEqual(set(key.mapped("ref")), expected.key)

    def _mark_projects(self):
        for order in self.orders:
            order.crm_is_project = order.client_order_ref in self.expected.projects

    def _take_in_old_records(self):
        """Calls from before, through the import dialog."""
        rows = [["Old Record", "Old Number", "Customer", "Method", "Owner", "Visitors", "Started"]]
        for number, day in self.expected.seen.items():
            owner = self.expected.owners[number]
            rows.append(["TRUE", f"OLD-{number}", number, "phone", owner, owner, f"{day} 15:00:00"])
        visits, messages = self.import_file("crm.visit", rows, self.supervisor)
        self.assertFalse(messages)
        visits.with_user(self.supervisor).action_accept_history()
        self.assertEqual(
            {visit.partner_id.ref: local_day(visit.date_start) for visit in visits},
            self.expected.seen,
        )

    def _board(self):
        self.env.flush_all()
        self.env["crm.visit.coverage"].invalidate_model()
        return self.env["crm.visit.coverage"].search([("partner_id", "in", self.partners.ids)])

    def _check_board_before(self):
        """Who was never seen, who is overdue, who is not due yet."""
        states = {
            (row.partner_id.ref, row.order_id.client_order_ref or None): row.state
            for row in self._board()
        }
        self.assertEqual(set(states), set(self.expected.due()))
        for (number, invoice), state in states.items():
            last = self.expected.seen.get(number)
            if invoice or not last:
                self.assertEqual(state, "never")
                continue
            due = last + relativedelta(months=1 if number in self.expected.key else 3)
            expected = "ok" if due > TODAY + timedelta(days=7) else "due"
            self.assertEqual(state, "overdue" if due < TODAY else expected)

    # ---------------------------------------------------------------- plans

    def _plan_the_quarter(self):
        """The manager does it for the team: who made a plan does not approve it."""
        wizard = (
            self.env["crm.visit.plan.generate"]
            .with_user(self.manager)
            .create(
                {
                    "date_from": START,
                    "date_to": END,
                    "user_ids": [Command.set(self.team.ids)],
                    "visits_per_day": 3,
                    "purpose": "Spring round",
                }
            )
        )
        action = wizard.action_generate()
        self.assertEqual(action["res_model"], "crm.visit.plan", "every visit found room")
        plans = self.env["crm.visit.plan"].search(action["domain"])
        self.assertEqual(plans.user_id, self.team)
        due = self.expected.due()
        planned = defaultdict(list)
        for line in plans.line_ids:
            invoice = line.order_id.client_order_ref or None
            planned[line.partner_id.ref, invoice].append(local_day(line.date_planned))
            self.assertEqual(self.expected.owners[line.partner_id.ref], line.plan_id.user_id.login)
        self.assertEqual(
            {subject: len(days) for subject, days in planned.items()},
            {subject: len(days) for subject, days in due.items() if days},
        )
        for subject, days in planned.items():
            for wanted, day in zip(due[subject], sorted(days), strict=True):
                self.assertGreaterEqual(day, wanted, "nobody is visited before the day")
        for plan in plans:
            days = Counter(local_day(line.date_planned) for line in plan.line_ids)
            self.assertLessEqual(max(days.values()), 3)
            self.assertFalse([day for day in days if day.weekday() > 4])
        return plans

    def _approve_plans(self, plans):
        for plan in plans:
            mine = plan.with_user(plan.user_id)
            # The files hold no addresses, so the place is filled in for the whole plan.
            mine.place = "At the customer"
            mine.action_approval_submit()
        self.assertEqual(
            self.env["crm.visit.plan"]
            .with_user(self.supervisor)
            .search([("is_approver", "=", True)]),
            plans,
        )
        plans.with_user(self.supervisor).action_approval_approve("Good luck")
        self.assertEqual(set(plans.mapped("state")), {"approved"})
        self.assertEqual(len(plans.visit_ids), len(plans.line_ids))
        self.assertEqual(plans.visit_ids.event_id.partner_ids, self.team.partner_id)
        face = plans.visit_ids.filtered(lambda visit: visit.channel == "face")
        self.assertEqual(set(face.partner_id.mapped("ref")), self.expected.key)
        self.assertEqual(len(face.activity_ids), len(face), "a reminder to tell each customer")

    # ---------------------------------------------------------------- a week

    def _carry_out_a_week(self, plans):
        """All visits of the first week, but one moved and one given up."""
        week = plans.visit_ids.filtered(lambda v: local_day(v.date_scheduled) in WEEK)
        week = week.sorted("date_scheduled")
        face = week.filtered(lambda visit: visit.channel == "face")
        for visit in face:
            self._wizard("crm.visit.notify", visit, contact="The owner")
        self.assertEqual(set(face.mapped("confirmation_state")), {"confirmed"})
        self.assertFalse(any(face.mapped("is_notice_late")))
        self.assertFalse(face.activity_ids)
        calls = week - face
        self.moved, self.given_up = calls[0], calls[1]
        next_week = at(START + timedelta(days=8), 10)
        self._wizard(
            "crm.visit.reschedule", self.moved, date=next_week, cause="customer", reason="On leave"
        )
        done = week - self.moved - self.given_up
        for day in WEEK:
            for visit in done.filtered(lambda v, d=day: local_day(v.date_scheduled) == d):
                self._visit(visit)
            with freeze_time(at(day, 18)):
                done.filtered(lambda v: v.state == "submitted").with_user(
                    self.supervisor
                ).action_approval_approve("Seen")
        for day in WEEK[:3]:
            with freeze_time(at(day, 11)):
                self.given_up.with_user(self.given_up.user_id).action_no_answer()
        self.assertTrue(self.given_up.is_decision_needed)
        with freeze_time(at(WEEK[3], 11)):
            self._wizard(
                "crm.visit.cancel",
                self.given_up,
                user=self.supervisor,
                cause="unreachable",
                reason="Three calls",
            )
        self.assertEqual(set(done.mapped("state")), {"reviewed"})
        self.assertEqual(sum(plans.mapped("done_count")), len(done))
        self.assertGreater(len(done), 30)
        return done

    def _wizard(self, model, visits, user=None, **values):
        wizard = self.env[model].with_user(user or visits.user_id)
        wizard.create({"visit_ids": [Command.set(visits.ids)], **values}).action_apply()

    def _visit(self, visit):
        """As its visitor does it: prepare, start, write down, finish, submit."""
        mine = visit.with_user(visit.user_id)
        order = self.orders.filtered(lambda o: o.partner_id == visit.partner_id)[-1:]
        with freeze_time(visit.date_scheduled):
            mine.action_check_all()
            mine.action_start()
        with freeze_time(visit.date_scheduled + timedelta(minutes=40)):
            mine.write(
                {
                    "satisfaction_service": "good",
                    "satisfaction_product": "poor" if order.amount_total < 0 else "fair",
                    "opinion": f"Speaks of order {order.client_order_ref}",
                    "product_opinion": "Sells well",
                    "service_opinion": "Quick",
                    "product_expectation": "More colours",
                    "service_expectation": "One contact",
                    "countermeasure": "Send the new catalogue",
                    "stock_advice": "Half of the winter goods",
                    "local_demand": "Gifts",
                    "result": "Content",
                }
            )
            for answer in mine.answer_ids:
                answer.answer = "Yes"
            mine.action_finish()
            mine.action_approval_submit()

    def _check_board_after(self, visits):
        """The visited ones are due an interval later; the others as planned."""
        with freeze_time(at(WEEK[-1], 20)):
            rows = self._board()
            visited = {(v.partner_id.ref, v.order_id.client_order_ref or None) for v in visits}
            seen = {v.partner_id.ref: local_day(v.date_start) for v in visits.sorted("date_start")}
            for row in rows:
                number, invoice = row.partner_id.ref, row.order_id.client_order_ref or None
                if (number, invoice) in visited and not invoice:
                    months = 1 if number in self.expected.key else 3
                    self.assertEqual(row.date_last, seen[number])
                    self.assertEqual(row.date_due, seen[number] + relativedelta(months=months))
                    self.assertIn(row.state, ("planned", "ok"))
            lost = self.given_up
            [row] = rows.filtered(
                lambda r: r.partner_id == lost.partner_id and r.order_id == lost.order_id
            )
            later = [
                v.date_scheduled
                for v in lost.plan_id.visit_ids
                if v.partner_id == lost.partner_id and v.state == "planned"
            ]
            self.assertEqual(row.state == "planned", bool(later))
        contacts = self.env["crm.service.contact"].search(
            [("commercial_partner_id", "in", self.partners.ids), ("kind", "in", ("visit", "call"))]
        )
        self.assertEqual(len(contacts), len(visits) + SEEN)

    # ---------------------------------------------------------------- reports, paper, lists

    def _report(self, visits):
        reports = self.env["crm.visit.report"]
        for user in self.team:
            mine = visits.filtered(lambda visit, u=user: visit.user_id == u).with_user(user)
            report = reports.browse(mine.action_make_report()["res_id"]).with_user(user)
            self.assertEqual(report.partner_ids, mine.partner_id)
            self.assertEqual(report.measures.count("Send the new catalogue"), len(mine))
            report.action_approval_submit()
            reports |= report.with_user(self.env.user)
        reports.with_user(self.manager).action_approval_approve("Order more catalogues")
        self.assertEqual(set(reports.mapped("state")), {"approved"})
        self.assertEqual(set(reports.mapped("leader_opinion")), {"Order more catalogues"})
        self.assertEqual(reports.visit_ids, visits)
        return reports

    def _print_all(self, plans, visits, reports):
        for form, documents, texts in (
            ("crm_visit_plan_report", plans, [*plans.mapped("name"), "Spring round"]),
            ("crm_visit_report_record", visits, visits.mapped("name")),
            (
                "crm_visit_report_report",
                reports,
                [*reports.mapped("name"), "Order more catalogues"],
            ),
        ):
            printed = self._print(form, documents)
            missing = [text for text in texts if "".join(text.split()) not in printed]
            self.assertFalse(missing, form)
            names = (
                documents.line_ids.partner_id
                if form == "crm_visit_plan_report"
                else (visits.partner_id)
            )
            absent = [p.name for p in names if "".join(p.name.split()) not in printed]
            self.assertFalse(absent, form)

    def _print(self, form, documents):
        """The text of the PDF without spaces."""
        report = self.env["ir.actions.report"].with_user(self.supervisor)
        report = report.with_context(force_report_rendering=True)
        pdf, _kind = report._render_qweb_pdf(self.env.ref(f"crm_visits.{form}"), documents.ids)
        run = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, stdout=-1, check=True)
        return "".join(run.stdout.decode().split())

    def _export(self, visits):
        """The list as a workbook, through the export of the web client."""
        names = ["name", "partner_id/ref", "user_id/login", "date_start", "state"]
        self.supervisor.group_ids += self.env.ref("base.group_allow_export")
        self.authenticate(self.supervisor.login, self.supervisor.login)
        response = self.url_open(
            "/web/export/xlsx",
            data={
                "data": json.dumps(
                    {
                        "model": "crm.visit",
                        "fields": [{"name": name, "label": name} for name in names],
                        "ids": visits.ids,
                        "domain": [],
                        "import_compat": False,
                        "context": {"lang": "en_US", "tz": TIMEZONE.zone},
                    }
                ),
                "csrf_token": http.Request.csrf_token(self),
            },
        )
        self.assertEqual(response.status_code, 200, response.text[-1500:])
        sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
        rows = list(sheet.iter_rows(min_row=2, values_only=True))
        self.assertEqual({row[0] for row in rows}, set(visits.mapped("name")))
        self.assertEqual(
            Counter((str(row[1]), row[2]) for row in rows),
            Counter((v.partner_id.ref, v.user_id.login) for v in visits),
        )
        self.assertLessEqual({row[3].date() for row in rows}, set(WEEK))
        self.assertEqual({row[4] for row in rows}, {"Reviewed"})
