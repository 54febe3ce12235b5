import { Component, useState } from "@odoo/owl";

import { registry } from "@web/core/registry";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { formatInteger } from "@web/views/fields/formatters";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** Answers that are on their way: the counters of a form ask together. */
const asked = new Map();

/**
 * The number on a button of a customer's form, fetched when the form is there: however many addons
 * count something, customers open as fast as without.
 */
export class Counter extends Component {
    static template = "crm_service_base.Counter";
    static props = { ...standardWidgetProps, counter: String, string: String };

    setup() {
        this.state = useState({ value: "" });
        useRecordObserver((record) => {
            this.load(record.resId);
        });
    }

    async load(resId) {
        this.state.value = resId ? "" : formatInteger(0);
        if (!resId) {
            return;
        }
        this.resId = resId;
        const counts = await this.fetchCounts(resId);
        if (this.resId === resId) {
            this.state.value = formatInteger(counts[this.props.counter] ?? 0);
        }
    }

    fetchCounts(resId) {
        if (!asked.has(resId)) {
            // not useService: the others still wait for the answer when this counter is gone
            const { orm } = this.env.services;
            const answer = orm.silent.call("res.partner", "get_crm_service_counts", [[resId]]);
            asked.set(
                resId,
                answer.finally(() => asked.delete(resId))
            );
        }
        return asked.get(resId);
    }
}

registry.category("view_widgets").add("crm_counter", {
    component: Counter,
    extractProps: ({ attrs }) => ({ counter: attrs.counter, string: attrs.string }),
});
