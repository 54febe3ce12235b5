from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement
from odoo.addons.mail.tests.common import MailCase

from .desk_common import DeskCommon


@tagged("post_install", "-at_install")
class TestReply(DeskCommon, MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.email = "customer@example.com"
        cls.env["crm.case.reply.template"].search([]).active = False
        cls.template = cls.env["crm.case.reply.template"].create(
            {
                "name": "Solved",
                "subject": "{number} is solved",
                "body": "Dear {contact}, {subject}: {solution}",
                "solution": "Charger replaced, see {number}",
                "stage_id": cls.stage_customer.id,
                "set_category_id": cls.env.ref("crm_aftersales.case_category_delivery").id,
                "activity_type_id": cls.env.ref("mail.mail_activity_data_call").id,
                "activity_days": 2,
                "check_ids": [Command.create({"name": "Stock looked at"})],
            }
        )

    def _reply(self, case, **values):
        dialog = self._open_dialog(case.action_reply())
        if "template_id" in values:
            dialog.template_id = values.pop("template_id")
        for name, value in values.items():
            dialog[name] = value
        return dialog.save()

    def _tick(self, dialog):
        dialog.check_ids.is_done = True
        return dialog

    @requirement("C2.R12")
    def test_one_click_fills_and_sends(self):
        case = self._make_case(channel="email", phone="13800138000")
        dialog = self._reply(case)
        self.assertEqual((dialog.template_id, dialog.how), (self.template, "mail"))
        with self.assertRefused(UserError, "Stock looked at"):
            dialog.action_send()
        with self.mock_mail_gateway():
            self._tick(dialog).action_send()
        message = case.message_ids.filtered(lambda m: m.message_type == "comment")
        self.assertEqual(message.subject, f"{case.name} is solved")
        self.assertIn(self.customer, message.notified_partner_ids)
        self.assertEqual(message.author_id, self.specialist.partner_id)
        self.assertEqual(case.stage_id, self.stage_customer)
        self.assertEqual(case.solution, f"Charger replaced, see {case.name}")
        self.assertEqual(case.category_id.name, "Delivery")
        activity = case.activity_ids
        self.assertEqual(activity.date_deadline, fields.Date.add(self.today, days=2))

    @requirement("C2.R12")
    def test_what_was_told_by_phone_is_recorded_not_mailed(self):
        case = self._make_case()
        case.message_subscribe(partner_ids=self.customer.ids)
        events = []
        model = self.env.registry["crm.service.case"]
        original = model._record_event

        def record(cases, event, date=None, message=None):
            events.append((event, date, message))
            return original(cases, event, date, message)

        self.patch(model, "_record_event", record)
        told = fields.Datetime.now()
        dialog = self._tick(self._reply(case, how="phone", date_told=told, told_to="Mr Han"))
        with self.mock_mail_gateway():
            dialog.action_send()
        message = case.message_ids.filtered(lambda m: m.message_type == "comment")
        self.assertEqual(message.subtype_id, self.env.ref("mail.mt_comment"))
        self.assertIn("Mr Han", message.body)
        self.assertFalse(message.notified_partner_ids)
        self.assertFalse(self._new_mails)
        self.assertIn(("answered", told, message), events)

    def test_attachments_go_with_it(self):
        case = self._make_case(channel="email")
        secret = self.env["ir.attachment"].create({"name": "secret", "raw": b"x"})
        mine = (
            self.env["ir.attachment"]
            .with_user(self.specialist)
            .create({"name": "photo", "raw": b"x", "res_model": "crm.case.reply", "res_id": 0})
        )
        dialog = self._tick(self._reply(case))
        dialog.attachment_ids = mine
        with self.mock_mail_gateway():
            dialog.action_send()
        self.assertEqual((mine.res_model, mine.res_id), (case._name, case.id))
        message = case.message_ids.filtered(lambda m: m.message_type == "comment")
        self.assertEqual(message.attachment_ids, mine)
        forged = self._tick(self._reply(case))
        forged.sudo().attachment_ids = secret
        with self.assertRefused(AccessError, ""):
            forged.action_send()

    def test_when_it_was_told(self):
        case = self._make_case()
        for date in (self.now + timedelta(hours=2), self.now - timedelta(days=2)):
            dialog = self._tick(self._reply(case, how="phone", date_told=date))
            with self.assertRefused(UserError, "When was the customer told"):
                dialog.action_send()

    def test_placeholders(self):
        with self.assertRefused(ValidationError, "env"):
            self.template.body = "Dear {env}"
        self.customer.name = "<b>Lanzhou</b>"
        case = self._make_case(subject="{number} {user} <script>")
        self.assertIn("{number} {user} <script>", self._reply(case).body)

    def test_not_for_others(self):
        case = self._make_case(team_id=False)
        with self.assertRefused(AccessError, "allowed|access"):
            case.with_user(self.colleague).action_reply()
        dialog = self._tick(self._reply(case))
        with self.assertRefused(AccessError, "allowed|access"):
            dialog.with_user(self.colleague).action_send()
        forged = (
            self.env["crm.case.reply"]
            .with_user(self.colleague)
            .create({"case_id": case.id, "body": "x", "how": "phone", "template_id": False})
        )
        with self.assertRefused(AccessError, "allowed|access"):
            forged.action_send()

    # ------------------------------------------------------------------ apologies

    @requirement("C1.R9")
    def test_not_our_fault_no_apology(self):
        case = self._make_complaint(fault="not_own")
        for text in ("给您添麻烦了，非 常 抱 歉", "很對不起您", "We are SORRY", "Our apologies"):
            dialog = self._reply(case, body=text, template_id=self.template.browse())
            with self.assertRefused(UserError, "not our fault"):
                dialog.action_send()
        dialog = self._reply(case, body="The charger got wet", template_id=self.template.browse())
        dialog.action_send()
        with self.assertRefused(UserError, "“抱歉”"):
            case.message_post(body="抱歉", message_type="comment", subtype_xmlid="mail.mt_comment")
        case.message_post(
            body="抱歉 is what he wants to hear",
            message_type="comment",
            subtype_xmlid="mail.mt_note",
        )

    @requirement("C1.R9")
    def test_our_fault_asks_for_an_apology(self):
        case = self._make_complaint(fault="own")
        dialog = self._reply(case, body="We replace it", template_id=self.template.browse())
        with self.assertRefused(UserError, "apologise"):
            dialog.action_send()
        dialog.body = "We are sorry. We replace it."
        dialog.action_send()
        self.assertTrue(case.date_apologized)
        dialog = self._reply(case, body="It is on its way", template_id=self.template.browse())
        dialog.action_send()
        told = self._make_complaint(fault="own", subject="Other")
        dialog = self._reply(
            told, body="On its way", template_id=self.template.browse(), is_apologised=True
        )
        dialog.action_send()
        self.assertTrue(told.date_apologized)

    @requirement("C1.R9")
    def test_templates_differ_and_are_checked(self):
        templates = self.env["crm.case.reply.template"].with_context(active_test=False)
        own, not_own = (
            self.env.ref(f"crm_aftersales.reply_template_{key}") for key in ("own", "not_own")
        )
        (own | not_own).active = True
        case = self._make_complaint(fault="own")
        self.assertEqual(templates._get_best(case), own)
        self.assertNotIn(not_own, templates.search(templates._get_case_domain(case)))
        case.fault = "not_own"
        self.assertEqual(templates._get_best(case), not_own)
        with self.assertRefused(ValidationError, "“sorry”"):
            not_own.body = "We are sorry"
        self.env["crm.case.apology.word"].create({"name": "遗憾"})
        with self.assertRefused(ValidationError, "“遗憾”"):
            not_own.body = "我们很遗憾"
        words = self.env["crm.case.apology.word"]
        for lang in ("zh_CN", "zh_TW"):
            self.env["res.lang"]._activate_lang(lang)
            self.env["ir.module.module"]._load_module_terms(["crm_aftersales"], [lang])
            text = not_own.with_context(lang=lang).body
            self.assertFalse(words._find_apology(text), lang)
            self.assertTrue(words._find_apology(own.with_context(lang=lang).body), lang)

    # ------------------------------------------------------------------ answers

    @requirement("C1.R4")
    def test_answer_bank(self):
        answers = self.env["crm.case.answer"]
        answer = answers.with_user(self.specialist).create(
            {"name": "How long is the warranty?", "answer": "Two years.", "state": "approved"}
        )
        self.assertEqual(answer.state, "draft")
        with self.assertRefused(AccessError, "supervisors"):
            answer.action_approve()
        with self.assertRefused(AccessError, "button"):
            answer.write({"state": "approved"})
        answer.with_user(self.supervisor).action_approve()
        self.assertTrue(answer.is_valid)
        with self.assertRefused(AccessError, "supervisor"):
            answer.answer = "Ten years."
        case = self._make_case()
        dialog = self._open_dialog(case.action_reply())
        dialog.template_id = self.template.browse()
        dialog.how = "phone"
        dialog.answer_id = answer
        self.assertIn("Two years.", dialog.body)
        dialog.save().action_send()
        self.assertEqual(answer.use_count, 1)
        past = [self.today - timedelta(days=days) for days in (9, 1)]
        answer.with_user(self.supervisor).write({"date_from": past[0], "date_to": past[1]})
        self.assertFalse(answer.is_valid)
        self.assertNotIn(answer, answers.search([("is_valid", "=", True)]))

    @requirement("C1.R4")
    def test_what_is_not_known_is_passed_on(self):
        case = self._make_case()
        action = self._reply(case).action_hand_over()
        self.assertEqual(action["res_model"], "crm.case.handover.offer")
        self.assertEqual(action["context"]["default_case_id"], case.id)
        dialog = self._open_dialog(action)
        dialog.user_id = self.colleague
        dialog.reason = "The laboratory knows"
        dialog.save().action_offer()
        self.assertEqual(case.sudo().handover_id.to_user_id, self.colleague)
