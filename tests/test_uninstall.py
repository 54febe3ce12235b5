"""Uninstalling leaves the database as it was before our addons."""

import pathlib
import sys

from odoo.sql_db import close_db, db_connect

sys.path.append(str(pathlib.Path(__file__).parent))
import uninstall
from database import HERE, DatabaseCase

NAMES = sorted(
    path.parent.name
    for folder in (HERE.parent / "addons", HERE / "addons")
    for path in folder.glob("*/__manifest__.py")
)


class TestUninstall(DatabaseCase):
    """In a database of its own: the template with the addons, copied; it takes half a minute."""

    def _uninstall(self, database):
        """What a database holds after uninstalling our addons.

        :return: dict ``{kind: set of names}``
        """
        rows = self._shell(database, "uninstall.py", UNINSTALL=",".join(NAMES))
        return {kind: set(names) for kind, names in rows.items()}

    def test_nothing_stays(self):
        with db_connect(self.core).cursor() as cr:
            before = {kind: set(names) for kind, names in uninstall.read(cr).items()}
        close_db(self.core)
        after = self._uninstall(self._copy(self.full, "uninstall"))
        # core itself leaves external IDs of its own mixins' fields
        after["external ID"] = {
            name for name in after["external ID"] if name.split(".")[0] in NAMES
        }
        left = {kind: sorted(after[kind] - before[kind]) for kind in before}
        self.assertFalse({kind: names for kind, names in left.items() if names})
