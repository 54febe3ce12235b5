from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .desk_common import DeskCommon


@tagged("post_install", "-at_install")
class TestConvert(DeskCommon):
    @requirement("D5.R1", "D6.R1")
    def test_inquiry_becomes_a_complaint(self):
        case = self._make_case()
        name = case.name
        case.action_make_complaint()
        self.assertEqual((case.kind, case.name), ("complaint", name))
        self.assertIn("Inquiry", " ".join(case.message_ids.mapped("body")))
        with self.assertRefused(UserError, "is a complaint"):
            case.action_make_complaint()

    @requirement("D5.R1")
    def test_quotation_and_opportunity_with_the_right_to_sell(self):
        case = self._make_case()
        for make in (case.action_make_quotation, case.action_make_opportunity):
            with self.assertRefused(AccessError, "allowed|access"):
                make()
        self.specialist.group_ids = [
            Command.link(self.env.ref("sales_team.group_sale_salesman").id)
        ]
        action = case.action_make_quotation()
        order = self.env["sale.order"].browse(action["res_id"])
        self.assertEqual((order.partner_id, order.crm_case_id), (self.customer, case))
        self.assertEqual(case.sale_order_ids, order)
        lead = self.env["crm.lead"].browse(case.action_make_opportunity()["res_id"])
        self.assertEqual(
            (lead.type, lead.partner_id, lead.crm_case_id), ("opportunity", self.customer, case)
        )
        self.assertEqual((case.sale_order_count, case.lead_count), (1, 1))

    @requirement("D5.R1")
    def test_visit(self):
        case = self._make_case()
        action = case.action_make_visit()
        form = Form(
            self.env["crm.visit"].with_user(self.specialist).with_context(**action["context"])
        )
        form.method_id = self.method_callback
        visit = form.save()
        self.assertEqual((visit.partner_id, visit.source_case_id), (self.customer, case))
        self.assertEqual(case.planned_visit_ids, visit)
        with self.assertRefused(UserError, "Name the customer"):
            self._make_case(partner_id=False).action_make_visit()

    # ------------------------------------------------------------------ merge and split

    @requirement("D6.R1", "C3.R2")
    def test_merge_loses_nothing(self):
        first = self._make_case(date_opened=self._hours_ago(5))
        second = self._make_case(urgency="2", description="It smokes")
        second.message_post(
            body="Photo",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            attachments=[("photo.txt", b"smoke")],
        )
        second.message_subscribe(partner_ids=self.other_customer.ids)
        file = self.env["ir.attachment"].create(
            {"name": "list.txt", "raw": b"x", "res_model": second._name, "res_id": second.id}
        )
        dialog = self._open_dialog((first | second).action_merge())
        self.assertEqual(dialog.target_id, first, "the earliest stays")
        kept = len(second.message_ids)
        seen = []
        model = self.env.registry["crm.service.case"]
        original = model._record_event

        def record(cases, event, date=None, message=None):
            seen.append((event, cases.ids))
            return original(cases, event, date, message)

        self.patch(model, "_record_event", record)
        dialog.save().action_merge()
        self.assertEqual((second.state, second.merged_into_id), ("cancelled", first))
        self.assertIn(("cancelled", second.ids), seen)
        self.assertGreaterEqual(len(second.message_ids), kept, "its messages stay")
        copy = first.message_ids.filtered(lambda m: "Photo" in m.body)
        self.assertEqual(copy.author_id, self.specialist.partner_id)
        self.assertIn(second.name, copy.body)
        self.assertEqual(copy.attachment_ids.raw, b"smoke")
        names = (
            self.env["ir.attachment"]
            .search([("res_model", "=", first._name), ("res_id", "=", first.id)])
            .mapped("name")
        )
        self.assertEqual(sorted(names), ["list.txt", "photo.txt"])
        self.assertTrue(file.exists())
        self.assertIn(self.other_customer, first.message_partner_ids)
        self.assertEqual((first.urgency, first.repeat_count), ("2", 1))
        self.assertIn("It smokes", first.description)

    def test_merge_takes_the_earliest_start_and_what_hangs_on_it(self):
        early = self._make_case(
            date_opened=self._hours_ago(9), partner_id=False, phone="13800138000"
        )
        late = self._make_case()
        repeat = self._make_case(subject="Again")
        repeat._link_repeat(early)
        promise = (
            self.env["crm.customer.promise"]
            .with_user(self.specialist)
            .create(
                {
                    "partner_id": self.customer.id,
                    "case_id": late.id,
                    "description": "x",
                    "date_deadline": self.today,
                }
            )
        )
        opened = early.date_opened
        early._merge_into(late)
        self.assertEqual(late.date_opened, opened)
        self.assertEqual(repeat.repeat_of_id, late)
        self.assertEqual(promise.case_id, late)

    def test_merge_is_refused(self):
        case = self._make_case()
        foreign = self._make_case(partner_id=self.other_customer.id)
        with self.assertRefused(UserError, "different customers"):
            foreign._merge_into(case)
        with self.assertRefused(UserError, "at least two"):
            case._merge_into(case)
        others = self._make_case(self.colleague, team_id=False)
        with self.assertRefused(AccessError, "allowed|access"):
            others.with_user(self.specialist)._merge_into(case)
        with self.assertRefused(AccessError, "buttons"):
            case.write({"merged_into_id": foreign.id})
        closed = self._solve(self._make_case())
        closed.action_close()
        with self.assertRefused(UserError, "cannot be merged"):
            closed._merge_into(case)

    @requirement("D6.R1")
    def test_split(self):
        case = self._make_case(date_opened=self._hours_ago(3))
        case.message_post(
            body="And the invoice is wrong", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        message = case.message_ids.filtered(lambda m: "invoice" in m.body)
        dialog = self._open_dialog(case.action_split())
        dialog.subject = "Invoice is wrong"
        dialog.message_ids = message
        part = case.browse(dialog.save().action_split()["res_id"])
        self.assertEqual((part.split_from_id, part.partner_id), (case, self.customer))
        self.assertEqual((part.user_id, part.date_opened), (case.user_id, case.date_opened))
        self.assertEqual(len(part.message_ids.filtered(lambda m: "invoice" in m.body)), 1)
        self.assertIn(message, case.message_ids)
        self.assertFalse(part.repeat_candidate_id)
        foreign = self._make_case(subject="Other").message_post(body="secret")
        with self.assertRefused(UserError, "Choose messages"):
            case._split(foreign, subject="x")

    # ------------------------------------------------------------------ batch

    @requirement("C3.R2")
    def test_batch(self):
        cases = self._make_case() | self._make_case(subject="Other")
        dialogs = self.env["crm.service.case.batch"]
        values = {"case_ids": [Command.set(cases.ids)], "urgency": "1"}
        dialogs.with_user(self.specialist).create(values).action_apply()
        self.assertEqual(set(cases.mapped("urgency")), {"1"})
        values = {"case_ids": [Command.set(cases.ids)], "user_id": self.colleague.id}
        with self.assertRefused(AccessError, "Hand Over"):
            dialogs.with_user(self.specialist).create(values).action_apply()
        dialogs.with_user(self.supervisor).create(values).action_apply()
        self.assertEqual(cases.user_id, self.colleague)
        self.assertEqual(cases.handover_ids.mapped("kind"), ["assign", "assign"])
        with self.assertRefused(UserError, "Fill in"):
            dialogs.create({"case_ids": [Command.set(cases.ids)]}).action_apply()
        self.assertTrue(fields.Datetime.now())
