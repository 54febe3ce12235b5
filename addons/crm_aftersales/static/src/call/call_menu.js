import { Component, onWillStart } from "@odoo/owl";

import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";

/** One key away from everywhere: the phone rings while something else is on the screen. */
export class CallMenu extends Component {
    static props = [];
    static template = "crm_aftersales.CallMenu";

    setup() {
        this.action = useService("action");
        onWillStart(async () => {
            this.isShown = await user.hasGroup("crm_service_base.group_specialist");
        });
    }

    open() {
        this.action.doAction("crm_aftersales.crm_service_case_action_call", {
            clearBreadcrumbs: true,
        });
    }
}

registry
    .category("systray")
    .add("crm_aftersales.call_menu", { Component: CallMenu }, { sequence: 22 });
