from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement
from odoo.addons.crm_service_base.tests.import_case import ImportCase

from .relationship_common import RelationshipCommon


@tagged("post_install", "-at_install")
class TestRelationshipPlan(RelationshipCommon, ImportCase):
    @requirement("E1.F4", "E1.R3")
    def test_the_manager_reviews_and_then_the_director_approves(self):
        plan = self._make_plan()
        plan.action_approval_submit()
        with self.assertRefused(AccessError, ""):
            plan.with_user(self.director).action_approval_approve()
        plan.with_user(self.manager).action_approval_approve("Feasible")
        self.assertEqual(plan.state, "submitted")
        for user in (self.manager, self.supervisor, self.general_manager):
            with self.assertRefused(AccessError, ""):
                plan.with_user(user).action_approval_approve()
        plan.with_user(self.director).action_approval_approve("Go on")
        self.assertEqual((plan.state, plan.approved_by_id), ("approved", self.director))
        roles = [box["user"] for box in plan._approval_signatures()]
        self.assertEqual(roles, [self.supervisor, self.manager, self.director])

    @requirement("E1.F4", "E1.R3")
    def test_the_manager_asks_for_a_better_plan(self):
        plan = self._make_plan()
        plan.action_approval_submit()
        with self.assertRefused(UserError, "locked"):
            plan.goal = "x"
        plan.with_user(self.manager).action_approval_return("Travel is too dear")
        plan.budget_ids[0].amount = 1000
        self._approve_plan(plan)
        self.assertEqual((plan.state, plan.amount_planned), ("approved", 3000))

    @requirement("E1.F4")
    def test_a_maintenance_plan_names_all_that_the_form_asks(self):
        captions = {
            "goal": "Goal",
            "approach": "Ways of Maintenance",
            "member_ids": "Staff",
            "feasibility": "Why It Is Feasible",
            "economy": "Why It Is Economical",
            "budget_ids": "Budget",
            "measure_ids": "Measures",
        }
        for name, caption in captions.items():
            plan = self._make_plan()
            plan[name] = False
            with self.assertRefused(UserError, f"fill in: .*{caption}"):
                plan.action_approval_submit()
        late = self._make_plan(measures=[{"date_deadline": self.today + timedelta(days=200)}])
        with self.assertRefused(UserError, "due after the plan ends"):
            late.action_approval_submit()
        with self.assertRefused(ValidationError, "before its plan starts"):
            self._make_plan(measures=[{"date_deadline": self.today - timedelta(days=1)}])

    @requirement("E1.F4")
    def test_staff_and_budget(self):
        plan = self._make_plan(measures=[{}, {"user_id": self.colleague.id}])
        self.assertEqual(plan.member_ids, self.specialist | self.colleague)
        self.assertEqual((plan.amount_planned, plan.amount_spent), (5000, 0))
        with self.assertRefused(UserError, "while the plan is carried out"):
            plan.budget_ids[0].amount_spent = 10
        self._approve_plan(plan)
        form = Form(plan)
        with form.budget_ids.edit(0) as line:
            line.amount_spent = 3200
        with form.measure_ids.edit(1) as line:
            line.user_id = self.specialist
        form.save()
        self.assertEqual(plan.measure_ids.user_id, self.specialist)
        self.assertEqual((plan.amount_spent, plan.budget_ids[0].amount_left), (3200, -200))
        self.assertFalse(plan.sudo()._approval_faults()[plan.id], "spending is not content")
        for vals in ({"amount": 9}, {"name": "x"}):
            with self.assertRefused(UserError, "locked"):
                plan.budget_ids[0].write(vals)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            plan.budget_ids[0].amount_spent = -1
            plan.budget_ids.flush_recordset()

    @requirement("E1.R3")
    def test_plans_are_the_supervisors(self):
        plan = self._make_plan()
        for user in (self.specialist, self.director, self.auditor, self.general_manager):
            with self.assertRefused(AccessError, ""):
                plan.with_user(user).goal = "x"
            with self.assertRefused(AccessError, ""):
                plan.with_user(user).action_approval_submit()
            with self.assertRefused(AccessError, ""):
                self.env["crm.relationship.plan"].with_user(user).create({"title": "x"})
            with self.assertRefused(AccessError, ""):
                plan.budget_ids.with_user(user).write({"amount": 1})
            self.assertEqual(plan.with_user(user).goal, "Win the orders back")
        with self.assertRefused(AccessError, ""):
            plan.with_user(self.plain_user).read(["goal"])
        with self.assertRefused(AccessError, "report progress and feedback"):
            plan.measure_ids.with_user(self.specialist).name = "Easier"

    @requirement("E1.F3")
    def test_a_strengthening_table_comes_from_gaps_in_one_click(self):
        first = self._make_approved_evaluation(gaps=2)
        second = self._make_approved_evaluation(self.other_customer, gaps=1)
        clean = self._make_approved_evaluation(gaps=0)
        with self.assertRefused(UserError, "no gaps"):
            clean.with_user(self.supervisor).action_make_strengthening()
        draft = self._make_evaluation()
        with self.assertRefused(UserError, "that are approved"):
            (first | draft).with_user(self.supervisor).action_make_strengthening()
        with self.assertRefused(AccessError, ""):
            first.action_make_strengthening()
        action = (first | second).with_user(self.supervisor).action_make_strengthening()
        plan = self.env["crm.relationship.plan"].browse(action["res_id"])
        self.assertEqual((plan.kind, plan.state), ("strengthening", "draft"))
        self.assertEqual(plan.user_id, self.supervisor)
        self.assertEqual(set(plan.evaluation_ids.ids), set((first | second).ids))
        gaps = (first | second).judgement_ids._get_gaps()
        self.assertEqual(len(plan.measure_ids), 3)
        self.assertEqual(set(plan.measure_ids.mapped("description")), set(gaps.mapped("gap")))
        self.assertEqual(plan.measure_ids.user_id, self.specialist)
        self.assertEqual(plan.measure_ids.partner_id, self.customer | self.other_customer)
        for measure in plan.measure_ids:
            self.assertEqual(measure.partner_id, measure.evaluation_id.partner_id)
            self.assertIn(measure.description, measure.evaluation_id.judgement_ids.mapped("gap"))
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_relationship_evaluation SET company_id = %s WHERE id = %s",
            [elsewhere.id, second.id],
        )
        self.env.invalidate_all()
        with self.assertRefused(UserError, "of one company"):
            plan._create_from_evaluations((first | second).sudo(), "strengthening")
        self.env.cr.execute(
            "UPDATE crm_relationship_evaluation SET company_id = %s WHERE id = %s",
            [self.company.id, second.id],
        )
        self.env.invalidate_all()
        self._approve_plan(plan)
        self.assertEqual((plan.state, plan.approved_by_id), ("approved", self.manager))
        self.assertEqual(first.action_open_plans()["domain"], [("evaluation_ids", "in", first.ids)])

    @requirement("E1.F3", "E1.R7")
    def test_measures_become_tasks_with_reminders(self):
        plan = self._make_plan(measures=[{}, {"user_id": self.plain_user.id}])
        self.assertFalse(plan.measure_ids.activity_ids)
        with self.assertRefused(UserError, "Only measures that are to do"):
            plan.measure_ids[0].with_user(self.specialist).action_start()
        self._approve_plan(plan)
        self.assertEqual(set(plan.measure_ids.mapped("state")), {"todo"})
        for measure in plan.measure_ids:
            self.assertEqual(measure.activity_ids.user_id, measure.user_id)
            self.assertEqual(measure.activity_ids.date_deadline, measure.date_deadline)
        day = self.today + timedelta(days=30)
        measure = plan.measure_ids[0]
        measure.write({"user_id": self.colleague.id, "date_deadline": day})
        self.assertEqual(measure.activity_ids.user_id, self.colleague)
        self.assertEqual(measure.activity_ids.date_deadline, day)
        self.assertFalse(plan.sudo()._approval_faults()[plan.id], "sharing out is not content")
        with self.assertRefused(UserError, "locked"):
            measure.name = "Another measure"
        for command in (
            Command.create({"name": "x", "partner_id": self.customer.id}),
            Command.update(measure.id, {"name": "x"}),
            Command.delete(measure.id),
            Command.clear(),
            Command.link(self._make_plan().measure_ids.id),
        ):
            with self.assertRefused(UserError, ""):
                plan.write({"measure_ids": [command]})
        with self.assertRefused(UserError, ""):
            measure.unlink()

    @requirement("E1.F3", "E1.R7")
    def test_done_only_with_feedback_and_effect(self):
        plan = self._make_running_plan("strengthening")
        measure = plan.measure_ids.with_user(self.specialist)
        measure.action_start()
        self.assertEqual(measure.state, "progress")
        with self.assertRefused(UserError, "what the customer says"):
            measure.action_done()
        with self.assertRefused(UserError, "what the customer says"):
            measure.action_report_feedback()
        measure.feedback = "They want a spare device"
        measure.action_report_feedback()
        self.assertTrue(measure.date_reported)
        message = plan.message_ids[0]
        self.assertIn("spare device", message.body)
        self.assertIn(self.supervisor.partner_id, message.notified_partner_ids)
        with self.assertRefused(UserError, "what effect"):
            measure.action_done()
        measure.effect = "good"
        measure.action_done()
        self.assertEqual(
            (measure.state, measure.progress, measure.date_done), ("done", 100, self.today)
        )
        self.assertFalse(measure.activity_ids)
        self.assertEqual((plan.done_count, plan.progress), (1, 100))
        with self.assertRefused(UserError, "while a measure is carried out"):
            measure.feedback = "Rewritten"
        with self.assertRefused(AccessError, "Only supervisors reopen"):
            measure.action_reopen()
        measure.with_user(self.supervisor).action_reopen()
        self.assertEqual((measure.state, len(measure.activity_ids)), ("progress", 1))
        measure.action_done()
        plan.action_done()
        with self.assertRefused(UserError, "running plan"):
            measure.with_user(self.supervisor).action_reopen()

    @requirement("E1.R7", "E1.R3")
    def test_a_task_is_its_owners(self):
        plan = self._make_running_plan(measures=[{}, {"user_id": self.plain_user.id}])
        measure, sales = plan.measure_ids
        for user in (self.colleague, self.director, self.auditor, self.plain_user):
            task = measure.with_user(user)
            for attempt in (
                task.action_start,
                task.action_done,
                task.action_report_feedback,
                task.action_cancel,
                lambda task=task: task.write({"feedback": "x"}),
            ):
                with self.assertRefused(AccessError, ""):
                    attempt()
        own = measure.with_user(self.specialist)
        for vals in (
            {"date_deadline": self.today + timedelta(days=99)},
            {"user_id": self.colleague.id},
            {"state": "done"},
            {"date_done": self.today},
        ):
            with self.assertRefused(AccessError, ""):
                own.write(vals)
        with self.assertRefused(AccessError, "Only supervisors cancel"):
            own.action_cancel()
        found = self.env["crm.relationship.measure"].with_user(self.plain_user).search([])
        self.assertEqual(found, sales)
        shown = found.web_read({"plan_id": {"fields": {"display_name": {}}}, "state": {}})
        self.assertEqual(shown[0]["plan_id"]["display_name"], plan.display_name)
        self._finish(sales)
        self.assertEqual(sales.state, "done")

    @requirement("E1.R7")
    def test_the_supervisor_watches_what_is_overdue(self):
        plan = self._make_running_plan(measures=[{}, {}])
        late, done = plan.measure_ids
        self._finish(done)
        measures = self.env["crm.relationship.measure"]
        mine = [("plan_id", "=", plan.id), ("is_overdue", "=", True)]
        self.assertFalse(measures.search(mine))
        with freeze_time(fields.Datetime.now() + timedelta(days=15)):
            self.assertEqual(measures.search(mine), late)
            self.assertEqual(
                measures.search([("plan_id", "=", plan.id), ("is_overdue", "!=", True)]), done
            )
            plan.invalidate_recordset()
            self.assertEqual((late.is_overdue, plan.overdue_count), (True, 1))
            for _run in range(2):
                self._run_cron("overdue")
            told = late.activity_ids.filtered(lambda a: a.user_id == self.supervisor)
            self.assertEqual(len(told), 1)
            self.assertFalse(done.activity_ids)
            self.assertEqual((plan.done_count, plan.progress), (1, 50))
            late.with_user(self.supervisor).date_deadline = self.today
            self.assertFalse(late.date_reminded, "a new term is watched anew")

    @requirement("E1.R7")
    def test_a_plan_is_closed_when_nothing_is_open(self):
        plan = self._make_running_plan(measures=[{}, {}])
        first, second = plan.measure_ids
        self._finish(first)
        with self.assertRefused(UserError, "1 open measures"):
            plan.action_done()
        second = second.with_user(self.supervisor)
        with self.assertRefused(UserError, "why it is cancelled"):
            second.action_cancel()
        second.note = "The customer closed the shop"
        second.action_cancel()
        self.assertFalse(second.activity_ids)
        with self.assertRefused(AccessError, "Only supervisors"):
            plan.with_user(self.specialist).action_file()
        with self.assertRefused(UserError, "None of these"):
            plan.action_file()
        plan.action_done()
        plan.action_file()
        self.assertEqual((plan.state, plan.progress), ("done", 100))
        self.assertEqual(plan.filed_by_id, self.supervisor)

    @requirement("E1.R3")
    def test_giving_up_an_approved_plan_takes_a_manager(self):
        plan = self._make_running_plan()
        with self.assertRefused(AccessError, "Only a service manager"):
            plan.action_cancel()
        plan.with_user(self.manager).action_cancel()
        self.assertEqual((plan.state, plan.measure_ids.state), ("cancelled", "cancelled"))
        self.assertFalse(plan.measure_ids.activity_ids)
        draft = self._make_plan()
        draft.action_cancel()
        self.assertEqual(draft.state, "cancelled")

    @requirement("E1.F4")
    def test_the_form_in_a_browser(self):
        form = Form(self.env["crm.relationship.plan"].with_user(self.supervisor))
        form.title = "Third quarter"
        form.date_from = self.today
        with form.measure_ids.new() as line:
            line.name = "Call"
            line.partner_id = self.customer
            self.assertEqual(line.user_id, self.supervisor)
            self.assertEqual(line.date_deadline, form.date_to)
        with form.budget_ids.new() as line:
            line.name = "Gifts"
            line.amount = 500
        plan = form.save()
        self.assertEqual((plan.amount_planned, plan.member_ids), (500, self.supervisor))
        self.assertEqual(plan.date_to, fields.Date.add(self.today, months=3, days=-1))

    def test_another_company_sees_nothing(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._new_user("test_elsewhere", "manager")
        stranger.write({"company_ids": [Command.set(company.ids)], "company_id": company.id})
        plan = self._make_running_plan()
        for record in (plan, plan.measure_ids, plan.budget_ids):
            found = record.with_user(stranger).search([("id", "in", record.ids)])
            self.assertFalse(found, record._name)

    @requirement("E1.F3")
    def test_old_tables_are_imported(self):
        for lang in ("en_US", "zh_CN", "zh_TW"):
            plan, messages = self.import_template("crm.relationship.plan", self.supervisor, lang)
            self.assertFalse(messages, lang)
            self.assertEqual((plan.kind, plan.state), ("strengthening", "draft"))
            self.assertEqual(plan.measure_ids.user_id, self.supervisor)
