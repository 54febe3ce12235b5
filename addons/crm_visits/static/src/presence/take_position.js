import { browser } from "@web/core/browser/browser";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

const TIMEOUT = 20000;
const PERMISSION_DENIED = 1;

/**
 * Where the device is, or why it does not tell; never fails.
 */
function getPosition() {
    const geolocation = browser.navigator.geolocation;
    if (!geolocation || !window.isSecureContext) {
        return Promise.resolve({ status: "unavailable" });
    }
    return new Promise((resolve) => {
        geolocation.getCurrentPosition(
            ({ coords, timestamp }) =>
                resolve({
                    status: "taken",
                    latitude: coords.latitude,
                    longitude: coords.longitude,
                    accuracy: coords.accuracy,
                    timestamp,
                }),
            ({ code }) =>
                resolve({ status: code === PERMISSION_DENIED ? "denied" : "unavailable" }),
            { enableHighAccuracy: true, timeout: TIMEOUT, maximumAge: 0 }
        );
    });
}

/**
 * Tells what positions are for, before the first is asked for.
 *
 * @returns {Promise<boolean>} whether the user agrees
 */
function showNotice(env, notice) {
    return new Promise((resolve) => {
        env.services.dialog.add(
            ConfirmationDialog,
            {
                title: _t("Your position at visits"),
                body: notice,
                confirmLabel: _t("Understood, record my position"),
                cancelLabel: _t("Go on without position"),
                confirm: () => resolve(true),
                cancel: () => resolve(false),
            },
            { onClose: () => resolve(false) }
        );
    });
}

async function takePosition(env, { presence_id, notice }) {
    const { action, notification, orm } = env.services;
    const model = "crm.visit.presence";
    try {
        let answer = { status: "declined" };
        if (!notice || (await showNotice(env, notice))) {
            if (notice) {
                await orm.call(model, "action_acknowledge_notice", []);
            }
            answer = await getPosition();
        }
        const question = await orm.silent.call(model, "action_record_position", [
            [presence_id],
            answer,
        ]);
        if (question) {
            await new Promise((resolve) => action.doAction(question, { onClose: resolve }));
        }
    } catch {
        notification.add(_t("Your position was not recorded. The visit goes on without it."), {
            type: "warning",
        });
    }
}

/**
 * The server has noted start or finish already; the position follows when the device tells it.
 */
async function takePositionAction(env, { params }) {
    const taken = takePosition(env, params);
    if (params.next) {
        await taken;
    }
    return params.next || { type: "ir.actions.act_window_close" };
}

registry.category("actions").add("crm_visits_take_position", takePositionAction);
