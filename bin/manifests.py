"""What the manifests say, for the shell scripts.

bin/manifests.py ours                 the addons of this project, dependencies first
bin/manifests.py tested               these, and the addons in tests/addons that only tests install
bin/manifests.py closure ADDON...     these and those of the above that they depend on
bin/manifests.py outside              the modules of Odoo itself that all these depend on
"""

import ast
import pathlib
import sys

ROOT = pathlib.Path(__file__).parents[1]


def read_manifests(pattern):
    manifests = {}
    for path in sorted(ROOT.glob(pattern)):
        manifest = ast.literal_eval(path.read_text(encoding="utf-8"))
        if manifest.get("installable", True):
            manifests[path.parent.name] = manifest
    return manifests


def closure(manifests, names):
    """The names and all they depend on, each after what it depends on."""
    found = []

    def add(name):
        if name in manifests and name not in found:
            for depend in manifests[name].get("depends", []):
                add(depend)
            if name not in found:
                found.append(name)

    for name in names:
        add(name)
    return found


def main(command, *names):
    ours = read_manifests("addons/*/__manifest__.py")
    tested = ours | read_manifests("tests/addons/*/__manifest__.py")
    if command == "ours":
        result = closure(ours, ours)
    elif command == "tested":
        result = closure(tested, tested)
    elif command == "closure":
        result = closure(tested, names)
    else:
        depends = {name for manifest in tested.values() for name in manifest.get("depends", [])}
        result = sorted((depends | {"base", "web"}) - set(tested))
    print("\n".join(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
