from datetime import timedelta

from odoo.tests import HttpCase, tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .common import CaseCommon


@tagged("post_install", "-at_install")
class TestBoardTour(CaseCommon, HttpCase):
    @requirement("D5.R2", "E2.R5")
    def test_day_of_a_manager_in_chinese(self):
        """On the board: late, paused, quick entry, dragging and its refusal, many at once, why."""
        modules = ["crm_service_base", "crm_visits", "crm_aftersales"]
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(modules, ["zh_CN"])
        self.supervisor.write({"lang": "zh_CN", "tz": "Asia/Shanghai", "name": "赵建国"})
        late = self._make_complaint(
            subject="整批电池迟到九天",
            date_opened=self.now - timedelta(days=3),
            stage_id=self.stage_progress.id,
        )
        waiting = self._make_complaint(subject="数据线接口松动")
        waiting.sudo()._record_event("answered")
        waiting.stage_id = self.stage_customer
        hot = self._make_complaint(subject="充电器发热烫手")
        self.start_tour(
            "/odoo/action-crm_aftersales.crm_service_case_action_complaint",
            "crm_aftersales_board",
            login=self.supervisor.login,
        )
        self.env.invalidate_all()
        self.assertEqual(hot.stage_id, self.stage_progress)
        self.assertEqual((late.state, late.stage_id), ("open", self.stage_progress))
        self.assertEqual((late.user_id, late.urgency), (self.supervisor, "2"))
        self.assertEqual((late.validity, late.judged_by_id), ("valid", self.supervisor))
        self.assertEqual(late.handover_ids.mapped("kind"), ["assign"])
        quick = self.env["crm.service.case"].search([("subject", "=", "充电器异响")])
        self.assertEqual((quick.kind, quick.first_responder_id), ("complaint", self.supervisor))
