import { approve, button, field, fill, row, state } from "@crm_service_base/../tests/tours/helpers";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("crm_archive_request", {
    steps: () => [
        { trigger: ".o_menu_brand:contains(客户档案)" },
        { trigger: ".o_list_button_add", run: "click" },
        { trigger: field("partner_id"), run: "edit 兰州光学" },
        { trigger: ".dropdown-item:contains(兰州光学)", run: "click" },
        { trigger: field("is_with_classified"), run: "click" },
        fill("reason", "处理索赔须核对合同"),
        { content: "the profile is missing", trigger: button("action_approval_submit"), run: "click" },
        { trigger: ".modal:contains(查阅人概况)" },
        { trigger: ".modal footer button", run: "click" },
        fill("reader_profile", "客服专员，经办此索赔"),
        { trigger: button("action_approval_submit"), run: "click" },
        { trigger: state("待审批") },
        { trigger: "[name=scope]:contains(授信协议)" },
    ],
});

tours.add("crm_archive_approve", { steps: () => approve("兰州光学", "同意查阅") });

tours.add("crm_archive_read", {
    steps: () => [
        { trigger: ".o_data_row:contains(授信协议) button[name=action_read]", run: "click" },
        { trigger: ".modal:contains(不准在公共场所谈论客户信息)" },
        { trigger: ".modal button[name=action_read]", run: "click" },
        { content: "not ticked", trigger: ".modal:contains(请先勾选)" },
        { trigger: ".modal:contains(请先勾选) footer button", run: "click" },
        { trigger: ".modal .o_field_widget[name=is_acknowledged] input", run: "click" },
        // the page opens in a window of its own
        {
            trigger: ".modal .o_field_widget[name=is_acknowledged] input:checked",
            run: () => {
                browser.open = (url) => (document.body.dataset.opened = url) && window;
            },
        },
        { trigger: ".modal button[name=action_read]", run: "click" },
        { trigger: "body[data-opened*=crm_archive]" },
    ],
});

tours.add("crm_archive_verify", {
    steps: () => [
        { trigger: ".o_data_row:contains(授信协议):contains(确认“三不准”)" },
        { trigger: "button[name=action_verify]", run: "click" },
        { trigger: ".o_notification:contains(与封存时一致)" },
    ],
});

tours.add("crm_archive_revoke", {
    steps: () => [
        { trigger: row("兰州光学"), run: "click" },
        { trigger: button("action_revoke"), run: "click" },
        { trigger: ".modal footer button.btn-primary", run: "click" },
        { trigger: ".o_form_view:not(:has(button[name=action_revoke]))" },
    ],
});
