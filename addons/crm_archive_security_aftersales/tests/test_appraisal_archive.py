from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.crm_aftersales.tests.merit_common import MeritCommon
from odoo.addons.crm_service_base.tests.common import requirement


@tagged("post_install", "-at_install")
@requirement("B7.R3")
class TestAppraisalArchive(MeritCommon):
    def test_archives_weigh_in_the_appraisal_of_a_department(self):
        fact = "evaluation_archive_accuracy"
        indicators = self.env["crm.appraisal.indicator"].with_context(active_test=False)
        indicator = indicators.search([("fact", "=", fact)])
        self.assertFalse(indicator.active, "a company switches it on")
        indicator.active = True
        self._inspect()
        evaluation = self.env.ref("crm_service_base.statistics_type_evaluation")
        today = evaluation._get_today()
        appraisal = self.env["crm.appraisal"].create(
            {
                "scope": "department",
                "department_id": self.department.id,
                "date_from": today - timedelta(days=80),
                "date_to": today,
            }
        )
        line = appraisal.line_ids.filtered(lambda line: line.indicator_id == indicator)
        self.assertTrue(line.is_known)
        self.assertEqual(line.value, 90)
        self.assertEqual(line.score, 50, "half way between 80 and 100")

    def _inspect(self):
        """Ten facts looked at, one of them wrong."""
        partners = self.env["res.partner"].create([{"name": f"Shop {n}"} for n in range(5)])
        self.env["crm.archive"].search([]).action_archive()
        self.env["crm.archive"].create([{"partner_id": partner.id} for partner in partners])
        inspection = self.env["crm.archive.inspection"].create(
            {"title": "Sample", "user_id": self.manager.id}
        )
        inspection.action_start()
        inspection.line_ids.write({"basic": "right", "transaction": "right"})
        inspection.line_ids[0].write({"transaction": "wrong", "note": "Old price"})
        inspection.line_ids.action_done()
