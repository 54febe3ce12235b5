import { Component, onWillStart, useState } from "@odoo/owl";

import { Dropdown } from "@web/core/dropdown/dropdown";
import { useDropdownState } from "@web/core/dropdown/dropdown_hooks";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

/** What waits for the user's approval, by type of document. Hidden while nothing waits. */
export class ApprovalMenu extends Component {
    static components = { Dropdown };
    static props = [];
    static template = "crm_service_base.ApprovalMenu";

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.dropdown = useDropdownState();
        this.inbox = useState({ count: 0, late: 0, groups: [] });
        useService("bus_service").subscribe("crm_approval/changed", () => this.load());
        onWillStart(() => {
            this.load();
        });
    }

    async load() {
        Object.assign(this.inbox, await this.orm.silent.call("crm.approval.step", "get_inbox"));
    }

    open(group, onlyLate = false) {
        this.dropdown.close();
        const additionalContext = { search_default_mine: 1 };
        if (onlyLate) {
            additionalContext.search_default_late = 1;
        }
        if (group) {
            additionalContext.search_default_document_type = group.type;
        }
        this.action.doAction("crm_service_base.crm_approval_step_action_inbox", {
            additionalContext,
            clearBreadcrumbs: true,
        });
    }
}

registry
    .category("systray")
    .add("crm_service_base.approval_menu", { Component: ApprovalMenu }, { sequence: 21 });
