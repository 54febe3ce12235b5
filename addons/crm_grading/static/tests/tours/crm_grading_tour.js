import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const field = (name, input = "input") => `.o_field_widget[name=${name}] ${input}`;
const button = (name) => `.o_form_view .o_statusbar_buttons button[name=${name}]`;
const state = (text) => `.o_statusbar_status .o_arrow_button_current:contains(${text})`;
const row = (text) => `.o_data_row:contains(${text}) .o_data_cell:not(.o_list_record_selector)`;

tours.add("crm_grading_standard", {
    steps: () => [
        { trigger: ".o_menu_brand:contains(客户服务)" },
        { trigger: row("巡检标准"), run: "click" },
        { trigger: ".o_field_widget[name=weight_total]:contains(100)" },
        { trigger: button("action_trial"), run: "click" },
        { trigger: ".ribbon:contains(试算)" },
        { trigger: ".o_field_widget[name=score_count]:contains(1)" },
        { trigger: ".o_control_panel .breadcrumb a:contains(巡检标准)", run: "click" },
        { trigger: button("action_approval_submit"), run: "click" },
        { trigger: state("待审批") },
    ],
});

tours.add("crm_grading_standard_approve", {
    steps: () => [
        { trigger: row("巡检标准"), run: "click" },
        { trigger: button("action_approval_approve"), run: "click" },
        { trigger: state("已批准") },
        { trigger: ".ribbon:contains(现行有效)" },
    ],
});

tours.add("crm_grading_run", {
    steps: () => [
        { trigger: ".o_list_button_add", run: "click" },
        { trigger: `${field("standard_id")}:value(巡检标准)` },
        { trigger: button("action_compute"), run: "click" },
        { trigger: state("已计算") },
        { trigger: button("action_open_scores"), run: "click" },
        { trigger: row("兰州光学"), run: "click" },
        { trigger: ".o_field_widget[name=grade_proposed_id]:contains(A)" },
        { trigger: ".o_data_row:contains(1张订单)" },
        { trigger: ".o_field_widget[name=line_ids] tfoot:contains(100.00)" },
        { trigger: button("action_declare"), run: "click" },
        { trigger: row("兰州光学"), run: "click" },
        { trigger: button("action_approval_submit"), run: "click" },
        { trigger: state("待审批") },
    ],
});

for (const [role, comment] of [
    ["manager", "资料核对无误"],
    ["general_manager", "同意调级"],
]) {
    tours.add(`crm_grading_declaration_approve_${role}`, {
        steps: () => [
            { trigger: row("兰州光学"), run: "click" },
            { trigger: button("action_approval_decide"), run: "click" },
            { trigger: ".modal textarea", run: `edit ${comment}` },
            { trigger: ".modal footer button.btn-primary", run: "click" },
            { trigger: "body:not(.modal-open)" },
            { trigger: ".o_notebook .nav-link[name=approval]", run: "click" },
            { trigger: `.o_field_widget[name=approval_step_ids]:contains(${comment})` },
        ],
    });
}

tours.add("crm_grading_register", {
    steps: () => [
        { trigger: ".o_group_header:contains(A级)", run: "click" },
        { trigger: row("兰州光学") },
    ],
});

tours.add("crm_grading_directory", {
    steps: () => [
        { trigger: ".o_form_view :contains(兰州光学)" },
        { trigger: ".o_form_view button[name=action_print]" },
    ],
});
