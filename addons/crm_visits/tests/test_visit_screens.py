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
