import base64

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.crm_aftersales.tests.common import CaseCommon
from odoo.addons.crm_service_base.tests.common import requirement


@tagged("post_install", "-at_install")
@requirement("D6.R1")
class TestLivechatCase(CaseCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        livechat = cls.env.ref("im_livechat.im_livechat_group_user")
        (cls.specialist | cls.plain_user).write({"group_ids": [Command.link(livechat.id)]})
        cls.env["mail.presence"]._update_presence(cls.specialist)
        cls.livechat = cls.env["im_livechat.channel"].create(
            {"name": "Service", "user_ids": [Command.set(cls.specialist.ids)]}
        )
        cls.wang = cls._make_portal_user("wang", cls.customer)

    def _chat(self, user=None):
        """A visitor opens a chat and writes."""
        self.authenticate(user.login if user else None, user.login if user else None)
        data = self.make_jsonrpc_request(
            "/im_livechat/get_session", {"channel_id": self.livechat.id, "persisted": True}
        )
        self.env.flush_all()
        self.env.invalidate_all()
        chat = self.env["discuss.channel"].browse(data["channel_id"])
        author = user.partner_id if user else self.env["res.partner"]
        chat.sudo().message_post(
            body="My charger burns",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            author_id=author.id,
            attachment_ids=self.env["ir.attachment"]
            .create({"name": "photo.png", "datas": base64.b64encode(b"\x89PNG")})
            .ids,
        )
        return chat.with_user(self.specialist)

    def _make(self, chat, text="/case Charger burns"):
        before = self.env["crm.service.case"].search([])
        chat.execute_command_case(body=text)
        return self.env["crm.service.case"].search([]) - before

    def test_the_chat_of_a_customer(self):
        chat = self._chat(self.wang)
        case = self._make(chat)
        self.assertEqual((case.channel, case.subject), ("chat", "Charger burns"))
        self.assertEqual((case.partner_id, case.team_id), (self.wang.partner_id, self.team))
        self.assertEqual(
            (case.user_id, case.first_responder_id), (self.specialist, self.specialist)
        )
        self.assertIn("My charger burns", case.description)
        self.assertNotIn("access_token", case.description)
        self.assertEqual(case.livechat_id, chat)
        files = case.message_ids.attachment_ids
        self.assertEqual(files.mapped("name"), ["photo.png"])
        self.assertEqual((files.res_model, files.res_id), (case._name, case.id))
        action = case.with_user(self.specialist).action_open_livechat()
        self.assertEqual(action["params"]["active_id"], chat.id)

    def test_the_chat_of_a_visitor(self):
        case = self._make(self._chat())
        self.assertFalse(case.partner_id)
        self.assertTrue(case.contact_name)
        self.assertIn("My charger burns", case.description)

    def test_without_a_subject_nothing_is_made(self):
        chat = self._chat(self.wang)
        for text in ("/case", "/case   ", ""):
            self.assertFalse(self._make(chat, text))

    def test_who_may_not(self):
        chat = self._chat(self.wang)
        for user in (self.plain_user, self.wang):
            with self.assertRefused(AccessError, "."):
                chat.with_user(user).execute_command_case(body="/case x")
        room = self.env["discuss.channel"].with_user(self.specialist)._create_channel("Room", None)
        with self.assertRefused(UserError, "Only a live chat"):
            room.execute_command_case(body="/case x")

    def test_the_link_to_the_chat_is_the_servers(self):
        case = self._make(self._chat(self.wang))
        other = self._make_case(livechat_id=case.livechat_id.id)
        self.assertFalse(other.livechat_id)
        with self.assertRefused(AccessError, "buttons"):
            other.livechat_id = case.livechat_id
        self.assertTrue(case.with_user(self.auditor).has_livechat)
        with self.assertRefused(UserError, "no part"):
            case.with_user(self.auditor).action_open_livechat()
