import doctest

from odoo.exceptions import AccessError
from odoo.tests import BaseCase, tagged

from odoo.addons.crm_service_base.tests.common import requirement

from ..tools import mail_kind, upload
from .channel_common import ChannelCommon, draw_photo

DSN = b"""Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mail.example.com>
To: hotline@case.example.com
Subject: Undelivered Mail Returned to Sender
Message-Id: <dsn-1@mail.example.com>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="BOUNDARY"

--BOUNDARY
Content-Type: text/plain; charset=us-ascii

This is the mail system. Your message could not be delivered.

--BOUNDARY
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.com

Final-Recipient: rfc822; %(address)s
Action: failed
Status: 5.1.1

--BOUNDARY
Content-Type: message/rfc822

From: hotline@case.example.com
To: %(address)s
Subject: Re
Message-Id: %(message)s

Hello

--BOUNDARY--
"""


class TestTools(BaseCase):
    def test_doctests(self):
        self.assertFalse(doctest.testmod(mail_kind).failed)
        self.assertFalse(doctest.testmod(upload).failed)


@tagged("post_install", "-at_install")
class TestMailIn(ChannelCommon):
    @requirement("D6.R1", "B3.R3")
    def test_a_mail_becomes_a_case(self):
        case = self._receive(self._compose())
        self.assertEqual(len(case), 1)
        self.assertEqual((case.kind, case.channel, case.state), ("inquiry", "email", "open"))
        self.assertEqual((case.team_id, case.company_id), (self.team, self.company))
        self.assertEqual(
            (case.partner_id, case.email), (self.wang_partner, "wang@lanzhou.example.com")
        )
        self.assertEqual(case.commercial_partner_id, self.customer)
        self.assertEqual(case.subject, "The charger gets hot")
        self.assertEqual(case.description, "It gets hot.")
        self.assertFalse(case.user_id)
        self.assertFalse(case.first_responder_id)
        self.assertEqual(case.department_id, self.department)
        self.assertIn("It gets hot", "".join(case.message_ids.mapped("body")))

    @requirement("D6.R1")
    def test_html_and_attachment(self):
        mail = self._compose(Subject="回复：充电器发烫")
        mail.set_content("plain")
        mail.add_alternative(
            "<html><body><p>充电器<b>发烫</b></p><script>x()</script></body></html>", subtype="html"
        )
        mail.add_attachment(draw_photo(), "image", "jpeg", filename="照片.jpg")
        case = self._receive(mail)
        self.assertEqual(case.subject, "充电器发烫")
        self.assertIn("发烫", case.description)
        self.assertNotIn("<", case.description)
        self.assertNotIn("script", "".join(case.message_ids.mapped("body")))
        files = case.message_ids.attachment_ids
        self.assertEqual(files.mapped("name"), ["照片.jpg"])
        self.assertEqual((files.res_model, files.res_id), (case._name, case.id))

    def test_without_subject_and_from_an_unknown_address(self):
        case = self._receive(
            self._compose(
                "Zhao Liu <zhao@new.example.com>", "Where is my order?\nPlease", Subject=""
            )
        )
        self.assertEqual(case.subject, "Where is my order?")
        self.assertFalse(case.partner_id)
        self.assertEqual((case.contact_name, case.email), ("Zhao Liu", "zhao@new.example.com"))
        self.assertFalse(self.env["res.partner"].search([("email", "=", "zhao@new.example.com")]))

    def test_the_customer_of_another_company_is_not_taken(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.wang_partner.parent_id = False
        self.wang_partner.company_id = other
        case = self._receive(self._compose())
        self.assertFalse(case.partner_id)

    def test_a_colleague_is_no_customer(self):
        self.specialist.partner_id.email = "spec@ours.example.com"
        case = self._receive(self._compose("Spec <spec@ours.example.com>"))
        self.assertFalse(case.partner_id)
        self.assertFalse(case.user_id)
        self.assertFalse(self._queue(case), "a colleague gets no acknowledgement")

    # ------------------------------------------------------------------ acknowledgement

    def test_one_acknowledgement(self):
        case = self._receive(self._compose())
        ((mail, recipients),) = self._queue(case)
        self.assertEqual(recipients, {"wang@lanzhou.example.com"})
        self.assertEqual(mail.state, "outgoing")
        self.assertIn(case.name, mail.subject)
        self.assertIn("hotline@case.example.com", mail.reply_to)
        self.assertIn("Auto-Submitted", mail.headers)
        self.assertIn(f"/my/cases/{case.id}?access_token=", mail.body_html)
        self.assertNotIn("access_token", "".join(case.message_ids.mapped("body")))

    def test_acknowledgement_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        template = self.team.acknowledgement_template_id
        template.with_context(lang="zh_CN").subject = "{{ object.name }} 已登记"
        self.wang_partner.lang = "zh_CN"
        case = self._receive(self._compose())
        self.assertIn("已登记", self._queue(case)[0][0].subject)

    def test_no_acknowledgement(self):
        for sender, headers in (
            ("no-reply@shop.example.com", {}),
            ("System <alarm@shop.example.com>", {"Auto_Submitted": "auto-generated"}),
            ("list@shop.example.com", {"Precedence": "bulk"}),
            ("news@shop.example.com", {"List_Id": "<news.example.com>"}),
        ):
            case = self._receive(self._compose(sender, **headers))
            self.assertEqual(len(case), 1, sender)
            self.assertFalse(self._queue(case), sender)
        self.team.acknowledgement_template_id = False
        self.assertFalse(self._queue(self._receive(self._compose())))

    def test_what_is_no_case(self):
        bounce = DSN % {b"address": b"x@y.example.com", b"message": b"<none@case.example.com>"}
        self.assertFalse(self._receive_raw(bounce))
        for sender, headers in (
            ("hotline@case.example.com", {}),
            ("Wang Wei <wang@lanzhou.example.com>", {"Auto_Submitted": "auto-replied"}),
            ("Wang Wei <wang@lanzhou.example.com>", {"X_Autoreply": "yes"}),
            ("Wang Wei <wang@lanzhou.example.com>", {"Subject": "自动回复：我在休假"}),
            ("Wang Wei <wang@lanzhou.example.com>", {"Return_Path": "<>"}),
            ("", {}),
        ):
            self.assertFalse(self._receive(self._compose(sender, **headers)), (sender, headers))

    def _receive_raw(self, data):
        mail = self._compose()
        mail.as_bytes = lambda: data
        return self._receive(mail)

    def test_a_loop_ends(self):
        """A machine that answers each acknowledgement does not fill the register."""
        self.env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", "5")
        made = sum(len(self._receive(self._compose())) for _turn in range(12))
        self.assertLessEqual(made, 6)

    def test_the_same_mail_twice(self):
        mail = self._compose()
        self.assertTrue(self._receive(mail))
        self.assertFalse(self._receive(mail))

    # ------------------------------------------------------------------ replies

    def _reply_to(self, case, sender="Wang Wei <wang@lanzhou.example.com>", **headers):
        message = case.message_ids.filtered(lambda m: m.message_type == "auto_comment")[:1]
        message = message or case.message_ids[-1]
        return self._receive(
            self._compose(sender, "Still hot", In_Reply_To=message.message_id, **headers)
        )

    @requirement("D6.R1")
    def test_a_reply_goes_to_its_case(self):
        events = self._record_events()
        case = self._receive(self._compose())
        self.assertEqual(events, [(case.id, "opened")])
        case.write({"user_id": self.specialist.id, "stage_id": self.stage_customer.id})
        self.assertFalse(self._reply_to(case))
        self.assertIn("Still hot", case.message_ids[0].body + case.message_ids[1].body)
        self.assertIn((case.id, "written"), events)
        self.assertEqual(case.stage_id, self.stage_progress)
        notified = case.message_ids.notified_partner_ids
        self.assertIn(self.specialist.partner_id, notified, "the owner hears of it")

    def test_a_colleague_of_the_customer_belongs_to_it(self):
        case = self._receive(self._compose())
        self.assertFalse(self._reply_to(case, "office@lanzhou.example.com"))
        self.assertFalse(
            self._reply_to(
                self._receive(self._compose(Cc="friend@x.example.com")), "friend@x.example.com"
            )
        )

    def test_an_absence_note_changes_nothing(self):
        events = self._record_events()
        case = self._receive(self._compose())
        case.stage_id = self.stage_customer
        self.assertFalse(self._reply_to(case, Auto_Submitted="auto-replied"))
        self.assertEqual(case.stage_id, self.stage_customer)
        self.assertNotIn((case.id, "written"), events)

    def test_a_guessed_reference(self):
        """A stranger who knows the reference writes a case of its own, into nobody else's."""
        case = self._receive(self._compose())
        count = len(case.message_ids)
        for sender in ("Li Si <li@tianshui.example.com>", "evil@example.org"):
            new = self._reply_to(case, sender)
            self.assertEqual(len(new), 1)
            self.assertEqual(len(case.message_ids), count)
            self.assertNotEqual(new.partner_id.commercial_partner_id, self.customer)
            self.assertFalse(new.previous_id)
            self.assertIn(case.name, "".join(new.message_ids.mapped("body")), "colleagues see why")
            (mail, recipients), *_others = self._queue(new)
            self.assertNotIn("wang@lanzhou.example.com", recipients)
            self.assertNotIn(case.name, mail.body_html)
            for message in new.message_ids:
                self.assertFalse(message.parent_id & case.message_ids)
        self.assertFalse(self._reply_to(case, "evil@example.org", Auto_Submitted="auto-replied"))
        self.assertEqual(len(case.message_ids), count)

    @requirement("D6.R1")
    def test_a_reply_to_a_closed_case(self):
        case = self._receive(self._compose())
        case.write({"user_id": self.specialist.id})
        self._solve(case.with_user(self.specialist))
        case.with_user(self.specialist).action_close()
        before = (case.state, case.stage_id, case.date_closed, len(case.message_ids))
        new = self._reply_to(case)
        self.assertEqual(new.previous_id, case)
        self.assertEqual(case.next_ids, new)
        self.assertEqual(
            (new.state, new.partner_id, new.team_id), ("open", self.wang_partner, self.team)
        )
        self.assertEqual(
            (case.state, case.stage_id, case.date_closed, len(case.message_ids)), before
        )

    def test_a_reply_to_a_solved_case(self):
        case = self._receive(self._compose())
        case.write({"user_id": self.specialist.id})
        self._solve(case.with_user(self.specialist))
        self.assertFalse(self._reply_to(case))
        self.assertEqual(case.state, "solved")
        task = case.activity_ids
        self.assertEqual(task.user_id, self.specialist)
        self.assertIn("Reopen", task.note)

    def test_a_bounce_is_told(self):
        case = self._receive(self._compose())
        case.user_id = self.specialist
        message = case.message_ids.filtered(lambda m: m.message_type == "auto_comment")
        data = DSN % {
            b"address": b"wang@lanzhou.example.com",
            b"message": message.message_id.encode(),
        }
        count = len(case.message_ids)
        self.assertFalse(self._receive_raw(data))
        self.assertEqual(case.activity_ids.user_id, self.specialist)
        self.assertEqual(len(case.message_ids), count)

    def test_server_writes_what_follows(self):
        case, other = self._make_case(), self._make_case()
        with self.assertRefused(AccessError, "buttons"):
            case.previous_id = other
        self.assertFalse(self._make_case(previous_id=other.id).previous_id)

    def test_a_batch_costs_nothing_more(self):
        """The hooks of mail, portal and rating ask the database nothing when cases are made."""
        values = [
            {
                "subject": f"Case {n}",
                "partner_id": self.customer.id,
                "user_id": self.specialist.id,
                "team_id": self.team.id,
                "stage_id": self.stage_new.id,
            }
            for n in range(100)
        ]
        cases = self.env["crm.service.case"].with_user(self.specialist)
        cases.create(values[:10])
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.cr.sql_log_count
        cases.create(values)
        self.env.flush_all()
        self.assertLess(self.cr.sql_log_count - start, 20)


@tagged("post_install", "-at_install")
class TestMailOut(ChannelCommon):
    def setUp(self):
        super().setUp()
        self.case = self._make_case(partner_id=self.wang_partner.id)
        self.events = self._record_events()

    def _post(self, **values):
        return self.case.message_post(
            body="We send a new one",
            message_type="comment",
            **{"subtype_xmlid": "mail.mt_comment", **values},
        )

    @requirement("C2.R12")
    def test_what_reaches_the_customer_is_an_answer(self):
        self._post(partner_ids=self.wang_partner.ids)
        self.assertEqual(self.events, [(self.case.id, "answered")])

    def test_what_does_not_is_none(self):
        self._post(partner_ids=self.supervisor.partner_id.ids)
        self._post(partner_ids=self.stranger_partner.ids)
        self._post()
        self._post(subtype_xmlid="mail.mt_note", partner_ids=self.wang_partner.ids)
        self.assertEqual(self.events, [])

    def test_a_customer_without_address_got_nothing(self):
        self.wang_partner.email = False
        self.case.sudo().email = False
        self._post(partner_ids=self.wang_partner.ids)
        self.assertEqual(self.events, [])

    def test_followers_get_it(self):
        self.case.message_subscribe(self.wang_partner.ids)
        self._post()
        self.assertEqual(self.events, [(self.case.id, "answered")])

    def test_an_unknown_customer_gets_it(self):
        case = self._make_case(partner_id=False, email="Zhao <zhao@new.example.com>", phone="139")
        suggested = case._message_get_suggested_recipients(reply_discussion=True, no_create=False)
        contact = [line for line in suggested if line["email"] == "zhao@new.example.com"]
        partner = self.env["res.partner"].browse(contact[0]["partner_id"])
        self.events.clear()
        case.message_post(
            body="Hello",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=partner.ids,
        )
        self.assertEqual(self.events, [(case.id, "answered")])
        self.assertEqual(case.partner_id, partner, "the case is the new contact's")
        (mail, _recipients), *_others = self._queue(case)
        self.assertIn(f"/my/cases/{case.id}?access_token=", mail.body_html)

    def test_an_answer_by_mail(self):
        """A colleague answers from an own mailbox, to the customer and to us in copy."""
        self.specialist.partner_id.email = "spec@ours.example.com"
        message = self._post(partner_ids=self.supervisor.partner_id.ids)
        self._receive(
            self._compose(
                "Spec <spec@ours.example.com>",
                To="wang@lanzhou.example.com",
                Cc="hotline@case.example.com",
                In_Reply_To=message.message_id,
            )
        )
        self.assertEqual(self.events, [(self.case.id, "answered")])

    def test_a_message_for_later_is_no_answer_yet(self):
        self._post(partner_ids=self.wang_partner.ids, scheduled_date="2099-01-01 00:00:00")
        self.assertEqual(self.events, [])
        schedule = (
            self.env["mail.message.schedule"]
            .sudo()
            .search([("mail_message_id.res_id", "=", self.case.id)])
        )
        schedule.force_send()
        self.assertEqual(self.events, [(self.case.id, "answered")])

    @requirement("C2.R12", "C2.R14")
    def test_the_customer_is_told_the_result(self):
        self._solve(self.case)
        (mail, recipients), *others = self._queue(self.case)
        self.assertFalse(others)
        self.assertEqual(recipients, {"wang@lanzhou.example.com"})
        self.assertEqual(mail.state, "outgoing")
        self.assertIn("Charger replaced", mail.body_html)
        self.assertIn((self.case.id, "answered"), self.events)
        self.assertIn((self.case.id, "solved"), self.events)

    def test_the_team_may_tell_it_otherwise(self):
        self.team.solved_template_id = False
        self._solve(self.case)
        self.assertFalse(self._queue(self.case))
        self.assertNotIn((self.case.id, "answered"), self.events)
