"""The table docs/requirements.md, and the tests that name its rows with @requirement("A1.F2").

    python tests/requirements.py check            is the table what the tests say?
    python tests/requirements.py write            makes it so
    python tests/requirements.py select ID...     prints the tests of these rows, for pytest

The ID, the addon and the text of a row are written by hand; its state and its tests are generated:
a row is done when a test proves it.  Tests are read, not run: no database and no time is needed.
"""

import ast
import pathlib
import re
import sys
from collections import defaultdict

ROOT = pathlib.Path(__file__).parents[1]
TABLE = ROOT / "docs" / "requirements.md"
ADDONS = {
    "base": "crm_service_base",
    "visits": "crm_visits",
    "survey": "crm_market_survey",
    "grading": "crm_grading",
    "aftersales": "crm_aftersales",
    "archive": "crm_archive_security",
    "tenants": "crm_tenant_relations",
}
ROW = re.compile(
    r"^\| (?P<id>[A-E]\d+\.[FR]\d+) \| (?P<addon>[^|]*) \| (?P<text>.*)"
    r" \| (?P<state>done|open) \| (?P<tests>[^|]*) \|$"
)


def read_rows(table=TABLE):
    """The rows of the table as a list of (line number, match)."""
    lines = table.read_text(encoding="utf-8").splitlines()
    return [(number, match) for number, line in enumerate(lines) if (match := ROW.match(line))]


def marks(node):
    """The IDs that the decorators of a class or function name."""
    return [
        argument.value
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call)
        and getattr(decorator.func, "id", getattr(decorator.func, "attr", None)) == "requirement"
        for argument in decorator.args
        if isinstance(argument, ast.Constant)
    ]


def find_tests():
    """The tests that name requirements, as {ID: [pytest node]}."""
    found = defaultdict(list)
    patterns = [
        "addons/*/tests/**/test_*.py",
        "tests/addons/*/tests/**/test_*.py",
        "tests/test_*.py",
    ]
    for path in (path for pattern in patterns for path in sorted(ROOT.glob(pattern))):
        for node in ast.parse(path.read_text(encoding="utf-8"), path).body:
            prefix = f"{path.relative_to(ROOT)}::{getattr(node, 'name', '')}"
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for name in marks(node):
                    found[name].append(prefix)
            elif isinstance(node, ast.ClassDef):
                for name in marks(node):
                    found[name].append(prefix)
                for method in node.body:
                    if isinstance(method, ast.FunctionDef) and method.name.startswith("test_"):
                        for name in marks(method):
                            if prefix not in found[name]:
                                found[name].append(f"{prefix}::{method.name}")
    return found


def render_tests(nodes):
    """`crm_visits/test_plan.py`: TestPlan.test_lock, TestPlan.test_print; ..."""
    by_file = defaultdict(list)
    for node in nodes:
        path, *names = node.split("::")
        by_file[path.removeprefix("tests/").removeprefix("addons/").replace("/tests/", "/")].append(
            ".".join(names)
        )
    return "; ".join(f"`{path}`: {', '.join(names)}" for path, names in by_file.items())


def render_row(match, tests):
    nodes = tests.get(match["id"], [])
    state = "done" if nodes else "open"
    return (
        f"| {match['id']} | {match['addon']} | {match['text']} | {state} | {render_tests(nodes)} |"
    )


def render():
    tests = find_tests()
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    for number, match in read_rows():
        lines[number] = render_row(match, tests)
    return "\n".join(lines) + "\n"


def problems():
    """What is wrong with the table or the marks, a sentence each."""
    text = TABLE.read_text(encoding="utf-8")
    tests = find_tests()
    seen = set()
    for number, line in enumerate(text.splitlines()):
        if re.match(r"^\|\s*[A-E]\d", line) and not ROW.match(line):
            yield f"{TABLE.name}:{number + 1}: a row needs ID, addon, requirement, state and tests"
    for number, match in read_rows():
        where = f"{TABLE.name}:{number + 1}: {match['id']}"
        if match["addon"] not in ADDONS:
            yield f"{where} needs exactly one addon of {', '.join(ADDONS)}, not {match['addon']!r}"
        if match["id"] in seen:
            yield f"{where} stands twice"
        seen.add(match["id"])
    for name in sorted(set(tests) - seen):
        yield f"{tests[name][0]} names the requirement {name}, which is not in {TABLE.name}"
    if text != render():
        yield f"{TABLE.name} is not what the tests say; bin/lint --fix writes it anew"


def select(names):
    """Prints the pytest nodes that prove the rows; a row without any is an error."""
    tests, known = find_tests(), {match["id"] for _number, match in read_rows()}
    for name in names:
        if name not in known:
            sys.exit(f"There is no requirement {name}; docs/requirements.md has them all.")
        if not tests.get(name):
            sys.exit(f"No test names the requirement {name} yet.")
    print("\n".join(dict.fromkeys(node for name in names for node in tests[name])))


def main(command, *names):
    if command == "select":
        select(names)
    elif command == "write":
        TABLE.write_text(render(), encoding="utf-8")
    elif found := list(problems()):
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
