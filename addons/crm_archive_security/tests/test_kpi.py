from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .common import ArchiveCommon


@tagged("post_install", "-at_install")
@requirement("B7.R2")
class TestKpi(ArchiveCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.archive"].search([]).action_archive()
        cls.archive = cls._archive(cls.env["res.partner"].create({"name": "Baiyin Copper"}))
        cls.type = cls.env.ref("crm_service_base.statistics_type_evaluation")
        cls.today = cls.type._get_today()

    def _rows(self, days=0):
        day = self.today + timedelta(days=days)
        rows = self.type._get_crm_service_evaluation_rows(self.company, day, day)
        return {row["key"]: row["value"] for row in rows}

    def test_completeness_is_that_of_the_archives(self):
        self.assertEqual(self._rows()["archive_completeness"], round(self.archive.completeness, 1))
        before = self._rows()["archive_completeness"]
        self.archive.partner_id.phone = "0943 8812345"
        self.archive.invalidate_recordset()
        self.assertGreater(self._rows()["archive_completeness"], before)

    def test_accuracy_of_the_samples_of_the_period(self):
        self.assertIsNone(self._rows()["archive_accuracy"], "nothing was looked at")
        inspection = self.env["crm.archive.inspection"].create(
            {"title": "Sample", "user_id": self.manager.id}
        )
        inspection.action_start()
        inspection.line_ids.write({"basic": "right", "service": "wrong", "note": "Old address"})
        inspection.line_ids.action_done()
        self.assertEqual(self._rows()["archive_accuracy"], 50)
        self.assertIsNone(self._rows(-40)["archive_accuracy"])

    @requirement("B7.R1")
    def test_findings_put_right_in_time(self):
        inspection = self.env["crm.archive.inspection"].create(
            {"title": "Sample", "user_id": self.manager.id}
        )
        inspection.action_start()
        first, second = self.env["crm.archive.finding"].create(
            [
                {
                    "inspection_id": inspection.id,
                    "name": name,
                    "user_id": self.specialist.id,
                    "date_due": self.today,
                    "measure": "Done",
                }
                for name in ("First", "Second")
            ]
        )
        self.assertEqual(self._rows()["archive_finding"], 0)
        first.with_user(self.specialist).action_done()
        second.date_done = fields.Datetime.now() + timedelta(days=2)
        self.assertEqual(self._rows()["archive_finding"], 50)
