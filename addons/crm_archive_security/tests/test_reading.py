from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .common import SECRET, ArchiveCommon


@tagged("post_install", "-at_install")
class TestReading(ArchiveCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.archive = cls._archive()
        cls.basic = cls._item(cls.archive, content_body="Basic facts")
        cls.service = cls._item(cls.archive, archive_class="service", content_body="Repaired")
        cls.secret = cls._secret(cls.archive)
        cls._established()
        cls.reader = cls.plain_user

    def _read(self, items, user, kind="read"):
        return items.with_user(user).read_content(kind)

    def test_roles_read_what_their_row_says(self):
        [found] = self._read(self.service, self.specialist)
        self.assertEqual(found["body"], "Repaired")
        entry = self._register()[-1]
        self.assertEqual(
            (entry.user_id, entry.kind, entry.leave, entry.item_id),
            (self.specialist, "read", "role", self.service),
        )
        with self.assertRefused(AccessError, "no leave"):
            self._read(self.basic, self.specialist)
        with self.assertRefused(AccessError, "no leave"):
            self._read(self.basic, self.manager)
        right = self.env.ref("crm_archive_security.right_specialist_service")
        right.with_user(self.security_officer).unlink()
        with self.assertRefused(AccessError, "no leave"):
            self._read(self.service, self.specialist)
        with self.assertRefused(AccessError, "not allowed"):
            self.env["crm.archive.right"].with_user(self.manager).create(
                {"group_id": self.env.ref("base.group_user").id, "archive_class": "basic"}
            )

    @requirement("A2.R19")
    def test_a_request_is_whole_and_goes_through_two_hands(self):
        self._bind(self.specialist)
        with self.assertRefused(UserError, "Profile"):
            request = self._request(self.basic, self.reader, reader_profile=False)
            request.action_approval_submit()
        request = self._request(self.basic, self.specialist, is_basic=True)
        request.action_approval_submit()
        self.assertEqual(request.item_ids, self.basic, "what is classified is asked for expressly")
        with self.assertRefused(AccessError, "no leave"):
            self._read(self.basic, self.specialist)
        request.with_user(self.supervisor).action_approval_approve()
        with self.assertRefused(AccessError, "no leave"):
            self._read(self.basic, self.specialist)
        request.with_user(self.manager).action_approval_approve()
        self.assertEqual(request.state, "approved")
        [found] = self._read(self.basic, self.specialist)
        self.assertEqual(found["body"], "Basic facts")
        entry = self._register()[-1]
        self.assertEqual((entry.leave, entry.request_id), ("grant", request.sudo()))

    @requirement("A2.R20")
    def test_outsiders_and_classified_need_the_general_manager(self):
        for items, values in (
            (self.secret, {}),
            (
                self.basic,
                {
                    "reader_kind": "outsider",
                    "reader_name": "Auditor Wang",
                    "reader_organisation": "Audit House",
                    "reader_identity": "Passport",
                },
            ),
        ):
            request = self._grant(items, self.specialist, **values)
            signers = request.approval_decision_ids.filtered(lambda d: d.kind == "approve").user_id
            self.assertIn(self.general_manager, signers)
        self.assertEqual(request.grant_ids.reader, "Auditor Wang")
        ordinary = self._grant(self.basic, self.specialist)
        self.assertNotIn(self.general_manager, ordinary.approval_decision_ids.user_id)

    def test_leave_ends_by_itself_and_with_the_revocation(self):
        request = self._grant(self.basic, self.reader)
        self.assertEqual(self._read(self.basic, self.reader)[0]["body"], "Basic facts")
        self.assertEqual(self.basic.with_user(self.reader).name, "Frame contract")
        with self.assertRefused(AccessError, "Security administrators"):
            request.grant_ids.with_user(self.reader).action_revoke()
        request.grant_ids.with_user(self.security_officer).action_revoke()
        with self.assertRefused(AccessError, "not allowed|access"):
            self._read(self.basic, self.reader)
        self.assertFalse(self.env["crm.archive"].with_user(self.reader).search([]))
        request = self._grant(self.basic, self.reader)
        self.assertTrue(self.env["crm.archive"].with_user(self.reader).search([]))
        now = fields.Datetime.now()
        request.grant_ids.write(
            {"date_start": now - timedelta(days=2), "date_end": now - timedelta(seconds=1)}
        )
        self.env.flush_all()
        self.assertFalse(self.env["crm.archive"].with_user(self.reader).search([]))
        with self.assertRefused(AccessError, "not allowed|access"):
            self._read(self.basic, self.reader)

    @requirement("A2.R23")
    def test_leave_to_read_is_no_leave_to_take(self):
        self._grant(self.basic, self.specialist)
        for kind in ("print", "copy", "export"):
            with self.assertRefused(AccessError, "no leave"):
                self._read(self.basic, self.specialist, kind)
        with self.assertRefused(AccessError, "no leave"):
            self._read(self.service, self.specialist, "print")
        self._grant(self.basic, self.specialist, may_print=True)
        self.assertTrue(self._read(self.basic, self.specialist, "print"))
        with self.assertRefused(AccessError, "no leave"):
            self._read(self.basic, self.specialist, "export")

    @requirement("A2.R26")
    def test_three_donts_come_first(self):
        self._grant(self.secret, self.specialist)
        with self.assertRefused(UserError, "three don'ts"):
            self._read(self.secret, self.specialist)
        action = self.secret.with_user(self.specialist).action_read()
        self.assertEqual(action["res_model"], "crm.archive.acknowledge")
        wizards = self.env["crm.archive.acknowledge"].with_user(self.specialist)
        wizard = wizards.create({"item_id": self.secret.id})
        with self.assertRefused(UserError, "Tick"):
            wizard.action_read()
        wizard.is_acknowledged = True
        wizard.action_read()
        self.assertEqual(self._read(self.secret, self.specialist)[0]["body"], SECRET)
        kinds = self._register(("user_id", "=", self.specialist.id)).mapped("kind")
        self.assertEqual(kinds[-2:], ["acknowledge", "read"])
        self._grant(self.secret, self.reader)
        with self.assertRefused(UserError, "three don'ts"):
            self._read(self.secret, self.reader)

    @requirement("A2.R22")
    def test_classified_is_kept_by_one_and_read_by_nobody_without_leave(self):
        self.assertEqual(self.archive.secrecy, "confidential")
        with self.assertRefused(Exception, "custodian"):
            self._item(self.archive, secrecy="top_secret")
        with self.assertRefused(AccessError, "no leave"):
            self._read(self.secret, self.secret.custodian_id)
        for user in (self.supervisor, self.manager):
            with self.assertRefused(AccessError, "general manager alone"):
                self.secret.with_user(user).secrecy = "internal"
        with self.assertRefused(AccessError, "general manager alone"):
            self.secret.with_user(self.manager).action_declassify()
        self.secret.with_user(self.general_manager).action_declassify()
        self.assertEqual((self.secret.secrecy, self.archive.secrecy), ("internal", "internal"))
        self.assertEqual(self._register()[-1].kind, "declassify")

    def test_leave_ends_when_the_item_becomes_more_secret(self):
        self._grant(self.basic, self.reader)
        self.basic.with_user(self.manager).write(
            {"secrecy": "confidential", "custodian_id": self.supervisor.id}
        )
        with self.assertRefused(AccessError, "not allowed|access"):
            self._read(self.basic, self.reader)

    def test_nobody_turns_an_item_into_what_his_role_reads(self):
        for values in ({"archive_class": "service"}, {"archive_id": self._archive().id + 1}):
            with self.assertRefused(UserError, "kept as it was"):
                self.basic.with_user(self.manager).write(values)
        with self.assertRefused(AccessError, "by hand"):
            self.env["crm.archive.grant"].with_user(self.manager).create(
                {"item_id": self.basic.id, "user_id": self.manager.id}
            )

    def test_a_thousand_items_are_registered_in_one_query(self):
        items = self.env["crm.archive.item"].create(
            [
                {
                    "archive_id": self.archive.id,
                    "name": f"Paper {n}",
                    "archive_class": "service",
                }
                for n in range(300)
            ]
        )
        items[:1].with_user(self.specialist).read_content()
        counts = []
        for some in (items[:2], items):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.with_user(self.specialist).read_content()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)
        self.assertEqual(len(self._register(("item_id", "in", items.ids))), 303)

    def test_refused_attempts_stay(self):
        before = len(self._register())
        with (
            self.enter_registry_test_mode(),
            self.assertRaisesRegex(AccessError, "no leave"),
        ):
            self._read(self.basic, self.manager)
        entry = self._register()[before:]
        self.assertEqual((entry.user_id, entry.is_refused), (self.manager, True))

    def test_what_was_put_in_stays(self):
        with self.assertRefused(UserError, "kept as it was"):
            self.basic.with_user(self.supervisor).content_body = "Other facts"
        self.assertFalse(self.basic.with_user(self.supervisor).content_body)
        with self.assertRefused(UserError, "is not deleted"):
            self.basic.with_user(self.supervisor).unlink()
        with self.assertRefused(UserError, "Web pages"):
            self._item(self.archive, content_file="PGh0bWw+PHNjcmlwdD4xPC9zY3JpcHQ+PC9odG1sPg==")
