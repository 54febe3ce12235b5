import { Component, onWillStart, useRef, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const MODEL = "crm.service.case";

/** Taking a call: who is it, what is open with him, what does he want. */
export class TakeCall extends Component {
    static props = { ...standardActionServiceProps };
    static template = "crm_aftersales.TakeCall";

    setup() {
        this.action = useService("action");
        this.notification = useService("notification");
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.subject = useRef("subject");
        useAutofocus({ refName: "query" });
        const context = this.props.action.context || {};
        this.state = useState({
            query: context.phone || "",
            matches: { key: "", partners: [], callers: [] },
            isSearched: false,
            choices: { kinds: [], channels: [], urgencies: [], categories: [] },
            call: null,
            values: this.emptyValues(),
            isBusy: false,
        });
        this.searchSoon = useDebounced(() => this.search(), 250);
        onWillStart(async () => {
            this.state.choices = await this.orm.call(MODEL, "get_call_choices", []);
            if (this.state.query) {
                await this.search();
            }
        });
    }

    emptyValues() {
        return {
            kind: "inquiry",
            channel: "phone",
            urgency: "0",
            category_id: "",
            subject: "",
            description: "",
            contact_name: "",
        };
    }

    onInput() {
        this.state.isSearched = false;
        this.searchSoon();
    }

    onKeydown(ev) {
        if (ev.key !== "Enter" || ev.isComposing) {
            return;
        }
        ev.preventDefault();
        const { partners } = this.state.matches;
        if (this.state.isSearched && partners.length === 1) {
            this.choose(partners[0]);
        } else {
            this.search();
        }
    }

    async search() {
        const query = this.state.query.trim();
        const matches = await this.keepLast.add(
            this.orm.call(MODEL, "get_call_matches", [query])
        );
        Object.assign(this.state, { matches, isSearched: query.length > 1 });
        // one customer with this very number: no choice to make
        if (matches.key && matches.partners.length === 1 && !matches.callers.length) {
            await this.choose(matches.partners[0]);
        }
    }

    get phone() {
        return this.state.matches.key ? this.state.query.trim() : "";
    }

    async choose(partner) {
        await this.open({ partner_id: partner.id, phone: this.phone || partner.phone });
    }

    async chooseCaller(caller) {
        this.state.values.contact_name = caller.name;
        await this.open({ partner_id: false, phone: caller.phone });
    }

    async chooseUnknown() {
        if (!this.phone) {
            this.state.values.contact_name = this.state.query.trim();
        }
        await this.open({ partner_id: false, phone: this.phone });
    }

    async open({ partner_id, phone }) {
        const call = await this.orm.call(MODEL, "get_call_context", [partner_id, phone]);
        this.state.call = { ...call, partner_id, phone };
        Promise.resolve().then(() => this.subject.el?.focus());
    }

    back() {
        this.state.call = null;
    }

    openCase(id) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: MODEL,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    openPartner() {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: this.state.call.partner_id,
            views: [[false, "form"]],
        });
    }

    async repeat(id) {
        const { subject, description } = this.state.values;
        const text = [subject, description].filter(Boolean).join("\n");
        await this.busy(async () => {
            await this.orm.call(MODEL, "note_repeat", [[id], text, this.state.call.phone]);
            this.openCase(id);
        });
    }

    async register() {
        const { values, call } = this.state;
        if (!values.subject.trim()) {
            this.notification.add(_t("Write in a few words what it is about."), {
                type: "warning",
            });
            this.subject.el?.focus();
            return;
        }
        await this.busy(async () => {
            const id = await this.orm.call(MODEL, "register_call", [
                {
                    ...values,
                    category_id: Number(values.category_id) || false,
                    partner_id: call.partner_id,
                    phone: call.phone,
                },
            ]);
            this.openCase(id);
        });
    }

    async busy(work) {
        if (this.state.isBusy) {
            return;
        }
        this.state.isBusy = true;
        try {
            await work();
        } finally {
            this.state.isBusy = false;
        }
    }
}

registry.category("actions").add("crm_aftersales.take_call", TakeCall);
