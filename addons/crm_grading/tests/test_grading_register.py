import io
from datetime import date, timedelta

import openpyxl

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement
from odoo.addons.crm_service_base.tools.periods import period_of

from .common import GradingCommon


@tagged("post_install", "-at_install")
class TestGradingRegister(GradingCommon):
    """Key accounts and directory on the screen and frozen as reports."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.write(
            {
                "crm_customer_class": "key",
                "crm_short_name": "LZO",
                "ref": "K-1",
                "crm_grade_id": cls.grade_a.id,
            }
        )
        cls.other_customer.write({"crm_grade_id": cls.grade_c.id, "ref": "K-2"})
        cls.env.flush_all()

    def _row(self, partner=None, user=None):
        return (
            self.env["crm.grading.register"]
            .with_user(user or self.specialist)
            .search([("partner_id", "=", (partner or self.customer).id)])
        )

    @requirement("A3.F2", "A3.F4")
    def test_figures_of_the_year(self):
        today = fields.Date.today()
        self._order(day=str(today - timedelta(days=2)), lines=[(None, 10, 100)])
        self._order(day=str(today - timedelta(days=1)), lines=[(None, -1, 100)])
        self._order(day=str(today - timedelta(days=380)), lines=[(None, 5, 100)])
        row = self._row()
        self.assertEqual((row.quantity_year, row.amount_year, row.order_count_year), (9, 900, 2))
        self.assertEqual((row.grade_id, row.short_name), (self.grade_a, "LZO"))
        groups = self.env["crm.grading.register"]._read_group(
            [("partner_id", "=", self.customer.id)], ["grade_id"], ["amount_year:sum"]
        )
        self.assertEqual(groups, [(self.grade_a, 900)])
        with self.assertRefused(AccessError, ""):
            self._row(user=self.plain_user)
        other = self.env["res.company"].create({"name": "Other"})
        self.customer.company_id = other
        self.env.flush_all()
        self.assertFalse(self._row())

    @requirement("A3.F2")
    def test_return_rate_of_the_last_season(self):
        """Of the quarter that is over, not of the year and not of today."""
        today = fields.Date.today()
        end = period_of("quarterly", today)[0] - timedelta(days=1)
        self._order(day=str(end - timedelta(days=95)), lines=[(None, 100, 10)])
        self._order(day=str(end - timedelta(days=2)), lines=[(None, 20, 10)])
        self._order(day=str(end), lines=[(None, -2, 10)])
        self._order(day=str(today), lines=[(None, -15, 10)])
        row = self._row()
        self.assertEqual((row.return_rate, row.is_return_rated), (10, True))
        self.assertEqual(row.phone, "0931 1234567")
        other = self._row(self.other_customer)
        self.assertEqual((other.return_rate, other.is_return_rated), (0, False))

    def _report(self, name):
        report_type = self.env.ref(f"crm_grading.statistics_type_{name}")
        report_type.user_id = self.supervisor
        return report_type._generate(self.company, date(2026, 1, 1), date(2026, 3, 31))

    @requirement("A3.F2")
    def test_key_accounts_as_a_report(self):
        self._order(day="2025-06-01", lines=[(None, 40, 100)])
        self._order(day="2026-02-01", lines=[(None, 10, 100)])
        self._order(day="2026-03-31", lines=[(None, -1, 100)])
        self._order(self.other_customer, day="2026-02-01")
        report = self._report("key_accounts")
        [table] = report.data["tables"]
        rows = [row for row in table["rows"] if row[1] == "LZO"]
        self.assertEqual(rows, [["Lanzhou Optics", "LZO", "0931 1234567", 49.0, 4900.0, 10.0]])
        self.assertFalse([row for row in table["rows"] if row[0] == "Tianshui Tools"])
        sheet = openpyxl.load_workbook(io.BytesIO(report._make_xlsx())).worksheets[0]
        cells = [cell.value for row in sheet.iter_rows() for cell in row]
        self.assertIn("Lanzhou Optics", cells)
        self.assertIn("Season-End Return Rate", cells)

    @requirement("A3.F4")
    def test_directory_as_a_report(self):
        self._order(day="2026-02-01", lines=[(None, 10, 100)])
        self.other_customer.crm_grade_computed_id = self.grade_b
        report = self._report("grade_directory")
        [table] = report.data["tables"]
        rows = [row for row in table["rows"] if row[2] in ("K-1", "K-2")]
        self.assertEqual(
            rows,
            [
                ["Grade A", "Lanzhou Optics", "K-1", 1000.0, None],
                ["Grade C", "Tianshui Tools", "K-2", 0.0, "computed: Grade B"],
            ],
        )
        self.customer.crm_grade_id = self.grade_c
        self.assertEqual(report.data["tables"][0]["rows"], table["rows"], "frozen")
