import base64
import pathlib
from datetime import date
from unittest.mock import patch

from dateutil.relativedelta import relativedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_service_base.tests.common import requirement

from .common import ArchiveCommon


class KilledError(Exception):
    pass


# three bytes at a time, so that base64 of what begins with it begins with its own
SECRET = "DISPOSAL-SECRET-7f3a-绝密底价"
ENCODED = base64.b64encode(SECRET.encode()[:30]).decode()


@tagged("post_install", "-at_install")
@requirement("A2.R25", "B5.R4")
class TestDisposal(ArchiveCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.witness = cls._new_user("test_witness", "specialist")
        cls.archive = cls._established()
        cls.today = cls.company._get_crm_today()
        cls.archive.date_ended = cls.today - relativedelta(years=11)
        cls.item = cls._secret_item("Price agreement")
        cls.other_item = cls._secret_item("Order book")

    @classmethod
    def _secret_item(cls, name, **values):
        file = base64.b64encode(f"{SECRET} file {name}".encode())
        values = {"archive_class": "transaction", "secrecy": "top_secret", **values}
        return cls._secret(cls.archive, f"{SECRET} {name}", name=name, content_file=file, **values)

    def _disposal(self, **values):
        return (
            self.env["crm.archive.disposal"]
            .with_user(self.supervisor)
            .create(
                {
                    "title": "Yearly disposal",
                    "executor_id": self.specialist.id,
                    "witness_id": self.witness.id,
                    **values,
                }
            )
        )

    def _approved(self, **values):
        disposal = self._disposal(**values)
        disposal.action_propose()
        disposal.action_approval_submit()
        disposal.with_user(self.manager).action_approval_approve()
        disposal.with_user(self.general_manager).action_approval_approve()
        return disposal.with_env(self.env)

    def _destroyed(self, disposal):
        disposal.with_user(self.witness).action_witness()
        disposal.with_user(self.specialist).action_destroy()
        with patch.object(self.env.registry["ir.cron"], "_commit_progress"):
            disposal._cron_destroy()
        return disposal

    # ------------------------------------------------------------------ terms

    def _due(self):
        domain = self.env["crm.archive.retention"]._get_due_items_domain(self.company, self.today)
        return self.env["crm.archive.item"].search(domain)

    def test_terms_by_class_and_event(self):
        self.assertEqual(self._due(), self.item + self.other_item)
        self.assertEqual(self.item.date_retention, self.today - relativedelta(years=1))
        self.archive.date_ended = self.today - relativedelta(years=9)
        self.assertFalse(self._due(), "ten years are not over")
        self.archive.date_ended = False
        self.assertFalse(self._due(), "the relation goes on")
        self.assertFalse(self.item.date_retention)
        old = self.today - relativedelta(years=6)
        service = self._secret_item("Repair", archive_class="service", date_document=old)
        self.assertEqual(self._due(), service, "counted from the document")
        special = self._secret_item("Letter", archive_class="special", date_document=old)
        self.archive.date_ended = self.today - relativedelta(years=50)
        self.assertNotIn(special, self._due(), "kept for good")

    def test_first_rule_that_fits_counts(self):
        self.env["crm.archive.retention"].create(
            {
                "name": "Dealers",
                "sequence": 1,
                "archive_class": "transaction",
                "customer_type_id": self.customer.crm_customer_type_id.id,
                "years": 30,
                "event": "ended",
            }
        )
        self.assertFalse(self._due())
        self.customer.crm_customer_type_id = self.env.ref("crm_service_base.customer_type_retail")
        self.assertEqual(self._due(), self.item + self.other_item)

    def test_yearly_list_comes_once(self):
        disposals = self.env["crm.archive.disposal"]
        disposals._propose_year(self.company, self.today)
        disposals._propose_year(self.company, self.today)
        disposal = disposals.search([("company_id", "=", self.company.id)])
        self.assertEqual(len(disposal), 1)
        self.assertEqual(disposal.line_ids.item_id, self.item + self.other_item)
        self.assertEqual(disposal.activity_ids.user_id, disposal.user_id)

    def test_hold_wins_before_and_after_approval(self):
        hold = self.env["crm.archive.hold"].with_user(self.supervisor)
        hold = hold.create({"archive_id": self.archive.id, "name": "Lawsuit"})
        disposal = self._disposal()
        disposal.action_propose()
        self.assertFalse(disposal.line_ids)
        with self.assertRefused(UserError, "Write why"):
            hold.action_release()
        hold.release_reason = "Judgment is final"
        hold.action_release()
        disposal = self._approved()
        hold.create({"archive_id": self.archive.id, "name": "Audit"})
        self._destroyed(disposal)
        self.assertEqual(set(disposal.line_ids.mapped("state")), {"held"})
        self.assertFalse(self.item.date_destroyed)
        self.assertTrue(self.env["crm.archive.content"].search([("item_id", "=", self.item.id)]))

    def test_what_is_worth_keeping_is_kept(self):
        disposal = self._disposal()
        disposal.action_propose()
        line = disposal.line_ids.filtered(lambda line: line.item_id == self.item)
        line.verdict = "keep"
        with self.assertRefused(UserError, "until when and why"):
            disposal.action_approval_submit()
        until = self.today + relativedelta(years=2)
        line.write({"date_kept_until": until, "reason": "Framework runs on"})
        disposal.action_approval_submit()
        disposal.with_user(self.manager).action_approval_approve()
        disposal.with_user(self.general_manager).action_approval_approve()
        self._destroyed(disposal.with_env(self.env))
        self.assertFalse(self.item.date_destroyed)
        self.assertEqual(self.item.date_kept_until, until)
        self.assertTrue(self.other_item.date_destroyed)
        self.assertFalse(self._due(), "not listed again before that day")

    # ------------------------------------------------------------------ approval and people

    def test_two_approvals_then_the_witness_then_the_executor(self):
        disposal = self._disposal()
        with self.assertRefused(UserError, "lists nothing"):
            disposal.action_approval_submit()
        disposal.action_propose()
        disposal.action_approval_submit()
        with self.assertRefused(UserError, "cannot be done now"):
            disposal.with_user(self.witness).action_witness()
        disposal.with_user(self.manager).action_approval_approve()
        self.assertEqual(disposal.state, "submitted", "the second approval is missing")
        disposal.with_user(self.general_manager).action_approval_approve()
        with self.assertRefused(UserError, "not said to be present"):
            disposal.with_user(self.specialist).action_destroy()
        for user in (self.specialist, self.supervisor, self.general_manager):
            with self.assertRefused(AccessError, "This is done by"):
                disposal.with_user(user).action_witness()
        disposal.with_user(self.witness).action_witness()
        with self.assertRefused(AccessError, "This is done by"):
            disposal.with_user(self.supervisor).action_destroy()
        with self.assertRefused(AccessError, ""):
            disposal.with_user(self.supervisor).write({"state": "done"})
        disposal.with_user(self.specialist).action_destroy()
        self.assertEqual(disposal.state, "destroying")

    def test_witness_is_somebody_else(self):
        for witness in (self.specialist, self.supervisor):
            disposal = self._disposal(witness_id=witness.id)
            disposal.action_propose()
            with self.assertRefused(UserError, "neither prepares the list nor destroys"):
                disposal.action_approval_submit()

    def test_list_changed_behind_the_approval_destroys_nothing(self):
        disposal = self._approved()
        disposal.with_user(self.witness).action_witness()
        extra = self._secret_item("Slipped in")
        self.env.cr.execute(
            "UPDATE crm_archive_disposal_line SET item_id = %s WHERE id = %s",
            [extra.id, disposal.line_ids[0].id],
        )
        self.env.invalidate_all()
        with self.assertRefused(UserError, ""):
            disposal.with_user(self.specialist).action_destroy()
        self.assertEqual(disposal.state, "approved")

    # ------------------------------------------------------------------ nothing is left

    def _find_bytes(self, secret):
        """Where a text stands in any column of any table, and in the filestore."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT table_name, column_name, data_type FROM information_schema.columns
            JOIN information_schema.tables USING (table_schema, table_name)
            WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
            AND data_type IN ('text', 'character varying', 'jsonb', 'bytea')
            """
        )
        found = []
        for table, column, kind in self.env.cr.fetchall():
            content = f'"{column}"::text' if kind != "bytea" else f'"{column}"'
            needle = secret if kind != "bytea" else secret.encode()
            plain = f"position(%s in {content}) > 0"
            self.env.cr.execute(f'SELECT 1 FROM "{table}" WHERE {plain} LIMIT 1', [needle])  # noqa: S608
            if self.env.cr.fetchone():
                found.append(f"{table}.{column}")
        store = pathlib.Path(self.env["ir.attachment"]._filestore())
        found += [str(path) for path in store.glob("??/*") if secret.encode() in path.read_bytes()]
        return found

    def test_destroyed_content_is_nowhere(self):
        file = self.env["ir.attachment"].create(
            {
                "name": "scan.txt",
                "raw": f"{SECRET} scan".encode(),
                "res_model": "crm.archive.item",
                "res_id": self.item.id,
            }
        )
        note = self.archive.message_post(body=f"{SECRET} note", attachments=[("a.txt", SECRET)])
        self.archive.note = f"{SECRET} remark"
        self.env["crm.archive.fact"].create(
            {"archive_id": self.archive.id, "value": f"{SECRET} fact", "channel": "talk"}
        )
        path = pathlib.Path(file._full_path(file.store_fname))
        before = self._find_bytes(SECRET)
        self.assertIn("crm_archive_content.body", before)
        self.assertIn("mail_message.body", before)
        self.assertIn("crm_archive_fact.value", before)
        self.assertEqual(self._find_bytes(ENCODED), ["crm_archive_content.file"])
        self.assertTrue(path.exists())
        digests = [item._get_content_digest()[0] for item in self.item + self.other_item]
        disposal = self._destroyed(self._approved())
        self.assertEqual(disposal.state, "done")
        self.assertFalse(self._find_bytes(SECRET) + self._find_bytes(ENCODED))
        self.assertFalse((file | note.attachment_ids).exists())
        self.assertFalse(path.exists())
        register = self._register(("kind", "=", "destroy"))
        self.assertEqual(register.item_id, self.item + self.other_item)
        self.assertEqual(register.user_id, self.specialist)
        self.assertEqual(set(register.mapped("reason")), {disposal.name})
        with self.assertRefused(UserError, "was destroyed"):
            self.item.with_user(self.general_manager).read_content()
        # what stays: names, numbers, days and fingerprints
        lines = disposal.line_ids.sorted("item_id")
        self.assertEqual(lines.mapped("digest"), digests)
        self.assertEqual(set(lines.mapped("state")), {"destroyed"})
        self.assertTrue(all(lines.mapped("date_destroyed")))
        self.assertEqual(lines[0].item_id.name, "Price agreement")
        self.assertEqual((self.archive.state, self.archive.active), ("destroyed", False))
        disposal.with_user(self.witness).action_certify()
        self.assertTrue(disposal.is_certified)
        with self.assertRefused(UserError, "only its name is left"):
            self.item.with_user(self.manager).name = "x"
        with self.assertRefused(UserError, "is kept|not deleted"):
            self.item.unlink()

    def test_file_shared_with_another_document_is_told(self):
        values = {"name": "scan.txt", "raw": b"the same scan"}
        item_file = {"res_model": "crm.archive.item", "res_id": self.item.id}
        partner_file = {"res_model": "res.partner", "res_id": self.customer.id}
        files = self.env["ir.attachment"].create(
            [{**values, **item_file}, {**values, **partner_file}]
        )
        disposal = self._destroyed(self._approved())
        line = disposal.line_ids.filtered(lambda line: line.item_id == self.item)
        self.assertEqual(line.shared_count, 1)
        self.assertEqual(files.exists(), files[1])
        self.assertEqual(files[1].raw, b"the same scan")

    def test_item_that_is_not_on_the_list_stays(self):
        extra = self._secret_item("Fresh", archive_class="special")
        self._destroyed(self._approved())
        self.assertTrue(self.env["crm.archive.content"].search([("item_id", "=", extra.id)]))
        self.assertEqual(self.archive.state, "established")

    def _run_killed(self, disposal):
        """The second commit never comes: what was done since the first one is lost.

        :return: whether the run was cut off
        """
        savepoints = [self.env.cr.savepoint()]

        def commit(*_args, **_kwargs):
            if len(savepoints) == 2:
                raise KilledError
            savepoints[-1].close(rollback=False)
            savepoints.append(self.env.cr.savepoint())

        with patch.object(self.env.registry["ir.cron"], "_commit_progress", commit):
            try:
                disposal._cron_destroy(batch=1)
            except KilledError:
                savepoints[-1].close()
                self.env.invalidate_all()
                return True
        savepoints[-1].close(rollback=False)
        return False

    def test_killed_anywhere_and_run_again(self):
        """Cut off at each commit in turn; each run goes on, nothing is done twice."""
        for number in range(8):
            self._secret_item(f"Item {number}")
        disposal = self._approved()
        disposal.with_user(self.witness).action_witness()
        disposal.with_user(self.specialist).action_destroy()
        kills = 0
        while self._run_killed(disposal):
            kills += 1
            self.assertLess(kills, 50)
        self.assertGreater(kills, 20, "cut off after each item and each of its files")
        self.assertEqual(disposal.state, "done")
        self.assertEqual(set(disposal.line_ids.mapped("state")), {"destroyed"})
        self.assertEqual(disposal.destroyed_count, 10)
        self.assertFalse(self._find_bytes(SECRET))
        notices = self.env["mail.message"].search([("subject", "like", "Destroyed:")])
        self.assertEqual(len(notices), 1)
        before = disposal.line_ids.mapped("date_destroyed")
        self.assertFalse(self._run_killed(disposal), "nothing is left to do")
        self.assertEqual(disposal.line_ids.mapped("date_destroyed"), before)

    def test_other_company_is_not_touched(self):
        company = self.env["res.company"].create({"name": "Other Ltd"})
        domain = self.env["crm.archive.retention"]._get_due_items_domain(company, self.today)
        self.assertFalse(self.env["crm.archive.item"].search(domain))

    def test_only_supervisors_end_a_relation(self):
        with self.assertRefused(AccessError, "Supervisors"):
            self.archive.with_user(self.specialist).date_ended = date(2020, 1, 1)
        self.archive.with_user(self.supervisor).date_ended = date(2020, 1, 1)
        with self.assertRefused(AccessError, "decided by a disposal"):
            self.item.with_user(self.manager).date_destroyed = "2020-01-01 00:00:00"
        line = {"item_id": self.item.id, "state": "destroyed", "digest": "x"}
        disposal = self._disposal(line_ids=[Command.create(line)])
        self.assertEqual((disposal.line_ids.state, disposal.line_ids.digest), ("open", False))
