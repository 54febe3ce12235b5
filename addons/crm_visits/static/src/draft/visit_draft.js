import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { session } from "@web/session";

const PREFIX = "crm_visit_draft:";
const KEEP_DAYS = 30;

const ownPrefix = () => `${PREFIX}${session.db}:${user.userId}:`;

function allKeys() {
    const { localStorage } = browser;
    const keys = Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index));
    return keys.filter((key) => key?.startsWith(PREFIX));
}

/**
 * The texts of a visit as they were typed, by user and visit.
 *
 * @param {number|false} resId
 * @returns {{time: number, values: Object<string, string>}}
 */
export function readDraft(resId) {
    try {
        const draft = JSON.parse(browser.localStorage.getItem(`${ownPrefix()}${resId || "new"}`));
        return draft?.values ? draft : { time: 0, values: {} };
    } catch {
        return { time: 0, values: {} };
    }
}

export function writeDraft(resId, values, time = Date.now()) {
    const key = `${ownPrefix()}${resId || "new"}`;
    try {
        if (Object.keys(values).length) {
            browser.localStorage.setItem(key, JSON.stringify({ time, values }));
        } else {
            browser.localStorage.removeItem(key);
        }
    } catch {
        // no room or no storage on this device: the form works as it always did
    }
}

export function removeDrafts(keys = allKeys()) {
    keys.forEach((key) => browser.localStorage.removeItem(key));
}

function removeOthersAndOld() {
    const limit = Date.now() - KEEP_DAYS * 24 * 3600 * 1000;
    const isOwn = (key) => key.startsWith(ownPrefix());
    const isOld = (key) => readDraft(key.slice(ownPrefix().length)).time < limit;
    removeDrafts(allKeys().filter((key) => !isOwn(key) || isOld(key)));
}

// what one user typed is not for the next one on this device
registry.category("services").add("crm_visit_draft", { start: removeOthersAndOld });

const menu = registry.category("user_menuitems");
const logOutItem = menu.get("log_out");
menu.add(
    "log_out",
    (env) => {
        const item = logOutItem(env);
        const callback = () => {
            removeDrafts();
            return item.callback();
        };
        return { ...item, callback };
    },
    { force: true }
);
