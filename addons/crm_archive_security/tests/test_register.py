import random

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL

from .common import ArchiveCommon

COUNT = 60
KINDS = ("change", "delete", "tail", "insert", "swap", "rehash", "unseal")


@tagged("post_install", "-at_install")
class TestRegister(ArchiveCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        archive = cls._archive()
        cls.item = cls._item(archive, archive_class="service", content_body="Repaired")
        cls._established()
        cls.register = cls.env["crm.archive.access"]
        for _number in range(COUNT // 20):
            for _reading in range(20):
                cls.item.with_user(cls.specialist).read_content()
            cls.register._seal()
        cls.total = cls.env["crm.archive.seal"].search([], limit=1).sequence

    def _tamper(self, query, *args):
        self.env.cr.execute(SQL(query, *args))
        self.env.invalidate_all()
        return self.register._verify()

    def test_nobody_writes_it(self):
        entry = self._register()[-1]
        for user in (self.manager, self.auditor, self.security_officer, self.env.user):
            for change in (
                lambda entry: entry.write({"user_name": "x"}),
                lambda entry: entry.copy(),
                lambda entry: entry.unlink(),
            ):
                with self.assertRefused((AccessError, UserError), "never|system|allowed"):
                    change(entry.with_user(user).sudo(user == self.env.user))

    def test_a_whole_register_verifies(self):
        self.assertFalse(self.register._verify())
        self.item.with_user(self.specialist).read_content()
        action = self.register.with_user(self.auditor).action_verify()
        self.assertEqual(action["params"]["type"], "success", action)
        with self.assertRefused(AccessError, "not allowed"):
            self.register.with_user(self.specialist).action_verify()
        with self.assertRefused(AccessError, "not allowed"):
            self.register.with_user(self.plain_user).action_verify()

    def test_two_hundred_random_tamperings_are_named(self):
        chance = random.Random(19)
        for turn in range(200):
            number = chance.randint(2, self.total - 1)
            kind = chance.choice(KINDS)
            with (
                self.subTest(turn=turn, kind=kind, number=number),
                self.cr.savepoint() as savepoint,
            ):
                fault = getattr(self, f"_do_{kind}")(number, chance)
                self.assertTrue(fault, "not found")
                if kind == "tail":
                    number = self.total
                numbers = {number - 1, number, number + 1}
                self.assertTrue(
                    any(f"number {n}" in fault or f"Entry {n}" in fault for n in numbers), fault
                )
                savepoint.rollback()
            self.env.invalidate_all()
        self.assertFalse(self.register._verify())

    def _do_change(self, number, chance):
        values = {
            "user_name": "Somebody else",
            "kind": "export",
            "is_refused": True,
            "date": "2020-01-01 00:00:00",
            "item_id": None,
            "address": "10.0.0.9",
            "leave": "check",
        }
        column = chance.choice(sorted(values))
        return self._tamper(
            "UPDATE crm_archive_access SET %s = %s WHERE sequence = %s",
            SQL.identifier(column),
            values[column],
            number,
        )

    def _do_delete(self, number, chance):
        return self._tamper("DELETE FROM crm_archive_access WHERE sequence = %s", number)

    def _do_tail(self, number, chance):
        self.env.cr.execute("DELETE FROM crm_archive_access WHERE sequence = %s", [self.total])
        self.env.invalidate_all()
        fault = self.register._verify()
        return fault and fault.replace(f"number {self.total - 1}", f"number {self.total}")

    def _do_insert(self, number, chance):
        """A row between two others, the rest moved up by one."""
        self.env.cr.execute(
            SQL(
                "UPDATE crm_archive_access SET sequence = -sequence - 1 WHERE sequence >= %s",
                number,
            )
        )
        self.env.cr.execute("UPDATE crm_archive_access SET sequence = -sequence WHERE sequence < 0")
        columns = SQL(
            "date, user_id, user_name, company_id, archive_id, archive_name, item_id, item_name, "
            "kind, is_refused, leave, hash, previous_hash"
        )
        return self._tamper(
            "INSERT INTO crm_archive_access (%s, sequence) SELECT %s, %s FROM crm_archive_access "
            "WHERE sequence = %s",
            columns,
            columns,
            number,
            number - 1,
        )

    def _do_swap(self, number, chance):
        self.env.cr.execute(
            "UPDATE crm_archive_access SET sequence = -1 WHERE sequence = %s", [number]
        )
        self.env.cr.execute(
            "UPDATE crm_archive_access SET sequence = %s WHERE sequence = %s", [number, number + 1]
        )
        return self._tamper(
            "UPDATE crm_archive_access SET sequence = %s WHERE sequence = -1", number + 1
        )

    def _do_rehash(self, number, chance):
        """Changed with a fingerprint of its own: the next entry does not fit then."""
        return self._tamper(
            "UPDATE crm_archive_access SET user_name = 'x', hash = md5('x') || md5('y') "
            "WHERE sequence = %s",
            number,
        )

    def _do_unseal(self, number, chance):
        """Taken out of the chain, and sealed again at its end."""
        self.env.cr.execute(
            "UPDATE crm_archive_access SET sequence = NULL WHERE sequence = %s", [number]
        )
        self.register._seal()
        self.env.invalidate_all()
        return self.register._verify()

    def test_a_seal_taken_away_shows(self):
        self.env.cr.execute("DELETE FROM crm_archive_seal WHERE sequence = %s", [self.total])
        self.env.cr.execute(
            "UPDATE crm_archive_access SET user_name = 'x', sequence = NULL WHERE sequence = %s",
            [self.total],
        )
        self.env.invalidate_all()
        self.register._seal()
        self.assertIn(f"Entry {self.total} ", self.register._verify())

    def test_rewriting_all_of_it_changes_the_fingerprint(self):
        """What an administrator of the database can do: take the chain apart and seal anew. The
        register fits itself then; the fingerprint that auditors have does not fit any more."""
        told = self.env["crm.archive.seal"].search([], limit=1).hash
        self.env.cr.execute("UPDATE crm_archive_access SET sequence = NULL, user_name = 'x'")
        self.env.cr.execute("DELETE FROM crm_archive_seal")
        self.env.invalidate_all()
        self.register._seal()
        self.assertFalse(self.register._verify())
        self.assertNotEqual(self.env["crm.archive.seal"].search([], limit=1).hash, told)

    def test_backdated_entries_are_named(self):
        self.env.cr.execute(
            SQL(
                "INSERT INTO crm_archive_access (date, user_id, user_name, company_id, archive_id, "
                "kind) SELECT date - interval '2 days', user_id, 'x', company_id, archive_id, kind "
                "FROM crm_archive_access WHERE sequence = 2"
            )
        )
        self.register._seal()
        self.assertIn("put in afterwards", self.register._verify() or "")

    def test_the_key_of_the_server_is_part_of_it(self):
        self.patch(type(self.register), "_get_key", lambda self: b"another")
        self.assertIn("Entry 1 ", self.register._verify())

    def test_auditors_get_the_fingerprint(self):
        self.item.with_user(self.specialist).read_content()
        with self.enter_registry_test_mode():
            self.env.ref("crm_archive_security.ir_cron_verify").method_direct_trigger()
        last = self.env["crm.archive.seal"].search([], limit=1)
        message = self.env["mail.message"].search(
            [("partner_ids", "in", self.auditor.partner_id.ids)], limit=1
        )
        self.assertIn(last.hash, message.body)
        count = self.env["mail.message"].search_count([])
        with self.enter_registry_test_mode():
            self.env.ref("crm_archive_security.ir_cron_verify").method_direct_trigger()
        self.assertEqual(self.env["mail.message"].search_count([]), count, "told once")
