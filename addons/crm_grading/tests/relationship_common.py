from datetime import datetime, timedelta

from odoo import fields
from odoo.fields import Command

from odoo.addons.crm_service_base.tests.common import ServiceCommon


class RelationshipCommon(ServiceCommon):
    """Customers with orders, and documents on their way through the roles."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        zone = "Asia/Shanghai"
        cls.env = cls.env(context={**cls.env.context, "tz": zone})
        (cls.company._get_crm_calendar() or cls.company.partner_id).tz = zone
        cls.today = fields.Date.context_today(cls.env["res.partner"])
        cls.product = cls.env["product.product"].create(
            {"name": "Battery", "type": "service", "list_price": 100, "taxes_id": False}
        )
        evaluations = cls.env["crm.relationship.evaluation"]
        cls.date_from, cls.date_to = evaluations._default_period()
        cls.colleague = cls._new_user("test_colleague", "specialist")
        cls.department.member_ids |= cls.colleague
        cls.customer.user_id = cls.plain_user

    @classmethod
    def _make_order(cls, customer=None, quantity=3, day=None, **values):
        order = cls.env["sale.order"].create(
            {
                "partner_id": (customer or cls.customer).id,
                "order_line": [
                    Command.create(
                        {"product_id": cls.product.id, "product_uom_qty": quantity, "tax_ids": []}
                    )
                ],
                **values,
            }
        )
        order.action_confirm()
        day = day or cls.date_from + timedelta(days=10)
        order.date_order = datetime.combine(day, datetime.min.time()) + timedelta(hours=4)
        return order

    @classmethod
    def _make_evaluation(cls, customer=None, user=None, **values):
        return (
            cls.env["crm.relationship.evaluation"]
            .with_user(user or cls.specialist)
            .create({"partner_id": (customer or cls.customer).id, **values})
        )

    @classmethod
    def _compare(cls, evaluation, gaps=1):
        """Judge every requirement; the first ones are not met."""
        for number, line in enumerate(evaluation.judgement_ids):
            is_gap = number < gaps
            line.write(
                {
                    "result": "not_met" if is_gap else "met",
                    "gap": f"Gap {number}: orders went elsewhere" if is_gap else False,
                }
            )

    @classmethod
    def _hand_over(cls, evaluation, gaps=1):
        evaluation.action_collect()
        cls._compare(evaluation, gaps)
        evaluation.action_hand_over()

    @classmethod
    def _evaluate(cls, evaluation, result="weak"):
        """As the supervisor, then the manager."""
        grade = cls.env.ref("crm_service_base.customer_grade_b")
        evaluation = evaluation.with_user(cls.supervisor)
        evaluation.write(
            {
                "result": result,
                "proposed_grade_id": grade.id,
                "conclusion": "Orders went to a competitor",
            }
        )
        evaluation.action_approval_submit()
        evaluation.with_user(cls.manager).action_approval_approve("Agreed")

    @classmethod
    def _make_approved_evaluation(cls, customer=None, gaps=1, **values):
        evaluation = cls._make_evaluation(customer, **values)
        cls._hand_over(evaluation, gaps)
        cls._evaluate(evaluation)
        return evaluation

    @classmethod
    def _make_plan(cls, kind="maintenance", measures=None, **values):
        """A complete draft of the supervisor, one measure of the specialist unless told."""
        measures = measures or [{}]
        return (
            cls.env["crm.relationship.plan"]
            .with_user(cls.supervisor)
            .create(
                {
                    "kind": kind,
                    "title": "Key customers",
                    "date_from": cls.today,
                    "date_to": cls.today + timedelta(days=90),
                    "goal": "Win the orders back",
                    "approach": "Visits and training",
                    "feasibility": "Two colleagues are at hand",
                    "economy": "Costs a tenth of the lost margin",
                    "measure_ids": [
                        Command.create(
                            {
                                "name": "Visit with the engineer",
                                "partner_id": cls.customer.id,
                                "user_id": cls.specialist.id,
                                "date_deadline": cls.today + timedelta(days=14),
                                **measure,
                            }
                        )
                        for measure in measures
                    ],
                    "budget_ids": [
                        Command.create({"name": "Travel", "amount": 3000}),
                        Command.create({"name": "Training", "amount": 2000}),
                    ],
                    **values,
                }
            )
        )

    @classmethod
    def _approve_plan(cls, plan):
        plan.with_user(cls.supervisor).action_approval_submit()
        plan.with_user(cls.manager).action_approval_approve("Feasible")
        if plan.kind == "maintenance":
            plan.with_user(cls.director).action_approval_approve("Approved")

    @classmethod
    def _make_running_plan(cls, kind="maintenance", **values):
        plan = cls._make_plan(kind, **values)
        cls._approve_plan(plan)
        return plan

    @classmethod
    def _finish(cls, measure, **values):
        """As its owner: start, report, finish."""
        measure = measure.with_user(measure.user_id)
        measure.action_start()
        measure.write({"feedback": "They like the new contact", "effect": "good", **values})
        measure.action_done()

    def _run_cron(self, name):
        with self.enter_registry_test_mode():
            self.env.ref(f"crm_grading.ir_cron_relationship_{name}").method_direct_trigger()
