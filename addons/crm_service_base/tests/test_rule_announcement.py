from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import ServiceCommon, requirement


@tagged("post_install", "-at_install")
class TestRuleAnnouncement(ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.announcement = (
            cls.env["crm.rule.announcement"]
            .with_user(cls.manager)
            .create(
                {
                    "name": "Complaints are answered within two hours",
                    "kind": "commitment",
                    "reference": "KF-ZD-03, edition 4",
                    "change": "<p>Two hours instead of four</p>",
                    "date_effective": fields.Date.today(),
                    "department_ids": [Command.set(cls.department.ids)],
                    "user_ids": [Command.set(cls.plain_user.ids)],
                }
            )
        )

    @requirement("D9.R1")
    def test_a_change_is_told_and_confirmed_by_everybody_concerned(self):
        announcement = self.announcement
        self.assertFalse(announcement.with_user(self.specialist).search([]) & announcement)
        announcement.action_announce()
        audience = self.specialist | self.supervisor | self.plain_user
        self.assertEqual(announcement.pending_user_ids, audience)
        self.assertEqual(announcement.activity_ids.user_id, audience)
        self.assertEqual(announcement.announced_by_id, self.manager)
        mine = announcement.with_user(self.plain_user)
        self.assertTrue(mine.is_my_turn)
        self.assertEqual(mine.search([("is_my_turn", "=", True)]), announcement)
        mine.action_acknowledge()
        self.assertFalse(mine.is_my_turn)
        self.assertFalse(mine.search([("is_my_turn", "=", True)]))
        row = announcement.acknowledgement_ids.filtered(lambda r: r.user_id == self.plain_user)
        self.assertTrue(row.date)
        read_on = row.date
        mine.action_acknowledge()
        self.assertEqual(row.date, read_on)
        self.assertEqual(announcement.pending_user_ids, self.specialist | self.supervisor)
        self.assertEqual(announcement.pending_count, 2)
        self.assertEqual(announcement.activity_ids.user_id, self.specialist | self.supervisor)

    @requirement("D9.R1")
    def test_head_and_deputy_are_concerned_with_their_department(self):
        department = self.env["crm.service.department"].create(
            {
                "name": "Warehouse",
                "company_id": self.company.id,
                "head_id": self.director.id,
                "deputy_id": self.auditor.id,
            }
        )
        self.announcement.write(
            {"user_ids": [Command.clear()], "department_ids": [Command.set(department.ids)]}
        )
        self.announcement.action_announce()
        self.assertEqual(self.announcement.pending_user_ids, self.director | self.auditor)

    @requirement("D9.R1")
    def test_nobody_confirms_for_others_and_nothing_is_rewritten(self):
        self.announcement.action_announce()
        with self.assertRefused(UserError, "does not wait"):
            self.announcement.with_user(self.director).action_acknowledge()
        rows = self.announcement.acknowledgement_ids
        for user in (self.specialist, self.manager):
            with self.assertRefused(AccessError, ""):
                rows.with_user(user).write({"date": fields.Datetime.now()})
            with self.assertRefused(AccessError, ""):
                rows.with_user(user).create(
                    {"announcement_id": self.announcement.id, "user_id": self.director.id}
                )
        with self.assertRefused(UserError, "stays as it is"):
            self.announcement.write({"change": "<p>One hour</p>"})
        with self.assertRefused(AccessError, ""):
            self.announcement.write({"state": "draft"})
        with self.assertRefused(UserError, "kept"):
            self.announcement.unlink()
        with self.assertRefused(AccessError, ""):
            self.announcement.with_user(self.supervisor).action_announce()
        fresh = self.announcement.create(
            {
                "name": "x",
                "change": "x",
                "date_effective": fields.Date.today(),
                "state": "announced",
            }
        )
        self.assertEqual(fresh.state, "draft")

    @requirement("D9.R1")
    def test_who_joins_later_is_told_and_who_has_not_read_is_reminded(self):
        self.announcement.action_announce()
        self.announcement.with_user(self.specialist).action_acknowledge()
        self.announcement.write({"user_ids": [Command.link(self.director.id)]})
        self.announcement.action_announce()
        pending = self.supervisor | self.plain_user | self.director
        self.assertEqual(self.announcement.pending_user_ids, pending)
        self.announcement.action_remind()
        message = self.announcement.message_ids[0]
        self.assertEqual(message.notified_partner_ids, pending.partner_id)
        self.announcement.action_withdraw()
        self.assertFalse(self.announcement.activity_ids)
        with self.assertRefused(UserError, "does not wait"):
            self.announcement.with_user(self.director).action_acknowledge()

    def test_who_got_one_message_writes_into_the_log(self):
        announcement = self.announcement.sudo()
        stranger = self._new_user("test_stranger", "specialist")
        announcement.message_post(
            body="Read this",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=stranger.partner_id.ids,
        )
        announcement.message_subscribe(stranger.partner_id.ids)
        with self.assertRefused(AccessError, "."):
            announcement.with_user(stranger).message_post(
                body="Forged", message_type="comment", parent_id=announcement.message_ids[0].id
            )
        self.assertNotIn("Forged", "".join(announcement.message_ids.mapped("body")))
