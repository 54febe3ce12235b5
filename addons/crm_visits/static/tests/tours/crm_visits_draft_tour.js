import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const opinion = ".o_field_widget[name=opinion] textarea";
const drafts = () => Object.keys(window.localStorage).filter((key) => key.startsWith("crm_visit"));
const online = browser.XMLHttpRequest;

/** No answer to what the form asks; the chat goes on, its errors are not ours. */
class NoConnection extends XMLHttpRequest {
    open(method, url, ...options) {
        this.isCut = /crm\.visit|version_info/.test(url);
        super.open(method, url, ...options);
    }
    send(body) {
        if (this.isCut) {
            this.dispatchEvent(new Event("error"));
        } else {
            super.send(body);
        }
    }
}

function cutConnection() {
    browser.XMLHttpRequest = NoConnection;
    navigator.sendBeacon = () => true;
}

function restoreConnection() {
    browser.XMLHttpRequest = online;
    window.dispatchEvent(new Event("online"));
}

const typeAndSave = (text) => [
    { trigger: opinion, run: cutConnection },
    { trigger: opinion, run: `edit ${text}` },
    { trigger: ".o_form_button_save", run: "click" },
    { trigger: ".o_notification:contains(没有网络连接)" },
];

tours.add("crm_visits_draft_retry", {
    steps: () => [
        ...typeAndSave("网络断了也不丢"),
        { trigger: opinion, run: restoreConnection },
        { trigger: ".o_notification:contains(网络已恢复)" },
        {
            trigger: "body:not(:has(.o_notification:contains(没有网络连接)))",
            run() {
                if (drafts().length) {
                    throw new Error("a saved draft stays on the device");
                }
            },
        },
    ],
});

tours.add("crm_visits_draft_restore", {
    steps: () => [
        ...typeAndSave("重新打开还在"),
        {
            content: "somebody else used this device before; the page is loaded again",
            trigger: opinion,
            run() {
                window.localStorage.setItem("crm_visit_draft:other:99:5", "{}");
                window.location.reload();
            },
            expectUnloadPage: true,
        },
        {
            trigger: ".o_notification:contains(未保存的草稿)",
            run() {
                if (drafts().length !== 1) {
                    throw new Error(`drafts of others stay on the device: ${drafts()}`);
                }
            },
        },
        { trigger: ".o_notification:contains(未保存的草稿) button:contains(恢复草稿)", run: "click" },
        { trigger: `${opinion}:value(重新打开还在)` },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: ".o_form_saved" },
    ],
});

tours.add("crm_visits_draft_log_out", {
    steps: () => [
        ...typeAndSave("退出时删除"),
        { trigger: ".o_user_menu button", run: "click" },
        {
            trigger: ".dropdown-item[data-menu=logout]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".oe_login_form",
            run() {
                if (drafts().length) {
                    throw new Error("a draft stays on the device after logging out");
                }
            },
        },
    ],
});
