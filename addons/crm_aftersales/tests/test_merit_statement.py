import contextlib
import subprocess
from datetime import date, datetime
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .merit_common import MeritCommon

MARCH = date(2026, 3, 1), date(2026, 3, 31)
APRIL = date(2026, 4, 1), date(2026, 4, 30)


@tagged("post_install", "-at_install")
class TestMeritStatement(MeritCommon):
    """The statement of March, each figure counted a second time by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.lang = "en_US"
        cls.type = cls.env.ref("crm_aftersales.statistics_type_merit")
        cls.type.write({"department_id": cls.department.id, "user_id": cls.supervisor.id})
        cls.colleague = cls._new_user("test_colleague", "specialist", tz="Asia/Shanghai")
        cls.department.member_ids |= cls.colleague

    def _put(self, day, withdrawn=None, source=None, **values):
        """An entry that came into force, and was withdrawn, on days of UTC."""
        entry = self._make_entry(self.manager, **values)
        self._enforce(entry, self.second_manager)
        entry = entry.sudo()
        if withdrawn:
            entry.with_user(self.manager)._withdraw("A mistake")
            entry.date_withdrawn = withdrawn
        if source:
            entry.source = source
        entry.date_approved = day
        return entry

    def _make_march(self):
        light = {"severity_id": self.light.id}
        praise = {"kind": "reward", "severity_id": self.praise.id}
        word = {"kind": "criticism", "severity_id": False}
        self.entries = [
            self._put(datetime(2026, 3, 2), source="customer", amount=20, **light),
            self._put(datetime(2026, 3, 9), source="sales", amount=15, **light),
            self._put(datetime(2026, 3, 10), amount=120, **praise),
            self._put(datetime(2026, 3, 11), person_id=self.colleague.id, **word),
            # the last evening of February in London is March in China
            self._put(datetime(2026, 2, 28, 17), person_id=self.colleague.id, amount=30, **light),
            self._put(datetime(2026, 3, 31, 17), person_id=self.colleague.id, amount=50, **light),
            self._put(datetime(2026, 3, 5), person_id=self.fitter.id, amount=40, **light),
            self._put(
                datetime(2026, 2, 10),
                datetime(2026, 3, 20),
                person_id=self.fitter.id,
                amount=25,
                source="customer",
                **light,
            ),
            self._put(
                datetime(2026, 3, 12), datetime(2026, 3, 13), amount=35, source="sales", **light
            ),
        ]
        self._make_entry()  # proposed only
        return self.entries

    def _tables(self, period=MARCH, company=None):
        company = company or self.company
        tables = self.type._compute_tables(company, *period, self.env["res.users"])
        return {table["key"]: table for table in tables}

    def _rows(self, table):
        keys = [column["key"] for column in table["columns"]]
        return {row[0]: dict(zip(keys, row, strict=True)) for row in table["rows"]}

    def _expected(self, period):
        """The same once more, record by record and without SQL."""
        start, end = self.type._get_bounds(*period)
        sums = {}
        for entry in self.env["crm.merit.entry"].search([("company_id", "=", self.company.id)]):
            if entry.state not in ("in_force", "objected", "withdrawn"):
                continue
            row = sums.setdefault(
                entry.person_id.name,
                dict.fromkeys(("customer", "staff", "criticism", "reward", "deduction"), 0),
            )
            for sign, moment in ((1, entry.date_approved), (-1, entry.date_withdrawn)):
                if not moment or not start <= moment < end:
                    continue
                row["seen"] = True
                row["customer"] += sign * (entry.source == "customer")
                row["staff"] += sign * (entry.source in ("sales", "colleague"))
                row["criticism"] += sign * (entry.kind == "criticism")
                if entry.kind in ("reward", "deduction"):
                    row[entry.kind] += sign * entry.amount
        return {name: row for name, row in sums.items() if row.pop("seen", False)}

    @requirement("C1.R12", "A4.R9")
    def test_per_person(self):
        self._make_march()
        rows = self._rows(self._tables()["persons"])
        specialist, colleague, fitter = (
            rows[user.name] for user in (self.specialist, self.colleague, self.fitter)
        )
        self.assertEqual((specialist["customer"], specialist["staff"]), (1, 1))
        self.assertEqual((specialist["reward"], specialist["deduction"]), (120, 35))
        self.assertEqual(specialist["net"], 85)
        self.assertEqual((colleague["criticism"], colleague["deduction"]), (1, 30), "local months")
        self.assertEqual((fitter["customer"], fitter["deduction"], fitter["net"]), (-1, 15, -15))
        self.assertEqual(fitter["department"], "Technical department")

    @requirement("C1.R12")
    def test_equal_to_an_independent_count(self):
        self._make_march()
        for period in (MARCH, APRIL, (date(2026, 2, 1), date(2026, 2, 28))):
            rows = self._rows(self._tables(period)["persons"])
            found = {
                name: {key: row[key] for key in expected}
                for name, row in rows.items()
                if (expected := self._expected(period).get(name))
            }
            self.assertTrue(found)
            self.assertEqual(found, self._expected(period))
            for row in rows.values():
                self.assertEqual(row["net"], row["reward"] - row["deduction"])

    @requirement("C1.R12")
    def test_departments_and_documents_add_up(self):
        self._make_march()
        tables = self._tables()
        departments = self._rows(tables["departments"])
        self.assertEqual(departments["Service department"]["net"], 55)
        self.assertEqual(departments["Technical department"]["net"], -15)
        documents = tables["documents"]["rows"]
        self.assertEqual(sum(row[5] for row in documents), 40)
        self.assertEqual(len(documents), 9, "a withdrawal is a line of its own")
        reversed_row = next(row for row in documents if row[0] == self.entries[7].name)
        self.assertEqual((reversed_row[3], reversed_row[5]), ("Revoked: Deduction", 25))
        self.assertEqual(reversed_row[8], "A mistake")

    @requirement("A4.R9")
    def test_frozen_reviewed_issued_and_drilled_down(self):
        entries = self._make_march()
        report = self.type._generate(self.company, *MARCH)
        self.assertEqual(self.type._generate(self.company, *MARCH), report)
        mine = report.with_user(self.supervisor).sudo(False)
        mine.action_approval_submit()
        with self.assertRefused((AccessError, UserError), ""):
            report.with_user(self.general_manager).sudo(False).action_approval_approve()
        report.with_user(self.manager).sudo(False).action_approval_approve()
        report.with_user(self.general_manager).sudo(False).action_approval_approve()
        self.assertEqual(report.state, "issued")
        before = report.data
        entries[0].with_user(self.manager)._withdraw("Found out later")
        self.env.invalidate_all()
        self.assertEqual(report.data, before, "it counts back in the month of the withdrawal")
        found = self.env["crm.merit.entry"].search(mine.action_open_merits()["domain"])
        march = {entry for entry in entries if entry not in (entries[5],)}
        self.assertEqual(set(found), march)
        own = report.with_user(self.manager).sudo(False).action_open_merits()
        self.assertEqual(len(found.with_user(self.manager).search(own["domain"])), 8)

    @requirement("A4.R9")
    def test_confidential(self):
        self._make_march()
        report = self.type._generate(self.company, *MARCH)
        report.state = "issued"
        self.env.flush_all()
        correction = self.env["crm.statistics.correction"].create(
            {"report_id": report.id, "reason": "x"}
        )
        figures = self.env["crm.statistics.figure"].search([("report_id", "=", report.id)])
        self.assertTrue(figures)
        other = self._new_user("test_supervisor2", "supervisor")
        for user in (self.specialist, other, self.plain_user):
            for document in (report, correction):
                with self.assertRefused(AccessError, ""):
                    document.with_user(user).sudo(False).read(["display_name"])
            domain = [("report_id", "=", report.id)]
            if user != self.plain_user:
                self.assertFalse(figures.with_user(user).sudo(False).search(domain))
        for user in (self.manager, self.general_manager, self.auditor, self.supervisor):
            report.with_user(user).sudo(False).read(["data"])
        self.assertTrue(figures.with_user(self.auditor).sudo(False).search(domain))
        self.type.sudo().is_confidential = False
        self.env.flush_all()
        self.env.invalidate_all()
        report.with_user(self.specialist).sudo(False).read(["data"])

    @requirement("A4.R9")
    def test_companies_stay_apart(self):
        self._make_march()
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.assertFalse(any(t["rows"] for t in self._tables(company=elsewhere).values()))

    @requirement("A4.R9")
    def test_made_by_itself_killed_and_again(self):
        """What a killed run left is not made twice, and the rest is made."""
        self._make_march()
        self.type.date_start = date(2026, 1, 1)
        domain = [("type_id", "=", self.type.id)]
        reports = self.env["crm.statistics.report"]
        original = type(self.type)._generate_one
        made = []

        class Killed(BaseException):
            pass

        def generate(report_type, company, *args):
            if report_type != self.type or company != self.company:
                return
            if len(made) == 1:
                raise Killed
            made.append(args)
            original(report_type, company, *args)

        cron = self.env["crm.statistics.report.type"]
        day = patch.object(type(self.type), "_get_today", lambda _self: date(2026, 4, 2))
        with day, patch.object(type(self.type), "_generate_one", generate):
            with contextlib.suppress(Killed):  # assertRaises would roll back what was committed
                cron._cron_generate()
            self.assertEqual(reports.search_count(domain), 1)
            made.clear()
            made.append(None)
            made.append(None)  # more than one: not killed any more
            cron._cron_generate()
            cron._cron_generate()
        found = reports.search(domain, order="date_from")
        months = [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
        self.assertEqual(found.mapped("date_from"), months)

    @requirement("A4.R9")
    def test_printed_and_downloaded(self):
        self._make_march()
        report = self.type._generate(self.company, *MARCH)
        content, kind = (
            self.env["ir.actions.report"]
            .with_context(force_report_rendering=True)
            ._render_qweb_pdf("crm_aftersales.crm_statistics_merit_report", report.ids)
        )
        self.assertEqual(kind, "pdf")
        command = ["pdftotext", "-layout", "-", "-"]
        text = subprocess.run(command, input=content, capture_output=True, check=True)
        for word in ("KF-QR-106", "By Person, for Payroll", self.entries[0].name, "85.00"):
            self.assertIn(word, text.stdout.decode())
        self.assertTrue(report._make_xlsx().startswith(b"PK"))

    @requirement("A4.R9")
    def test_refused_for_other_reports(self):
        report_type = self.env.ref("crm_service_base.statistics_type_evaluation")
        report = report_type._generate(self.company, date(2026, 1, 1), MARCH[1])
        with self.assertRefused(UserError, "does not count merit"):
            report.action_open_merits()
