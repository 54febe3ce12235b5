from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .common import VisitCommon


@tagged("post_install", "-at_install")
class TestFiling(VisitCommon):
    @requirement("A1.R10")
    def test_every_form_is_numbered_by_the_server(self):
        plan = self._make_plan(name="MY-NUMBER")
        self.assertRegex(plan.name, r"^HFJH/\d{4}/\d{4,}$")
        call = self._make_call(name="MY-NUMBER")
        self.assertRegex(call.name, r"^HF/\d{4}/\d{5,}$")
        with self.assertRaises(AccessError):
            call.write({"name": "MY-NUMBER"})
        self.assertNotEqual(call.copy().name, call.name)

    @requirement("A1.R10")
    def test_finished_forms_are_filed_after_the_delay_and_only_once(self):
        signed = self._carry_out(self._make_call())
        self._approve(signed)
        open_call = self._make_call()
        (signed | open_call).flush_recordset()
        self._run_cron()
        self.assertFalse(signed.date_filed)
        with freeze_time(self.now + timedelta(days=31)):
            self._run_cron()
        filed = signed.date_filed
        self.assertTrue(filed)
        with freeze_time(self.now + timedelta(days=62)):
            self._run_cron()
        self.assertEqual(signed.date_filed, filed)
        self.assertFalse(open_call.date_filed)

    @requirement("A1.R10")
    def test_plans_and_reports_are_filed_as_well(self):
        visit = self._carry_out(self._make_visit(self.method_face))
        self._approve(visit)
        report = self.env["crm.visit.report"].with_user(self.specialist)._create_from_visits(visit)
        draft = report.copy()
        self._approve(report, self.manager)
        plan = visit.plan_id
        self.assertEqual((plan.state, report.state), ("done", "approved"))
        self.env.flush_all()
        with freeze_time(self.now + timedelta(days=31)):
            self._run_cron()
        self.assertTrue(plan.date_filed and report.date_filed)
        self.assertFalse(draft.date_filed)

    @requirement("A1.R10")
    def test_only_supervisors_archive(self):
        call = self._make_call()
        with self.assertRaisesRegex(UserError, "ask your supervisor"):
            call.action_archive()
        call.with_user(self.supervisor).action_archive()
        self.assertFalse(call.active)

    @requirement("A1.R10")
    def test_a_supervisor_files_by_hand(self):
        signed = self._carry_out(self._make_call())
        with self.assertRaises(AccessError):
            signed.action_file()
        with self.assertRaises(UserError):
            signed.with_user(self.supervisor).action_file()
        self._approve(signed)
        signed.with_user(self.supervisor).action_file()
        self.assertEqual(signed.filed_by_id, self.supervisor)
        with self.assertRaises(AccessError):
            signed.with_user(self.supervisor).write({"date_filed": False})

    def _run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("crm_visits.ir_cron_file_documents").method_direct_trigger()
