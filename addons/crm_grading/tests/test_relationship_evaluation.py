from datetime import datetime, time, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, freeze_time, tagged
from odoo.tools import SQL

from odoo.addons.crm_service_base.tests.common import requirement

from .relationship_common import RelationshipCommon


@tagged("post_install", "-at_install")
class TestRelationshipEvaluation(RelationshipCommon):
    def _lines(self, evaluation, kind):
        return evaluation.information_ids.filtered(lambda line: line.kind == kind)

    @requirement("E1.F2")
    def test_transactions_are_collected_from_confirmed_orders_of_the_period(self):
        self._make_order(quantity=3)
        contact = self.env["res.partner"].create({"name": "Buyer", "parent_id": self.customer.id})
        self._make_order(contact, quantity=2, day=self.date_to)
        self._make_order(quantity=50, day=self.date_from - timedelta(days=5))
        self._make_order(quantity=70, day=self.date_to + timedelta(days=1))
        self._make_order(self.other_customer, quantity=90)
        self._make_order(quantity=11).action_cancel()
        evaluation = self._make_evaluation()
        evaluation.action_collect()
        text = self._lines(evaluation, "transaction").summary
        self.assertIn("2 confirmed orders", text)
        self.assertIn("500.00", text)
        self.assertIn("5,000.00", text, "the period before")

    @requirement("E1.F2")
    def test_orders_of_another_company_and_currency(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self._make_order(company_id=company.id, quantity=44)
        evaluation = self._make_evaluation()
        evaluation.action_collect()
        self.assertIn("0 confirmed orders", self._lines(evaluation, "transaction").summary)
        order = self._make_order(quantity=3)
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order SET currency_rate = 0.5 WHERE id = %s", [order.id])
        self.env.invalidate_all()
        facts = self.customer._get_relationship_facts(self.date_from, self.date_to)
        self.assertEqual(facts[self.customer.id]["order_amount"], 600)

    @requirement("E1.F2")
    def test_contacts_are_collected_by_kind_with_their_source(self):
        self.customer.message_post(
            body="Asked for the price list",
            subject="Prices",
            message_type="email",
            subtype_xmlid="mail.mt_comment",
        )
        evaluation = self._make_evaluation(date_from=self.today, date_to=self.today)
        evaluation.action_collect()
        line = self._lines(evaluation, "other").filtered("res_model")
        self.assertEqual((line.summary, line.date), ("Asked for the price list", self.today))
        self.assertIn("Prices", line.source)
        self.assertEqual(line.action_open_document()["res_id"], self.customer.id)
        kinds = evaluation._get_contact_kinds()
        self.assertEqual(
            [kinds[kind] for kind in ("call", "reception", "complaint")],
            ["visit", "reception", "complaint"],
        )

    def _make_contacts(self, rows):
        """What the list of contacts holds: rows of (kind, day, company or False)."""
        values = SQL(", ").join(
            SQL(
                "(%s, %s::timestamp, %s, %s::integer)",
                number,
                datetime.combine(day, time(4)),
                kind,
                company.id if company else None,
            )
            for number, (kind, day, company) in enumerate(rows, 1)
        )
        query = SQL(
            "SELECT v.id, v.date, v.kind, 'No. ' || v.id AS reference, v.kind AS summary,"
            " NULL::varchar AS result, %(customer)s AS partner_id,"
            " %(customer)s AS commercial_partner_id, NULL::integer AS user_id, v.company_id,"
            " 'res.partner' AS res_model, v.id AS res_id"
            " FROM (VALUES %(values)s) v (id, date, kind, company_id)",
            customer=self.customer.id,
            values=values,
        )
        contacts = self.registry["crm.service.contact"]
        self.patch(contacts, "_contact_queries", lambda model: {0: query})

    @requirement("E1.F2")
    def test_visits_receptions_and_complaints_come_under_their_kind(self):
        """Those of the period and the company, whichever addon keeps them."""
        kinds = {
            "visit": ("visit", "call", "online", "letter", "meeting"),
            "reception": ("reception", "incoming"),
            "complaint": ("complaint",),
            "other": ("message", "event"),
        }
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self._make_contacts(
            [
                *((kind, self.date_from, False) for group in kinds.values() for kind in group),
                ("visit", self.date_to, self.company),
                ("visit", self.date_from - timedelta(days=1), False),
                ("visit", self.date_to + timedelta(days=1), False),
                ("visit", self.date_to, company),
            ]
        )
        evaluation = self._make_evaluation()
        evaluation.action_collect()
        for kind, expected in kinds.items():
            found = self._lines(evaluation, kind).filtered("res_model").mapped("summary")
            expected = (*expected, "visit") if kind == "visit" else expected
            self.assertEqual(sorted(found), sorted(expected))

    @requirement("E1.F2")
    def test_of_many_contacts_the_newest_are_listed(self):
        self._make_contacts([("visit", self.date_to - timedelta(days=n), False) for n in range(25)])
        evaluation = self._make_evaluation()
        evaluation.action_collect()
        lines = self._lines(evaluation, "visit")
        listed = lines.filtered("res_model")
        self.assertEqual(len(listed), 20)
        self.assertEqual(min(listed.mapped("date")), self.date_to - timedelta(days=19))
        self.assertEqual((lines - listed).summary, "5 earlier ones")

    @requirement("E1.F2")
    def test_growth_and_what_other_apps_know(self):
        self._make_order(quantity=3)
        self._make_order(quantity=4, day=self.date_from - timedelta(days=5))
        item = self.env["crm.relationship.requirement"].create(
            {"name": "Growth", "fact": "order_growth", "target": 0}
        )
        self.patch(
            self.registry["res.partner"],
            "_get_crm_service_facts",
            lambda partners, date_from, date_to: {
                partner.id: {"visit_satisfaction": 4.25} for partner in partners
            },
        )
        evaluation = self._make_evaluation()
        evaluation.action_collect()
        judgement = evaluation.judgement_ids.filtered(lambda line: line.requirement_id == item)
        self.assertEqual((judgement.figure, judgement.result), ("-25 (≥ 0)", "not_met"))
        known = self._lines(evaluation, "other").filtered(lambda line: not line.res_model)
        self.assertIn("4.25", known.summary)

    @requirement("E1.F2")
    def test_collecting_again_keeps_what_people_wrote(self):
        evaluation = self._make_evaluation()
        evaluation.action_collect()
        line = self._lines(evaluation, "transaction")
        line.summary = "Corrected by hand"
        evaluation.information_ids = [
            Command.create({"kind": "other", "source": "Fair", "summary": "Met at the fair"})
        ]
        evaluation.action_collect()
        evaluation.action_collect()
        self.assertEqual(
            evaluation.information_ids.mapped("summary"), ["Corrected by hand", "Met at the fair"]
        )

    @requirement("E1.F2")
    def test_requirements_are_measured_and_scored(self):
        self._make_order()
        evaluation = self._make_evaluation()
        self.assertEqual(
            evaluation.judgement_ids.requirement_id,
            self.env["crm.relationship.requirement"].search([]),
        )
        evaluation.action_collect()
        orders = self.env.ref("crm_grading.requirement_orders")
        by_requirement = {line.requirement_id: line for line in evaluation.judgement_ids}
        self.assertEqual(by_requirement[orders].result, "met")
        self.assertEqual(by_requirement[orders].figure, "1 (≥ 1)")
        unknown = by_requirement[self.env.ref("crm_grading.requirement_complaints")]
        self.assertEqual((unknown.result, unknown.figure), (False, "unknown"))
        self._compare(evaluation, gaps=0)
        self.assertEqual((evaluation.score, evaluation.suggested_result), (100, "strong"))
        by_requirement[orders].result = "partly"
        total = sum(evaluation.judgement_ids.mapped("weight"))
        self.assertAlmostEqual(evaluation.score, 100 * (total - 1) / total, 1)
        for line in evaluation.judgement_ids:
            line.result = "not_met"
        self.assertEqual((evaluation.score, evaluation.suggested_result), (0, "risk"))

    @requirement("E1.F2")
    def test_limits_of_a_requirement(self):
        item = self.env["crm.relationship.requirement"].create(
            {"name": "Calls", "fact": "contacts", "target": 4}
        )
        self.assertEqual(
            [item._judge(value) for value in (4, 2, 1, None)], ["met", "partly", "not_met", False]
        )
        item.is_maximum = True
        self.assertEqual([item._judge(v) for v in (4, 8, 9)], ["met", "partly", "not_met"])

    @requirement("E1.F2")
    def test_nothing_incomplete_is_handed_over(self):
        evaluation = self._make_evaluation()
        with self.assertRefused(UserError, "holds no information"):
            evaluation.action_hand_over()
        evaluation.action_collect()
        with self.assertRefused(UserError, "Compare every requirement"):
            evaluation.action_hand_over()
        self._compare(evaluation)
        evaluation.judgement_ids._get_gaps().gap = " "
        with self.assertRefused(UserError, "describe each gap"):
            evaluation.action_hand_over()
        self.assertEqual(evaluation.state, "draft")

    @requirement("E1.F2", "E1.R3")
    def test_the_whole_way(self):
        evaluation = self._make_evaluation()
        self._hand_over(evaluation)
        self.assertEqual(
            (evaluation.state, evaluation.collected_by_id), ("collected", self.specialist)
        )
        reminder = evaluation.activity_ids
        self.assertEqual(reminder.user_id, self.supervisor)
        self._evaluate(evaluation)
        self.assertEqual((evaluation.state, evaluation.approved_by_id), ("approved", self.manager))
        self.assertFalse(evaluation.activity_ids)
        known = self.env["res.partner"]._get_relationship_evaluation(
            self.customer | self.other_customer, self.today
        )
        self.assertEqual(list(known), [self.customer.id])
        self.assertEqual(
            known[self.customer.id],
            {
                "evaluation": evaluation.with_env(self.env),
                "date": evaluation.date_to,
                "score": evaluation.score,
                "result": "weak",
                "grade": self.env.ref("crm_service_base.customer_grade_b"),
            },
        )
        before = evaluation.date_to - timedelta(days=1)
        self.assertFalse(
            self.env["res.partner"]._get_relationship_evaluation(self.customer, before)
        )

    @requirement("E1.R3")
    def test_the_specialist_collects_and_does_not_judge(self):
        with self.assertRefused(AccessError, "are the supervisor's"):
            self._make_evaluation(result="strong")
        evaluation = self._make_evaluation()
        grade = self.env.ref("crm_service_base.customer_grade_a")
        for vals in (
            {"result": "strong"},
            {"conclusion": "All well"},
            {"proposed_grade_id": grade.id},
        ):
            with self.assertRefused(AccessError, "are the supervisor's"):
                evaluation.write(vals)
        self._hand_over(evaluation)
        attempts = [
            lambda: evaluation.write({"gaps": "x"}),
            lambda: evaluation.information_ids[0].write({"summary": "x"}),
            lambda: evaluation.judgement_ids[0].unlink(),
            lambda: evaluation.write(
                {"information_ids": [Command.create({"kind": "other", "summary": "x"})]}
            ),
            evaluation.action_collect,
            evaluation.unlink,
            evaluation.action_give_back,
            evaluation.action_approval_submit,
        ]
        for number, attempt in enumerate(attempts):
            with (
                self.subTest(number=number),
                self.assertRaises(UserError),
                self.env.cr.savepoint(),
            ):
                attempt()
        evaluation.with_user(self.supervisor).action_give_back()
        evaluation.gaps = "Now again"
        self.assertEqual(evaluation.state, "draft")

    @requirement("E1.R3")
    def test_others_do_not_change_what_a_specialist_collects(self):
        evaluation = self._make_evaluation()
        evaluation.action_collect()
        for user in (self.colleague, self.director, self.auditor, self.plain_user):
            for record in (evaluation, evaluation.information_ids, evaluation.judgement_ids):
                vals = {"gaps": "x"} if record == evaluation else {"sequence": 3}
                if record == evaluation.information_ids:
                    vals = {"summary": "x"}
                with self.subTest(user.login), self.assertRaises(AccessError):
                    record.with_user(user).write(vals)

    @requirement("E1.R3")
    def test_the_supervisor_does_not_approve_alone(self):
        evaluation = self._make_evaluation()
        self._hand_over(evaluation)
        evaluation = evaluation.with_user(self.supervisor)
        with self.assertRefused(UserError, "Choose the result"):
            evaluation.action_approval_submit()
        evaluation.result = "normal"
        evaluation.action_approval_submit()
        for user in (self.supervisor, self.specialist, self.director):
            with self.assertRefused(AccessError, ""):
                evaluation.with_user(user).action_approval_approve()
        with self.assertRefused(UserError, "locked"):
            evaluation.result = "strong"
        evaluation.with_user(self.manager).action_approval_return("Ask sales first")
        self.assertEqual(evaluation.state, "collected")
        evaluation.result = "strong"

    @requirement("E1.R3", "E1.F2")
    def test_sales_supplies_what_it_is_asked_for_and_nothing_else(self):
        evaluation = self._make_evaluation()
        evaluation.action_collect()
        dialog = Form(
            self.env["crm.relationship.information.ask"]
            .with_user(self.specialist)
            .with_context(default_evaluation_id=evaluation.id)
        )
        self.assertEqual(dialog.request_user_id, self.plain_user, "who sells to the customer")
        dialog.question = "Why did orders drop?"
        dialog.save().action_ask()
        self._compare(evaluation)
        with self.assertRefused(UserError, "has not yet answered"):
            evaluation.action_hand_over()
        line = evaluation.information_ids.filtered("is_missing").with_user(self.plain_user)
        activity = line.activity_ids
        self.assertEqual((activity.user_id, activity.res_model), (self.plain_user, line._name))
        shown = line.web_read(
            {"partner_id": {"fields": {"display_name": {}}}, "question": {}, "date_from": {}}
        )
        self.assertEqual(shown[0]["partner_id"]["display_name"], self.customer.name)
        found = self.env["crm.relationship.information"].with_user(self.plain_user).search([])
        self.assertEqual(found, line)
        with self.assertRefused(UserError, "Fill in what you know"):
            line.action_supply()
        for vals in ({"kind": "other"}, {"date": self.today}, {"request_user_id": False}):
            with self.assertRefused(AccessError, ""):
                line.write(vals)
        with self.assertRefused(AccessError, ""):
            line.evaluation_id.read(["gaps"])
        with self.assertRefused(AccessError, ""):
            line.unlink()
        line.summary = "They opened a second source"
        line.action_supply()
        self.assertTrue(line.date_supplied)
        told = evaluation.message_ids.sudo() | self.env["mail.message"].search(
            [("model", "=", evaluation._name), ("res_id", "=", evaluation.id)]
        )
        told = told.filtered(lambda message: "second source" in message.body)
        self.assertEqual(told.notified_partner_ids, self.specialist.partner_id)
        self.assertFalse(line.sudo().activity_ids)
        evaluation.action_collect()
        evaluation.action_hand_over()
        with self.assertRefused(UserError, "handed over"):
            line.summary = "Changed later"

    @requirement("E1.F2")
    def test_many_customers_at_once(self):
        customers = (self.customer | self.other_customer).with_user(self.specialist)
        action = customers.action_crm_relationship_evaluate()
        evaluations = self.env["crm.relationship.evaluation"].search(action["domain"])
        self.assertEqual(evaluations.partner_id, customers.with_env(self.env))
        self.assertEqual(
            [line.kind for e in evaluations for line in e.information_ids][:1], ["transaction"]
        )

    def test_another_company_sees_nothing(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._new_user("test_elsewhere", "manager")
        stranger.write({"company_ids": [Command.set(company.ids)], "company_id": company.id})
        evaluation = self._make_evaluation()
        evaluation.action_collect()
        for record in (evaluation, evaluation.information_ids, evaluation.judgement_ids):
            found = record.with_user(stranger).search([("id", "in", record.ids)])
            self.assertFalse(found, record._name)

    @requirement("E1.R7")
    def test_approved_papers_are_filed(self):
        evaluation = self._make_approved_evaluation()
        waiting = self._make_evaluation()
        with self.assertRefused(AccessError, "Only supervisors"):
            evaluation.action_file()
        with self.assertRefused(UserError, "None of these"):
            waiting.with_user(self.supervisor).action_file()
        (evaluation | waiting).flush_recordset()
        self._run_cron("file")
        self.assertFalse(evaluation.date_filed)
        for days in (31, 62):
            with freeze_time(fields.Datetime.now() + timedelta(days=days)):
                self._run_cron("file")
            filed = evaluation.date_filed
            day = fields.Datetime.context_timestamp(evaluation, filed).date()
            self.assertEqual(day, self.today + timedelta(days=31))
        self.assertFalse(waiting.date_filed)

    @requirement("A3.F3", "E1.F2")
    def test_the_approved_evaluation_stands_in_the_grade_declaration(self):
        draft = self._make_evaluation()
        grade = self.env.ref("crm_service_base.customer_grade_b")
        values = {"partner_id": self.customer.id, "grade_id": grade.id}
        declarations = self.env["crm.grade.declaration"].with_user(self.specialist)
        self.assertFalse(declarations.create(values).evaluation)
        self._hand_over(draft, gaps=1)
        self._evaluate(draft, result="weak")
        self.env["crm.grade.declaration"].search([]).unlink()
        text = declarations.create(values).evaluation
        self.assertIn(draft.name, text)
        self.assertIn("Weak", text)


@tagged("post_install", "-at_install")
class TestRelationshipRpc(RelationshipCommon, HttpCase):
    """What a browser could send."""

    @requirement("E1.R3")
    def test_no_state_and_no_verdict_over_rpc(self):
        key = (
            self.env["res.users.apikeys"]
            .with_user(self.specialist)
            .sudo()
            ._generate(None, "test", fields.Datetime.add(fields.Datetime.now(), hours=1))
        )

        def call(method, model="crm.relationship.evaluation", **body):
            headers = {"Authorization": f"bearer {key}"}
            return self.url_open(f"/json/2/{model}/{method}", json=body, headers=headers)

        values = {
            "partner_id": self.customer.id,
            "state": "approved",
            "date_collected": "2026-01-01",
        }
        [evaluation_id] = call("create", vals_list=[values]).json()
        evaluation = self.env["crm.relationship.evaluation"].browse(evaluation_id)
        self.assertEqual((evaluation.state, evaluation.date_collected), ("draft", False))
        context = {"default_state": "approved", "default_result": "strong"}
        body = {"vals_list": [{"partner_id": self.customer.id}], "context": context}
        self.assertEqual(call("create", **body).status_code, 403)
        del context["default_result"]
        made = evaluation.browse(call("create", **body).json())
        self.assertEqual(made.state, "draft")
        for vals in ({"state": "approved"}, {"result": "strong"}, {"plan_ids": [[6, 0, []]]}):
            self.assertNotEqual(call("write", ids=[evaluation_id], vals=vals).status_code, 200)
        for model in ("plan", "measure", "report", "budget"):
            response = call("create", f"crm.relationship.{model}", vals_list=[{}])
            self.assertEqual(response.status_code, 403, model)
        self.assertEqual(evaluation.state, "draft")
