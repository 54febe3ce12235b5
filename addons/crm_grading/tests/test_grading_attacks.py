from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_service_base.tests.common import requirement

from .common import GradingCommon

REFUSED = (AccessError, UserError, ValidationError)


@tagged("post_install", "-at_install")
class TestGradingAttacks(GradingCommon):
    """A specialist wants a better grade for a customer, or figures he has no right to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = cls._new_user("test_stranger", "specialist")
        cls.foreign_company = cls.env["res.company"].create({"name": "Foreign Ltd."})
        cls.foreigner = cls._new_user("test_foreigner", "specialist")
        cls.foreigner.write(
            {
                "company_ids": [Command.set(cls.foreign_company.ids)],
                "company_id": cls.foreign_company.id,
            }
        )

    def _declare(self, user=None, **values):
        return (
            self.env["crm.grade.declaration"]
            .with_user(user or self.specialist)
            .create({"partner_id": self.customer.id, "grade_id": self.grade_a.id, **values})
        )

    def _approve(self, declaration):
        declaration.action_approval_submit()
        while declaration.state == "submitted":
            step = declaration.sudo().approval_step_id
            declaration.with_user(step.pending_user_ids[:1]).action_approval_approve()

    def _set_grade(self, partner, grade):
        """As an approved declaration does."""
        partner.sudo().crm_grade_id = grade

    # ------------------------------------------------------------------ a grade by any door

    @requirement("A3.F3")
    def test_a_specialist_writes_a_grade_on_the_customer(self):
        partner = self.customer.with_user(self.specialist)
        for values in (
            {"crm_grade_id": self.grade_a.id},
            {"crm_grade_computed_id": self.grade_a.id},
        ):
            with self.assertRefused(UserError, "not written by hand"):
                partner.write(values)
            with self.assertRefused(UserError, "not written by hand"):
                partner.create({"name": "New", **values})
        made = partner.with_context(default_crm_grade_id=self.grade_a.id).create({"name": "New"})
        self.assertFalse(made.crm_grade_id)
        partner.phone = "0931 7654321"
        self.assertEqual(self.customer.phone, "0931 7654321")

    @requirement("A3.F3")
    def test_a_specialist_imports_a_grade(self):
        result = (
            self.env["res.partner"]
            .with_user(self.specialist)
            .load(["name", "crm_grade_id/.id"], [["Imported", str(self.grade_a.id)]])
        )
        self.assertFalse(result["ids"])
        self.assertIn("not written by hand", str(result["messages"]))
        result = self.env["res.partner"].with_user(self.specialist).load(["name"], [["Imported"]])
        self.assertTrue(result["ids"])

    @requirement("A3.F3")
    def test_a_specialist_takes_a_grade_along_out_of_a_key_account(self):
        self._set_grade(self.customer, self.grade_a)
        partners = self.env["res.partner"].with_user(self.specialist)
        # a contact of the key account has its grade …
        contact = partners.create({"name": "Branch", "parent_id": self.customer.id})
        self.assertEqual(contact.crm_grade_id, self.grade_a)
        # … and leaves it there when it becomes a customer of its own
        contact.parent_id = False
        self.assertFalse(contact.sudo().crm_grade_id)
        second = partners.create({"name": "Branch two", "parent_id": self.customer.id})
        second.is_company = True
        self.assertEqual(second.commercial_partner_id, second)
        self.assertFalse(second.sudo().crm_grade_id)

    @requirement("A3.F3")
    def test_a_specialist_makes_a_customer_a_contact_for_a_moment(self):
        self._set_grade(self.customer, self.grade_a)
        self._set_grade(self.other_customer, self.grade_c)
        other = self.other_customer.with_user(self.specialist)
        try:
            with self.env.cr.savepoint():
                other.write({"is_company": False, "parent_id": self.customer.id})
                other.write({"is_company": True, "parent_id": False})
        except REFUSED:
            self.env.invalidate_all()
        self.assertNotEqual(other.sudo().crm_grade_id, self.grade_a)

    @requirement("A3.F3")
    def test_a_declaration_created_approved(self):
        declaration = self._declare(state="approved", approval_state="approved", date_ended=False)
        self.assertEqual(declaration.state, "draft")
        for values in ({"state": "approved"}, {"score_id": False}, {"amount_year": 1}):
            with self.assertRefused(AccessError, "."):
                declaration.write(values)
        context = {"default_state": "approved"}
        declaration = declaration.with_context(**context).create({"partner_id": self.customer.id})
        self.assertEqual(declaration.state, "draft")
        self.assertFalse(self.customer.crm_grade_id)

    @requirement("A3.F3")
    def test_a_declaration_shows_one_customer_and_is_of_another(self):
        declaration = self._declare(commercial_partner_id=self.other_customer.id)
        self.assertEqual(declaration.commercial_partner_id, self.customer)
        with self.assertRefused(REFUSED, "."):
            declaration.write({"commercial_partner_id": self.other_customer.id})
        self._approve(declaration)
        self.assertEqual(self.customer.crm_grade_id, self.grade_a)
        self.assertFalse(self.other_customer.crm_grade_id)

    @requirement("A3.F3")
    def test_a_declaration_says_it_is_as_computed_and_is_not(self):
        self.customer.sudo().crm_grade_computed_id = self.grade_c
        declaration = self._declare()
        self.assertTrue(declaration.is_manual)
        with self.assertRefused(REFUSED, "."):
            declaration.write({"is_manual": False})
        declaration = self._declare(is_manual=False)
        with self.assertRefused(UserError, "say why"):
            declaration.action_approval_submit()

    @requirement("A3.F3")
    def test_an_author_approves_his_own_declaration(self):
        declaration = self._declare()
        declaration.action_approval_submit()
        with self.assertRefused(AccessError, "."):
            declaration.action_approval_approve()
        self.assertFalse(self.customer.crm_grade_id)

    def test_a_specialist_writes_history_or_scores(self):
        with self.assertRefused(AccessError, "."):
            self.env["crm.grade.history"].with_user(self.supervisor).create(
                {"partner_id": self.customer.id, "grade_to_id": self.grade_a.id}
            )
        self._order()
        score = self._score(self._run(self._approved()))
        self.assertTrue(score)
        for user in (self.specialist, self.supervisor):
            with self.assertRefused(AccessError, "."):
                score.with_user(user).write({"total": 100})
            with self.assertRefused(AccessError, "."):
                score.line_ids.with_user(user).write({"points": 100})
            with self.assertRefused(AccessError, "."):
                score.run_id.with_user(user).write(
                    {"score_ids": [Command.update(score.id, {"total": 100})]}
                )
        with self.assertRefused(AccessError, "."):
            self.env["crm.grading.run"].with_user(self.specialist).create({"name": "x"})
        with self.assertRefused(AccessError, "."):
            score.run_id.with_user(self.specialist).action_compute()

    # ------------------------------------------------------------------ figures of others

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_employees_and_other_companies_read_scores(self):
        self._order()
        score = self._score(self._run(self._approved()))
        self.assertEqual(score.with_user(self.specialist).read(["total"])[0]["total"], score.total)
        for user in (self.plain_user, self.foreigner, self.portal_user):
            with self.subTest(user=user.login):
                for record in (score, score.line_ids, score.run_id):
                    with self.assertRefused(AccessError, "."):
                        record.with_user(user).read(["display_name"])
                with self.assertRefused(AccessError, "."):
                    score.with_user(user).action_declare()
                with self.assertRefused(AccessError, "."):
                    score.line_ids[:1].with_user(user).action_open_documents()
        with self.assertRefused(AccessError, "."):
            score.with_user(self.foreigner).with_context(allowed_company_ids=self.company.ids).read(
                ["total"]
            )
        with self.assertRefused(AccessError, "."):
            self.customer.with_user(self.plain_user).action_open_crm_score()

    def test_a_customer_reads_his_own_grade_in_the_portal(self):
        self.portal_user.partner_id.parent_id = self.customer
        self._set_grade(self.customer, self.grade_c)
        own = self.customer.with_user(self.portal_user)
        self.assertEqual(own.read(["name"])[0]["name"], self.customer.name)
        for name in ("crm_grade_id", "crm_grade_computed_id", "crm_customer_class"):
            with self.subTest(name=name):
                with self.assertRefused(AccessError, "."):
                    own.read([name])
                with self.assertRefused(AccessError, "."):
                    own.search([(name, "!=", False)])
                self.assertIn(name, self.customer.with_user(self.plain_user).read([name])[0])

    # ------------------------------------------------------------------ evaluations of others

    def _evaluate(self, user=None):
        return (
            self.env["crm.relationship.evaluation"]
            .with_user(user or self.specialist)
            .create({"partner_id": self.customer.id})
        )

    def test_a_specialist_puts_lines_into_an_evaluation_of_somebody_else(self):
        own, other = self._evaluate(), self._evaluate(self.stranger)
        line = own.judgement_ids[:1]
        self.assertTrue(line)
        with self.assertRefused(REFUSED, "."):
            line.write({"evaluation_id": other.id})
        with self.assertRefused(REFUSED, "."):
            self.env["crm.relationship.judgement"].with_user(self.specialist).create(
                {"evaluation_id": other.id, "requirement_id": line.requirement_id.id}
            )
        info = self.env["crm.relationship.information"].with_user(self.specialist)
        info = info.create({"evaluation_id": own.id, "summary": "true"})
        with self.assertRefused(REFUSED, "."):
            info.write({"evaluation_id": other.id})
        with self.assertRefused(REFUSED, "."):
            own.write({"company_id": self.foreign_company.id})
        with self.assertRefused(REFUSED, "."):
            info.write({"company_id": self.foreign_company.id})
        line.write({"result": "met"})
        self.assertEqual(line.result, "met")

    def test_a_specialist_judges_instead_of_the_supervisor(self):
        evaluation = self._evaluate()
        for values in ({"result": "strong"}, {"score": 100}, {"gap_count": 0}):
            with self.subTest(values=values), self.assertRefused(REFUSED, "."):
                evaluation.write(values)

    def test_who_is_asked_changes_the_question_or_looks_around(self):
        evaluation = self._evaluate()
        ask = (
            self.env["crm.relationship.information.ask"]
            .with_user(self.specialist)
            .create(
                {
                    "evaluation_id": evaluation.id,
                    "request_user_id": self.plain_user.id,
                    "question": "Why fewer orders?",
                }
            )
        )
        ask.action_ask()
        line = evaluation.information_ids.filtered("request_user_id").with_user(self.plain_user)
        self.assertEqual(line.read(["question"])[0]["question"], "Why fewer orders?")
        for values in (
            {"question": "x"},
            {"kind": "visit"},
            {"request_user_id": self.stranger.id},
            {"partner_id": self.other_customer.id},
            {"evaluation_id": self._evaluate().id},
            {"date_supplied": "2026-01-01"},
        ):
            with self.subTest(values=values), self.assertRefused(REFUSED, "."):
                line.write(values)
        with self.assertRefused(AccessError, "."):
            evaluation.with_user(self.plain_user).read(["name"])
        line.write({"summary": "They buy elsewhere"})
        line.action_supply()
        self.assertTrue(line.date_supplied)
