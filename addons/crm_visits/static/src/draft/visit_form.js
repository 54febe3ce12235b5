import { onMounted, onWillUnmount, useEffect } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError, rpc, rpcBus } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { RelationalModel } from "@web/model/relational_model/relational_model";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";
import { readDraft, writeDraft } from "./visit_draft";

const { DateTime } = luxon;
const RETRY_DELAY = 5000;

/** What is typed without a connection stays in the form; the server computes at saving. */
class VisitModel extends RelationalModel {
    async _onchange(config, params) {
        const onError = (error) => {
            if (error instanceof ConnectionLostError) {
                return;
            }
            params.onError(error);
        };
        return super._onchange(config, params.onError ? { ...params, onError } : params);
    }
}

/**
 * Texts survive a lost connection: they are kept on the device as they are typed, offered again
 * when the visit is opened, and saved by themselves once the server answers again.
 */
export class VisitFormController extends FormController {
    setup() {
        super.setup();
        this.notification = useService("notification");
        this.closeOffer = () => {};
        this.closeLost = () => {};
        this.isWaiting = false;
        this.onInput = this.onInput.bind(this);
        this.retry = this.retry.bind(this);
        useBus(rpcBus, "RPC:RESPONSE", ({ detail }) => this.onResponse(detail));
        onMounted(() => {
            this.rootRef.el.addEventListener("input", this.onInput);
            browser.addEventListener("online", this.retry);
        });
        useEffect(
            () => this.offerDraft(),
            () => [this.model.root.resId]
        );
        onWillUnmount(() => {
            browser.removeEventListener("online", this.retry);
            browser.clearTimeout(this.retryTimer);
            this.closeOffer();
            this.closeLost();
        });
    }

    // ---------------------------------------------------------------- draft

    /** Keeps what is typed into a text field of the visit itself. */
    onInput({ target }) {
        const widget = target.closest(".o_field_widget[name]");
        const name = widget?.getAttribute("name");
        const isLine = widget?.parentElement.closest(".o_field_widget[name]");
        if (!isLine && ["char", "text"].includes(this.model.root.fields[name]?.type)) {
            const { resId } = this.model.root;
            writeDraft(resId, { ...readDraft(resId).values, [name]: target.value });
            this.draftId = resId;
        }
    }

    /** What of a draft is not in the record. */
    getUnsaved(values) {
        const { activeFields, data } = this.model.root;
        return Object.fromEntries(
            Object.entries(values).filter(
                ([name, text]) => name in activeFields && text.trim() !== (data[name] || "").trim()
            )
        );
    }

    offerDraft() {
        this.closeOffer();
        const { root } = this.model;
        const { time, values } = readDraft(root.resId);
        const unsaved = root.data.is_editable ? this.getUnsaved(values) : {};
        writeDraft(root.resId, unsaved, time);
        if (!Object.keys(unsaved).length) {
            return;
        }
        const isToday = DateTime.fromMillis(time).hasSame(DateTime.now(), "day");
        const when = DateTime.fromMillis(time).toFormat(isToday ? "HH:mm" : "MM-dd HH:mm");
        const choose = (action) => () => {
            this.closeOffer();
            action();
        };
        this.closeOffer = this.notification.add(_t("There is an unsaved draft from %s.", when), {
            type: "warning",
            sticky: true,
            buttons: [
                {
                    name: _t("Take over"),
                    primary: true,
                    onClick: choose(() => root.update(unsaved)),
                },
                { name: _t("Discard"), onClick: choose(() => writeDraft(root.resId, {})) },
            ],
        });
    }

    async onRecordSaved(record, changes) {
        await super.onRecordSaved(record, changes);
        const { time, values } = readDraft(this.draftId);
        writeDraft(this.draftId, {});
        const later = Object.entries(values).filter(
            ([name, text]) => !(name in changes) || text.trim() !== (changes[name] || "").trim()
        );
        writeDraft(record.resId, this.getUnsaved(Object.fromEntries(later)), time);
        this.draftId = record.resId;
    }

    async discard() {
        const { resId } = this.model.root;
        await super.discard();
        writeDraft(resId, {});
    }

    // ---------------------------------------------------------------- connection

    onResponse({ data, error }) {
        const { model, method } = data.params;
        const isOurs =
            model === this.model.root.resModel && ["web_save", "onchange"].includes(method);
        if (isOurs && error instanceof ConnectionLostError) {
            this.onConnectionLost();
        }
    }

    async onSaveError(error) {
        return error instanceof ConnectionLostError ? false : super.onSaveError(...arguments);
    }

    onConnectionLost() {
        if (!this.isWaiting) {
            this.isWaiting = true;
            this.closeLost = this.notification.add(
                _t(
                    "No connection. What you wrote is kept on this device and is saved as soon as the connection is back."
                ),
                { type: "warning", sticky: true }
            );
        }
        browser.clearTimeout(this.retryTimer);
        this.retryTimer = browser.setTimeout(this.retry, RETRY_DELAY);
    }

    async retry() {
        if (!this.isWaiting) {
            return;
        }
        browser.clearTimeout(this.retryTimer);
        try {
            await rpc("/web/webclient/version_info", {}, { silent: true });
        } catch {
            this.onConnectionLost();
            return;
        }
        this.isWaiting = false;
        this.closeLost();
        if ((await this.model.root.isDirty()) && (await this.save())) {
            this.notification.add(_t("The connection is back, your visit is saved."), {
                type: "success",
            });
        }
    }
}

registry.category("views").add("crm_visit_form", {
    ...formView,
    Controller: VisitFormController,
    Model: VisitModel,
});
