# The databases that tests are copied from.  Sourced after bin/setup, never run.
#
#   core template     what our addons need of Odoo, with zh_CN and zh_TW, without demo data
#   TEMPLATE          a copy of that, with our addons and their compiled assets
#
# Their names carry a hash of what they were made from, and a template is renamed to that name only
# when it is complete.

CONF=$STATE/test.conf

# copy_template DATABASE ADDON...
copy_template() {
    local database=$1
    shift
    exec 8>"$STATE/templates.lock"
    flock 8
    make_templates "$@"
    db_copy "$TEMPLATE" "$database"
    exec 8>&-
}

# make_templates ADDON...
make_templates() {
    local depends core_key core addons key addon
    addons=$(join_commas < <(printf '%s\n' "$@"))
    depends=$(manifests outside | join_commas)
    core_key=$(echo "$CLONE $depends $CORE $(cat "$STATE/odoo/versions" "$CORE/odoo/release.py" 2>/dev/null)" | sha256sum | cut -c1-10)
    core=template_core_$core_key
    key=$(
        echo "$core"
        for addon in "$@"; do echo "$addon $(addon_hash "$(addon_folder "$addon")")"; done
    )
    TEMPLATE=template_addons_$(sha256sum <<<"$key" | cut -c1-10)
    WARNINGS=$LOGS/$TEMPLATE.warnings
    if ! db_exists "$TEMPLATE"; then
        if ! db_exists "$core"; then
            drop_others template_core_ ''
            step "Making the core's test template (${depends//,/, })" make_core_template "$core" "$depends"
        fi
        drop_others template_addons_ "$(sql "SELECT datname FROM pg_database WHERE datname LIKE 'template\_addons\_%'" | tail -n 5)"
        step "Installing ${addons:-no addon} into the test template" make_addons_template "$core" "$addons"
    fi
}

make_core_template() {
    db_drop making_core_template
    odoo_load making_core_template -i "$2" --load-language=zh_CN,zh_TW
    db_rename making_core_template "$1"
}

make_addons_template() {
    db_drop making_addons_template
    db_copy "$1" making_addons_template
    [ -z "$2" ] || odoo_load making_addons_template -i "$2"
    # Otherwise each run's first page would compile the web client anew.
    echo "env['ir.qweb']._pregenerate_assets_bundles(); env.cr.commit()" |
        odoo shell -c "$CONF" -d making_addons_template --no-http --log-level=error
    db_rename making_addons_template "$TEMPLATE"
}

# drop_others PREFIX KEEP: older templates.
drop_others() {
    local name
    for name in $(sql "SELECT datname FROM pg_database WHERE starts_with(datname, '$1')"); do
        grep -qx "$name" <<<"$2" || db_drop "$name"
    done
}
