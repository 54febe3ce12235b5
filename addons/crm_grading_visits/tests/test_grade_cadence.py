from dateutil.relativedelta import relativedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from odoo.addons.crm_grading.tests.common import GradingCommon
from odoo.addons.crm_service_base.tests.common import requirement
from odoo.addons.crm_visits.tests.common import VisitCommon


@tagged("post_install", "-at_install")
class TestGradeCadence(GradingCommon, VisitCommon):
    """The table of grades says how often customers are seen, and the visits follow."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.grade_a + cls.grade_b + cls.grade_c).visit_interval_number = 0
        cls._carry_out(cls._make_visit())

    def _row(self):
        self.env.flush_all()
        self.env["crm.visit.coverage"].invalidate_model()
        return self.env["crm.visit.coverage"].search(
            [("partner_id", "=", self.customer.id), ("company_id", "=", self.company.id)]
        )

    def _declare(self, grade):
        """Through the doors of specialist, head and general manager."""
        declaration = (
            self.env["crm.grade.declaration"]
            .with_user(self.specialist)
            .create({"partner_id": self.customer.id, "grade_id": grade.id})
        )
        self._approve(declaration)
        declaration.with_user(self.general_manager).action_approval_approve()
        self.env.invalidate_all()

    @requirement("A3.F1", "A3.F3")
    def test_a_changed_grade_moves_the_due_date(self):
        self.grade_a.with_user(self.manager).write(
            {"visit_interval_number": 1, "visit_interval_unit": "week"}
        )
        self.grade_c.with_user(self.manager).write(
            {"visit_interval_number": 6, "visit_interval_unit": "month"}
        )
        row = self._row()
        last = row.date_last
        self.assertEqual(row.cadence_id, self.env.ref("crm_visits.crm_visit_cadence_ordinary"))
        self.assertEqual(row.date_due, last + relativedelta(months=3))
        self._declare(self.grade_c)
        self.assertEqual(self._row().date_due, last + relativedelta(months=6))
        self._declare(self.grade_a)
        row = self._row()
        self.assertEqual(row.cadence_id, self.grade_a.cadence_ids)
        self.assertEqual(row.date_due, last + relativedelta(weeks=1))
        self._declare(self.grade_b)
        self.assertEqual(self._row().date_due, last + relativedelta(months=3), "no policy of B")

    @requirement("A3.F1")
    def test_the_table_and_the_rule_are_one(self):
        grade = self.grade_a.with_user(self.manager)
        grade.write({"visit_interval_number": 2, "visit_interval_unit": "week"})
        cadence = self.grade_a.cadence_ids
        self.assertEqual(
            (cadence.grade_ids, cadence.interval_number, cadence.interval_unit, cadence.active),
            (self.grade_a, 2, "week", True),
        )
        cadence.with_user(self.manager).interval_number = 3
        self.assertEqual(grade.visit_interval_number, 3, "one interval, in two places")
        grade.visit_interval_number = 0
        self.assertFalse(cadence.active)
        self.assertEqual(grade.visit_interval_number, 0)
        grade.visit_interval_number = 4
        self.assertEqual(self.grade_a.cadence_ids, cadence, "the same rule again")
        self.assertEqual((cadence.active, cadence.interval_unit), (True, "week"))

    @requirement("A3.F1")
    def test_new_grades_in_the_table(self):
        grades = (
            self.env["crm.customer.grade"]
            .with_user(self.manager)
            .create(
                [
                    {
                        "name": "S",
                        "code": "S",
                        "visit_interval_number": 10,
                        "visit_interval_unit": "day",
                    },
                    {"name": "D", "code": "D"},
                ]
            )
        )
        self.assertEqual(grades[0].cadence_ids.interval_unit, "day")
        self.assertFalse(grades[1].cadence_ids)
        self.assertEqual(grades[1].visit_interval_number, 0)

    @requirement("E1.R3")
    def test_who_sets_it_and_to_what(self):
        with self.assertRefused(AccessError, ""):
            self.grade_a.with_user(self.specialist).visit_interval_number = 1
        with self.assertRefused(AccessError, ""):
            self.grade_a.with_user(self.supervisor).visit_interval_number = 1
        with self.assertRefused(UserError, "negative"):
            self.grade_a.with_user(self.manager).visit_interval_number = -1
        self.grade_a.visit_interval_number = 1
        with self.assertRefused(ValidationError, "of no other"):
            self.grade_a.cadence_ids.with_user(self.supervisor).grade_ids = [
                Command.link(self.grade_b.id)
            ]

    def test_form_of_a_rule_opens(self):
        self.grade_a.visit_interval_number = 1
        with Form(self.grade_a.cadence_ids.with_user(self.supervisor)) as form:
            form.interval_number = 5
        self.assertEqual(self.grade_a.visit_interval_number, 5)
