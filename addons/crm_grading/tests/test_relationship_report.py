from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .relationship_common import RelationshipCommon


@tagged("post_install", "-at_install")
class TestRelationshipReport(RelationshipCommon):
    def _make_report(self, plan=None):
        plan = plan or self._make_running_plan(measures=[{}, {"name": "Training"}])
        action = plan.with_user(self.supervisor).action_make_report()
        return self.env["crm.relationship.report"].browse(action["res_id"])

    def _approve_report(self, report):
        report = report.with_user(self.supervisor)
        report.write({"effect_analysis": "Orders came back", "optimisation": "Call every month"})
        report.action_approval_submit()
        report.with_user(self.manager).action_approval_approve("Go on like that")

    @requirement("E1.F5")
    def test_progress_is_drawn_from_the_measures(self):
        plan = self._make_running_plan(measures=[{}, {"name": "Training"}, {"name": "Gift"}])
        first, second, third = plan.measure_ids
        self._finish(first)
        third.with_user(self.supervisor).note = "Not wanted"
        third.with_user(self.supervisor).action_cancel()
        report = self._make_report(plan)
        lines = {line.name: line for line in report.line_ids}
        self.assertEqual(
            [lines[m.name].state for m in plan.measure_ids], ["done", "todo", "cancelled"]
        )
        line = lines[first.name]
        self.assertEqual(line.feedback, "They like the new contact")
        self.assertEqual((line.user_id, line.effect), (self.specialist, "good"))
        self.assertEqual((report.measure_count, report.done_count, report.late_count), (2, 1, 0))
        self.assertEqual((report.done_rate, report.effective_rate), (50, 100))
        lines[second.name].with_user(self.supervisor).note = "In May"
        second.with_user(self.supervisor).date_deadline = self.today
        self._finish(second, effect="none")
        report.with_user(self.supervisor).action_draw()
        self.assertEqual((report.done_rate, report.effective_rate), (100, 50))
        redrawn = report.line_ids.filtered(lambda line: line.measure_id == second)
        self.assertEqual(redrawn.note, "In May", "what people wrote stays")

    @requirement("E1.F5")
    def test_a_report_on_a_period(self):
        plan = self._make_running_plan(
            measures=[{}, {"name": "Later", "date_deadline": self.today + timedelta(days=80)}]
        )
        late = self._make_running_plan("strengthening")
        report = (
            self.env["crm.relationship.report"]
            .with_user(self.supervisor)
            .create({"date_from": self.today, "date_to": self.today + timedelta(days=20)})
        )
        report.action_draw()
        drawn = report.line_ids.measure_id
        self.assertIn(plan.measure_ids[0], drawn)
        self.assertIn(late.measure_ids, drawn)
        self.assertNotIn(plan.measure_ids[1], drawn)
        empty = report.copy({"date_from": "2001-01-01", "date_to": "2001-01-31"})
        with self.assertRefused(UserError, "no measures"):
            empty.action_draw()

    @requirement("E1.F5")
    def test_a_period_takes_in_what_was_done_in_it_and_nothing_foreign(self):
        plan = self._make_running_plan(
            measures=[{"date_deadline": self.today + timedelta(days=80)}, {"name": "Elsewhere"}]
        )
        done, foreign = plan.measure_ids
        self._finish(done)
        draft = self._make_plan().measure_ids
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_relationship_measure SET company_id = %s WHERE id = %s",
            [company.id, foreign.id],
        )
        self.env.invalidate_all()
        report = self.env["crm.relationship.report"].create(
            {"date_from": self.today, "date_to": self.today + timedelta(days=20)}
        )
        report.action_draw()
        drawn = report.line_ids.measure_id
        self.assertIn(done, drawn, "done in the period, due after it")
        self.assertNotIn(draft, drawn, "nobody approved it")
        self.assertNotIn(foreign, drawn)

    @requirement("E1.F5")
    def test_late_measures_are_told(self):
        plan = self._make_running_plan(
            measures=[{"date_deadline": self.today}, {"date_deadline": self.today}, {}]
        )
        self._finish(plan.measure_ids[0])
        with freeze_time(fields.Datetime.now() + timedelta(days=3)):
            report = self._make_report(plan)
            late = report.line_ids.filtered("is_late").measure_id
            self.assertEqual((late, report.late_count), (plan.measure_ids[1], 1))

    @requirement("E1.R7")
    def test_closed_plans_and_approved_reports_are_filed(self):
        """By themselves, after the days of the company."""
        running, closed, given_up = (self._make_running_plan() for _number in range(3))
        self._finish(closed.measure_ids)
        closed.action_done()
        given_up.with_user(self.manager).action_cancel()
        report, draft = self._make_report(closed), self._make_report(running)
        with self.assertRefused(UserError, "None of these"):
            draft.with_user(self.supervisor).action_file()
        self._approve_report(report)
        self.env["ir.config_parameter"].set_param("crm_grading.filing_delay_days", 5)
        for days, filed in ((4, False), (6, True)):
            with freeze_time(fields.Datetime.now() + timedelta(days=days)):
                self._run_cron("file")
            self.env.invalidate_all()
            for document in (closed, given_up, report):
                self.assertEqual(bool(document.date_filed), filed, (document, days))
        self.assertFalse(running.date_filed or draft.date_filed)

    @requirement("E1.F5")
    def test_figures_before_and_after(self):
        plan = self._make_running_plan()
        start = self.today - timedelta(days=29)
        plan.sudo().date_from = start
        self._make_order(quantity=2, day=start - timedelta(days=1))
        self._make_order(quantity=90, day=start - timedelta(days=31))
        self._make_order(quantity=3, day=start)
        self._make_order(quantity=4, day=self.today)

        def facts(partners, date_from, date_to):
            known = {"visit_satisfaction": 3.0 if date_to < start else 4.5}
            if date_to < start:
                known["complaints"] = 2
            return {partner.id: dict(known) for partner in partners}

        partners = type(self.env["res.partner"])
        with patch.object(partners, "_get_crm_service_facts", facts):
            report = self._make_report(plan)
        self.assertEqual(report.date_before_from, start - timedelta(days=30))
        figures = {
            figure.fact: (figure.value_before, figure.value_after, figure.change)
            for figure in report.figure_ids
        }
        self.assertEqual(figures["orders"], (1, 2, 1))
        self.assertEqual(figures["order_amount"], (200, 700, 500))
        self.assertEqual(figures["visit_satisfaction"], (3, 4.5, 1.5))
        complaints = report.figure_ids.filtered(lambda figure: figure.fact == "complaints")
        self.assertEqual((complaints.is_before_known, complaints.is_after_known), (True, False))
        self.assertNotIn("order_growth", figures, "nobody knows it")

    @requirement("E1.F5", "E1.R3")
    def test_the_supervisor_writes_and_the_manager_gives_an_opinion(self):
        report = self._make_report().with_user(self.supervisor)
        for name, caption in (
            ("effect_analysis", "Analysis of the Effect"),
            ("optimisation", "Measures to Improve"),
        ):
            report.write({"effect_analysis": "Orders came back", "optimisation": "Call more"})
            report[name] = False
            with self.assertRefused(UserError, f"fill in: {caption}"):
                report.action_approval_submit()
        empty = self.env["crm.relationship.report"].with_user(self.supervisor)
        empty = empty.create({"effect_analysis": "x", "optimisation": "x"})
        with self.assertRefused(UserError, "fill in: Progress"):
            empty.action_approval_submit()
        for user in (self.specialist, self.director, self.auditor):
            with self.assertRefused(AccessError, ""):
                report.with_user(user).summary = "x"
            with self.assertRefused(AccessError, ""):
                report.with_user(user).action_draw()
        self._approve_report(report)
        self.assertEqual((report.state, report.approved_by_id), ("approved", self.manager))
        self.assertEqual(report.manager_opinion, "Go on like that")
        with self.assertRefused(UserError, "locked"):
            report.action_draw()
        report.action_file()
        self.assertTrue(report.date_filed)

    @requirement("E1.F5")
    def test_what_was_drawn_is_not_written_by_hand(self):
        report = self._make_report().with_user(self.supervisor)
        attempts = [
            lambda: report.line_ids[0].write({"state": "done"}),
            lambda: report.line_ids[0].write({"feedback": "All well"}),
            lambda: report.figure_ids[0].write({"value_after": 9}),
        ]
        for attempt in attempts:
            with self.assertRefused(AccessError, "Only the buttons"):
                attempt()

    @requirement("E1.F5")
    def test_the_next_plan_follows(self):
        plan = self._make_running_plan(measures=[{}, {"name": "Training"}])
        self._finish(plan.measure_ids[0])
        report = self._make_report(plan).with_user(self.supervisor)
        with self.assertRefused(UserError, "approved report"):
            report.action_open_next_plan()
        self._approve_report(report)
        with self.assertRefused(AccessError, ""):
            report.with_user(self.specialist).action_open_next_plan()
        following = plan.browse(report.action_open_next_plan()["res_id"])
        self.assertEqual((following.state, following.goal), ("draft", "Call every month"))
        self.assertEqual(following.previous_report_id, report.with_env(self.env))
        self.assertEqual(following.measure_ids.mapped("name"), ["Training"])
        self.assertEqual(following.measure_ids.state, "planned")
        self.assertGreaterEqual(following.date_from, fields.Date.today())

    @requirement("E1.F5")
    def test_only_approved_plans_are_reported_on(self):
        with self.assertRefused(UserError, "plan that was approved"):
            self._make_plan().action_make_report()
