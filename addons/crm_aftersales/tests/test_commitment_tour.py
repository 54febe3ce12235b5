import subprocess

from odoo.tests import HttpCase, tagged

from odoo.addons.crm_service_base.tests.common import requirement
from odoo.addons.crm_visits.tests.test_visit_forms import squeeze

from .commitment_common import CommitmentCommon

COMMITMENTS = "/odoo/action-crm_aftersales.crm_service_commitment_action"
BREACHES = "/odoo/action-crm_aftersales.crm_commitment_breach_action"
COMPENSATIONS = "/odoo/action-crm_aftersales.crm_compensation_action"


@tagged("post_install", "-at_install")
class TestCommitmentTour(CommitmentCommon, HttpCase):
    @requirement("A4.R3", "A4.R4", "A4.R6", "A4.R13")
    def test_draft_to_public_page_to_breach_to_credit_note_in_chinese(self):
        """Drafted, checked, approved, public, broken, compensated, credited, told."""
        modules = ["crm_service_base", "crm_visits", "crm_aftersales"]
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(modules, ["zh_CN"])
        people = self.specialist | self.supervisor | self.manager | self.general_manager
        people.write({"lang": "zh_CN", "tz": "Asia/Shanghai"})
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        self.env["ir.default"].set("res.partner", "lang", "zh_CN")
        self.env.ref("base.public_user").lang = "zh_CN"
        self.company.write({"crm_is_commitment_public": True, "crm_hotline": "400 123 4567"})
        wang = self._make_portal_user("wang", self.customer)
        wang.lang = "zh_CN"
        case = self._make_case(partner_id=wang.partner_id.id, subject="等了一天没有人回电")

        self._tour(f"{COMMITMENTS}/new", "draft", self.specialist)
        commitment = self.env["crm.service.commitment"].search([("title", "=", "一小时回电")])
        self.assertEqual(commitment.state, "submitted")
        self._tour(f"{COMMITMENTS}/{commitment.id}", "approve", self.general_manager)
        self.assertEqual(commitment.state, "in_force")
        self.start_tour("/zh_CN/service-commitments", "crm_commitment_public")

        action = case.action_new_breach()
        breach = self._breach(case, commitment_id=commitment.id, cause="open", satisfaction="open")
        self.assertEqual(action["context"]["default_case_id"], case.id)
        self._tour(f"{BREACHES}/{breach.id}", "breach", self.specialist)
        compensation = breach.compensation_ids
        self.assertEqual((compensation.state, compensation.amount), ("submitted", 100))
        url = f"{COMPENSATIONS}/{compensation.id}"
        self._tour(url, "compensation_approve", self.manager)
        self.assertEqual(compensation.state, "approved")
        self._tour(url, "compensation_carry_out", self.supervisor)
        move = compensation.move_id.sudo()
        self.assertEqual((move.move_type, move.amount_total), ("out_refund", 100))
        move.with_user(self.finance).action_post()
        self.env.invalidate_all()
        self.assertEqual(compensation.state, "done")
        self.start_tour(f"/my/cases/{case.id}", "crm_commitment_portal", login="wang")
        self._tour(f"{BREACHES}/{breach.id}", "breach_close", self.specialist)
        self.assertEqual(breach.state, "closed")
        for name, document, words in (
            (
                "crm_service_commitment_report",
                commitment,
                ("服务承诺书", "一小时回电", "400 123 4567"),
            ),
            (
                "crm_service_commitment_report_internal",
                commitment,
                ("一小时回电", "依据", "客户得到什么", "不用一直等"),
            ),
            ("crm_compensation_report", compensation, ("补偿审批单", "退还一百元", move.name)),
        ):
            printed = self._print(name, document)
            for text in words:
                self.assertIn(squeeze(text), printed)

    def _tour(self, url, name, user):
        self.start_tour(url, f"crm_commitment_{name}", login=user.login)
        self.env.invalidate_all()

    def _print(self, name, document):
        """Text of a form as the supervisor prints it."""
        reports = self.env["ir.actions.report"].with_user(self.supervisor)
        reports = reports.with_context(lang="zh_CN", force_report_rendering=True)
        form = self.env.ref(f"crm_aftersales.{name}")
        pdf, _kind = reports._render_qweb_pdf(form, document.ids)
        run = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, stdout=-1, check=True)
        return squeeze(run.stdout.decode())
