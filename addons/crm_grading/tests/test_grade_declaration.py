from datetime import date, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.crm_service_base.tests.common import requirement
from odoo.addons.crm_service_base.tests.import_case import ImportCase

from .common import GradingCommon


@tagged("post_install", "-at_install")
class TestGradeDeclaration(GradingCommon, ImportCase):
    """Only an approved declaration sets a grade, and everything is in the history."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()

    def _declare(self, grade=None, user=None, **values):
        return (
            self.env["crm.grade.declaration"]
            .with_user(user or self.specialist)
            .create(
                {
                    "partner_id": self.customer.id,
                    "grade_id": (grade or self.grade_b).id,
                    **values,
                }
            )
        )

    def _approve(self, declaration):
        declaration.action_approval_submit()
        declaration.with_user(self.supervisor).action_approval_approve("Agreed")
        declaration.with_user(self.general_manager).action_approval_approve("So be it")
        self.env.invalidate_all()
        return declaration.with_env(self.env)

    def _run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("crm_grading.ir_cron_expire").method_direct_trigger()

    def _history(self, partner=None):
        return self.env["crm.grade.history"].search(
            [("partner_id", "=", (partner or self.customer).id)]
        )

    # ------------------------------------------------------------------ the way

    @requirement("A3.F3", "E1.R3")
    def test_department_then_general_manager_then_the_grade(self):
        declaration = self._declare()
        declaration.action_approval_submit()
        with self.assertRefused(AccessError, ""):
            declaration.with_user(self.general_manager).action_approval_approve()
        with self.assertRefused(AccessError, ""):
            declaration.with_user(self.specialist).action_approval_approve()
        declaration.with_user(self.supervisor).action_approval_approve()
        self.assertFalse(self.customer.crm_grade_id, "not before the general manager")
        declaration.with_user(self.general_manager).action_approval_approve()
        self.assertEqual(declaration.state, "approved")
        self.assertEqual(self.customer.crm_grade_id, self.grade_b)
        row = self._history()
        self.assertEqual(
            (row.grade_from_id.id, row.grade_to_id, row.origin, row.user_id, row.declaration_id),
            (False, self.grade_b, "declaration", self.general_manager, declaration),
        )

    @requirement("A3.F3")
    def test_what_a_declaration_starts_with(self):
        """Contact, year and grade are filled in; without a grade there is nothing to decide."""
        self.customer.user_id = self.plain_user
        declarations = self.env["crm.grade.declaration"].with_user(self.specialist)
        declaration = declarations.create({"partner_id": self.customer.id})
        self.assertEqual(declaration.contact_user_id, self.plain_user)
        self.assertEqual(declaration.user_id, self.specialist)
        self.assertEqual(declaration.date_to, self.today)
        self.assertEqual(
            declaration.date_from, fields.Date.subtract(self.today + timedelta(days=1), months=12)
        )
        with self.assertRefused(UserError, "choose the grade"):
            declaration.action_approval_submit()
        self.customer.sudo().crm_grade_computed_id = self.grade_c
        self.assertEqual(
            declarations.create({"partner_id": self.customer.id}).grade_id, self.grade_c
        )

    @requirement("A3.F3")
    def test_rejected_sets_nothing(self):
        declaration = self._declare()
        declaration.action_approval_submit()
        declaration.with_user(self.supervisor).action_approval_reject("Too early")
        self.assertEqual(declaration.state, "draft")
        self.assertFalse(self.customer.crm_grade_id)
        self.assertFalse(self._history())

    @requirement("A3.F3")
    def test_contacts_have_the_grade_of_their_company(self):
        contact = self.env["res.partner"].create({"name": "Li", "parent_id": self.customer.id})
        self._approve(self._declare(partner_id=contact.id))
        self.assertEqual(self.customer.crm_grade_id, self.grade_b)
        self.assertEqual(contact.crm_grade_id, self.grade_b)
        self.assertEqual(self._history().partner_id, self.customer)

    @requirement("A3.F3")
    def test_grade_of_one_company_only(self):
        other = self.env["res.company"].create({"name": "Other"})
        self._approve(self._declare())
        self.assertFalse(self.customer.with_company(other).crm_grade_id)

    @requirement("A3.F3")
    def test_figures_are_the_servers(self):
        day = str(self.today - timedelta(days=30))
        self._order(day=day, lines=[(None, 10, 100), (self.service, 1, 50)])
        self._order(day=day, lines=[(None, -2, 100)])
        self._order(day=str(self.today - timedelta(days=400)), lines=[(None, 99, 100)])
        self.customer.credit_limit = 5000
        declaration = self._declare(amount_year=1, credit_total=9)
        self.assertEqual(
            (
                declaration.amount_year,
                declaration.quantity_year,
                declaration.order_count_year,
                declaration.credit_total,
                declaration.credit_current,
                declaration.overdue_count,
            ),
            (850, 8, 2, 5000, 5000, 0),
        )
        with self.assertRefused(AccessError, "buttons"):
            declaration.write({"amount_year": 9})
        self._order(day=day, lines=[(None, 1, 100)])
        declaration.action_refresh()
        self.assertEqual(declaration.amount_year, 950)
        declaration.action_approval_submit()
        with self.assertRefused(UserError, "locked"):
            declaration.action_refresh()
        self.env.cr.execute(
            "UPDATE crm_grade_declaration SET amount_year = 1 WHERE id = %s", declaration.ids
        )
        self.env.invalidate_all()
        with self.assertRefused(UserError, ""):
            declaration.with_user(self.supervisor).action_approval_approve()

    @requirement("A3.F3")
    def test_other_figures_after_the_customer_changed(self):
        self._order(
            self.other_customer,
            day=str(self.today - timedelta(days=3)),
            lines=[(None, 1, 70)],
        )
        declaration = self._declare()
        self.assertEqual(declaration.amount_year, 0)
        declaration.partner_id = self.other_customer
        self.assertEqual(declaration.amount_year, 70)

    @requirement("A3.F3")
    def test_credit_limit_is_set_with_the_grade(self):
        declaration = self._declare(is_credit_asked=True, credit_asked=80000)
        with self.assertRefused(UserError, "credit analysis"):
            declaration.action_approval_submit()
        declaration.credit_analysis = "Pays on time"
        self._approve(declaration)
        self.assertEqual(self.customer.credit_limit, 80000)
        self.assertTrue(self.customer.use_partner_credit_limit)
        later = self._declare(self.grade_a)
        self._approve(later)
        self.assertEqual(self.customer.credit_limit, 80000, "not asked for")

    # ------------------------------------------------------------------ computed and declared

    def _compute_grade(self, grade):
        self.customer.sudo().crm_grade_computed_id = grade

    @requirement("A3.F3")
    def test_another_grade_than_computed_needs_reason_and_end(self):
        self._compute_grade(self.grade_c)
        declaration = self._declare(self.grade_a)
        self.assertTrue(declaration.is_manual)
        with self.assertRefused(UserError, "say why"):
            declaration.action_approval_submit()
        declaration.reason = "Opens ten shops next year"
        with self.assertRefused(UserError, "until when"):
            declaration.action_approval_submit()
        declaration.date_expiry = self.today - timedelta(days=1)
        with self.assertRefused(UserError, "until when"):
            declaration.action_approval_submit()
        declaration.date_expiry = self.today + timedelta(days=90)
        self._approve(declaration)
        self.assertEqual(self.customer.crm_grade_id, self.grade_a)
        self.assertEqual(self.customer.crm_grade_computed_id, self.grade_c, "stands beside it")
        self.assertEqual(self._history().reason, "Opens ten shops next year")

    @requirement("A3.F3")
    def test_declared_grade_expires(self):
        self._compute_grade(self.grade_c)
        end = self.today + timedelta(days=90)
        declaration = self._approve(self._declare(self.grade_a, reason="Shops", date_expiry=end))
        with freeze_time(end):
            self._run_cron()
        self.assertEqual(declaration.state, "approved", "counts on its last day")
        with freeze_time(end + timedelta(days=1)):
            self._run_cron()
            self._run_cron()
        self.assertEqual(declaration.state, "ended")
        self.assertEqual(self.customer.crm_grade_id, self.grade_c)
        last = self._history()[0]
        self.assertEqual((last.origin, last.grade_from_id), ("expiry", self.grade_a))
        self.assertEqual(len(self._history()), 2, "twice does nothing twice")
        activity = declaration.activity_ids
        self.assertEqual((len(activity), activity.user_id), (1, self.specialist))
        self.assertIn("Grade C", activity.note)

    @requirement("A3.F3")
    def test_without_a_computed_grade_the_declared_stays(self):
        self._compute_grade(self.grade_c)
        declaration = self._approve(
            self._declare(self.grade_a, reason="Shops", date_expiry=self.today)
        )
        self._compute_grade(False)
        with freeze_time(self.today + timedelta(days=1)):
            self._run_cron()
        self.assertEqual((declaration.state, self.customer.crm_grade_id), ("ended", self.grade_a))
        self.assertTrue(declaration.activity_ids)

    @requirement("A3.F3")
    def test_expiry_does_not_need_the_declarer(self):
        """Who left is not told; the head of the department is, and the grade goes back."""
        self._compute_grade(self.grade_c)
        declaration = self._approve(
            self._declare(self.grade_a, reason="Shops", date_expiry=self.today)
        )
        self.specialist.active = False
        with freeze_time(self.today + timedelta(days=1)):
            self._run_cron()
        self.assertEqual(self.customer.crm_grade_id, self.grade_c)
        self.assertEqual(declaration.activity_ids.user_id, self.supervisor)

    @requirement("A3.F3")
    def test_a_new_declaration_ends_the_one_before(self):
        first = self._approve(self._declare())
        second = self._approve(self._declare(self.grade_a))
        self.assertEqual((first.state, second.state), ("ended", "approved"))
        self.assertEqual(self._history()[0].grade_from_id, self.grade_b)

    @requirement("A3.F3")
    def test_one_at_a_time(self):
        self._declare().action_approval_submit()
        second = self._declare(self.grade_a)
        with self.assertRefused(UserError, "waits for approval"):
            second.action_approval_submit()

    # ------------------------------------------------------------------ many at once

    @requirement("A3.F3")
    def test_declarations_from_a_grading(self):
        self._order(lines=[(None, 100, 100)])
        self._order(day="2015-01-01")
        self._order(self.other_customer, lines=[(None, 100, 100)])
        self.other_customer.crm_grade_id = self.grade_c
        run = self._run(self._approved())
        mine = run.with_user(self.specialist)
        action = mine.action_declare_changes()
        made = self.env["crm.grade.declaration"].search(action["domain"])
        made = made.filtered(lambda d: d.partner_id in self.customer | self.other_customer)
        self.assertEqual(made.partner_id, self.customer, "the other holds the proposed grade")
        self.assertEqual((made.grade_id, made.is_manual), (self.grade_a, False))
        self.assertEqual(made.score_id, self._score(run))
        with self.assertRefused(UserError, "Nothing to declare"):
            mine.score_ids.filtered(lambda s: s.partner_id == self.customer).action_declare()
        self._approve(made.with_user(self.specialist))
        self.assertEqual(self.customer.crm_grade_id, self.grade_a)
        self.assertEqual(self._history().reason, "As computed")

    @requirement("A3.F3")
    def test_bulk_approval(self):
        many = self._declare() | self._declare(partner_id=self.other_customer.id)
        self._approve(many)
        self.assertEqual(set(many.mapped("state")), {"approved"})
        self.assertEqual(self.other_customer.crm_grade_id, self.grade_b)

    # ------------------------------------------------------------------ nothing else sets a grade

    @requirement("A3.F3", "E1.R3")
    def test_grades_are_not_written_by_hand(self):
        partners = self.env["res.partner"]
        for role in ("specialist", "supervisor", "manager", "general_manager"):
            user = getattr(self, role)
            user.group_ids += self.env.ref("base.group_partner_manager")
            for name in ("crm_grade_id", "crm_grade_computed_id"):
                with self.assertRefused(UserError, "grade declaration"):
                    self.customer.with_user(user).write({name: self.grade_a.id})
                with self.assertRefused(UserError, "grade declaration"):
                    partners.with_user(user).create({"name": "x", name: self.grade_a.id})
        mine = self.customer.with_user(self.manager)
        for context in (
            {"crm_grading": True, "install_mode": True},
            {"import_file": True},
        ):
            with self.assertRefused(UserError, "grade declaration"):
                mine.with_context(**context).write({"crm_grade_id": self.grade_a.id})
        with self.assertRefused(UserError, "grade declaration"):
            mine.web_save({"crm_grade_id": self.grade_a.id}, {})
        # commands on customers run as who called the server
        self.patch(self.env.transaction, "default_env", mine.env)
        with self.assertRefused(UserError, "grade declaration"):
            mine.write({"child_ids": [Command.create({"name": "y", "crm_grade_id": 1})]})
        admin = new_test_user(self.env, "test_admin", groups="base.group_system")
        with self.assertRefused(UserError, "grade declaration"):
            self.customer.with_user(admin).write({"crm_grade_id": self.grade_a.id})
        self.assertFalse(self.customer.crm_grade_id)

    @requirement("A3.F3")
    def test_no_default_sets_a_grade(self):
        self.env["ir.default"].set("res.partner", "crm_grade_id", self.grade_a.id, user_id=True)
        partners = self.env["res.partner"].with_user(self.specialist)
        partner = partners.with_context(default_crm_grade_id=self.grade_a.id).create(
            {"name": "New"}
        )
        self.assertFalse(partner.crm_grade_id)
        self.env["ir.default"].with_user(self.specialist).set(
            "res.partner", "crm_grade_id", self.grade_a.id, user_id=True
        )
        self.assertFalse(partners.create({"name": "Newer"}).crm_grade_id)
        self.assertFalse(partner.copy().crm_grade_id)

    @requirement("A3.F3")
    def test_forms_and_imports_of_customers_go_on(self):
        self.customer.crm_grade_id = self.grade_b
        with Form(self.customer.with_user(self.specialist)) as form:
            form.phone = "1"
        self.customer.with_user(self.specialist).write({"crm_grade_id": self.grade_b.id})
        partners, messages = self.import_file(
            "res.partner", [["Name", "Customer Grade"], ["New Trade", "B"]], self.manager
        )
        self.assertFalse(partners)
        self.assertIn("grade declaration", messages[0]["message"])
        template = self.env["res.partner"]._get_import_template_rows()
        self.assertNotIn("crm_grade_id", template[0])
        contact = self.env["res.partner"].with_user(self.specialist).create({"name": "Li"})
        contact.parent_id = self.customer
        self.assertEqual(contact.crm_grade_id, self.grade_b)

    @requirement("A3.F3")
    def test_merged_customers(self):
        self.other_customer.crm_grade_id = self.grade_b
        admin = new_test_user(
            self.env, "test_admin", groups="base.group_system,account.group_account_invoice"
        )
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(admin)
        wizard._merge((self.customer | self.other_customer).ids, self.customer)
        self.assertEqual(self.customer.crm_grade_id, self.grade_b)

    # ------------------------------------------------------------------ grades of old

    @requirement("A3.F3")
    def test_manager_takes_grades_over(self):
        history = self.env["crm.grade.history"]
        row = history.with_user(self.manager).create(
            {
                "partner_id": self.customer.id,
                "grade_to_id": self.grade_a.id,
                "date": "2020-01-01",
                "origin": "declaration",
                "user_id": self.specialist.id,
                "reason": "Directory of 2020",
            }
        )
        self.assertEqual((row.origin, row.user_id), ("takeover", self.manager))
        self.assertEqual(self.customer.crm_grade_id, self.grade_a)
        with self.assertRefused(UserError, "has a grade already"):
            history.with_user(self.manager).create(
                {"partner_id": self.customer.id, "grade_to_id": self.grade_b.id}
            )
        with self.assertRefused(UserError, "future"):
            history.with_user(self.manager).create(
                {
                    "partner_id": self.other_customer.id,
                    "grade_to_id": self.grade_b.id,
                    "date": "2099-01-01",
                }
            )
        for user in (self.specialist, self.supervisor, self.general_manager):
            with self.assertRefused(AccessError, ""):
                history.with_user(user).create(
                    {"partner_id": self.other_customer.id, "grade_to_id": self.grade_b.id}
                )
        for user in (self.manager, self.supervisor):
            with self.assertRefused(AccessError, ""):
                row.with_user(user).write({"reason": "x"})
            with self.assertRefused(AccessError, ""):
                row.with_user(user).unlink()

    @requirement("A3.F3")
    def test_import_of_grades(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        for lang in ("en_US", "zh_CN"):
            rows, messages = self.import_template("crm.grade.history", self.manager, lang)
            self.assertFalse(messages, lang)
            self.assertTrue(rows.partner_id.with_company(self.company).crm_grade_id)
            self.assertEqual(rows.origin, "takeover")

    @requirement("A3.F3")
    def test_installation_takes_over_what_is_there(self):
        self.customer.crm_grade_id = self.grade_b
        self.env["crm.grade.history"]._record_present_grades()
        self.env["crm.grade.history"]._record_present_grades()
        row = self._history()
        self.assertEqual((len(row), row.origin, row.grade_to_id), (1, "takeover", self.grade_b))

    # ------------------------------------------------------------------ who

    @requirement("A3.F3")
    def test_engine_fields_and_others_declarations(self):
        declaration = self._declare(state="approved", date_ended=date(2026, 1, 1))
        self.assertEqual((declaration.state, declaration.date_ended), ("draft", False))
        self.assertFalse(self.customer.crm_grade_id)
        with self.assertRefused(AccessError, ""):
            declaration.write({"state": "approved"})
        colleague = self._new_user("test_colleague", "specialist")
        with self.assertRefused(AccessError, ""):
            declaration.with_user(colleague).write({"note": "x"})
        with self.assertRefused(AccessError, ""):
            declaration.with_user(colleague).action_approval_submit()
        with self.assertRefused(AccessError, ""):
            declaration.with_user(self.auditor).action_cancel()
        with self.assertRefused(AccessError, ""):
            declaration.with_user(self.plain_user).read(["note"])
        declaration.with_user(self.supervisor).write({"note": "x"})
        declaration.action_cancel()
        self.assertEqual(declaration.state, "cancelled")
        with self.assertRefused(UserError, "present state"):
            declaration.action_approval_submit()

    @requirement("A3.F3")
    def test_head_of_another_department_signs(self):
        head = self.plain_user
        marketing = self.env["crm.service.department"].create(
            {"name": "Marketing", "company_id": self.company.id, "head_id": head.id}
        )
        declaration = self._declare(department_id=marketing.id)
        declaration.action_approval_submit()
        declaration.with_user(head).action_approval_approve("Fine")
        self.assertEqual(declaration.approval_step_id.user_ids, self.general_manager)

    @requirement("A3.F3")
    def test_relationship_evaluation_feeds_the_declaration(self):
        self.patch(
            self.registry["crm.grade.declaration"],
            "_get_relationship_evaluations",
            lambda declarations, partners, company: dict.fromkeys(partners.ids, "Gaps: none"),
        )
        self.assertEqual(self._declare().evaluation, "Gaps: none")
