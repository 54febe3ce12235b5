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
        {
            content: "the manager takes the late one and makes it urgent, in one go",
            trigger: ".o_data_row:contains(整批电池迟到) .o_list_record_selector input",
            run: "click",
        },
        { trigger: ".o_control_panel button:contains(批量修改服务单)", run: "click" },
        { trigger: ".modal .o_field_widget[name=user_id] input", run: "edit 赵建国" },
        { trigger: ".dropdown-item:contains(赵建国)", run: "click" },
        { trigger: ".modal .o_field_widget[name=urgency] input", run: "click" },
        { trigger: ".o_select_menu_item:contains(特急)", run: "click" },
        { trigger: ".modal .modal-footer .btn-primary", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_data_row:contains(整批电池迟到):contains(赵建国)" },
        {
            content: "judge it",
            trigger: ".o_data_row:contains(整批电池迟到) td[name=subject]",
            run: "click",
        },
        { trigger: ".o_form_view button[name=action_judge]", run: "click" },
        {
            trigger: ".modal .o_field_widget[name=reason] textarea",
            run: "edit 签收单证实晚到九天",
        },
        { trigger: ".modal .modal-footer .btn-primary", run: "click" },
        { trigger: ".o_form_view button[name=action_solve]" },
        {
            content: "why is it late?",
            trigger: ".o_form_view button[name=action_open_clocks]",
            run: "click",
        },
        { trigger: ".o_data_row:contains(答复客户) td[name=target]", run: "click" },
        { trigger: ".o_notebook .nav-link:contains(时限如何算出)" },
        { trigger: ".o_field_widget[name=explanation]:contains(24 小时)" },
    ],
});
