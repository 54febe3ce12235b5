"""Uninstalling leaves the database as it was before our addons."""

import json
import os
import pathlib
import subprocess
import sys

from odoo.sql_db import close_db, db_connect
from odoo.tests import BaseCase

sys.path.append(str(pathlib.Path(__file__).parent))
import uninstall

HERE = pathlib.Path(__file__).parent
NAMES = sorted(
    path.parent.name
    for folder in (HERE.parent / "addons", HERE / "addons")
    for path in folder.glob("*/__manifest__.py")
)


class TestUninstall(BaseCase):
    """In a database of its own: the template with the addons, copied; it takes half a minute."""

    def setUp(self):
        super().setUp()
        templates = os.environ.get("TEST_TEMPLATES", "").split()
        if len(templates) != 2:
            self.skipTest("Only bin/test knows the databases this needs.")
        self.core, self.full = templates

    def _copy(self, template, name):
        self._sql(f'DROP DATABASE IF EXISTS "{name}"')
        self._sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        self.addCleanup(self._sql, f'DROP DATABASE IF EXISTS "{name}"')
        return name

    def _sql(self, statement):
        with db_connect("postgres").cursor() as cr:
            cr._cnx.autocommit = True
            cr._obj.execute(statement)

    def _uninstall(self, database):
        """What a database holds after uninstalling our addons.

        :return: dict ``{kind: set of names}``
        """
        with (HERE / "uninstall.py").open() as script:
            done = subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "odoo",
                    "shell",
                    "-c",
                    os.environ["TEST_CONF"],
                    "-d",
                    database,
                    "--no-http",
                    "--log-level=error",
                ],
                stdin=script,
                capture_output=True,
                text=True,
                timeout=540,
                env={**os.environ, "UNINSTALL": ",".join(NAMES)},
                check=False,
            )
        self.assertEqual(done.returncode, 0, done.stderr[-4000:])
        self.assertNotIn("Traceback", done.stderr, done.stderr[-4000:])
        rows = json.loads(done.stdout.strip().splitlines()[-1])
        return {kind: set(names) for kind, names in rows.items()}

    def test_nothing_stays(self):
        with db_connect(self.core).cursor() as cr:
            before = {kind: set(names) for kind, names in uninstall.read(cr).items()}
        close_db(self.core)
        after = self._uninstall(self._copy(self.full, f"test_{os.getppid()}_uninstall"))
        # core itself leaves external IDs of its own mixins' fields
        after["external ID"] = {
            name for name in after["external ID"] if name.split(".")[0] in NAMES
        }
        left = {kind: sorted(after[kind] - before[kind]) for kind in before}
        self.assertFalse({kind: names for kind, names in left.items() if names})
