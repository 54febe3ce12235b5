import { registry } from "@web/core/registry";

const card = (text) => `.o_kanban_record:contains(${text})`;
const column = (title) => `.o_kanban_group:has(.o_column_title:contains(${title}))`;
const within = (title, text) => `${column(title)} ${card(text)}`;

/** A manager's day: what is late, what waits, who does what; drag, refuse, assign. */
registry.category("web_tour.tours").add("crm_aftersales_board", {
    steps: () => [
        {
            content: "the late one is red, the one that waits for the customer is paused",
            trigger: `${card("整批电池迟到")} .badge.text-bg-danger:contains(超时)`,
        },
        { trigger: `${within("等待客户", "数据线接口松动")} .badge:contains(暂停)` },
        {
            content: "register one between two calls",
            trigger: `${column("新登记")} .o_kanban_quick_add`,
            run: "click",
        },
        {
            trigger: ".o_kanban_quick_create .o_field_widget[name=subject] input",
            run: "edit 充电器异响",
        },
        { trigger: ".o_kanban_quick_create .o_kanban_add", run: "click" },
        { trigger: within("新登记", "充电器异响") },
        { trigger: ".o_kanban_quick_create .o_kanban_cancel", run: "click" },
        {
            content: "work begins",
            trigger: within("新登记", "充电器发热"),
            run: `drag_and_drop(${column("处理中")})`,
        },
        { trigger: within("处理中", "充电器发热") },
        {
            content: "nothing is solved by dragging alone",
            trigger: within("处理中", "整批电池迟到"),
            run: `drag_and_drop(${column("已解决")})`,
        },
        { trigger: ".o_error_dialog, .modal:contains(解决方案)" },
        { trigger: ".modal .modal-footer button", run: "click" },
        { trigger: `body:not(:has(.modal)) ${within("处理中", "整批电池迟到")}` },
        {
            content: "what is overdue, as a list",
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        { trigger: ".o_filter_menu .o_menu_item:contains(逾期)", run: "click" },
        { trigger: ".o_switch_view.o_list", run: "click" },
        { trigger: ".o_list_view .o_data_row:contains(整批电池迟到)" },
        { trigger: "body:not(:has(.o_data_row:contains(充电器异响)))" },
    ],
});
