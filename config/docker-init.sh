#!/bin/sh
# Run by docker-compose.yml before Odoo starts: creates the database at the first start, and updates
# our addons when the image brings other ones.  The database is complete before it has its name.

set -eu
: "${ODOO_DATABASE:?}" "${ODOO_ADMIN_PASSWORD:?}"
addons_path=${ADDONS_PATH:-/opt/crm/addons}
version=$(cat "${VERSION_FILE:-/opt/crm/version}")
recorded=${DATA_DIR:-/var/lib/odoo}/$ODOO_DATABASE.version
addons=$(cd "$addons_path" && ls -d crm_* | paste -sd, -)

has_database() { [ "$(psql -XAtd postgres -c "SELECT 1 FROM pg_database WHERE datname = '$1'")" = 1 ]; }

load() { odoo --no-http --stop-after-init --max-cron-threads=0 "$@"; }

if ! has_database "$ODOO_DATABASE"; then
    new=${ODOO_DATABASE}_new
    odoo db init "$new" --force --country CN --language zh_CN --password "$ODOO_ADMIN_PASSWORD" \
        ${ODOO_DEMO:+--with-demo}
    load --database "$new" --load-language zh_CN,zh_TW --init "$addons" ${ODOO_DEMO:+--with-demo}
    odoo db rename "$new" "$ODOO_DATABASE"
elif [ "$version" != "$(cat "$recorded" 2>/dev/null)" ]; then
    load --database "$ODOO_DATABASE" --init "$addons" --update "$addons"
fi
echo "$version" >"$recorded"
