from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .common import VisitCommon


@tagged("post_install", "-at_install")
class TestVisitPlan(VisitCommon):
    @requirement("A1.F1")
    def test_one_plan_holds_many_visits_and_makes_them_when_approved(self):
        plan = self._make_plan()
        self.assertFalse(plan.visit_ids)
        self._approve(plan)
        self.assertEqual(plan.state, "approved")
        self.assertEqual(plan.approved_by_id, self.supervisor)
        self.assertEqual(plan.visit_ids.partner_id, self.customer | self.other_customer)
        visit = plan.visit_ids.filtered(lambda v: v.partner_id == self.customer)
        line = visit.plan_line_id
        self.assertEqual(visit.date_scheduled, line.date_planned)
        self.assertEqual(visit.place, "Their office")
        self.assertEqual(visit.purpose, "Quarterly visit")
        self.assertEqual(visit.visitor_ids, self.specialist)
        self.assertEqual((plan.line_count, plan.done_count), (2, 0))

    @requirement("A1.F1")
    def test_each_line_is_as_the_plan_says_unless_it_says_otherwise(self):
        plan = self._make_plan(self.method_callback, place="At the fair")
        own, plain = plan.line_ids
        own.write(
            {
                "method_id": self.method_phone.id,
                "place": "By phone",
                "purpose": "Ask about the charger",
                "visitor_ids": [Command.set((self.manager | self.specialist).ids)],
            }
        )
        self.assertEqual(plain.method_id, self.method_callback)
        self._approve(plan)
        visits = {visit.plan_line_id: visit for visit in plan.visit_ids}
        visit = visits[own]
        self.assertEqual((visit.method_id, visit.place), (self.method_phone, "By phone"))
        self.assertEqual(visit.purpose, "Ask about the charger")
        self.assertEqual(visit.visitor_ids, self.manager | self.specialist)
        self.assertIn(visit.user_id, visit.visitor_ids)
        visit = visits[plain]
        self.assertEqual(
            (visit.method_id, visit.purpose), (self.method_callback, "Quarterly visit")
        )
        self.assertEqual(visit.visitor_ids, self.specialist)

    @requirement("A1.F1")
    def test_a_visit_without_place_or_visitor_is_not_submitted(self):
        plan = self._make_plan(self.method_face, customers=self.customer)
        line = plan.line_ids
        line.place = False
        with self.assertRefused(UserError, f"where {self.customer.name} is to be visited"):
            plan.action_approval_submit()
        line.write({"place": "Their shop", "visitor_ids": [Command.clear()]})
        with self.assertRefused(UserError, f"who is to visit {self.customer.name}"):
            plan.action_approval_submit()
        line.visitor_ids = self.specialist
        plan.action_approval_submit()
        self.assertEqual(plan.state, "submitted")

    @requirement("A1.F1")
    def test_plan_without_visits_or_purpose_is_not_submitted(self):
        empty = self._make_plan(line_ids=[])
        with self.assertRefused(UserError, "has no visits yet"):
            empty.action_approval_submit()
        silent = self._make_plan(purpose=False)
        with self.assertRefused(UserError, "what the visits are for"):
            silent.action_approval_submit()
        self.assertEqual((empty + silent).mapped("state"), ["draft", "draft"])

    @requirement("A1.F1")
    def test_a_planned_day_outside_the_period_is_refused(self):
        with self.assertRefused(ValidationError, "outside the period"):
            self._make_plan(days=90)

    @requirement("A1.R3")
    def test_no_planned_visit_before_the_plan_is_approved(self):
        loose = (
            self.env["crm.visit"]
            .with_user(self.specialist)
            .create({"partner_id": self.customer.id, "method_id": self.method_phone.id})
        )
        with self.assertRefused(ValidationError, "only under an approved plan"):
            loose.action_start()
        with self.assertRefused(ValidationError, "only under an approved plan"):
            loose.write({"date_start": self.now})
        with self.assertRefused(ValidationError, "only under an approved plan"):
            loose.copy({"date_start": self.now})
        plan = self._make_plan()
        plan.action_approval_submit()
        with self.assertRaises(AccessError):
            loose.write({"plan_line_id": plan.line_ids[0].id})
        self.assertEqual(loose.state, "planned")

    @requirement("A1.R3")
    def test_no_visit_takes_place_as_an_old_record(self):
        """Old records need no plan, so a specialist makes none of a visit of today."""
        loose = self._make_call(method_id=self.method_phone.id)
        with self.assertRefused(AccessError, "Only a supervisor"):
            loose.write({"is_history": True, "date_start": self.now})
        with self.assertRefused(AccessError, "Only a supervisor"):
            self._make_call(method_id=self.method_phone.id, is_history=True, date_start=self.now)

    @requirement("A1.R3")
    def test_a_visit_cannot_have_started_before_the_approval(self):
        visit = self._make_visit()
        with self.assertRefused(ValidationError, "before its plan was approved"):
            visit.write({"date_start": self.now - timedelta(days=2)})

    @requirement("A1.R3")
    def test_an_approved_plan_is_locked(self):
        plan = self._make_plan()
        self._approve(plan)
        line = plan.line_ids[0]
        attempts = [
            lambda: plan.write({"purpose": "Another"}),
            lambda: plan.write({"line_ids": [Command.delete(line.id)]}),
            lambda: line.write({"date_planned": self.now + timedelta(days=20)}),
            lambda: line.unlink(),
            lambda: plan.line_ids.create(
                {
                    "plan_id": plan.id,
                    "partner_id": self.customer.id,
                    "date_planned": self.now + timedelta(days=5),
                }
            ),
            lambda: plan.unlink(),
            lambda: plan.visit_ids.write({"partner_id": self.other_customer.id}),
            lambda: plan.visit_ids.write({"date_scheduled": self.now}),
        ]
        for number, attempt in enumerate(attempts):
            with self.subTest(number=number), self.assertRaises(UserError):
                attempt()
        with self.assertRaises(AccessError):
            plan.write({"state": "draft"})

    @requirement("A1.R3")
    def test_callbacks_receptions_and_incoming_calls_need_no_plan(self):
        for method in (self.method_callback, self.method_reception, self.method_incoming_call):
            visit = self._make_call(method_id=method.id)
            visit.action_start()
            self.assertEqual(visit.state, "in_progress", method.name)

    @requirement("A1.R3")
    def test_nobody_approves_the_own_plan(self):
        plan = self._make_plan(user=self.supervisor)
        plan.action_approval_submit()
        with self.assertRaises(AccessError):
            plan.action_approval_approve()
        plan.with_user(self.manager).action_approval_approve()
        self.assertEqual(plan.state, "approved")

    def test_a_returned_plan_can_be_changed_and_submitted_again(self):
        plan = self._make_plan()
        plan.action_approval_submit()
        plan.with_user(self.supervisor).action_approval_reject("Too many calls a day")
        self.assertEqual(plan.state, "draft")
        self.assertFalse(plan.visit_ids)
        plan.line_ids[0].unlink()
        self._approve(plan)
        self.assertEqual(len(plan.visit_ids), 1)

    def test_a_plan_closes_itself_when_its_last_visit_is_over(self):
        plan = self._make_plan()
        self._approve(plan)
        first, second = plan.visit_ids
        self._carry_out(first)
        self._approve(first)
        self.assertEqual((plan.state, plan.progress), ("approved", 50))
        with self.assertRefused(UserError, "1 open visits"):
            plan.action_done()
        second._cancel("customer", "Shop closed for good")
        self.assertEqual(plan.state, "done")

    def test_cancelling_an_approved_plan_is_the_supervisors(self):
        plan = self._make_plan()
        self._approve(plan)
        with self.assertRaises(AccessError):
            plan.action_cancel()
        plan.with_user(self.supervisor).action_cancel()
        self.assertEqual(plan.state, "cancelled")
        self.assertEqual(set(plan.visit_ids.mapped("state")), {"cancelled"})

    def test_a_plan_of_another_company_is_out_of_sight(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._new_user("test_elsewhere", "manager")
        stranger.write({"company_ids": [Command.set(company.ids)], "company_id": company.id})
        plan = self._make_plan()
        plans = self.env["crm.visit.plan"].with_user(stranger)
        self.assertFalse(plans.search([("id", "=", plan.id)]))
        with self.assertRaises(AccessError):
            plan.with_user(stranger).with_context(
                allowed_company_ids=(company | self.company).ids
            ).action_cancel()

    def test_the_period_ends_a_month_later_by_default(self):
        plan = self.env["crm.visit.plan"].create({"date_from": "2026-01-05"})
        self.assertEqual(plan.date_to, fields.Date.to_date("2026-02-04"))
