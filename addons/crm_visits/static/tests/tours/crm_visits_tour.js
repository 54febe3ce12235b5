import { button, field, fill, page, state } from "@crm_service_base/../tests/tours/helpers";
import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

tours.add("crm_visits_plan", {
    steps: () => [
        { trigger: ".o_menu_brand:contains(客户服务)" },
        { trigger: ".o_list_button_add", run: "click" },
        fill("purpose", "季度例行回访"),
        { trigger: ".o_field_x2many_list_row_add > *", run: "click" },
        {
            trigger: `.o_data_row ${field("partner_id")}`,
            run: "edit 兰州光学",
        },
        { trigger: ".dropdown-item:contains(兰州光学)", run: "click" },
        { trigger: button("action_approval_submit"), run: "click" },
        { trigger: state("待审批") },
    ],
});

tours.add("crm_visits_plan_approve", {
    steps: () => [
        { trigger: ".o_data_row td[name=name]", run: "click" },
        { trigger: button("action_approval_approve"), run: "click" },
        { trigger: state("已批准") },
        { trigger: "button[name=action_open_visits].oe_stat_button" },
    ],
});

tours.add("crm_visits_visit", {
    steps: () => [
        { trigger: ".o_kanban_record:contains(兰州光学)", run: "click" },
        { trigger: page("preparation"), run: "click" },
        { trigger: "button[name=action_check_all]", run: "click" },
        { trigger: button("action_start"), run: "click" },
        { trigger: state("进行中") },
        { trigger: page("record"), run: "click" },
        { trigger: field("satisfaction_service", "input[data-value=good]"), run: "click" },
        { trigger: field("satisfaction_product", "input[data-value=fair]"), run: "click" },
        fill("result", "客户满意", "input"),
        fill("opinion", "发货及时,说明书看不懂"),
        fill("product_opinion", "充电器发热"),
        fill("product_expectation", "充电器不要发热"),
        fill("countermeasure", "寄送新版说明书"),
        { trigger: page("next_order"), run: "click" },
        fill("stock_advice", "电池少备二十块"),
        fill("local_demand", "新线路测绘项目增多"),
        { trigger: button("action_finish"), run: "click" },
        { trigger: button("action_approval_submit"), run: "click" },
        { trigger: state("审核中") },
    ],
});

tours.add("crm_visits_visit_sign", {
    steps: () => [
        { trigger: ".o_kanban_record:contains(兰州光学)", run: "click" },
        { trigger: button("action_approval_approve"), run: "click" },
        { trigger: state("已审核") },
    ],
});

tours.add("crm_visits_report", {
    steps: () => [
        { trigger: ".o_switch_view.o_list", run: "click" },
        { trigger: ".o_data_row:contains(兰州光学) .o_list_record_selector input", run: "click" },
        { trigger: "button[name=action_make_report]", run: "click" },
        { trigger: `${field("measures", "textarea")}:value(寄送新版说明书)` },
        { trigger: button("action_approval_submit"), run: "click" },
        { trigger: state("待审批") },
    ],
});

tours.add("crm_visits_report_approve", {
    steps: () => [
        { trigger: ".o_data_row td[name=name]", run: "click" },
        { trigger: button("action_approval_decide"), run: "click" },
        { trigger: ".modal textarea", run: "edit 同意,五月前改好说明书" },
        { trigger: ".modal footer button.btn-primary", run: "click" },
        { trigger: state("已批准") },
        { trigger: ".o_field_widget[name=leader_opinion]:contains(五月前改好说明书)" },
    ],
});

tours.add("crm_visits_week_submit", {
    steps: () => [
        { trigger: ".o_data_row:contains(客户回访汇总表) td[name=name]", run: "click" },
        { trigger: ".o_form_view:contains(客户回访汇总表)" },
        { trigger: ".o_form_view:contains(兰州光学)" },
        { trigger: button("action_approval_submit"), run: "click" },
        { trigger: state("审核中") },
    ],
});

tours.add("crm_visits_week_sign", {
    steps: () => [
        { trigger: ".o_data_row:contains(客户回访汇总表) td[name=res_name]", run: "click" },
        { trigger: button("action_approval_decide"), run: "click" },
        { trigger: ".modal textarea", run: "edit 同意,转各部门落实" },
        { trigger: ".modal footer button.btn-primary", run: "click" },
        { trigger: state("已发布") },
    ],
});

tours.add("crm_visits_counters", {
    steps: () => [
        { trigger: ".o_form_view .o-form-buttonbox .o_button_more", run: "click" },
        { trigger: ".oe_stat_button [data-counter=crm_contact_count]:contains(3)" },
        { trigger: ".oe_stat_button [data-counter=crm_visit_count]:contains(2)" },
        { trigger: ".oe_stat_button [data-counter=crm_promise_count]:contains(0)" },
    ],
});
