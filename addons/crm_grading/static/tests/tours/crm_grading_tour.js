import { approve, button, field, fill, page, row, state } from "@crm_service_base/../tests/tours/helpers";
import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

const add = (lines) => ({
    content: `a line more of ${lines}`,
    trigger: `.o_field_widget[name=${lines}] .o_field_x2many_list_row_add > *`,
    run: "click",
});
const choose = (name, text) => [
    { trigger: field(name), run: "click" },
    { trigger: `.o_select_menu_item:contains(${text})`, run: "click" },
];
const band = (from, points) => [
    add("band_ids"),
    fill("value_from", from, "input"),
    fill("points", points, "input"),
];
const level = (grade, from) => [
    add("level_ids"),
    { trigger: `.o_selected_row ${field("grade_id")}`, run: `edit ${grade}` },
    { trigger: `.dropdown-item:contains(${grade})`, run: "click" },
    fill("score_from", from, "input"),
];
const total = (points) => ({ trigger: `.o_field_widget[name=weight_total]:contains(${points})` });

tours.add("crm_grading_standard", {
    steps: () => [
        { trigger: ".o_menu_brand:contains(客户服务)" },
        { trigger: ".o_list_button_add", run: "click" },
        fill("name", "巡检标准", "input"),
        { trigger: field("date_from"), run: "click" },
        { trigger: ".o_datetime_picker .o_today", run: "click" },
        add("criterion_ids"),
        { trigger: `.modal ${field("name")}`, run: "edit 下单金额" },
        fill("weight", "60", "input"),
        ...band("1", "20"),
        ...band("5000", "60"),
        { trigger: ".modal .o_form_button_save_new", run: "click" },
        { trigger: ".modal .o_field_widget[name=weight] input:value(0.00)" },
        { trigger: `.modal ${field("name")}`, run: "edit 合作年限" },
        fill("weight", "30", "input"),
        ...choose("source", "合作年限"),
        { trigger: ".modal [name=scale] input[data-value=linear]", run: "click" },
        fill("value_full", "10", "input"),
        { trigger: ".modal .o_form_button_save", run: "click" },
        total("90"),
        { trigger: page("levels"), run: "click" },
        ...level("A", "50"),
        ...level("B", "30"),
        ...level("C", "0"),
        { content: "90 points are not enough", trigger: button("action_approval_submit"), run: "click" },
        { trigger: ".modal:contains(100)" },
        { trigger: ".modal footer button", run: "click" },
        { trigger: page("criteria"), run: "click" },
        { trigger: row("合作年限"), run: "click" },
        fill("weight", "40", "input"),
        { trigger: ".modal .o_form_button_save", run: "click" },
        total("100"),
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
        { trigger: ".o_field_widget[name=line_ids] tfoot:contains(60.00)" },
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
            ...approve("兰州光学", comment),
            { trigger: page("approval"), run: "click" },
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
