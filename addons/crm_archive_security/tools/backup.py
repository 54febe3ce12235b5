#!/usr/bin/env python3
"""Backups of an Odoo database with its files, full and incremental, and their way back (B6.R2).

Runs alone, with nothing but Python and the tools PostgreSQL ships::

    backup.py create  DATABASE FOLDER --files FILESTORE [--full] [--copy-to FOLDER] [--keep-days N]
    backup.py list    FOLDER
    backup.py verify  FOLDER [NAME]
    backup.py restore FOLDER NAME DATABASE --files FILESTORE [--neutral]

A folder holds generations: a full backup and the incremental ones after it. Each backup is a list
of objects, and each generation stores an object once: a file of the filestore, or a piece of a
table as ``pg_dump`` writes it, cut where its own rows say, so that a table that only grew or
changed in places costs its new pieces. Every backup can be restored by itself, none needs the one
before it. The list is written last: what was killed left no backup, and the next run goes on from
the objects that are there. Objects are named by their SHA-256 and checked whenever they are read.

Nothing is encrypted here: both folders belong on encrypted disks that only the backup's user reads.
"""

import argparse
import fcntl
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zlib
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

FORMAT = 1
LARGEST_PIECE = 8 << 20
# sums of rows are compared modulo this
SUM_RANGE = 1 << 256
STAMP = "%Y%m%dT%H%M%SZ"
# what a neutral copy must not do: run scheduled actions, send and fetch mail
SILENCED = ("public.ir_cron", "public.ir_mail_server", "public.fetchmail_server")
SILENCE = """
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY string_to_array('{tables}', ' ') LOOP
        IF to_regclass(name) IS NOT NULL THEN
            EXECUTE 'UPDATE ' || name || ' SET active = false';
        END IF;
    END LOOP;
END $$;
""".replace("{tables}", " ".join(SILENCED))


class BackupError(Exception):
    """A sentence for whoever runs this."""


# --- PostgreSQL's tools --------------------------------------------------------------------------


def run(*command, environment=None, text=None, folder=None):
    """:return: what a tool of PostgreSQL prints"""
    done = subprocess.run(
        [str(part) for part in command],
        input=text,
        capture_output=True,
        env=environment,
        cwd=folder,
        check=False,
    )
    if done.returncode:
        message = done.stderr.decode(errors="replace").strip().splitlines()
        raise BackupError(f"{command[0]}: {' '.join(message[-3:]) or 'failed without a word'}")
    return done.stdout


def query(database, sql, environment=None):
    """:return: list of rows, each a list of texts"""
    output = run("psql", "-XqAt", "-d", database, "-c", sql, environment=environment)
    return [line.split("|") for line in output.decode().splitlines()]


def dump(database, target, *options, environment=None):
    run(
        "pg_dump",
        "--format=directory",
        "--compress=0",
        "--no-owner",
        "--no-privileges",
        f"--file={target}",
        *options,
        database,
        environment=environment,
    )


def list_entries(folder):
    """:return: list of the lines that name what a dump holds"""
    lines = run("pg_restore", "--list", folder).decode().splitlines()
    return [line for line in lines if line and not line.startswith(";")]


def list_table_files(folder):
    """:return: dict of the file with the rows of a table to its name"""
    found = {}
    for line in list_entries(folder):
        if match := re.match(r"(\d+); \d+ \d+ TABLE DATA (\S+) (\S+) ", line):
            found[f"{match[1]}.dat"] = f"{match[2]}.{match[3]}"
    return found


# --- pieces and objects --------------------------------------------------------------------------


def split(path, on_row=None):
    """Pieces of a file that end where the content of a line says so.

    What comes before and after a change is cut as it was, so its pieces are there already.
    """
    lines, size = [], 0
    with open(path, "rb") as file:
        for line in file:
            lines.append(line)
            size += len(line)
            digest = hashlib.sha256(line).digest()
            if on_row:
                on_row(line, digest)
            if size > LARGEST_PIECE or int.from_bytes(digest[:2], "big") < 16:
                yield b"".join(lines)
                lines, size = [], 0
    if lines:
        yield b"".join(lines)


class TableSum:
    """How many rows a table has and a sum over them, whatever their order."""

    def __init__(self):
        self.rows = self.sum = 0
        self.is_over = False

    def add(self, line, digest):
        self.is_over = self.is_over or line == b"\\.\n"
        if not self.is_over:
            self.rows += 1
            self.sum = (self.sum + int.from_bytes(digest, "big")) % SUM_RANGE

    def result(self):
        return {"rows": self.rows, "sum": f"{self.sum:064x}"}


class Objects:
    """The objects of a generation, each stored once under its digest."""

    def __init__(self, generation):
        self.folder = generation / "objects"
        self.stored = 0

    def path(self, digest):
        return self.folder / digest[:2] / digest

    def put(self, content):
        digest = hashlib.sha256(content).hexdigest()
        path = self.path(digest)
        if not path.exists():
            packed = zlib.compress(content, 1)
            write_whole(path, packed)
            self.stored += len(packed)
        return digest

    def get(self, digest):
        """:raise BackupError: it is missing or damaged"""
        try:
            content = zlib.decompress(self.path(digest).read_bytes())
        except (OSError, zlib.error) as error:
            raise BackupError(f"Object {digest} cannot be read: {error}") from None
        if hashlib.sha256(content).hexdigest() != digest:
            raise BackupError(f"Object {digest} is damaged.")
        return content


def write_whole(path, content):
    """A file is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix="tmp-")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    pathlib.Path(name).replace(path)


# --- lists of backups ----------------------------------------------------------------------------


def digest_of(manifest):
    rest = {key: value for key, value in manifest.items() if key != "digest"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def find_manifests(folder):
    """:return: list of paths, the oldest backup first"""
    return sorted(pathlib.Path(folder).glob("*Z/*Z.json"), key=lambda path: path.stem)


def read_manifest(path):
    """:raise BackupError: it is not what was written"""
    try:
        manifest = json.loads(path.read_text())
    except (OSError, ValueError):
        manifest = {}
    if manifest.get("format") != FORMAT or manifest.get("digest") != digest_of(manifest):
        raise BackupError(f"The list of backup {path.stem} is damaged.")
    return manifest


def find_backup(folder, name=None):
    """A backup by its name, else the last one.

    :return: path of its list
    """
    paths = find_manifests(folder)
    found = [path for path in paths if name in (None, path.stem)]
    if not found:
        raise BackupError(f"There is no backup {name or ''} in {folder}.".replace("  ", " "))
    return found[-1]


def find_last(folder, database):
    """:return: name of the last backup of a database"""
    manifest = last_of(pathlib.Path(folder), database)
    if not manifest:
        raise BackupError(f"There is no backup of {database} in {folder}.")
    return manifest["name"]


def list_digests(manifest):
    """:return: dict that names, for each object of a backup, one place where it is used"""
    found = {}
    for name, digests in manifest["dump"].items():
        found.update(dict.fromkeys(digests, name))
    for name, (digest, _size) in manifest["files"].items():
        found[digest] = name
    return found


@contextmanager
def locked(folder):
    """One backup at a time; what a killed one left lying is removed."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BackupError(f"Another backup is being written to {folder}.") from None
        for left in (*folder.glob("tmp-*"), *folder.glob("*Z/objects/*/tmp-*")):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        yield


# --- create --------------------------------------------------------------------------------------


def create(database, folder, files, full=False, environment=None):
    """Back up a database and its files.

    The files are read before the dump and once more after it: whatever the dump names was there
    at one of these times.

    :param files: folder of the filestore of this database
    :return: the list of the backup, a dict
    """
    folder, files = pathlib.Path(folder), pathlib.Path(files)
    old_umask = os.umask(0o077)
    try:
        with locked(folder):
            before = None if full else last_of(folder, database)
            date, name = free_name(folder)
            generation = folder / (before["generation"] if before else name)
            objects = Objects(generation)
            known = before["files"] if before else {}
            stored_files = store_files(objects, files, known)
            with tempfile.TemporaryDirectory(dir=folder, prefix="tmp-") as work:
                target = pathlib.Path(work) / "dump"
                dump(database, target, environment=environment)
                pieces, tables = store_dump(objects, target)
            stored_files |= store_files(objects, files, stored_files)
            (collate, ctype, server) = query(
                database,
                "SELECT datcollate, datctype, current_setting('server_version') "
                "FROM pg_database WHERE datname = current_database()",
                environment,
            )[0]
            manifest = {
                "format": FORMAT,
                "name": name,
                "generation": generation.name,
                "kind": "incremental" if before else "full",
                "database": database,
                "date": date.isoformat(timespec="seconds"),
                "server": server,
                "collate": collate,
                "ctype": ctype,
                "stored": objects.stored,
                "dump": pieces,
                "tables": tables,
                "files": stored_files,
            }
            manifest["digest"] = digest_of(manifest)
            os.sync()
            text = json.dumps(manifest, sort_keys=True)
            write_whole(generation / f"{name}.json", text.encode())
            os.sync()
            return manifest
    finally:
        os.umask(old_umask)


def last_of(folder, database):
    """:return: the list of the last backup of a database, or None"""
    for path in reversed(find_manifests(folder)):
        manifest = read_manifest(path)
        if manifest["database"] == database:
            return manifest
    return None


def free_name(folder):
    """:return: the time of a backup and its name"""
    taken = {path.stem for path in find_manifests(folder)}
    date = datetime.now(UTC)
    while date.strftime(STAMP) in taken:
        date += timedelta(seconds=1)
    return date, date.strftime(STAMP)


def store_files(objects, files, known):
    """:return: dict of a file's name to its digest and size; Odoo never changes a stored file"""
    found = {}
    for path in sorted(files.glob("[0-9a-f][0-9a-f]/*")):
        name = f"{path.parent.name}/{path.name}"
        try:
            size = path.stat().st_size
            if name in known and known[name][1] == size:
                found[name] = known[name]
            else:
                found[name] = [objects.put(path.read_bytes()), size]
        except FileNotFoundError:
            continue  # collected meanwhile
    return found


def store_dump(objects, target):
    """:return: dicts of each file to its pieces, and of each table to its rows and sum"""
    names = list_table_files(target)
    pieces, tables = {}, {}
    for path in sorted(target.iterdir()):
        total = TableSum()
        pieces[path.name] = [objects.put(piece) for piece in split(path, total.add)]
        if path.name in names:
            tables[names[path.name]] = total.result()
    return pieces, tables


def copy(folder, target, name=None):
    """The same backup in another place; every object is checked on the way.

    :return: int, the objects copied
    """
    path = find_backup(folder, name)
    manifest = read_manifest(path)
    target = pathlib.Path(target)
    objects = Objects(path.parent)
    count = 0
    old_umask = os.umask(0o077)
    try:
        with locked(target):
            copies = Objects(target / path.parent.name)
            for digest in list_digests(manifest):
                if not copies.path(digest).exists():
                    copies.put(objects.get(digest))
                    count += 1
            os.sync()
            write_whole(target / path.parent.name / path.name, path.read_bytes())
            os.sync()
    finally:
        os.umask(old_umask)
    return count


def prune(folder, days):
    """Delete the generations whose last backup is older; the newest generation always stays.

    :return: list of their names
    """
    limit = (datetime.now(UTC) - timedelta(days=days)).strftime(STAMP)
    newest = {path.parent: path.stem for path in find_manifests(folder)}
    old = [generation for generation, name in newest.items() if name < limit]
    if len(old) == len(newest):
        old.remove(max(newest, key=newest.get))
    for generation in old:
        # first the lists: a generation without them is no backup
        for path in generation.glob("*.json"):
            path.unlink()
        shutil.rmtree(generation)
    return sorted(generation.name for generation in old)


# --- verify and restore --------------------------------------------------------------------------


def verify(folder, name=None):
    """Read every object of a backup.

    :return: list of sentences, empty when all is there
    """
    path = find_backup(folder, name)
    objects, faults = Objects(path.parent), []
    for digest, place in list_digests(read_manifest(path)).items():
        try:
            objects.get(digest)
        except BackupError as error:
            faults.append(f"{place}: {error}")
    return faults


def restore(folder, name, database, files, neutral=False, environment=None):
    """Make a database and its filestore of a backup; nothing that exists is touched.

    :param files: folder of the new filestore
    :param bool neutral: no scheduled action and no mail server of it ever works
    :return: the list of the backup
    """
    path = find_backup(folder, name)
    manifest = read_manifest(path)
    objects, files = Objects(path.parent), pathlib.Path(files)
    if files.exists() and any(files.iterdir()):
        raise BackupError(f"{files} is not empty: move it away first.")
    with tempfile.TemporaryDirectory(prefix="crm-restore-") as work:
        target = pathlib.Path(work) / "dump"
        target.mkdir()
        for file_name, digests in manifest["dump"].items():
            with open(target / file_name, "wb") as file:
                for digest in digests:
                    file.write(objects.get(digest))
        create_database(manifest, database, environment)
        try:
            load(target, database, neutral, environment)
            for file_name, (digest, _size) in manifest["files"].items():
                write_whole(files / file_name, objects.get(digest))
        except BaseException:
            drop(database, files, environment)
            raise
    return manifest


def create_database(manifest, database, environment):
    try:
        run(
            "createdb",
            "--template=template0",
            "--encoding=UTF8",
            f"--lc-collate={manifest['collate']}",
            f"--lc-ctype={manifest['ctype']}",
            database,
            environment=environment,
        )
    except BackupError as error:
        raise BackupError(
            f"The database {database} cannot be created; one of this name must not exist. {error}"
        ) from None


def load(target, database, neutral, environment):
    """In a neutral copy the scheduled actions arrive switched off, in one transaction."""
    options = ["--no-owner", "--no-privileges", "--no-comments", "--exit-on-error"]
    into = ["pg_restore", *options, f"--dbname={database}"]
    if not neutral:
        run(*into, target, environment=environment)
        return
    entries = list_entries(target)
    silenced = [entry for entry in entries if " TABLE DATA public ir_cron " in entry]
    late, rest = target.parent / "late", target.parent / "rest"
    late.write_text("\n".join(silenced) + "\n")
    rest.write_text("\n".join(entry for entry in entries if entry not in silenced) + "\n")
    run(*into, "--section=pre-data", target, environment=environment)
    run(*into, "--section=data", f"--use-list={rest}", target, environment=environment)
    script = run("pg_restore", *options, f"--use-list={late}", "--file=-", target)
    psql = ("psql", "-Xq1", "-v", "ON_ERROR_STOP=1", "-d", database)
    # the script leaves no schema on the search path
    text = script + b"\nSET search_path = public;\n" + SILENCE.encode()
    run(*psql, text=text, environment=environment)
    run(*into, "--section=post-data", target, environment=environment)


def drop_database(database, environment=None):
    """End one's own connections and drop it.

    ``dropdb --force`` is refused beside an autovacuum, which leaves by itself.
    """
    name = database.replace("'", "''")
    sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = current_user"
    query("postgres", f"{sql} AND datname = '{name}'", environment)
    run("dropdb", "--if-exists", database, environment=environment)


def drop(database, files, environment=None):
    drop_database(database, environment)
    shutil.rmtree(files, ignore_errors=True)


def compare(manifest, database, files, neutral=False, environment=None):
    """What a restored database and its files differ in from the backup.

    :return: list of sentences, empty when everything is there
    """
    faults = [*compare_tables(manifest, database, neutral, environment)]
    files = pathlib.Path(files)
    for name, (digest, _size) in manifest["files"].items():
        path = files / name
        if not path.exists():
            faults.append(f"File {name} is missing.")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            faults.append(f"File {name} has another content.")
    if "public.ir_attachment" in manifest["tables"]:
        named = query(
            database,
            "SELECT DISTINCT store_fname FROM ir_attachment WHERE store_fname IS NOT NULL",
            environment,
        )
        lost = [row[0] for row in named if row[0] not in manifest["files"]]
        faults += [f"File {name} is named by an attachment and was not backed up." for name in lost]
    return faults


def compare_tables(manifest, database, neutral, environment):
    with tempfile.TemporaryDirectory(prefix="crm-restore-") as work:
        target = pathlib.Path(work) / "dump"
        dump(database, target, "--section=data", environment=environment)
        found = {}
        for file_name, table in list_table_files(target).items():
            total = TableSum()
            for _piece in split(target / file_name, total.add):
                pass
            found[table] = total.result()
    for table in sorted(manifest["tables"].keys() | found.keys()):
        expected, actual = manifest["tables"].get(table), found.get(table)
        if not expected or not actual:
            yield f"Table {table} is {'missing' if expected else 'too many'}."
        elif expected["rows"] != actual["rows"]:
            yield f"Table {table} has {actual['rows']} rows instead of {expected['rows']}."
        elif expected != actual and not (neutral and table in SILENCED):
            yield f"Table {table} has other content than the backup."


# --- command line --------------------------------------------------------------------------------


def say(text):
    sys.stdout.write(f"{text}\n")


def describe(manifest):
    rows = sum(table["rows"] for table in manifest["tables"].values())
    return (
        f"{manifest['name']}  {manifest['kind']:<11}  {manifest['database']}  "
        f"{len(manifest['tables'])} tables, {rows} rows, {len(manifest['files'])} files, "
        f"{manifest['stored'] / 1e6:.1f} MB new"
    )


def command_create(options):
    manifest = create(options.database, options.folder, options.files, options.full)
    say(describe(manifest))
    if options.copy_to:
        count = copy(options.folder, options.copy_to, manifest["name"])
        say(f"Copied to {options.copy_to}: {count} objects.")
    if options.keep_days:
        for folder in filter(None, (options.folder, options.copy_to)):
            for name in prune(folder, options.keep_days):
                say(f"Deleted from {folder}: {name} and its incremental backups.")


def command_list(options):
    for path in find_manifests(options.folder):
        say(describe(read_manifest(path)))


def command_verify(options):
    faults = verify(options.folder, options.name)
    for fault in faults:
        say(fault)
    if faults:
        raise BackupError(f"{len(faults)} objects are missing or damaged.")
    say("Every object is there and unchanged.")


def command_restore(options):
    manifest = restore(
        options.folder, options.name, options.database, options.files, options.neutral
    )
    faults = compare(manifest, options.database, options.files, options.neutral)
    for fault in faults:
        say(fault)
    if faults:
        raise BackupError(f"{options.database} is there, but it is not what was backed up.")
    say(f"{options.database} is there, and every row and file is what was backed up.")


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    commands = parser.add_subparsers(required=True)

    def add(name, function, *positional):
        command = commands.add_parser(name)
        command.set_defaults(function=function)
        for argument in positional:
            command.add_argument(argument)
        return command

    command = add("create", command_create, "database", "folder")
    command.add_argument("--files", required=True, help="folder of the database's filestore")
    command.add_argument("--full", action="store_true", help="begin a new generation")
    command.add_argument("--copy-to", help="a second folder, on another site")
    command.add_argument("--keep-days", type=int, help="delete generations that are older")
    add("list", command_list, "folder")
    add("verify", command_verify, "folder").add_argument("name", nargs="?")
    command = add("restore", command_restore, "folder", "name", "database")
    command.add_argument("--files", required=True, help="folder of the new filestore")
    command.add_argument("--neutral", action="store_true", help="no scheduled actions, no mail")
    return parser.parse_args(arguments)


def main(arguments):
    options = parse(arguments)
    try:
        options.function(options)
    except BackupError as error:
        sys.stderr.write(f"{error}\n")
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
