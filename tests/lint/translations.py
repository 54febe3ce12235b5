"""The terms of an addon, and its i18n/ files: checked by bin/lint, updated by bin/i18n."""

import io
import pathlib
import re
import subprocess
import tempfile

import polib

from odoo.tools.translate import trans_export

ADDONS = pathlib.Path(__file__).parents[2] / "addons"
# Each language with the old national character set that lacks the other one's characters.
LANGUAGES = {"zh_CN": "gb2312", "zh_TW": "big5"}
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff]([,;?!])(?=[\u4e00-\u9fff“「%]|$)")


def our_addons():
    return sorted(path.parent.name for path in ADDONS.glob("*/__manifest__.py"))


def export_terms(env, addon):
    """The addon's terms as Odoo exports them now, a polib file."""
    buffer = io.BytesIO()
    trans_export(None, [addon], buffer, "po", env)
    return polib.pofile(buffer.getvalue().decode())


def read(addon, name):
    path = ADDONS / addon / "i18n" / name
    return polib.pofile(str(path)) if path.exists() else polib.POFile()


def places(file):
    """{term: where it is used}: Odoo translates a field's label only where the file says so."""
    # a constraint of a mixin counts for each model of any addon that is installed beside
    return {
        entry.msgid: {
            place
            for place, _line in entry.occurrences
            if not place.startswith("model:ir.model.constraint")
        }
        for entry in file
    }


def problems(env, addon):
    """What keeps the addon from being translated completely, a sentence each."""
    terms = places(export_terms(env, addon))
    for name in (f"{addon}.pot", *(f"{language}.po" for language in LANGUAGES)):
        found = places(read(addon, name))
        for term in sorted(terms.keys() | found.keys()):
            if term not in found:
                yield f"{name}: lacks {term!r}"
            elif term not in terms:
                yield f"{name}: {term!r} is no longer used"
            elif terms[term] != found[term]:
                yield f"{name}: {term!r} is used elsewhere now"
    for language, charset in LANGUAGES.items():
        for entry in read(addon, f"{language}.po"):
            if not entry.msgstr or entry.fuzzy:
                state = "fuzzy" if entry.fuzzy else "not translated"
                yield f"{language}.po: {entry.msgid!r} is {state}"
            elif wrong := foreign_characters(entry.msgstr, charset):
                yield f"{language}.po: {entry.msgid!r} has {wrong}, which {language} does not write"
            elif mark := HALF_WIDTH.search(entry.msgstr):
                yield f"{language}.po: {entry.msgid!r} has a half-width “{mark[1]}” among Chinese"


def foreign_characters(text, charset):
    """Simplified characters in zh_TW, traditional ones in zh_CN: the charset lacks them."""
    return "".join(
        char
        for char in text
        if "\u4e00" <= char <= "\u9fff" and not char.encode(charset, errors="ignore")
    )


def update(env, addon):
    """Writes the .pot anew and merges it into the .po files, which keep their translations."""
    folder = ADDONS / addon / "i18n"
    folder.mkdir(exist_ok=True)
    template = export_terms(env, addon)
    header = {
        "Project-Id-Version": f"{addon} 19.0",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    template.header, template.metadata, template.wrapwidth = "", dict(header), 0
    template.save(str(folder / f"{addon}.pot"))
    for language in LANGUAGES:
        path = folder / f"{language}.po"
        old = read(addon, path.name)
        old.metadata = {**header, "Language": language}
        with tempfile.NamedTemporaryFile("w", suffix=".po", encoding="utf-8") as file:
            file.write(str(old))
            file.flush()
            command = ["msgmerge", "--quiet", "--no-fuzzy-matching", "--no-wrap", "--force-po"]
            merged = subprocess.run(
                [*command, file.name, str(folder / f"{addon}.pot")], check=True, capture_output=True
            )
        new = polib.pofile(merged.stdout.decode())
        for entry in new.obsolete_entries():
            new.remove(entry)
        new.metadata, new.wrapwidth, new.header = {**header, "Language": language}, 0, ""
        new.save(str(path))
        done = sum(1 for entry in new if entry.msgstr and not entry.fuzzy)
        print(f"{path.relative_to(ADDONS)}: {done} of {len(new)} terms translated")
