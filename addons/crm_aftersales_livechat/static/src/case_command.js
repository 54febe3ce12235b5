import { LivechatCommandDialog } from "@im_livechat/core/common/livechat_command_dialog";

import { registerThreadAction } from "@mail/core/common/thread_actions";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { usePopover } from "@web/core/popover/popover_hook";

registry.category("discuss.channel_commands").add("case", {
    condition: ({ store }) => store.has_access_livechat,
    help: _t("Make a service case of this chat (/case what it is about)"),
    methodName: "execute_command_case",
});

registerThreadAction("create-service-case", {
    actionPanelComponent: LivechatCommandDialog,
    actionPanelComponentProps: ({ action }) => ({
        close: () => action.close(),
        commandName: "case",
        placeholderText: _t("What is it about?"),
        title: _t("New Service Case"),
        icon: "fa fa-life-ring",
    }),
    close: ({ action }) => action.popover?.close(),
    condition: ({ owner, store, thread }) =>
        thread?.channel_type === "livechat" &&
        store.has_access_livechat &&
        !owner.isDiscussSidebarChannelActions,
    icon: "fa fa-life-ring",
    name: _t("New Service Case"),
    panelOuterClass: "bg-100",
    sequence: 11,
    sequenceGroup: 25,
    setup({ owner }) {
        if (!owner.env.inChatWindow) {
            this.popover = usePopover(LivechatCommandDialog, {
                onClose: () => this.close(),
                popoverClass: this.panelOuterClass,
            });
        }
    },
    toggle: true,
    open({ owner, thread }) {
        this.popover?.open(owner.root.el.querySelector(`[name="${this.id}"]`), {
            thread,
            ...this.actionPanelComponentProps,
        });
    },
});
