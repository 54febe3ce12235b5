from datetime import date, datetime

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .test_fault_report import FaultCommon

APRIL = date(2030, 4, 1), date(2030, 4, 30)


@tagged("post_install", "-at_install")
class TestSupportStatistics(FaultCommon):
    """The figures, each counted here a second time by hand."""

    def _rows(self, name, key):
        report_type = self.env.ref(f"crm_aftersales.statistics_type_{name}")
        tables = report_type._compute_tables(self.company, *APRIL, self.env["res.users"])
        found = next(table for table in tables if table["key"] == key)
        keys = [column["key"] for column in found["columns"]]
        return {row[0]: dict(zip(keys, row, strict=True)) for row in found["rows"]}

    @requirement("C3.R15")
    def test_levels(self):
        for level, outcome, hours, day in (
            ("hotline", "solved", 1, 3),
            ("hotline", "moved", 2, 3),
            ("remote", "solved", 4, 29),
            ("hotline", "solved", 9, 30),
            ("hotline", "cancelled", 9, 3),
        ):
            case = self._make_case(kind="request")
            case._log_level(outcome, datetime(2030, 4, day, 18))
            case.level_ids.sudo().write({"level": level, "hours": hours})
        rows = self._rows("support_levels", "levels")
        hotline = rows["Hotline"]
        # the thirtieth at 18:00 UTC is the first of May in China
        self.assertEqual((hotline["cases"], hotline["solved"], hotline["moved"]), (2, 1, 1))
        self.assertEqual((hotline["share"], hotline["hours"]), (50, 1.5))
        self.assertEqual((rows["Remote"]["share"], rows["Remote"]["hours"]), (100, 4))
        self.assertEqual(rows["On Site"]["cases"], 0)

    @requirement("C3.R11")
    def test_faults(self):
        fault = self._make_fault(date_fault=datetime(2030, 4, 2, 2))
        fault.sudo().write(
            {
                "state": "told",
                "date_told": datetime(2030, 4, 2, 2, 30),
                "date_end": datetime(2030, 4, 2, 5),
            }
        )
        self._make_fault(date_fault=datetime(2030, 4, 3))  # a draft does not count
        rows = self._rows("fault_summary", "faults")
        self.assertEqual(list(rows), [fault.name])
        running = self._make_fault(date_fault=datetime(2030, 4, 4, 2))
        told = {"state": "told", "date_told": datetime(2030, 4, 4, 2, 10)}
        running.sudo().write(told)
        fault.sudo().date_sent = datetime(2030, 4, 9)
        totals = {name: row["value"] for name, row in self._rows("fault_summary", "totals").items()}
        self.assertEqual(totals["Minutes until told, mean"], 20)
        self.assertEqual(totals["Hours until over, mean"], 3, "of those that are over")
        self.assertEqual(totals["Analysis sent to the customer"], 1)
        running.sudo().state = "draft"
        self.assertEqual((rows[fault.name]["told"], rows[fault.name]["hours"]), (30, 3))
        totals = self._rows("fault_summary", "totals")
        self.assertEqual(totals["Major faults"]["value"], 1)

    @requirement("C3.R14")
    def test_rounds(self):
        inspection = self.env["crm.inspection.round"].create(
            {
                "title": "Second quarter",
                "user_id": self.specialist.id,
                "date_from": "2030-04-01",
                "line_ids": [
                    Command.create({"partner_id": self.customer.id, "date_due": day})
                    for day in ("2030-04-10", "2030-04-20", "2030-05-20")
                ],
            }
        )
        first, second, _third = inspection.line_ids
        inspection.state = "approved"
        first.date_done = datetime(2030, 4, 9)
        second.date_done = datetime(2030, 4, 25)
        row = self._rows("inspection_rounds", "rounds")[inspection.display_name]
        self.assertEqual((row["planned"], row["done"], row["in_time"]), (3, 2, 50))
        self.assertEqual(round(row["rate"]), 67)
