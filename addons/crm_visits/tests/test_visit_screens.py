from datetime import timedelta

from odoo.tests import Form, tagged

from .common import VisitCommon


@tagged("post_install", "-at_install")
class TestVisitScreens(VisitCommon):
    """Forms open and save for the people who work with them, not only for administrators."""

    def test_specialist_opens_an_empty_visit_form(self):
        form = Form(self.env["crm.visit"].with_user(self.specialist))
        form.partner_id = self.customer
        form.method_id = self.method_callback
        self.assertEqual(form.save().visitor_ids, self.specialist)

    def test_specialist_opens_an_empty_plan_form(self):
        form = Form(self.env["crm.visit.plan"].with_user(self.specialist))
        with form.line_ids.new() as line:
            line.partner_id = self.customer
        self.assertEqual(form.save().line_ids.partner_id, self.customer)

    def test_call_with_an_appointment_stands_in_the_calendar(self):
        call = self._make_call(date_scheduled=self.now + timedelta(days=1))
        self.assertEqual(call.sudo().event_id.start, call.date_scheduled)

    def test_supervisor_sees_the_required_answers_of_a_method(self):
        method = self.method_face.with_user(self.supervisor)
        with Form(method) as form:
            self.assertIn("opinion", form.required_field_ids[:].mapped("name"))

    def test_everybody_opens_the_form_of_a_method(self):
        Form(self.method_face.with_user(self.specialist))

    def _editable_by(self, document):
        users = (self.specialist, self.colleague, self.supervisor, self.auditor)
        return [user for user in users if document.with_user(user).is_editable]

    def test_colleagues_cannot_type_into_a_visit(self):
        self.colleague = self._new_user("test_colleague", "specialist")
        visit = self._make_call()
        self.assertEqual(self._editable_by(visit), [self.specialist, self.supervisor])
        form = Form(visit.with_user(self.colleague))
        for name in ("opinion", "result", "partner_id", "date_scheduled"):
            with self.assertRaisesRegex(AssertionError, "readonly"):
                form[name] = False
        with Form(visit) as form:
            form.opinion = "Fine"
        visit = self._carry_out(self._make_call())
        visit.action_approval_submit()
        self.assertFalse(self._editable_by(visit))

    def test_colleagues_cannot_type_into_plans_and_reports(self):
        self.colleague = self._new_user("test_colleague", "specialist")
        plan = self._make_plan()
        report = self.env["crm.visit.report"].with_user(self.specialist).create({})
        for document, name in ((plan, "purpose"), (report, "measures")):
            self.assertEqual(self._editable_by(document), [self.specialist, self.supervisor])
            with self.assertRaisesRegex(AssertionError, "readonly"):
                Form(document.with_user(self.colleague))[name] = "x"
            with Form(document) as form:
                form[name] = "x"
        self._approve(plan)
        self.assertFalse(self._editable_by(plan))

    def test_a_visit_for_a_colleague_can_be_typed_in(self):
        """The rule of the saved record is not asked of one that is not saved yet."""
        colleague = self._new_user("test_colleague", "specialist")
        form = Form(self.env["crm.visit"].with_user(self.specialist))
        form.user_id = colleague
        form.visitor_ids.clear()
        form.partner_id = self.customer
        form.method_id = self.method_callback
        form.opinion = "Fine"
        self.assertEqual(form.save().user_id, colleague)
