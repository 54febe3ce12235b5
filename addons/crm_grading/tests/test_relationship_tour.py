from odoo.tests import HttpCase, tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .relationship_common import RelationshipCommon


@tagged("post_install", "-at_install")
class TestRelationshipTour(RelationshipCommon, HttpCase):
    @requirement("E1.F2", "E1.F4", "E1.F5", "E1.R3", "E1.R7")
    def test_the_whole_way_in_chinese(self):
        """Specialist collects, supervisor evaluates and plans, manager reviews, director approves,
        specialist carries out, supervisor reports, manager gives an opinion."""
        people = self.specialist | self.supervisor | self.manager | self.director
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(
            ["crm_service_base", "crm_grading"], ["zh_CN"]
        )
        people.write({"lang": "zh_CN", "tz": "Asia/Shanghai"})
        customer = self.env["res.partner"].create(self._prepare_customer_values("兰州光学"))
        others = self.env["crm.relationship.requirement"].search([])
        (others - self.env.ref("crm_grading.requirement_orders")).active = False
        evaluations, plans, measures, reports = (
            f"/odoo/action-crm_grading.crm_relationship_{name}"
            for name in ("evaluation_action", "plan_action", "measure_action_my", "report_action")
        )
        self._tour(evaluations, "collect", self.specialist)
        self._tour(evaluations, "evaluate", self.supervisor)
        self._tour(evaluations, "evaluation_approve", self.manager)
        evaluation = self.env["crm.relationship.evaluation"].search(
            [("partner_id", "=", customer.id)]
        )
        self.assertEqual((evaluation.state, evaluation.result), ("approved", "weak"))
        self._tour(evaluations, "plan", self.supervisor)
        self._tour(plans, "plan_review", self.manager)
        self._tour(plans, "plan_approve", self.director)
        plan = evaluation.plan_ids
        self.assertEqual((plan.state, plan.approved_by_id), ("approved", self.director))
        self._tour(measures, "measure", self.specialist)
        self._tour(plans, "report", self.supervisor)
        self._tour(reports, "report_approve", self.manager)
        report = plan.report_ids
        self.assertEqual((report.state, report.manager_opinion), ("approved", "做得好"))

    @requirement("E1.R7")
    def test_every_view_opens(self):
        self._make_approved_evaluation()
        plan = self._make_running_plan()
        plan.action_make_report()
        for name in ("evaluation", "plan", "measure", "report"):
            url = f"/odoo/action-crm_grading.crm_relationship_{name}_action"
            with self.subTest(name):
                self._tour(url, f"views_{name}", self.supervisor)

    def _tour(self, url, name, user):
        self.start_tour(url, f"crm_relationship_{name}", login=user.login)
        self.env.invalidate_all()
