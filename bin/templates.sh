# The databases that tests are copied from.  Sourced after bin/setup, never run.
#
# They lie in layers: first what our addons need of Odoo, with zh_CN and zh_TW and without demo data;
# then one addon of ours more on each.  A layer's name carries a hash of all that went into it and below
# it, so a changed addon makes new layers from there on.  A layer gets its name when it is complete.

# shellcheck disable=SC2034
CONF=$STATE/test.conf
TEMPLATES=$STATE/templates      # a file for each layer: its lock, the time of its last use, its warnings
KEPT_TEMPLATES=14

# copy_template DATABASE ADDON...: a new database with these addons, which stand after what they need.
# Sets LAYERS to the names of the templates it is made of.
copy_template() {
    local database=$1 addon depends layer number
    shift
    mkdir -p "$TEMPLATES"
    depends=$(manifests outside | join_commas)
    LAYERS=("template_core_$(echo "$CLONE $depends $CORE $(cat "$STATE/odoo/versions" "$CORE/odoo/release.py" 2>/dev/null)" | short_hash)")
    for addon in "$@"; do LAYERS+=("$(layer_name "${LAYERS[-1]}" "$addon")"); done
    # The topmost layer that is there saves making those below it.
    for ((number = $#; number > 0; number--)); do
        ! db_exists "${LAYERS[number]}" || break
    done
    if [ $number -eq 0 ]; then
        make_layer "${LAYERS[0]}" "Making the core's test template" load_core "$depends"
    fi
    for ((number++; number <= $#; number++)); do
        make_layer "${LAYERS[number]}" "Installing ${!number} into the test template" \
            load_addon "${LAYERS[number - 1]}" "${!number}"
    done
    copy_layer "${LAYERS[-1]}" "$database"
    # those below are in use as well: benchmarks and the next changed addon start from them
    for layer in "${LAYERS[@]}"; do
        [ ! -e "$TEMPLATES/$layer" ] || touch "$TEMPLATES/$layer"
    done
    drop_old_layers
}

short_hash() { sha256sum | cut -c1-10; }

# layer_name LAYER-BELOW ADDON
layer_name() { echo "template_$2_$(echo "$1 $(addon_hash "$(addon_folder "$2")")" | short_hash)"; }

# make_layer NAME TITLE FUNCTION ARGUMENT...: the function fills the database $MAKING.
make_layer() {
    local name=$1 title=$2
    shift 2
    exec 8>>"$TEMPLATES/$name"
    flock 8
    if ! db_exists "$name"; then
        need_disk 500 "A test template"
        MAKING=making_$name WARNINGS=$TEMPLATES/$name.warnings
        db_drop "$MAKING"
        step "$title" "$@"
        db_rename "$MAKING" "$name"
    fi
    exec 8>&-
}

load_core() {
    odoo_load "$MAKING" -i "$1" --load-language="zh_CN,zh_TW"
    # Otherwise each run's first page would compile the web client anew.
    echo "env['ir.qweb']._pregenerate_assets_bundles(); env.cr.commit()" |
        odoo shell -c "$CONF" -d "$MAKING" --no-http --log-level=error
    sql "VACUUM ANALYZE" "$MAKING" 2>/dev/null
}

# Glue addons have a layer of their own: none is installed with what it glues.
load_addon() {
    copy_layer "$1" "$MAKING"
    odoo_load "$MAKING" -i "$2" --skip-auto-install
    [ "$MAKING" = "making_$(layer_name "$1" "$2")" ] ||
        die "The addon $2 was changed while it was being installed." "Run this again."
}

copy_layer() {
    exec 7>>"$TEMPLATES/$1"
    flock -s 7
    db_copy "$1" "$2"
    exec 7>&-
    touch "$TEMPLATES/$1"
}

# Those unused for longest, and the databases of runs of this clone that were killed.
drop_old_layers() {
    local name process
    if [ -d "$PGHOST" ]; then       # else the process may live on another machine
        for name in $(sql "SELECT datname FROM pg_database WHERE datname ~ '^(test|lint|i18n|bench)_${CLONE}_[0-9]+'"); do
            process=${name#*_*_}
            kill -0 "${process%%_*}" 2>/dev/null || db_drop "$name"
        done
    fi
    for name in $(ls -t "$TEMPLATES" | grep -v warnings | tail -n "+$((KEPT_TEMPLATES + 1))"); do
        exec 8>>"$TEMPLATES/$name"
        if flock -n 8; then
            db_drop "$name"
            db_drop "making_$name"
            rm -f "$TEMPLATES/$name" "$TEMPLATES/$name.warnings"
        fi
        exec 8>&-
    done
}
