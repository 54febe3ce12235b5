"""A test with a database of its own: a copy of a template, worked on by an Odoo of its own."""

import json
import os
import pathlib
import subprocess
import sys

from odoo.sql_db import db_connect
from odoo.tests import BaseCase

HERE = pathlib.Path(__file__).parent


class DatabaseCase(BaseCase):
    def setUp(self):
        super().setUp()
        templates = os.environ.get("TEST_TEMPLATES", "").split()
        if len(templates) != 2:
            self.skipTest("Only bin/test knows the databases this needs.")
        self.core, self.full = templates

    def _copy(self, template, name):
        name = f"test_{os.getppid()}_{name}"
        self._sql(f'DROP DATABASE IF EXISTS "{name}"')
        self._sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        self.addCleanup(self._sql, f'DROP DATABASE IF EXISTS "{name}"')
        return name

    def _sql(self, statement):
        with db_connect("postgres").cursor() as cr:
            cr._cnx.autocommit = True
            cr._obj.execute(statement)

    def _shell(self, database, script, **environment):
        """Run a script of this folder in an Odoo shell.

        :return: what the last line of its output says, as JSON
        """
        with (HERE / script).open() as file:
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
                stdin=file,
                capture_output=True,
                text=True,
                timeout=540,
                env={**os.environ, **environment},
                check=False,
            )
        self.assertEqual(done.returncode, 0, done.stderr[-4000:])
        self.assertNotIn("Traceback", done.stderr, done.stderr[-4000:])
        return json.loads(done.stdout.strip().splitlines()[-1])
