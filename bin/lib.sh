# What the scripts in bin/ share: where things are, how progress and errors are told, and the
# databases.  Sourced, never run.

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
STATE=$ROOT/.local              # everything that is fetched or made; git ignores it
LOGS=$STATE/log
VENV=$STATE/venv
CONF=$STATE/odoo.conf            # tests have their own, with the addons that only tests install
DATA=$STATE/data                # Odoo's data_dir: filestores and sessions
# Names this clone where something lives outside of it or is shared with other clones.
CLONE=$(printf '%s' "$ROOT" | sha256sum | cut -c1-8)

export LC_ALL=C.UTF-8 PYTHONUTF8=1
PATH=$PATH:$STATE/wkhtmltopdf/bin-of-ours
exec 3>&2                       # the terminal, also for a step whose output goes to a log

say() { printf '%s\n' "$@" >&3; }

# die SENTENCE...: one line each, the last says what to do.  Exit code 3 means: all has been said.
die() {
    printf '%s\n' "$@" >&3
    exit 3
}

# step TITLE COMMAND...: runs a long command with its output in the log, tells how long it took.
step() {
    local title=$1 start=$SECONDS log code
    shift
    mkdir -p "$LOGS"
    log=$LOGS/$(printf '%s' "$title" | tr -cs 'A-Za-z0-9' '-' | tr 'A-Z' 'a-z').log
    [ ! -t 3 ] || printf '%s ...\r' "$title" >&3
    set +e
    (set -e; "$@") >"$log" 2>&1 3>&3
    code=$?
    set -e
    [ $code -ne 3 ] || die "(Its log: $log)"
    if [ $code -ne 0 ]; then
        say "$title: failed after $((SECONDS - start)) s.  The end of $log:"
        tail -n 15 "$log" | sed 's/^/    /' >&3
        exit $code
    fi
    say "$title: $((SECONDS - start)) s"
}

# hash_of PATH...: one hash for the content of files and folders, whatever their dates.
hash_of() {
    find "$@" -type f -not -name '*.pyc' -print0 | LC_ALL=C sort -z | xargs -0r sha256sum |
        sed "s|  $ROOT/|  |" | sha256sum | cut -c1-12
}

# addon_hash DIR: what an installed addon depends on; its tests and its texts are not part of that.
addon_hash() {
    find "$1" -type f -not -path '*/tests/*' -not -path '*/readme/*' -not -path '*/__pycache__/*' \
        -not -name '*.md' -not -name '*.rst' -not -name 'pyproject.toml' -not -path '*/static/description/*' \
        -print0 |
        LC_ALL=C sort -z | xargs -0r sha256sum | sed "s|  $ROOT/|  |" | sha256sum | cut -c1-12
}

# A stamp says that a step was completed, and with which input.
is_stamped() { [ "$(cat "$STATE/stamps/$1" 2>/dev/null)" = "$2" ]; }
stamp() {
    mkdir -p "$STATE/stamps"
    printf '%s\n' "$2" >"$STATE/stamps/$1.tmp"
    mv "$STATE/stamps/$1.tmp" "$STATE/stamps/$1"
}

# need_disk MEGABYTES WHAT
need_disk() {
    local free
    free=$(df -Pm "$STATE" | awk 'NR == 2 { print $4 }')
    [ "$free" -ge "$1" ] ||
        die "$2 needs $1 MB of disk, and $STATE has only $free MB free." \
            "Free some space there, or clone the project onto a larger disk."
}

# manifests ours | tested | closure ADDON... | outside
manifests() { /usr/bin/python3 "$ROOT/bin/manifests.py" "$@"; }
our_addons() { manifests ours; }
addon_folder() { if [ -d "$ROOT/addons/$1" ]; then echo "$ROOT/addons/$1"; else echo "$ROOT/tests/addons/$1"; fi; }

join_commas() { paste -sd, -; }

odoo() { "$VENV/bin/python" -m odoo "$@"; }

# --- databases -------------------------------------------------------------------------------

sql() { psql -XqAtv ON_ERROR_STOP=1 -d "${2:-postgres}" -c "$1"; }
# Several clones can work on one server: a database for the time of a run carries clone and process.
scratch_name() { echo "$1_${CLONE}_$$"; }
db_exists() { [ "$(sql "SELECT 1 FROM pg_database WHERE datname = '$1'")" = 1 ]; }

db_drop() {
    sql "DROP DATABASE IF EXISTS \"$1\" WITH (FORCE)" 2>/dev/null
    rm -rf "${DATA:?}/filestore/$1" "$STATE/stamps/db-$1"
}

db_rename() {
    rm -rf "$DATA/filestore/$2"
    [ ! -d "$DATA/filestore/$1" ] || mv "$DATA/filestore/$1" "$DATA/filestore/$2"
    sql "ALTER DATABASE \"$1\" RENAME TO \"$2\""
}

# db_copy FROM TO: with its filestore; Odoo never changes a stored file, so links serve as copies.
db_copy() {
    sql "CREATE DATABASE \"$2\" TEMPLATE \"$1\" STRATEGY FILE_COPY"
    rm -rf "$DATA/filestore/$2"
    [ ! -d "$DATA/filestore/$1" ] || cp -al "$DATA/filestore/$1" "$DATA/filestore/$2"
}

# odoo_load DATABASE ODOO-OPTION...: installs or updates, and fails on any error in Odoo's log.
odoo_load() {
    local database=$1 log
    shift
    log=$(mktemp "$LOGS/load-XXXXXX")
    if ! odoo -c "$CONF" -d "$database" --stop-after-init --no-http \
            --max-cron-threads=0 --log-level=warn "$@" >"$log" 2>&1 ||
        grep -qE ' (ERROR|CRITICAL) ' "$log"
    then
        cat "$log"
        rm -f "$log"
        return 1
    fi
    grep -E ' WARNING ' "$log" | tee "${WARNINGS:-/dev/null}" >&3 || true
    rm -f "$log"
}
