import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

// Anybody reports a leak in two clicks: from the menu under one's own name.
registry.category("user_menuitems").add("crm_report_leak", (env) => ({
    type: "item",
    id: "crm_report_leak",
    description: _t("Report a Leak"),
    callback: () =>
        env.services.action.doAction(
            "crm_archive_security.crm_archive_incident_action_report"
        ),
    sequence: 45,
}));
