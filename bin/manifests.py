"""What the manifests under addons/ say, for the shell scripts.

bin/manifests.py ours                 every installable addon of this project, dependencies first
bin/manifests.py closure ADDON...     these and those of ours they depend on, dependencies first
bin/manifests.py outside              the modules of Odoo itself that ours depend on
"""

import ast
import pathlib
import sys

ADDONS = pathlib.Path(__file__).parents[1] / "addons"


def read_manifests():
    manifests = {}
    for path in sorted(ADDONS.glob("*/__manifest__.py")):
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
    manifests = read_manifests()
    if command == "ours":
        result = closure(manifests, manifests)
    elif command == "closure":
        result = closure(manifests, names)
    else:
        depends = {name for manifest in manifests.values() for name in manifest.get("depends", [])}
        result = sorted((depends | {"base", "web"}) - set(manifests))
    print("\n".join(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
