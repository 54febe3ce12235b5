import os
import pathlib
import shutil
import tempfile
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, tagged
from odoo.tools import config
from odoo.tools.misc import exec_pg_environ

from odoo.addons.crm_service_base.tests.common import requirement

from ..tools import backup
from .common import ArchiveCommon


class BackupCase(BaseCase):
    """A small database of its own, with files."""

    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.environment = exec_pg_environ()
        self.files = self.folder / "files"
        self._write_file("ab/first", b"first")
        self.database = self._name("source")
        backup.run("createdb", self.database, environment=self.environment)
        self.addCleanup(self._drop, self.database)
        self._sql(
            """
            CREATE TABLE ir_cron (id serial PRIMARY KEY, active bool);
            INSERT INTO ir_cron (active) SELECT true FROM generate_series(1, 5);
            CREATE TABLE ir_attachment (id int, store_fname text);
            INSERT INTO ir_attachment VALUES (1, 'ab/first');
            CREATE TABLE customer (id int PRIMARY KEY, cron_id int REFERENCES ir_cron, name text);
            INSERT INTO customer SELECT n, 1 + n % 5, md5(n::text) || E'\\n客户\\t' || n
            FROM generate_series(1, 40000) n;
            CREATE INDEX ON customer (name);
            """
        )
        self.store = self.folder / "store"

    def _name(self, suffix):
        return f"test_{config['db_name'][0][:30]}_{suffix}"

    def _drop(self, database):
        backup.drop_database(database, self.environment)

    def _sql(self, sql, database=None):
        return backup.query(database or self.database, sql, self.environment)

    def _write_file(self, name, content):
        path = self.files / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def _create(self, **options):
        return backup.create(
            self.database, self.store, self.files, environment=self.environment, **options
        )

    def _restore(self, name, suffix="restored", store=None, **options):
        database, files = self._name(suffix), self.folder / suffix
        self.addCleanup(self._drop, database)
        options = {"environment": self.environment, **options}
        manifest = backup.restore(store or self.store, name, database, files, **options)
        faults = backup.compare(manifest, database, files, **options)
        return database, files, faults


@tagged("post_install", "-at_install")
@requirement("B6.R2")
class TestBackup(BackupCase):
    def test_full_then_incremental_each_restored_by_itself(self):
        full = self._create()
        self._sql("UPDATE customer SET name = 'changed' WHERE id IN (7, 20000)")
        self._sql("INSERT INTO customer VALUES (40001, 1, 'new')")
        self._write_file("cd/second", b"second")
        later = self._create()
        self.assertEqual((full["kind"], later["kind"]), ("full", "incremental"))
        self.assertLess(later["stored"], full["stored"] / 4, "only what changed is stored")
        database, files, faults = self._restore(full["name"], "before")
        self.assertFalse(faults)
        self.assertEqual(self._sql("SELECT count(*) FROM customer", database), [["40000"]])
        self.assertFalse((files / "cd/second").exists())
        database, files, faults = self._restore(later["name"], "after")
        self.assertFalse(faults)
        changed = "SELECT id FROM customer WHERE name IN ('changed', 'new') ORDER BY id"
        self.assertEqual(self._sql(changed, database), [["7"], ["20000"], ["40001"]])
        self.assertEqual((files / "cd/second").read_bytes(), b"second")

    def test_copy_elsewhere_is_enough(self):
        name = self._create()["name"]
        elsewhere = self.folder / "elsewhere"
        self.assertTrue(backup.copy(self.store, elsewhere, name))
        self.assertFalse(backup.copy(self.store, elsewhere, name), "nothing is copied twice")
        shutil.rmtree(self.store)
        self.assertFalse(backup.verify(elsewhere))
        _database, _files, faults = self._restore(name, store=elsewhere)
        self.assertFalse(faults)

    def test_damage_is_named(self):
        name = self._create()["name"]
        objects = sorted(path for path in self.store.glob("*/objects/*/*"))
        objects[0].write_bytes(b"damaged")
        objects[1].unlink()
        self.assertEqual(len(backup.verify(self.store, name)), 2)
        with self.assertRaisesRegex(backup.BackupError, "cannot be read"):
            self._restore(name)
        databases = self._sql("SELECT datname FROM pg_database")
        self.assertNotIn([self._name("restored")], databases, "nothing half restored is left")

    def test_another_content_of_the_restored_database_is_named(self):
        manifest = self._create()
        database, files, _faults = self._restore(manifest["name"])
        self._sql("UPDATE customer SET name = 'x' WHERE id = 3", database)
        self._sql("DELETE FROM ir_attachment", database)
        (files / "ab/first").write_bytes(b"other")
        self.assertEqual(
            backup.compare(manifest, database, files, environment=self.environment),
            [
                "Table public.customer has other content than the backup.",
                "Table public.ir_attachment has 0 rows instead of 1.",
                "File ab/first has another content.",
            ],
        )

    def test_file_that_was_lost_before_the_backup_is_named(self):
        self._sql("INSERT INTO ir_attachment VALUES (2, 'ef/lost')")
        _database, _files, faults = self._restore(self._create()["name"])
        self.assertEqual(len(faults), 1)
        self.assertIn("ef/lost", faults[0])

    def test_neutral_copy_runs_nothing(self):
        database, _files, faults = self._restore(self._create()["name"], neutral=True)
        self.assertFalse(faults)
        active = "SELECT count(*), count(*) FILTER (WHERE active) FROM ir_cron"
        self.assertEqual(self._sql(active, database), [["5", "0"]])

    def test_nothing_that_exists_is_overwritten(self):
        name = self._create()["name"]
        with self.assertRaisesRegex(backup.BackupError, "must not exist"):
            backup.restore(
                self.store, name, self.database, self.folder / "x", environment=self.environment
            )
        self.assertEqual(self._sql("SELECT count(*) FROM customer"), [["40000"]])
        with self.assertRaisesRegex(backup.BackupError, "not empty"):
            backup.restore(
                self.store, name, self._name("y"), self.files, environment=self.environment
            )

    def test_killed_backup_is_none_and_the_next_goes_on(self):
        with (
            patch.object(backup, "digest_of", side_effect=KeyboardInterrupt),
            self.assertRaises(KeyboardInterrupt),
        ):
            self._create()
        self.assertFalse(backup.find_manifests(self.store))
        (self.store / "tmp-left").mkdir()
        name = self._create()["name"]
        self.assertFalse((self.store / "tmp-left").exists(), "no dump in the clear is left")
        self.assertFalse(backup.verify(self.store, name))

    def test_old_generations_go_the_newest_stays(self):
        first = self._create()
        second = self._create(full=True)
        self.assertNotEqual(first["generation"], second["generation"])
        future = datetime.now(backup.UTC) + timedelta(days=100)
        with patch.object(backup, "datetime") as clock:
            clock.now.return_value = future
            self.assertEqual(backup.prune(self.store, 30), [first["generation"]])
            self.assertEqual(backup.prune(self.store, 30), [])
        self.assertEqual(
            [path.stem for path in backup.find_manifests(self.store)], [second["name"]]
        )

    def test_only_the_owner_reads_it(self):
        self._create()
        for path in (self.store, *self.store.rglob("*")):
            self.assertFalse(path.stat().st_mode & 0o077, path)


@tagged("post_install", "-at_install")
@requirement("B6.R2")
class TestDrill(ArchiveCommon):
    """The database of the test itself, really restored."""

    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.patch_environment(CRM_BACKUP_FOLDER=str(self.folder))
        self.drill = self.env["crm.backup.drill"].create({"user_id": self.manager.id})

    def patch_environment(self, **variables):
        patcher = patch.dict("os.environ", variables)
        patcher.start()
        self.addCleanup(patcher.stop)

    def _backup(self):
        database = self.env.cr.dbname
        return backup.create(
            database, self.folder, config.filestore(database), environment=exec_pg_environ()
        )

    def _scratch_databases(self):
        self.env.cr.execute(
            "SELECT datname FROM pg_database WHERE datname = %s", [self.drill._get_scratch_name()]
        )
        return self.env.cr.fetchall()

    def test_drill_restores_and_opens(self):
        manifest = self._backup()
        # else opening a database would run the tests of its addons
        with patch.dict(config.options, {"test_enable": False}):
            self.drill._run()
        self.assertEqual(self.drill.state, "passed", self.drill.result)
        self.assertEqual(self.drill.backup_name, manifest["name"])
        self.assertGreater(self.drill.table_count, 100)
        self.assertGreater(self.drill.row_count, 1000)
        self.assertFalse(self._scratch_databases())
        self.assertFalse(pathlib.Path(config.filestore(self.drill._get_scratch_name())).exists())
        with self.assertRefused(AccessError, "Somebody other"):
            self.drill.with_user(self.manager).action_check()
        with self.assertRefused(AccessError, "buttons"):
            self.drill.with_user(self.manager).write({"state": "failed"})
        self.drill.with_user(self.auditor).action_check()
        self.assertEqual(self.drill.checked_by_id, self.auditor)

    def test_drill_fails_on_damage(self):
        self._backup()
        next(self.folder.glob("*/objects/*/*")).write_bytes(b"damaged")
        self.drill._run()
        self.assertEqual(self.drill.state, "failed")
        self.assertIn("cannot be read", self.drill.result)
        self.assertFalse(self._scratch_databases())
        told = self.env["mail.notification"].search(
            [("res_partner_id", "=", self.general_manager.partner_id.id)]
        )
        self.assertIn("FAILED", " ".join(told.mail_message_id.mapped("subject")))
        with self.assertRefused(UserError, "what is done"):
            self.drill.with_user(self.auditor).action_check()

    def test_register_is_verified_inside(self):
        self._log_reading()
        self.assertFalse(self.env["crm.backup.drill"]._find_faults_inside())
        self.env.cr.execute(
            "UPDATE crm_archive_access SET user_name = 'Somebody' WHERE sequence = 1"
        )
        self.assertIn("Entry 1", self.env["crm.backup.drill"]._find_faults_inside()[0])

    def _log_reading(self):
        self._item(content_body="x")
        self.env["crm.archive.access"]._seal()

    def test_what_the_application_finds_fails_the_drill(self):
        self._backup()
        model = self.env.registry["crm.backup.drill"]
        with patch.object(model, "_check_scratch", lambda *args: ["The register is broken."]):
            self.drill._run()
        self.assertEqual(
            (self.drill.state, self.drill.result), ("failed", "The register is broken.")
        )

    def test_drill_is_planned_when_due(self):
        self.drill.date_planned -= timedelta(days=91)
        self.drill.state = "passed"
        drills = self.env["crm.backup.drill"]
        company = self.env.ref("base.main_company")
        today = company._get_crm_today()
        drills._plan_due(company, today)
        drills._plan_due(company, today)
        planned = drills.search([("state", "=", "planned")])
        self.assertEqual((len(planned), planned.date_planned), (1, today))

    def test_missing_backups_are_told(self):
        manifest = self._backup()
        notices = self.env["mail.message"].search_count([("subject", "like", "No backup since")])
        today = datetime.fromisoformat(manifest["date"]).date()
        self.drill._warn_of_missing(today)
        count = [("subject", "like", "No backup since")]
        self.assertEqual(self.env["mail.message"].search_count(count), notices)
        self.drill._warn_of_missing(today + timedelta(days=3))
        self.assertEqual(self.env["mail.message"].search_count(count), notices + 1)

    def test_without_a_folder_it_says_what_to_do(self):
        with patch.dict("os.environ"):
            os.environ.pop("CRM_BACKUP_FOLDER")
            with self.assertRefused(UserError, "CRM_BACKUP_FOLDER"):
                self.drill.with_user(self.manager).action_run()
